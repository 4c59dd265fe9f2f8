"""When a pod is told to be for Windows, and which fields of Linux go then."""

from typing import Any

import pytest

from podproof.edits.edit import Edit
from podproof.findings import ContainerRef
from podproof.fixes.change import PlannedChange, PodToFix
from podproof.fixes.windows import EXEMPT_SINCE, OF_LINUX, plan_windows
from podproof.manifest.route import Route

WANTS = {"kubernetes.io/os": "windows"}
WHY = "its nodeSelector wants Windows, where the settings of Linux do nothing"
NAME = Edit(("spec", "os", "name"), "set", "windows")


def planned(spec: dict[str, Any]) -> PlannedChange | None:
    containers = spec.get("containers", ())
    references = tuple(ContainerRef(name, "container") for name, _ in zip("abc", containers, strict=False))
    places: tuple[Route, ...] = tuple(("spec", "containers", index) for index in range(len(containers)))
    return plan_windows({"spec": spec}, PodToFix(("spec",), references, places))


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"nodeSelector": WANTS}, True),
        ({"nodeSelector": {"beta.kubernetes.io/os": "windows"}}, True),
        ({"nodeSelector": {"kubernetes.io/os": "linux", "beta.kubernetes.io/os": "windows"}}, True),
        ({"nodeSelector": {**WANTS, "disk": "ssd"}, "os": None}, True),
        ({"nodeSelector": {"kubernetes.io/os": "linux"}}, False),
        ({"nodeSelector": {"kubernetes.io/os": "Windows"}}, False),
        ({"nodeSelector": {"kubernetes.io/os": None}}, False),
        ({"nodeSelector": {"os": "windows"}}, False),
        ({"nodeSelector": {}}, False),
        ({"nodeSelector": None}, False),
        ({"nodeSelector": ["windows"]}, False),
        ({"nodeSelector": "windows"}, False),
        ({}, False),
        # what the pod says itself stays
        ({"nodeSelector": WANTS, "os": {"name": "windows"}}, False),
        ({"nodeSelector": WANTS, "os": {"name": "linux"}}, False),
        ({"nodeSelector": WANTS, "os": {}}, False),
    ],
)
def test_who_is_told_to_be_for_windows(spec: dict[str, Any], told: bool) -> None:
    expected = PlannedChange("same", (NAME,), "os.name: windows", WHY, OF_LINUX) if told else None
    assert planned(spec) == expected


def test_the_settings_of_linux_go_and_nothing_else() -> None:
    context = {"runAsUser": 5, "runAsNonRoot": True, "windowsOptions": {}, "capabilities": {"drop": ["ALL"]}}
    change = planned(
        {
            "nodeSelector": WANTS,
            "hostUsers": True,
            "hostNetwork": False,
            "securityContext": {"fsGroup": 7, "runAsNonRoot": True, "runAsUser": 1},
            "containers": [
                {"name": "a", "image": "i", "securityContext": context},
                {"name": "b", "image": "i"},
                {"name": "c", "securityContext": {"privileged": False}},
            ],
        }
    )
    routes: list[Route] = [
        ("spec", "hostUsers"),
        ("spec", "securityContext", "fsGroup"),
        ("spec", "securityContext", "runAsUser"),
        ("spec", "containers", 0, "securityContext", "runAsUser"),
        ("spec", "containers", 0, "securityContext", "capabilities"),
        ("spec", "containers", 2, "securityContext", "privileged"),
    ]
    assert change == PlannedChange(
        "same",
        (*(Edit(route, "remove") for route in routes), NAME),
        "os.name: windows, remove hostUsers, fsGroup, runAsUser, capabilities, privileged",
        WHY,
        OF_LINUX,
    )


@pytest.mark.parametrize("context", [None, [], "runAsUser", 7, {}])
def test_a_context_without_fields_has_none_that_go(context: Any) -> None:
    spec = {"nodeSelector": WANTS, "containers": [{"securityContext": context}], "securityContext": context}
    assert planned(spec) == PlannedChange("same", (NAME,), "os.name: windows", WHY, OF_LINUX)


def test_which_controls_leave_pods_for_windows_alone() -> None:
    """Source: pod-security-admission, policy/check_*.go: their versions 1.25 ask for the system."""
    assert OF_LINUX == ("allow-privilege-escalation", "capabilities-restricted", "seccomp-profile-restricted")
    assert EXEMPT_SINCE == 25
