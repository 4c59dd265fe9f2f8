"""What a person is told about privileged containers, capabilities, users and volumes."""

from typing import Any

import pytest

from podproof.findings import Finding, Severity
from podproof.fixes.remedies import remedy_of
from podproof.manifest.route import Route

AGENT = "an agent of the node belongs in a namespace of its own, at level privileged"
DEVICE = "for a device, use a device plugin or a driver for dynamic resource allocation"
STORAGE = f"a mount that propagates to the node needs it: storage belongs in a CSI driver; {AGENT}"
CAPABILITIES = f"add the capabilities that the program needs instead; {AGENT}"
STAYS = "this stays while the container is privileged"


def told(check: str, spec: Any, *route: str | int, above: Route = ()) -> str:
    value: Any = {"spec": spec}
    for step in reversed(above):
        value = [value] if isinstance(step, int) else {step: value}
    return remedy_of(Finding(check, Severity.ERROR, "m", (*above, "spec", *route)), value)


def privileged(container: Any, volumes: Any = None, kind: str = "containers", above: Route = ()) -> str:
    spec = {kind: [{"name": "other"}, container], "volumes": volumes}
    return told("privileged", spec, kind, 1, "securityContext", "privileged", above=above)


def mounting(*names: str, **rest: Any) -> dict[str, Any]:
    return {"volumeMounts": [{"name": name, **rest} for name in names]}


def of_node(**paths: Any) -> list[dict[str, Any]]:
    return [{"name": name, "hostPath": {"path": path}} for name, path in paths.items()]


@pytest.mark.parametrize(
    ("container", "volumes", "words"),
    [
        ({}, None, CAPABILITIES),
        ({"volumeDevices": [{"name": "v", "devicePath": "/x"}]}, None, DEVICE),
        ({"volumeDevices": []}, None, CAPABILITIES),
        (mounting("v"), of_node(v="/dev/kvm"), DEVICE),
        (mounting("v"), of_node(v="/dev"), DEVICE),
        (mounting("v"), of_node(v="/dev/"), DEVICE),
        (mounting("w", "v"), of_node(w="/x", v="/dev/kvm"), DEVICE),
        (mounting("v", mountPropagation="HostToContainer"), of_node(v="/dev"), DEVICE),
        (mounting("v"), of_node(v="/devices"), CAPABILITIES),
        (mounting("v"), of_node(v="/x/dev/kvm"), CAPABILITIES),
        (mounting("v"), of_node(v=None), CAPABILITIES),
        (mounting("v"), of_node(v=7), CAPABILITIES),
        (mounting("v"), [{"name": "v", "emptyDir": {}}], CAPABILITIES),
        (mounting("v"), [{"name": "v", "hostPath": "/dev"}], CAPABILITIES),
        (mounting("v"), ["v"], CAPABILITIES),
        (mounting("v"), "v", CAPABILITIES),
        # another container mounts it
        (mounting("w"), of_node(v="/dev/kvm"), CAPABILITIES),
        ({}, of_node(v="/dev/kvm"), CAPABILITIES),
        ({"volumeMounts": "v"}, of_node(v="/dev/kvm"), CAPABILITIES),
        ({"volumeMounts": ["v"]}, of_node(v="/dev/kvm"), CAPABILITIES),
        (mounting("v", mountPropagation="Bidirectional"), of_node(v="/x"), STORAGE),
        (mounting("v", mountPropagation="Bidirectional"), of_node(v="/dev"), STORAGE),
        ({"volumeMounts": ["v", {"name": "v", "mountPropagation": "Bidirectional"}]}, None, STORAGE),
        (mounting("v", mountPropagation="None"), of_node(v="/x"), CAPABILITIES),
        ("wrong", None, CAPABILITIES),
    ],
)
@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("above", [(), ("spec", "template"), ("spec", "jobs", 0, "template")])
def test_what_is_instead_of_privileged(
    container: Any, volumes: Any, words: str, kind: str, above: Route
) -> None:
    assert privileged(container, volumes, kind, above) == words


ADD: Route = ("securityContext", "capabilities", "add")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CHOWN", "if the program needs CHOWN: baseline allows it"),
        ("KILL", "if the program needs KILL: baseline allows it"),
        ("SYS_ADMIN", f"if the program needs SYS_ADMIN: only privileged allows it; {AGENT}"),
        ("ALL", f"if the program needs ALL: only privileged allows it; {AGENT}"),
        ("chown", f"if the program needs chown: only privileged allows it; {AGENT}"),
        (7, ""),
        (None, ""),
    ],
)
@pytest.mark.parametrize("check", ["capabilities-baseline", "capabilities-restricted"])
def test_a_capability(check: str, name: Any, words: str) -> None:
    spec = {"containers": [{"securityContext": {"capabilities": {"add": [name], "drop": ["KILL"]}}}]}
    assert told(check, spec, "containers", 0, *ADD, 0) == words
    assert told(check, spec, "containers", 0, *ADD[:-1], "drop", 0) == ""
    assert told(check, spec, "containers", 0, *ADD) == ""


USER = "build the image with a numeric USER other than 0, or write such a runAsUser"


@pytest.mark.parametrize(
    ("check", "otherwise"),
    [
        ("capabilities-restricted", ""), ("capabilities-baseline", ""), ("allow-privilege-escalation", ""),
        ("seccomp-profile-restricted", ""), ("run-as-non-root", USER), ("run-as-user", USER),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("context", "stays"),
    [
        ({"privileged": True}, True), ({"privileged": False}, False), ({"privileged": "true"}, False),
        ({"privileged": 1}, False), ({}, False), (None, False), ("privileged", False),
    ],
)  # fmt: skip
def test_what_stays_while_a_container_is_privileged(
    check: str, otherwise: str, context: Any, stays: bool
) -> None:
    spec = {"containers": [{"securityContext": context}], "securityContext": {"privileged": True}}
    assert told(check, spec, "containers", 0, "securityContext", "x") == (STAYS if stays else otherwise)
    assert told(check, spec, "securityContext", "x") == otherwise
    assert told(check, spec, "containers") == otherwise
    finding = Finding(check, Severity.ERROR, "m", ("securityContext", "x"))
    assert remedy_of(finding, spec) == otherwise, "the pod has no such field"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"path": "/dev/shm"}, "use an emptyDir with medium: Memory"),
        ({"path": 7}, ""), ({}, ""), (None, ""), ("/dev/shm", ""),
    ],
)  # fmt: skip
def test_a_path_of_the_node(source: Any, words: str) -> None:
    spec = {"volumes": [{"name": "v", "hostPath": source}]}
    assert told("host-path-volumes", spec, "volumes", 0, "hostPath") == words


@pytest.mark.parametrize("value", [{"kind": "PodSecurityPolicy"}, {"kind": "Deployment"}, {}, None, [], "x"])
def test_an_api_that_is_gone(value: Any) -> None:
    finding = Finding("removed-api-version", Severity.ERROR, "m", ("apiVersion",))
    policy = isinstance(value, dict) and value.get("kind") == "PodSecurityPolicy"
    assert remedy_of(finding, value) == (
        "label the namespaces of the pods that may use it with the level that stands for it" if policy else ""
    )
