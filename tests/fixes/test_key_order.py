"""Where new keys of pods come: a context in front of the containers, its fields by name."""

from itertools import permutations

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.fixes.order import key_order

POD = ("spec", "securityContext")
CONTAINER = ("spec", "containers", 0, "securityContext")


@pytest.mark.parametrize("keys", [["b", "d"], ["d", "b"], ["f", "a", "c"], []])
def test_it_does_not_matter_which_comes_first(keys: list[str]) -> None:
    results = set()
    for added in permutations(["0", "c1", "e", "z"]):
        context = dict.fromkeys(keys)
        edits = [Edit(("securityContext", key), "set") for key in added]
        results.add(tuple(apply_edits({"securityContext": context}, edits, key_order)["securityContext"]))
    assert len(results) == 1


@pytest.mark.parametrize(
    ("route", "keys", "before"),
    [
        (POD, ["nodeSelector", "containers", "volumes"], "containers"),
        (POD, ["initContainers", "a", "containers"], "initContainers"),
        (POD, ["a", "containers", "initContainers"], "containers"),
        (POD, ["a", "ephemeralContainers"], "ephemeralContainers"),
        (POD, ["initContainers"], "initContainers"),
        (POD, ["a"], None),
        (POD, [], None),
        (("spec", "podSecurityContext", "b"), ["a", "c"], "c"),
        (("spec", "containerSecurityContext", "b"), ["a", "c"], "c"),
        (("spec", "otherContext", "b"), ["a", "c"], None),
        (("spec", "securityContext", "containers", "b"), ["a", "c"], None),
        ((*POD, "b"), ["a", "b1", "c"], "b1"),
        ((*POD, "b"), ["c", "d", "a", "e"], "e"),
        ((*POD, "b"), ["c", "a", "a1"], None),
        (CONTAINER, ["image", "name", "volumeMounts"], None),
        ((*POD, "runAsUser"), ["runAsNonRoot", "seccompProfile"], "seccompProfile"),
        ((*CONTAINER, "runAsUser"), ["capabilities", "runAsNonRoot"], None),
        ((*CONTAINER, "runAsUser"), ["seccompProfile", "runAsNonRoot"], None),
        ((*CONTAINER, "privileged"), ["seccompProfile", "runAsNonRoot", "runAsUser"], "runAsNonRoot"),
        ((*CONTAINER, "runAsUser"), [], None),
        ((*CONTAINER, "capabilities", "drop"), ["xadd"], None),
        (("a",), ["b"], None),
    ],
)
def test_order(route: tuple[str | int, ...], keys: list[str], before: str | None) -> None:
    assert key_order(route, keys) == before
