"""The files that Kubernetes writes into a volume: path, mode as the kernel shows it, mode as asked, owner."""

from typing import Any

import msgspec
import pytest

from podproof.effective.file_modes import find_files, refused_mode, source_mode, token_user
from podproof.kube.pod import PodSpec, Volume

TOKEN = {"serviceAccountToken": {"path": "t"}}
ALL_PATHS = {"credentialBundlePath": "b", "keyPath": "k", "certificateChainPath": "c"}


def volume(**source: Any) -> Volume:
    return msgspec.convert({"name": "v", **source}, Volume)


def projected(*sources: dict[str, Any], **rest: Any) -> Volume:
    return volume(projected={"sources": list(sources), **rest})


def files(
    found: Volume, group: int | None = None, user: int | None = None
) -> list[tuple[str, str, str, int]]:
    return [(file.path, file.mode, file.asked, file.owner) for file in find_files(found, group, user)]


@pytest.mark.parametrize("kind", ["secret", "configMap"])
@pytest.mark.parametrize(
    ("source", "group", "expected"),
    [
        ({}, None, [("*", "0644", "0644", 0)]),
        ({"items": []}, None, [("*", "0644", "0644", 0)]),
        ({"items": [{"key": "a"}]}, None, [("", "0644", "0644", 0)]),
        ({"items": [{"key": "a", "path": "p"}, {"path": "q", "mode": 0}]}, None,
         [("p", "0644", "0644", 0), ("q", "0000", "0000", 0)]),
        ({"defaultMode": 0, "items": [{"path": "p"}]}, None, [("p", "0000", "0000", 0)]),
        ({"defaultMode": 0o200, "items": [{"path": "p"}, {"path": "q", "mode": 0o4}]}, 0,
         [("p", "0640", "0200", 0), ("q", "0444", "0004", 0)]),
        ({"defaultUser": 7, "items": [{"path": "p"}, {"path": "q", "user": 0}, {"path": "r", "user": 8}]},
         None, [("p", "0644", "0644", 7), ("q", "0644", "0644", 0), ("r", "0644", "0644", 8)]),
        ({"defaultUser": 7}, None, [("*", "0644", "0644", 7)]),
        # without what the API server refuses
        ({"items": [{"path": "p", "mode": 0o1000}, {"path": "q", "mode": -1}, {"path": "r", "mode": 0o777}]},
         None, [("r", "0777", "0777", 0)]),
    ],
)  # fmt: skip
def test_files_of_keys(
    kind: str, source: dict[str, Any], group: int | None, expected: list[tuple[str, str, str, int]]
) -> None:
    assert files(volume(**{kind: source}), group, user=1000) == expected
    # in a projected volume mode and owner come from the volume
    own = {name: source[name] for name in ("defaultMode", "defaultUser") if name in source}
    inner = {"items": source["items"]} if "items" in source else {}
    assert files(projected({kind: inner}, **own), group, user=None) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, []),
        ({"items": []}, []),
        ({"items": [{}]}, [("", "0644", "0644", 0)]),
        ({"items": [{"path": "p", "mode": 0o400}]}, [("p", "0400", "0400", 0)]),
    ],
)
def test_files_of_fields(source: dict[str, Any], expected: list[tuple[str, str, str, int]]) -> None:
    assert files(volume(downwardAPI=source)) == expected
    assert files(projected({"downwardAPI": source})) == expected


@pytest.mark.parametrize(
    ("group", "user", "default", "expected"),
    [
        (None, None, None, ("0644", "0644", 0)),
        (None, 1000, None, ("0600", "0600", 1000)),
        (None, 0, None, ("0600", "0600", 0)),
        (5, None, None, ("0640", "0600", 0)),
        (5, 1000, None, ("0640", "0600", 1000)),
        (0, None, None, ("0640", "0600", 0)),
        (None, 1000, 7, ("0600", "0600", 7)),
        (None, 1000, 0, ("0600", "0600", 0)),
    ],
)
def test_who_owns_what_is_secret(
    group: int | None, user: int | None, default: int | None, expected: tuple[str, str, int]
) -> None:
    rest = {} if default is None else {"defaultUser": default}
    sources = (TOKEN, {"clusterTrustBundle": {"path": "u"}}, {"podCertificate": ALL_PATHS})
    found = files(projected(*sources, **rest), group, user)
    assert found == [(path, *expected) for path in ("t", "u", "b", "k", "c")]
    own = projected(
        {"serviceAccountToken": {"path": "t", "user": 9}},
        {"podCertificate": {"keyPath": "k", "user": 9}},
        **rest,
    )
    mode = "0640" if group is not None else "0600"
    assert files(own, group, user) == [("t", mode, "0600", 9), ("k", mode, "0600", 9)]


def test_secrets_without_a_path() -> None:
    assert files(projected({"serviceAccountToken": {}}, {"clusterTrustBundle": {}})) == [
        ("", "0644", "0644", 0),
        ("", "0644", "0644", 0),
    ]
    assert files(projected({"podCertificate": {}})) == []
    assert files(projected({}, {"secret": {}})) == [("*", "0644", "0644", 0)]


@pytest.mark.parametrize(
    ("found", "mode", "refused"),
    [
        (volume(secret={}), 0o644, None),
        (volume(secret={"defaultMode": 0}), 0, None),
        (volume(configMap={"defaultMode": 0o400}), 0o400, None),
        (volume(downwardAPI={"defaultMode": 0o1000}), 0o1000, None),  # it has no file
        (volume(downwardAPI={"defaultMode": 0o1000, "items": [{"path": "p"}]}), 0o1000, 0o1000),
        (volume(projected={"defaultMode": 0o777}), 0o777, None),
        (projected({"secret": {}}, defaultMode=0o1000), 0o1000, 0o1000),
        (volume(secret={"items": [{"mode": 1}, {"mode": -1}, {"mode": 0o1001}]}), 0o644, -1),
        (volume(emptyDir={}), None, None),
        (volume(), None, None),
    ],
)
def test_modes(found: Volume, mode: int | None, refused: int | None) -> None:
    assert source_mode(found) == mode
    assert refused_mode(found) == refused
    if mode is None:
        assert files(found, 5, 1000) == []


@pytest.mark.parametrize(
    ("users", "of_pod", "expected"),
    [
        ([None], None, None),
        ([7], None, 7),
        ([7, 7], None, 7),
        ([7, 8], None, None),
        ([7, None], None, None),
        ([7, None], 7, 7),
        ([None, None], 7, 7),
        ([0, None], 7, None),
        ([0], 7, 0),
    ],
)
def test_whose_the_token_is(users: list[int | None], of_pod: int | None, expected: int | None) -> None:
    contexts = [{} if user is None else {"securityContext": {"runAsUser": user}} for user in users]
    spec: dict[str, Any] = {"initContainers": contexts[:1], "containers": contexts[1:]}
    if of_pod is not None:
        spec["securityContext"] = {"runAsUser": of_pod}
    assert token_user(msgspec.convert(spec, PodSpec)) == expected


def test_only_the_field_counts_for_the_token() -> None:
    contexts = [{"securityContext": {}}, {"securityContext": {"runAsNonRoot": True}}]
    assert token_user(msgspec.convert({"containers": contexts}, PodSpec)) is None
