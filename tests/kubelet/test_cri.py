"""The request to the runtime holds what the kubelet sends, and leaves the rest to the runtime."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.setting import Setting
from podproof.kube.pod import Pod, raw_pod
from podproof.kubelet.cri import (
    Capability,
    IDMapping,
    LinuxContainerSecurityContext,
    SecurityProfile,
    SELinuxOption,
    UserNamespace,
)
from podproof.kubelet.security_contexts import (
    container_security_context,
    sandbox_security_context,
    sandbox_sysctls,
)


def _pod(container: dict[str, Any], **spec: Any) -> Pod:
    return raw_pod(
        {"spec": {"containers": [{"name": "c", "image": "i", "securityContext": container}], **spec}}
    )


def _request(pod: Pod, user: str = "", **options: Any) -> LinuxContainerSecurityContext:
    (placed,) = place_containers(pod, Setting(images={"i": ImageConfig(user=user)}))
    return container_security_context(placed, **options)


def test_names_go_out_as_written_and_groups_in_order() -> None:
    context = {"fsGroup": 9, "supplementalGroups": [5, 5], "runAsGroup": 3}
    pod = _pod({"capabilities": {"add": ["cap_x"], "drop": ["all"]}}, securityContext=context)
    request = _request(pod)
    assert request.capabilities == Capability(("cap_x",), ("all",))
    assert request.supplemental_groups == (9, 5, 5)
    assert (request.run_as_user, request.run_as_username, request.run_as_group) == (0, "", 3)
    assert sandbox_security_context(pod).supplemental_groups == (9, 5, 5)
    assert sandbox_security_context(pod).run_as_group == 3


def test_a_name_goes_out_as_a_name() -> None:
    request = _request(_pod({}), user="alice:staff")
    assert (request.run_as_user, request.run_as_username) == (None, "alice")


def test_an_unknown_user_is_left_to_the_runtime() -> None:
    (placed,) = place_containers(_pod({}))
    request = container_security_context(placed)
    assert (request.run_as_user, request.run_as_username) == (None, "")


def test_privileged_still_sends_the_paths_and_makes_the_sandbox_privileged() -> None:
    pod = _pod({"privileged": True})
    assert "/proc/kcore" in _request(pod).masked_paths
    assert sandbox_security_context(pod).privileged is True
    assert sandbox_security_context(_pod({})).privileged is False
    unmasked = _request(_pod({"procMount": "Unmasked"}))
    assert (unmasked.masked_paths, unmasked.readonly_paths) == ((), ())


@pytest.mark.parametrize(
    ("context", "field"),
    [
        ({"readOnlyRootFilesystem": True}, "readonly_rootfs"),
        ({"allowPrivilegeEscalation": False}, "no_new_privs"),
        ({"privileged": True}, "privileged"),
    ],
)
def test_flags(context: dict[str, Any], field: str) -> None:
    assert getattr(_request(_pod(context)), field) is True
    assert getattr(_request(_pod({})), field) is False


def test_the_policy_for_groups_is_the_pods() -> None:
    strict = _pod({}, securityContext={"supplementalGroupsPolicy": "Strict"})
    assert _request(strict).supplemental_groups_policy == "Strict"
    assert _request(_pod({})).supplemental_groups_policy == "Merge"


def test_profiles() -> None:
    profile = {"type": "Localhost", "localhostProfile": "a/b.json"}
    request = _request(
        _pod({"seccompProfile": profile, "appArmorProfile": {**profile, "localhostProfile": "p"}})
    )
    assert request.seccomp == SecurityProfile("Localhost", "/var/lib/kubelet/seccomp/a/b.json")
    assert request.apparmor == SecurityProfile("Localhost", "p")
    here = _request(_pod({"seccompProfile": profile}), seccomp_root="/srv/profiles")
    assert here.seccomp == SecurityProfile("Localhost", "/srv/profiles/a/b.json")
    of_pod = _request(_pod({}, securityContext={"seccompProfile": profile}), seccomp_root="/srv/profiles")
    assert of_pod.seccomp == here.seccomp
    default = {"type": "RuntimeDefault"}
    both = _request(_pod({"seccompProfile": default, "appArmorProfile": default}))
    assert both.seccomp == both.apparmor == SecurityProfile("RuntimeDefault")
    plain = _request(_pod({}))
    assert (plain.seccomp, plain.apparmor) == (SecurityProfile("Unconfined"), None)
    assert sandbox_security_context(_pod({})).seccomp == SecurityProfile("RuntimeDefault")


def test_an_selinux_label_goes_out_in_its_parts() -> None:
    pod = _pod({}, securityContext={"seLinuxOptions": {"level": "s0:c1", "user": "u"}})
    assert _request(pod).selinux_options == SELinuxOption(user="u", level="s0:c1")
    assert sandbox_security_context(pod).selinux_options == SELinuxOption(user="u", level="s0:c1")
    assert _request(_pod({})).selinux_options is None


def test_namespaces_and_sysctls() -> None:
    pod = _pod(
        {},
        hostNetwork=True,
        shareProcessNamespace=True,
        hostUsers=False,
        securityContext={"sysctls": [{"name": "kernel/shm_rmid_forced", "value": "1"}]},
    )
    options = _request(pod, user_range=2).namespace_options
    assert (options.network, options.ipc, options.pid) == ("NODE", "POD", "POD")
    ids = (IDMapping(host_id=3 * 65536, container_id=0, length=65536),)
    assert options.userns_options == UserNamespace(ids, ids)
    assert sandbox_security_context(pod, user_range=2).namespace_options == options
    assert sandbox_sysctls(pod) == {"kernel.shm_rmid_forced": "1"}


def test_the_nodes_namespaces_and_a_targets() -> None:
    pod = _pod({}, hostPID=True, hostIPC=True)
    options = _request(pod).namespace_options
    assert (options.network, options.ipc, options.pid) == ("POD", "NODE", "NODE")
    assert options.userns_options is None
    assert _request(_pod({})).namespace_options.pid == "CONTAINER"
    target = _request(pod, target_id="id").namespace_options
    assert (target.pid, target.target_id) == ("TARGET", "id")
