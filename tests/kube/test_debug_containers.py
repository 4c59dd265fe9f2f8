"""The container that `kubectl debug` adds with each profile."""

from typing import Any

import pytest

from podproof.kube.debug_profiles import DEBUG_PROFILES, debug_container, with_debugger

RESTRICTED = {
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "allowPrivilegeEscalation": False,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTEXTS: dict[str, Any] = {
    "legacy": None,
    "general": {"capabilities": {"add": ["SYS_PTRACE"]}},
    "baseline": None,
    "restricted": RESTRICTED,
    "netadmin": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
    "sysadmin": {"privileged": True},
}
"""Source: k8s.io/kubectl v0.37.2 pkg/cmd/debug/profiles.go."""

PLAIN = {"name": "debugger-xxxxx", "image": "busybox", "terminationMessagePolicy": "File"}


def test_every_profile_is_here() -> None:
    assert DEBUG_PROFILES.keys() == CONTEXTS.keys()


@pytest.mark.parametrize("profile", CONTEXTS)
def test_a_profile(profile: str) -> None:
    context = CONTEXTS[profile]
    assert debug_container(profile) == (PLAIN if context is None else {**PLAIN, "securityContext": context})


def test_image_and_target() -> None:
    made = debug_container("legacy", image="i:1", target="c")
    assert made == {**PLAIN, "image": "i:1", "targetContainerName": "c"}


@pytest.mark.parametrize(
    ("pod", "kept"),
    [
        ({}, []),
        ({"spec": None}, []),
        ({"spec": {"ephemeralContainers": None}}, []),
        ({"spec": {"ephemeralContainers": [{"name": "e"}]}}, [{"name": "e"}]),
    ],
)
def test_it_comes_after_the_ephemeral_containers(pod: dict[str, Any], kept: list[Any]) -> None:
    made = with_debugger({"kind": "Pod", **pod}, PLAIN)
    assert made == {"kind": "Pod", "spec": {"ephemeralContainers": [*kept, PLAIN]}}
    assert pod.get("spec") is None or len(pod["spec"]["ephemeralContainers"] or ()) == len(kept)
