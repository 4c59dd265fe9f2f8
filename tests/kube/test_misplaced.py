"""An unknown field gets the advice a colleague would give."""

from typing import Any

import pytest

from podproof.kube.decode import decode
from podproof.kube.misplaced import _join, _nearest, _slips, diagnose
from podproof.manifest.route import Route


def _only(value: Any, kind: str = "Pod") -> Any:
    (problem,) = decode(value, kind, version=37).problems
    return diagnose(problem)


def _pod(**fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a"}, {"name": "b", **fields}]}}


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("runAsNotRoot", True, "runAsNonRoot"),
        ("runasuser", 1, "runAsUser"),
        ("readonlyRootFilesystem", True, "readOnlyRootFilesystem"),
        ("seccompProfiles", {}, "seccompProfile"),
        ("capability", {}, "capabilities"),
        ("privilege", True, "privileged"),
    ],
)
def test_spelling(field: str, value: Any, name: str) -> None:
    found = _only(_pod(securityContext={field: value}))
    assert (found.kind, found.suggestion, found.belongs) == ("spelling", name, None)
    assert found.text == f"did you mean {name}?"


_MINE = "spec.containers[1].securityContext"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (_pod(securityContext={"drop": ["ALL"]}), f"drop belongs under {_MINE}.capabilities"),
        (
            _pod(securityContext={"drops": ["ALL"]}),
            f"drops is probably drop, which belongs under {_MINE}.capabilities",
        ),
        (_pod(securityContext={"fsGroup": 1}), "fsGroup belongs under spec.securityContext"),
        (_pod(securityContext={"hostPID": True}), "hostPID belongs under spec"),
        (_pod(runAsUser=1), f"runAsUser belongs under {_MINE}"),
        (_pod(capabilities={}), f"capabilities belongs under {_MINE}"),
        (_pod(drop=["ALL"]), f"drop belongs under {_MINE}.capabilities"),
        (_pod(volumes=[]), "volumes belongs under spec"),
        (_pod(hostPort=80), "hostPort belongs under spec.containers[1].ports[*]"),
        (
            _pod(securityContext={"localhostProfile": "x"}),
            f"localhostProfile belongs under {_MINE}.seccompProfile or under {_MINE}.appArmorProfile",
        ),
        (
            {"spec": {"securityContext": {"privileged": True}}},
            "privileged belongs under spec.containers[*].securityContext",
        ),
        (
            {"spec": {"securityContext": {"readonlyRootFilesystem": True}}},
            "readonlyRootFilesystem is probably readOnlyRootFilesystem, which belongs under "
            "spec.containers[*].securityContext",
        ),
        ({"spec": {"image": "x"}}, "image belongs under spec.containers[*]"),
        ({"spec": {"runAsNonRoot": True}}, "runAsNonRoot belongs under spec.securityContext"),
        ({"volumes": []}, "volumes belongs under spec"),
        ({"metadata": {"securityContext": {}}}, "securityContext belongs under spec"),
        ({"spec": {"spec": {}}}, "spec belongs at the top level"),
    ],
)
def test_places(value: Any, text: str) -> None:
    found = _only(value)
    assert (found.kind, found.text) == ("misplaced", text)


def test_places_of_workloads() -> None:
    found = _only({"spec": {"containers": []}}, "Deployment")
    assert found.belongs == ("spec", "template", "spec", "containers")
    found = _only({"spec": {"template": {"spec": {"replicas": 2}}}}, "Deployment")
    assert found.belongs == ("spec", "replicas")


@pytest.mark.parametrize("field", ["bogusThing", "x", "", "name2"])
def test_nothing_is_made_up(field: str) -> None:
    assert _only({"spec": {field: 1}}).text == ""


@pytest.mark.parametrize(
    ("field", "legal", "others"),
    [
        ("runAsUser", [7, -7, "7", "-7", True, None], ["seven", "7s", "", {}, []]),
        ("privileged", [True, "true", "false", None], ["yes", "True", 1, {}, []]),
        ("fsGroupChangePolicy", ["x", "", 7, True, None], [{}, []]),
        ("sysctls", [[], [1], None], [{}, "x", 7, True]),
        ("nodeSelector", [{}, {"a": 1}, None], [[], "x", 7, True]),
        ("seLinuxOptions", [{}, None], [[], "x", 7, True]),
    ],
)
def test_a_value_of_another_shape_belongs_elsewhere(field: str, legal: list[Any], others: list[Any]) -> None:
    for value in legal:
        assert _only(_pod(ports=[{field: value}])).kind == "misplaced", value
    for value in others:
        assert _only(_pod(ports=[{field: value}])).kind == "unknown", value


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "", 3),
        ("", "abc", 3),
        ("abc", "abd", 1),
        ("abc", "abcd", 1),
        ("abc", "ac", 1),
        ("abc", "acb", 1),
        ("abcd", "badc", 2),
        ("ca", "abc", 3),  # nothing is changed twice: 2 would be the distance without that
        ("kitten", "sitting", 3),
        ("abcdef", "fedcba", 5),
    ],
)
def test_slips(left: str, right: str, slips: int) -> None:
    for most in range(7):
        found = _slips(left, right, most)
        assert found == slips if slips <= most else found > most
        assert _slips(right, left, most) == found or found > most


@pytest.mark.parametrize(
    ("key", "names", "found"),
    [
        ("imagee", ["image"], ("image", 1)),
        ("imagine", ["image", "engine"], ("image", 2)),
        # of names that are equally near the first counts, of others the nearest
        ("abcdf", ["abcde", "abcdg"], ("abcde", 1)),
        ("abcdefghij", ["abcdefghxy", "abcdefghix"], ("abcdefghix", 1)),
        ("abcdefghij", ["abcdefghix", "abcdefghxy"], ("abcdefghix", 1)),
        ("abcdefghij", ["abcdefghxy", "abcdefghxz"], ("abcdefghxy", 2)),
        # a fifth of the letters of the shorter one, and one more
        ("abcdefghij", ["abcdefgxyz"], ("abcdefgxyz", 3)),
        ("abcdefghij", ["abcdefwxyz"], None),
        ("abcdefghi", ["abcdefxyz"], None),
        ("abcdefghij", ["abcdefgh"], ("abcdefgh", 2)),
        ("abcdefghij", ["abcdefg"], None),
        ("abcdefg", ["abcdefghij"], None),
        # less than half of the name
        ("ab", ["ac"], None),
        ("abc", ["abd"], ("abd", 1)),
        # case, hyphens and underscores are no slips, but count as letters
        ("IMA_GE", ["image"], ("image", 0)),
        ("image", [], None),
    ],
)
def test_the_nearest_name(key: str, names: list[str], found: tuple[str, int] | None) -> None:
    assert _nearest(key, names) == found


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ((), 0),
        (("spec",), 0),
        (("spec", "containers"), 0),
        (("spec", "containers", 2), 2),
        (("spec", "containers", 2, "securityContext"), 2),
        (("spec", "containers", "x"), 0),
        (("spec", "initContainers", 2), 0),
    ],
)
def test_an_index_is_taken_from_what_was_written(written: Route, joined: int) -> None:
    assert _join(("spec",), ("containers", "[]", "name"), written) == ("spec", "containers", joined, "name")
