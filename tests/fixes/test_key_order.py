"""Where new keys of pods come: a context in front of the containers, its fields by name."""

import pytest

from podproof.fixes.order import key_order

POD = ("spec", "securityContext")
CONTAINER = ("spec", "containers", 0, "securityContext")


@pytest.mark.parametrize(
    ("route", "keys", "before"),
    [
        (POD, ["nodeSelector", "containers", "volumes"], "containers"),
        (POD, ["initContainers", "a", "containers"], "initContainers"),
        (POD, ["a", "containers", "initContainers"], "containers"),
        (POD, ["a"], None),
        (CONTAINER, ["image", "name", "volumeMounts"], None),
        ((*POD, "runAsUser"), ["runAsNonRoot", "seccompProfile"], "seccompProfile"),
        ((*CONTAINER, "runAsUser"), ["capabilities", "runAsNonRoot"], None),
        ((*CONTAINER, "runAsUser"), ["seccompProfile", "runAsNonRoot"], None),
        ((*CONTAINER, "runAsUser"), [], None),
        ((*CONTAINER, "capabilities", "drop"), ["xadd"], None),
        (("a",), ["b"], None),
    ],
)
def test_order(route: tuple[str | int, ...], keys: list[str], before: str | None) -> None:
    assert key_order(route, keys) == before
