"""What stands for a container that a controller writes, and what of the object's own lies over it."""

from typing import Any

import pytest

from podproof.kube.custom_kind import PodSource
from podproof.kube.written_containers import fill_in

CONTEXT = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
NEUTRAL = {"image": "controller", "securityContext": CONTEXT}
SOURCE = PodSource(("spec",), written=("main", "side"))


def filled(spec: dict[str, Any], source: PodSource = SOURCE) -> tuple[dict[str, Any], list[str]]:
    names = fill_in(spec, source)
    return spec, names


@pytest.mark.parametrize("spec", [{}, {"containers": None}, {"containers": []}])
def test_a_pod_without_containers_gets_the_first(spec: dict[str, Any]) -> None:
    assert filled(spec) == ({"containers": [{"name": "main", **NEUTRAL}]}, ["main"])


def test_what_has_an_image_is_left_alone() -> None:
    own = {"name": "a", "image": "i"}
    spec = {"containers": [own, "odd"], "initContainers": [own]}
    assert filled(spec) == ({"containers": [own, "odd"], "initContainers": [own]}, [])
    assert filled({"containers": "odd", "initContainers": {}}) == (
        {"containers": "odd", "initContainers": {}},
        [],
    )


def test_what_has_no_image_is_filled_in() -> None:
    spec = {
        "initContainers": [{"name": "i", "image": None, "command": ["x"], "args": None}],
        "containers": [{"name": 7}, {}],
    }
    expected = {
        "initContainers": [{**NEUTRAL, "name": "i", "command": ["x"]}],
        "containers": [{**NEUTRAL, "name": 7}, {**NEUTRAL, "name": "main"}],
    }
    assert filled(spec) == (expected, ["i", "main", "main"])


@pytest.mark.parametrize(
    ("context", "over"),
    [
        ({}, {}),
        ({"runAsNonRoot": False}, {"runAsNonRoot": False}),
        ({"capabilities": {"add": ["X"]}}, {"capabilities": {"drop": ["ALL"], "add": ["X"]}}),
        ({"capabilities": {"drop": ["Y"]}}, {"capabilities": {"drop": ["Y"]}}),
        ({"capabilities": "odd"}, {"capabilities": "odd"}),
        ({"privileged": False}, {"privileged": False}),
        ({"privileged": True, "allowPrivilegeEscalation": False}, {"privileged": True}),
        (
            {"capabilities": {"add": "CAP_SYS_ADMIN"}},
            {"capabilities": {"drop": ["ALL"], "add": "CAP_SYS_ADMIN"}},
        ),
    ],
)
def test_a_context_lies_over_the_neutral_one(context: dict[str, Any], over: dict[str, Any]) -> None:
    spec, _ = filled({"containers": [{"name": "a", "securityContext": context}]})
    assert spec["containers"][0]["securityContext"] == {**CONTEXT, **over}


@pytest.mark.parametrize("context", [{"privileged": True}, {"capabilities": {"add": ["X", "CAP_SYS_ADMIN"]}}])
def test_it_does_not_contradict_itself(context: dict[str, Any]) -> None:
    """The API server refuses these with allowPrivilegeEscalation: false."""
    spec, _ = filled({"containers": [{"name": "a", "securityContext": context}]})
    assert "allowPrivilegeEscalation" not in spec["containers"][0]["securityContext"]


def test_the_pods_own_context_alone_changes_nothing() -> None:
    assert filled({"securityContext": {}})[0]["containers"] == [{"name": "main", **NEUTRAL}]


def test_an_odd_context_is_kept() -> None:
    spec, _ = filled({"containers": [{"name": "a", "securityContext": "odd"}]})
    assert spec["containers"][0] == {**NEUTRAL, "name": "a", "securityContext": "odd"}


KNOWN = (("runAsUser", 5),)


@pytest.mark.parametrize(
    ("whole", "pod", "neutral"),
    [
        (False, {}, CONTEXT),
        (False, {"securityContext": None}, CONTEXT),
        (False, {"securityContext": {}}, {"runAsUser": 5}),
        (True, {}, {"runAsUser": 5}),
    ],
)
def test_a_context_that_the_controller_is_known_to_set(whole: bool, pod: Any, neutral: Any) -> None:
    source = PodSource(("spec",), written=("main",), context=KNOWN, context_is_whole=whole)
    spec, _ = filled({**pod}, source)
    assert spec["containers"][0]["securityContext"] == neutral


def test_containers_with_a_whole_context_are_all_there() -> None:
    source = PodSource(("spec",), written=("main", "side", "more"), context=KNOWN, context_is_whole=True)
    own = [{"name": "side", "image": "i"}, "odd", {"name": ["x"], "image": "i"}]
    spec, names = filled({"containers": own}, source)
    added = [
        {"name": n, "image": "controller", "securityContext": {"runAsUser": 5}} for n in ("main", "more")
    ]
    assert (spec["containers"], names) == ([*own, *added], ["main", "more"])
    context = {"securityContext": {"capabilities": {"add": ["X"]}}}
    spec, _ = filled({"containers": [{"name": "main", **context}]}, source)
    assert spec["containers"][0]["securityContext"] == {"runAsUser": 5, "capabilities": {"add": ["X"]}}
    assert filled({"containers": {"a": 1}}, source) == ({"containers": {"a": 1}}, [])


def test_only_a_whole_context_adds_the_rest() -> None:
    assert filled({"containers": [{"name": "a", "image": "i"}]})[1] == []
