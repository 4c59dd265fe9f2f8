"""The request to the runtime holds what the kubelet sends, and leaves the rest to the runtime."""

from typing import Any

from podproof.effective.image import ImageConfig
from podproof.kube.pod import Pod, raw_pod
from podproof.kubelet.cri import container_security_context, sandbox_security_context, sandbox_sysctls
from podproof.kubelet.start import subjects_of


def _pod(container: dict[str, Any], **spec: Any) -> Pod:
    return raw_pod(
        {"spec": {"containers": [{"name": "c", "image": "i", "securityContext": container}], **spec}}
    )


def _request(pod: Pod, user: str = "") -> dict[str, Any]:
    (subject,) = subjects_of(pod, {"i": ImageConfig(user=user)})
    return container_security_context(subject)


def test_names_go_out_as_written_and_groups_in_order() -> None:
    context = {"fsGroup": 9, "supplementalGroups": [5, 5], "runAsGroup": 3}
    pod = _pod({"capabilities": {"add": ["cap_x"], "drop": ["all"]}}, securityContext=context)
    request = _request(pod)
    assert request["capabilities"] == {"add_capabilities": ["cap_x"], "drop_capabilities": ["all"]}
    assert request["supplemental_groups"] == [9, 5, 5]
    assert request["run_as_user"] == {"value": 0}
    assert request["run_as_group"] == {"value": 3}
    assert "run_as_username" not in request


def test_a_name_goes_out_as_a_name() -> None:
    request = _request(_pod({}), user="alice:staff")
    assert request["run_as_username"] == "alice"
    assert "run_as_user" not in request


def test_privileged_still_sends_the_paths_and_makes_the_sandbox_privileged() -> None:
    pod = _pod({"privileged": True})
    assert "/proc/kcore" in _request(pod)["masked_paths"]
    assert sandbox_security_context(pod)["privileged"] is True
    assert _request(_pod({"procMount": "Unmasked"}))["masked_paths"] == []


def test_profiles() -> None:
    profile = {"type": "Localhost", "localhostProfile": "a/b.json"}
    request = _request(
        _pod({"seccompProfile": profile, "appArmorProfile": {**profile, "localhostProfile": "p"}})
    )
    assert request["seccomp"] == {
        "profile_type": "Localhost",
        "localhost_ref": "/var/lib/kubelet/seccomp/a/b.json",
    }
    assert request["apparmor"] == {"profile_type": "Localhost", "localhost_ref": "p"}
    assert _request(_pod({}))["seccomp"] == {"profile_type": "Unconfined"}
    assert sandbox_security_context(_pod({}))["seccomp"] == {"profile_type": "RuntimeDefault"}


def test_namespaces_and_sysctls() -> None:
    pod = _pod(
        {},
        hostNetwork=True,
        shareProcessNamespace=True,
        hostUsers=False,
        securityContext={"sysctls": [{"name": "kernel/shm_rmid_forced", "value": "1"}]},
    )
    options = _request(pod)["namespace_options"]
    assert (options["network"], options["ipc"], options["pid"]) == ("NODE", "POD", "POD")
    assert options["userns_options"]["length"] == 65536
    assert sandbox_sysctls(pod) == {"kernel.shm_rmid_forced": "1"}
