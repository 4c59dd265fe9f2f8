"""Host namespaces, sysctls, volumes with their sources, and runtime classes."""

from typing import Any

import pytest

from podproof.policies.psp.pod_mutator import PodMutator
from podproof.policies.psp.policy import read_policy
from podproof.policies.psp.provider import try_policy

from .trial import pod, policy, trial


@pytest.mark.parametrize(
    ("key", "word"), [("hostNetwork", "network"), ("hostPID", "PID"), ("hostIPC", "IPC")]
)
def test_host_namespaces(key: str, word: str) -> None:
    text = f"spec.securityContext.{key}: Invalid value: true: Host {word} is not allowed to be used"
    assert trial(policy(), pod(**{key: True})) == ([text], {})
    assert trial(policy(**{key: True}), pod(**{key: True})) == ([], {})
    assert trial(policy(), pod(**{key: False})) == ([], {})


@pytest.mark.parametrize(
    ("spec", "name", "text"),
    [
        ({}, "kernel.shm_rmid_forced", None),
        ({}, "net.ipv4.ip_unprivileged_port_start", None),
        ({}, "kernel.msgmax", 'unsafe sysctl "kernel.msgmax" is not allowed'),
        ({"allowedUnsafeSysctls": ["kernel.msg*"]}, "kernel.msgmax", None),
        ({"allowedUnsafeSysctls": ["*"]}, "kernel.msgmax", None),
        (
            {"allowedUnsafeSysctls": ["kernel.msg"]},
            "kernel.msgmax",
            'unsafe sysctl "kernel.msgmax" is not allowed',
        ),
        (
            {"forbiddenSysctls": ["kernel.shm*"]},
            "kernel.shm_rmid_forced",
            'sysctl "kernel.shm_rmid_forced" is not allowed',
        ),
    ],
)
def test_sysctls(spec: dict[str, Any], name: str, text: str | None) -> None:
    errors, _ = trial(policy(**spec), pod(securityContext={"sysctls": [{"name": name, "value": "1"}]}))
    assert errors == ([] if text is None else [f"pod.spec.securityContext.sysctls[0]: Forbidden: {text}"])


def _volume(**source: Any) -> dict[str, Any]:
    return pod(volumes=[{"name": "v", **source}])


def test_volume_kinds() -> None:
    text = 'spec.volumes[0]: Invalid value: "{0}": {0} volumes are not allowed to be used'
    assert trial(policy(volumes=[]), _volume(emptyDir={})) == ([text.format("emptyDir")], {})
    assert trial(policy(volumes=["emptyDir"]), _volume(emptyDir={})) == ([], {})
    assert trial(policy(volumes=["secret"]), _volume(cephfs={})) == ([text.format("cephFS")], {})
    assert trial(policy(volumes=["*"]), _volume(ephemeral={})) == ([], {})


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ({"serviceAccountToken": {"path": "token"}}, True),
        ({"serviceAccountToken": {"path": "token", "audience": "x"}}, False),
        ({"serviceAccountToken": {"path": "other"}}, False),
        ({"configMap": {"name": "kube-root-ca.crt"}}, True),
        ({"configMap": {"name": "other"}}, False),
        ({"secret": {"name": "s"}}, False),
        (
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "namespace",
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                        }
                    ]
                }
            },
            True,
        ),
        ({"downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}}, False),
    ],
)
def test_secret_implies_the_service_accounts_kit(source: dict[str, Any], allowed: bool) -> None:
    errors, _ = trial(policy(volumes=["secret"]), _volume(projected={"sources": [source]}))
    assert (errors == []) is allowed


@pytest.mark.parametrize(
    ("prefix", "path", "allowed"),
    [
        ("/foo", "/foo", True),
        ("/foo", "/foo/", True),
        ("/foo/", "/foo", True),
        ("/foo", "/foo/bar", True),
        ("/foo", "/food", False),
        ("/foo/bar", "/foo", False),
        ("/", "/anything", True),
    ],
)
def test_host_path_prefixes_end_at_segments(prefix: str, path: str, allowed: bool) -> None:
    errors, _ = trial(policy(allowedHostPaths=[{"pathPrefix": prefix}]), _volume(hostPath={"path": path}))
    text = f'spec.volumes[0].hostPath.pathPrefix: Invalid value: "{path}": is not allowed to be used'
    assert errors == ([] if allowed else [text])


def test_read_only_host_paths_need_read_only_mounts() -> None:
    mounts = {"volumeMounts": [{"name": "v", "mountPath": "/m"}, {"name": "v", "readOnly": True}]}
    found = pod(container=mounts, volumes=[{"name": "v", "hostPath": {"path": "/foo/a"}}])
    read_only = {"pathPrefix": "/foo", "readOnly": True}
    text = "spec.containers[0].volumeMounts[0].readOnly: Invalid value: false: must be read-only"
    assert trial(policy(allowedHostPaths=[read_only]), found) == ([text], {})
    assert trial(policy(allowedHostPaths=[read_only, {"pathPrefix": "/foo/a"}]), found) == ([], {})
    assert trial(policy(), found) == ([], {})


def test_a_host_path_that_is_not_allowed_is_refused_once() -> None:
    mounts = {"volumeMounts": [{"name": "v", "mountPath": "/m"}]}
    found = pod(container=mounts, volumes=[{"name": "v", "hostPath": {"path": "/bar"}}])
    text = 'spec.volumes[0].hostPath.pathPrefix: Invalid value: "/bar": is not allowed to be used'
    for read_only in (True, False):
        allowed = {"pathPrefix": "/foo", "readOnly": read_only}
        assert trial(policy(allowedHostPaths=[allowed]), found) == ([text], {})


def test_what_is_written_stands_beside_what_is_there() -> None:
    mutator = PodMutator(pod({"runAsUser": 1}, securityContext={"runAsGroup": 2}), "p")
    (container,) = mutator.containers
    mutator.set("fsGroup", 3, "fsGroup")
    mutator.set("runAsUser", 4, "runAsUser")
    mutator.set_on(container, "privileged", False, "privileged")
    mutator.annotate("a", "b", "x")
    mutator.annotate("c", "d", "x")
    assert [mutator.own(key) for key in ("runAsGroup", "fsGroup", "runAsUser", "seLinuxOptions")] == [
        2,
        3,
        4,
        None,
    ]
    assert [container.own(key) for key in ("runAsUser", "privileged", "runAsGroup")] == [1, False, None]
    assert [mutator.effective(container, key) for key in ("runAsUser", "runAsGroup", "x")] == [1, 2, None]
    assert [mutator.annotation(key) for key in ("a", "c", "e")] == ["b", "d", ""]
    (nameless,) = PodMutator({"spec": {"containers": [{}]}}, "p").containers
    assert (container.name, nameless.name, nameless.own("privileged")) == ("c", "", None)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ({"secret": {}}, "secret"),
        ({"secret": {}, "hostPath": {"path": "/a"}}, "hostPath"),
        ({"hostPath": None, "secret": {}}, "secret"),
        ({"csi": {}, "secret": {}, "emptyDir": {}}, "emptyDir"),
        ({"none": {}}, None),
        ({"secret": None}, None),
    ],
)
def test_the_source_that_comes_first_is_judged(source: dict[str, Any], word: str | None) -> None:
    errors, _ = trial(policy(volumes=[]), pod(volumes=[{"name": "v", **source}]))
    (text,) = errors
    said = (
        "unknown volume type for volume: v" if word is None else f"{word} volumes are not allowed to be used"
    )
    assert text.endswith(said)


@pytest.mark.parametrize("changed", [True, False])
def test_whether_a_policy_changes_a_pod(changed: bool) -> None:
    found = try_policy(read_policy(policy(readOnlyRootFilesystem=changed)), pod())
    assert (found.mutates, bool(found.edits)) == (changed, changed)


def test_drivers() -> None:
    flex, csi = _volume(flexVolume={"driver": "x"}), _volume(csi={"driver": "x"})
    assert trial(policy(allowedFlexVolumes=[{"driver": "y"}]), flex)[0] == [
        'spec.volumes[0].driver: Invalid value: "x": Flexvolume driver is not allowed to be used'
    ]
    assert trial(policy(allowedCSIDrivers=[{"name": "y"}]), csi)[0] == [
        'spec.volumes[0].csi.driver: Invalid value: "x": Inline CSI driver is not allowed to be used'
    ]
    assert trial(policy(allowedFlexVolumes=[{"driver": "x"}]), flex) == ([], {})
    assert trial(policy(allowedCSIDrivers=[{"name": "x"}]), csi) == ([], {})
    assert trial(policy(), flex) == trial(policy(), csi) == ([], {})


@pytest.mark.parametrize(
    ("strategy", "name", "errors", "edits"),
    [
        (None, "any", [], {}),
        ({"allowedRuntimeClassNames": ["a"]}, "a", [], {}),
        ({"allowedRuntimeClassNames": ["*"]}, "b", [], {}),
        ({"allowedRuntimeClassNames": ["a"]}, "b", ['spec.runtimeClassName: Invalid value: "b"'], {}),
        ({"allowedRuntimeClassNames": []}, None, [], {}),
        (
            {"allowedRuntimeClassNames": ["a"], "defaultRuntimeClassName": "a"},
            None,
            [],
            {"runtimeClassName": ("a", "runtimeClass.defaultRuntimeClassName")},
        ),
    ],
)
def test_runtime_class(
    strategy: dict[str, Any] | None, name: str | None, errors: list[str], edits: dict[str, Any]
) -> None:
    spec = {} if name is None else {"runtimeClassName": name}
    assert trial(policy(runtimeClass=strategy), pod(**spec)) == (errors, edits)
