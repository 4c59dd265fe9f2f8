"""What the kubelet makes of fields that are absent: empty texts, and the defaults of the API."""

from typing import Any

import pytest
from test_status import attempt, container_status, known

from podproof.effective.container_in_pod import place_containers
from podproof.effective.node import Node
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kubelet.admit import block, is_allowlisted, reject
from podproof.kubelet.container_start import start_container
from podproof.kubelet.cri import Capability, SecurityProfile, SELinuxOption
from podproof.kubelet.security_contexts import (
    container_security_context,
    sandbox_security_context,
    sandbox_sysctls,
)
from podproof.kubelet.status import ContainerRuntimeState


def context(own: dict[str, Any] | None = None, pod: dict[str, Any] | None = None) -> Any:
    spec = {"containers": [{"name": "c", "securityContext": own}], "securityContext": pod}
    (placed,) = place_containers(raw_pod({"spec": spec}), Setting())
    return container_security_context(placed, seccomp_root="/s")


def test_a_container_without_an_image() -> None:
    bare = [{"name": "a"}]
    assert container_status(known(), containers=bare)["image"] == ""
    assert container_status(known(attempt()), containers=bare)["image"] == ""
    assert container_status(known(attempt(image="r")), containers=bare)["image"] == "r"
    resources = container_status(known(attempt()), containers=[{"name": "a", "resources": None}])
    assert (resources["resources"], "allocatedResources" in resources) == ({}, False)


def test_what_is_known_of_nothing() -> None:
    state = ContainerRuntimeState()
    assert (state.instance, state.last, state.waiting, state.started, state.ready) == (
        None,
        None,
        None,
        False,
        False,
    )


def test_sysctls_without_names_and_values() -> None:
    def pod(*sysctls: dict[str, Any]) -> Any:
        return raw_pod({"spec": {"securityContext": {"sysctls": list(sysctls)}}})

    assert sandbox_sysctls(pod({})) == {"": ""}
    assert sandbox_sysctls(pod({"name": "kernel/msgmax", "value": "1"})) == {"kernel.msgmax": "1"}
    assert sandbox_sysctls(raw_pod({"spec": {}})) == sandbox_sysctls(raw_pod({})) == {}
    refused = reject(pod({}), (), Setting())
    assert refused is not None
    assert (refused.reason, refused.message) == ("SysctlForbidden", 'forbidden sysctl: "" not allowlisted')


@pytest.mark.parametrize(
    ("name", "patterns", "allowed"),
    [
        ("kernel.msgmax", None, False),
        ("kernel.msgmax", (), False),
        ("kernel.msgmax", ("kernel.msgmax",), True),
        ("kernel.msgmax", ("kernel/msgmax",), True),
        ("kernel.msgmax", ("kernel.msg",), False),
        ("kernel.msgmax", ("kernel.msg*",), True),
        ("kernel.msgmax", ("kernel/*",), True),
        ("kernel.msgmax", ("net.*", "kernel.msg*"), True),
        ("net.core.somaxconn", ("*",), True),
        ("vm.swappiness", ("*", "vm.*", "vm.swappiness"), False),
        ("net.ipv4.tcp_syncookies", None, True),
    ],
)
def test_sysctls_that_a_node_allows(name: str, patterns: Any, allowed: bool) -> None:
    assert is_allowlisted(name, Node(unsafe_sysctls=patterns), 37) is allowed


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (None, None),
        ({}, SELinuxOption("", "", "", "")),
        ({"user": "u", "role": "r", "type": "t", "level": "l"}, SELinuxOption("u", "r", "t", "l")),
    ],
)
def test_an_selinux_label(options: Any, sent: SELinuxOption | None) -> None:
    assert context({"seLinuxOptions": options}).selinux_options == sent
    assert context({}, {"seLinuxOptions": options}).selinux_options == sent
    pod = raw_pod({"spec": {"securityContext": {"seLinuxOptions": options}}})
    assert sandbox_security_context(pod).selinux_options == sent


@pytest.mark.parametrize(
    ("capabilities", "sent"),
    [
        (None, Capability((), ())),
        ({}, Capability((), ())),
        ({"add": ["A"]}, Capability(("A",), ())),
        ({"drop": ["B"]}, Capability((), ("B",))),
        ({"add": [], "drop": None}, Capability((), ())),
        ({"add": ["A", "C"], "drop": ["B"]}, Capability(("A", "C"), ("B",))),
    ],
)
def test_capabilities(capabilities: Any, sent: Capability) -> None:
    assert context({"capabilities": capabilities}).capabilities == sent


@pytest.mark.parametrize(
    ("profile", "seccomp", "apparmor"),
    [
        ({"type": "Localhost"}, SecurityProfile("Localhost", "/s/"), SecurityProfile("Localhost", "")),
        ({"type": "Localhost", "localhostProfile": "p"}, SecurityProfile("Localhost", "/s/p"),
         SecurityProfile("Localhost", "p")),
        ({"type": "RuntimeDefault"}, SecurityProfile("RuntimeDefault"), SecurityProfile("RuntimeDefault")),
        ({"type": "Unconfined"}, SecurityProfile("Unconfined"), SecurityProfile("Unconfined")),
        (None, SecurityProfile("Unconfined"), None),
    ],
)  # fmt: skip
def test_profiles(profile: Any, seccomp: SecurityProfile, apparmor: SecurityProfile | None) -> None:
    found = context({"seccompProfile": profile, "appArmorProfile": profile})
    assert (found.seccomp, found.apparmor) == (seccomp, apparmor)


@pytest.mark.parametrize(
    ("pod", "groups"),
    [
        ({}, ()),
        ({"fsGroup": 0}, (0,)),
        ({"supplementalGroups": [5, 4]}, (5, 4)),
        ({"fsGroup": 7, "supplementalGroups": [5, 4]}, (7, 5, 4)),
        ({"supplementalGroups": None}, ()),
    ],
)
def test_groups(pod: dict[str, Any], groups: tuple[int, ...]) -> None:
    assert context({}, pod).supplemental_groups == groups
    whole = sandbox_security_context(raw_pod({"spec": {"securityContext": pod}}))
    assert whole.supplemental_groups == groups


def test_the_ids_of_user_namespaces() -> None:
    for number in (0, 3):
        options = sandbox_security_context(raw_pod({"spec": {"hostUsers": False}}), user_range=number)
        mapped = options.namespace_options.userns_options
        assert mapped is not None
        (ids,) = mapped.uids
        assert (ids.host_id, ids.container_id, ids.length) == (65536 * (number + 1), 0, 65536)
        assert mapped.gids == mapped.uids
    for users in (True, None):
        pod = raw_pod({"spec": {"hostUsers": users}})
        assert sandbox_security_context(pod).namespace_options.userns_options is None


@pytest.mark.parametrize("user", [None, 0, 7])
@pytest.mark.parametrize("group", [None, 0, 8])
def test_the_sandbox_runs_as_the_pod_says(user: int | None, group: int | None) -> None:
    pod = raw_pod({"spec": {"securityContext": {"runAsUser": user, "runAsGroup": group}, "containers": []}})
    found = sandbox_security_context(pod)
    assert (found.run_as_user, found.run_as_group, found.privileged) == (user, group, False)
    assert found.seccomp == SecurityProfile("RuntimeDefault")


@pytest.mark.parametrize("listing", ["initContainers", "containers", "ephemeralContainers"])
@pytest.mark.parametrize(("privileged", "expected"), [(True, True), (False, False), (None, False)])
def test_one_privileged_container_makes_the_sandbox_privileged(
    listing: str, privileged: bool | None, expected: bool
) -> None:
    plain, other = {"name": "a"}, {"name": "b", "securityContext": {"privileged": privileged}}
    spec = {"containers": [plain], listing: [plain, other]}
    assert sandbox_security_context(raw_pod({"spec": spec})).privileged is expected


@pytest.mark.parametrize(
    ("spec", "user", "stops"),
    [
        ({"hostUsers": False}, 65535, False),
        ({"hostUsers": False}, 65536, True),
        ({"hostUsers": True}, 65536, False),
        ({}, 65536, False),
        ({"hostUsers": False}, None, False),
    ],
)
def test_a_user_that_is_not_mapped(spec: dict[str, Any], user: int | None, stops: bool) -> None:
    own = {"name": "c", "image": "i", "command": ["x"], "securityContext": {"runAsUser": user}}
    (placed,) = place_containers(raw_pod({"spec": {"containers": [own], **spec}}), Setting())
    found = start_container(placed)
    assert (found.starts is False) is stops
    assert f"unmapped uid {user} in user namespace" in found.message or not stops
    assert found.reason == ("RunContainerError" if stops else None)


@pytest.mark.parametrize("pod", [{}, {"spec": None}, {"metadata": {}, "spec": {}}])
@pytest.mark.parametrize("version", [30, 31, 37])
def test_a_pod_without_a_spec_asks_for_nothing(pod: dict[str, Any], version: int) -> None:
    setting = Setting(node=Node(apparmor=False, unsafe_sysctls=()), version=version)
    typed = raw_pod(pod)
    assert (reject(typed, (), setting), block(typed, (), setting)) == (None, None)
