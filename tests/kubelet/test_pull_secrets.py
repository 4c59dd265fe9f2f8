"""Pull secrets match images as the kubelet's keyring does; what is not a secret for it is left out."""

import base64
import json
from typing import Any

import pytest

from podproof.kubelet.pull_secrets import PullSecretError, RegistryLogin, credentials_for


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret(auths: Any, *, name: str = "s", kind: str = "dockerconfigjson") -> dict[str, Any]:
    document = {"auths": auths} if kind == "dockerconfigjson" else auths
    return {
        "metadata": {"name": name},
        "type": f"kubernetes.io/{kind}",
        "data": {f".{kind}": encoded(json.dumps(document))},
    }


def users(image: str, *keys: str) -> list[str]:
    auths = {key: {"username": key, "password": "p"} for key in keys}
    return [login.username for login in credentials_for(image, [secret(auths)])]


# Each line was put to Kubernetes' own keyring, with thousands of random ones.
@pytest.mark.parametrize(
    ("image", "key", "matches"),
    [
        ("quay.io/a/b", "quay.io", True),
        ("quay.io/a/b", "https://quay.io/v1/", True),
        ("quay.io/a/b", "http://quay.io/v2/a", True),
        ("quay.io/a/b", "quay.io/", True),
        ("quay.io/a/b", "quay.io/a", True),
        ("quay.io/ab/c", "quay.io/a", True),  # a path matches by its characters, not by its parts
        ("quay.io/a/b", "quay.io/b", False),
        ("quay.io/a/b", "*.io", True),
        ("a.quay.io/b", "*.io", False),  # a * stays within its part
        ("a.quay.io/b", "*.quay.io", True),
        ("a.quay.io/b", "?.quay.io", False),
        ("a.quay.io/b", "[ab].quay.io", False),
        ("a.quay.io/b", "quay.io", False),
        ("quay.io:5000/a", "quay.io", False),
        ("quay.io:5000/a", "quay.io:5000", True),
        ("[::1]:5000/a", "[::1]:5000", True),
        ("quay.io/a", "ftp://quay.io", False),
        ("quay.io/a", "somebody@quay.io", True),
        ("nginx", "https://index.docker.io/v1/", True),
        ("nginx", "index.docker.io", True),
        ("docker.io/team/web", "https://index.docker.io/v1/", True),
        ("nginx", "docker.io", True),
        ("nginx", "docker.io/library/nginx", True),
        ("quay.io/a", "https://index.docker.io/v1/", False),
    ],
)
def test_keys_match_images(image: str, key: str, matches: bool) -> None:
    assert users(image, key) == ([key] if matches else [])


def test_the_most_specific_comes_first_and_all_that_match_are_tried() -> None:
    assert users("quay.io/a/b", "quay.io", "quay.io/a/b", "quay.io/a", "ghcr.io") == [
        "quay.io/a/b",
        "quay.io/a",
        "quay.io",
    ]


def test_secrets_of_both_kinds_in_their_order() -> None:
    new = secret({"quay.io": {"auth": encoded("new:a:b")}}, name="new")
    old = secret({"quay.io": {"username": "old", "password": "c"}}, name="old", kind="dockercfg")
    assert credentials_for("quay.io/a", [old, new]) == (
        RegistryLogin("old", "c", "old"),
        RegistryLogin("new", "a:b", "new"),
    )


def test_other_secrets_and_empty_ones_do_not_count() -> None:
    opaque = secret({"quay.io": {"username": "u"}}) | {"type": "Opaque"}
    empty = {"metadata": {"name": "e"}, "type": "kubernetes.io/dockerconfigjson", "data": {}}
    assert credentials_for("quay.io/a", [opaque, empty, secret(None)]) == ()


def test_string_data_is_text() -> None:
    plain = {
        "metadata": {"name": "s"},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": '{"auths": {"quay.io": {"username": "u", "password": "p"}}}'},
    }
    assert credentials_for("quay.io/a", [plain]) == (RegistryLogin("u", "p", "s"),)


def test_auth_without_padding_is_read_too() -> None:
    auth = encoded("user:pass").rstrip("=")
    assert credentials_for("quay.io/a", [secret({"quay.io": {"auth": auth}})])[0].password == "pass"


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (secret({"quay.io": {"auth": "%"}}), "secret 's': quay.io: auth is not base64"),
        (
            secret({"quay.io": {"auth": encoded("user")}}),
            "secret 's': quay.io: auth must be base64 of USER:PASSWORD",
        ),
        (secret(["quay.io"]), "secret 's' must hold a mapping of registries"),
        (secret({"quay.io": "user"}), "secret 's': quay.io must be a mapping"),
        (secret({}) | {"data": {".dockerconfigjson": "%"}}, "secret 's': .dockerconfigjson is not base64"),
        (secret({}) | {"data": {".dockerconfigjson": encoded("{")}}, "secret 's' holds no JSON"),
    ],
)
def test_what_cannot_be_read_is_said(broken: dict[str, Any], words: str) -> None:
    with pytest.raises(PullSecretError) as caught:
        credentials_for("quay.io/a", [broken])
    assert str(caught.value).startswith(words)
