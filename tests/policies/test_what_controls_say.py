"""What each control of the Pod Security Standards says of a setting: where, in which words, with which label.

The words of reason and detail are upstream's, and stand in the documents; these are Podproof's own.
"""

from typing import Any

import pytest

from podproof.kube.read_pod import read_pod
from podproof.policies.pod_security import evaluator

RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(
    context: dict[str, Any] | None = None, container: dict[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    """Make a pod of one container `c` that keeps to restricted but for what is given; None removes it."""
    fields = {key: value for key, value in {**RESTRICTED, **(context or {})}.items() if value is not None}
    return {"containers": [{"name": "c", "securityContext": fields, **(container or {})}], **spec}


def says(
    level: str, spec: dict[str, Any], annotations: dict[str, str] | None = None
) -> list[tuple[str, str, str, str]]:
    typed = read_pod({"metadata": {"name": "p", "annotations": annotations or {}}, "spec": spec})
    return [
        (f.check, ".".join(map(str, f.route)), f.message, f.label)
        for f in evaluator(level).evaluate(typed).findings
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            pod({"allowPrivilegeEscalation": None}),
            [
                (
                    "allow-privilege-escalation",
                    "spec.containers.0.securityContext.allowPrivilegeEscalation",
                    'container "c" must set allowPrivilegeEscalation: false',
                    "unset means allowed",
                )
            ],
        ),
        (
            pod({"allowPrivilegeEscalation": True}),
            [
                (
                    "allow-privilege-escalation",
                    "spec.containers.0.securityContext.allowPrivilegeEscalation",
                    'container "c" must set allowPrivilegeEscalation: false, has true',
                    "write false",
                )
            ],
        ),
        (
            pod({"capabilities": None}),
            [
                (
                    "capabilities-restricted",
                    "spec.containers.0.securityContext.capabilities.drop",
                    'container "c" must set capabilities.drop=["ALL"], has none',
                    "nothing is dropped",
                )
            ],
        ),
        (
            pod({"capabilities": {"drop": ["KILL"]}}),
            [
                (
                    "capabilities-restricted",
                    "spec.containers.0.securityContext.capabilities.drop",
                    'container "c" must set capabilities.drop=["ALL"], has ["KILL"]',
                    'write drop: ["ALL"]',
                )
            ],
        ),
        (
            pod({"capabilities": {"drop": ["ALL"], "add": ["CHOWN", "NET_BIND_SERVICE"]}}),
            [
                (
                    "capabilities-restricted",
                    "spec.containers.0.securityContext.capabilities.add.0",
                    'container "c" must not add the capability "CHOWN"',
                    "only NET_BIND_SERVICE may be added",
                )
            ],
        ),
        (
            pod({"runAsNonRoot": None}),
            [
                (
                    "run-as-non-root",
                    "spec.containers.0.securityContext.runAsNonRoot",
                    'container "c" may run as root: set runAsNonRoot: true',
                    "runAsNonRoot is set neither here nor on the pod",
                )
            ],
        ),
        (
            pod({"runAsNonRoot": False}),
            [
                (
                    "run-as-non-root",
                    "spec.containers.0.securityContext.runAsNonRoot",
                    'container "c" must not set runAsNonRoot: false',
                    "write true",
                )
            ],
        ),
        (
            pod({"runAsNonRoot": None}, securityContext={"runAsNonRoot": False}),
            [
                (
                    "run-as-non-root",
                    "spec.securityContext.runAsNonRoot",
                    "pod must not set runAsNonRoot: false",
                    "write true",
                )
            ],
        ),
        (
            pod({"runAsUser": 0}),
            [
                (
                    "run-as-user",
                    "spec.containers.0.securityContext.runAsUser",
                    'container "c" must not run as user 0, which is root',
                    "write the number of another user, 1000 or above",
                )
            ],
        ),
        (
            pod(securityContext={"runAsUser": 0}),
            [
                (
                    "run-as-user",
                    "spec.securityContext.runAsUser",
                    "pod must not run as user 0, which is root",
                    "write the number of another user, 1000 or above",
                )
            ],
        ),
        (
            pod({"seccompProfile": None}),
            [
                (
                    "seccomp-profile-restricted",
                    "spec.containers.0.securityContext.seccompProfile.type",
                    'container "c" must set seccompProfile.type to RuntimeDefault or Localhost',
                    "seccompProfile is set neither here nor on the pod",
                )
            ],
        ),
        (
            pod({"seccompProfile": {"type": "Unconfined"}}),
            [
                (
                    "seccomp-profile-restricted",
                    "spec.containers.0.securityContext.seccompProfile.type",
                    'container "c" must not set seccompProfile.type to "Unconfined"',
                    "write RuntimeDefault",
                )
            ],
        ),
        (
            pod({"seccompProfile": None}, securityContext={"seccompProfile": {"type": "Unconfined"}}),
            [
                (
                    "seccomp-profile-restricted",
                    "spec.securityContext.seccompProfile.type",
                    'pod must not set seccompProfile.type to "Unconfined"',
                    "write RuntimeDefault",
                )
            ],
        ),
        (
            pod({"privileged": True}),
            [
                (
                    "privileged",
                    "spec.containers.0.securityContext.privileged",
                    'container "c" must not be privileged, has privileged: true',
                    "remove it",
                )
            ],
        ),
        (
            pod({"procMount": "Unmasked"}),
            [
                (
                    "proc-mount-restricted",
                    "spec.containers.0.securityContext.procMount",
                    'container "c" must leave procMount at Default, has "Unmasked"',
                    "remove it",
                )
            ],
        ),
        (
            pod(hostNetwork=True, hostPID=True, hostIPC=True),
            [
                (
                    "host-namespaces",
                    "spec.hostNetwork",
                    "pod must not use the host's namespaces, has hostNetwork: true",
                    "remove it",
                ),
                (
                    "host-namespaces",
                    "spec.hostPID",
                    "pod must not use the host's namespaces, has hostPID: true",
                    "remove it",
                ),
                (
                    "host-namespaces",
                    "spec.hostIPC",
                    "pod must not use the host's namespaces, has hostIPC: true",
                    "remove it",
                ),
            ],
        ),
        (
            pod(container={"ports": [{"containerPort": 80, "hostPort": 8080}]}),
            [
                (
                    "host-ports",
                    "spec.containers.0.ports.0.hostPort",
                    'container "c" must not use a hostPort, has 8080',
                    "remove it",
                )
            ],
        ),
        (
            pod(container={"ports": [{"containerPort": 80, "hostPort": 80}]}, hostNetwork=True),
            [
                (
                    "host-namespaces",
                    "spec.hostNetwork",
                    "pod must not use the host's namespaces, has hostNetwork: true",
                    "remove it",
                ),
                (
                    "host-ports",
                    "spec.containers.0.ports.0.hostPort",
                    'container "c" must not use a hostPort, has 80',
                    "hostNetwork makes every container port a host port",
                ),
            ],
        ),
        (
            pod(volumes=[{"name": "v", "hostPath": {"path": "/a"}}, {"name": "n", "nfs": {}}, {"name": "u"}]),
            [
                (
                    "restricted-volumes",
                    "spec.volumes.0.hostPath",
                    'volume "v" must not be of type hostPath',
                    "use a persistentVolumeClaim, or another type that restricted allows",
                ),
                (
                    "restricted-volumes",
                    "spec.volumes.1.nfs",
                    'volume "n" must not be of type nfs',
                    "use a persistentVolumeClaim, or another type that restricted allows",
                ),
                (
                    "restricted-volumes",
                    "spec.volumes.2",
                    'volume "u" must not be of type unknown',
                    "use a persistentVolumeClaim, or another type that restricted allows",
                ),
            ],
        ),
        (
            pod({"seLinuxOptions": {"type": "spc_t", "user": "u", "role": "r"}}),
            [
                (
                    "se-linux-options",
                    "spec.containers.0.securityContext.seLinuxOptions.type",
                    'container "c" must not set the SELinux type "spc_t"',
                    "remove it, or write container_t",
                ),
                (
                    "se-linux-options",
                    "spec.containers.0.securityContext.seLinuxOptions.user",
                    'container "c" must not set an SELinux user, has "u"',
                    "remove it",
                ),
                (
                    "se-linux-options",
                    "spec.containers.0.securityContext.seLinuxOptions.role",
                    'container "c" must not set an SELinux role, has "r"',
                    "remove it",
                ),
            ],
        ),
        (
            pod(securityContext={"seLinuxOptions": {"type": "x"}}),
            [
                (
                    "se-linux-options",
                    "spec.securityContext.seLinuxOptions.type",
                    'pod must not set the SELinux type "x"',
                    "remove it, or write container_t",
                )
            ],
        ),
        (
            pod(securityContext={"sysctls": [{"name": "kernel.msgmax"}, {"name": "net/ipv4/tcp_rmem"}]}),
            [
                (
                    "sysctls",
                    "spec.securityContext.sysctls.0.name",
                    'pod must not set the sysctl "kernel.msgmax"',
                    "remove it",
                ),
                (
                    "sysctls",
                    "spec.securityContext.sysctls.1.name",
                    'pod must not set the sysctl "net/ipv4/tcp_rmem"',
                    "write net.ipv4.tcp_rmem",
                ),
            ],
        ),
        (
            pod({"windowsOptions": {"hostProcess": True}}),
            [
                (
                    "windows-host-process",
                    "spec.containers.0.securityContext.windowsOptions.hostProcess",
                    'container "c" must not be a HostProcess container',
                    "remove it",
                )
            ],
        ),
        (
            pod(securityContext={"windowsOptions": {"hostProcess": True}}),
            [
                (
                    "windows-host-process",
                    "spec.securityContext.windowsOptions.hostProcess",
                    "pod must not be a HostProcess pod",
                    "remove it",
                )
            ],
        ),
        (
            pod({"appArmorProfile": {"type": "Unconfined"}}),
            [
                (
                    "app-armor-profile",
                    "spec.containers.0.securityContext.appArmorProfile.type",
                    'container "c" must not set appArmorProfile.type to "Unconfined"',
                    "remove it, or write RuntimeDefault",
                )
            ],
        ),
        (
            pod(securityContext={"appArmorProfile": {"type": "Unconfined"}}),
            [
                (
                    "app-armor-profile",
                    "spec.securityContext.appArmorProfile.type",
                    'pod must not set appArmorProfile.type to "Unconfined"',
                    "remove it, or write RuntimeDefault",
                )
            ],
        ),
        (
            pod(
                container={
                    "livenessProbe": {"httpGet": {"host": "h"}},
                    "lifecycle": {
                        "preStop": {"tcpSocket": {"host": "g"}},
                        "postStart": {"httpGet": {"host": "k"}},
                    },
                }
            ),
            [
                (
                    "host-probes-and-host-lifecycle",
                    "spec.containers.0.livenessProbe.httpGet.host",
                    'container "c" must not set the host of livenessProbe, has "h"',
                    "remove it: the pod's own address is meant then",
                ),
                (
                    "host-probes-and-host-lifecycle",
                    "spec.containers.0.lifecycle.postStart.httpGet.host",
                    'container "c" must not set the host of postStart, has "k"',
                    "remove it: the pod's own address is meant then",
                ),
                (
                    "host-probes-and-host-lifecycle",
                    "spec.containers.0.lifecycle.preStop.tcpSocket.host",
                    'container "c" must not set the host of preStop, has "g"',
                    "remove it: the pod's own address is meant then",
                ),
            ],
        ),
    ],
)
def test_restricted(spec: dict[str, Any], expected: list[tuple[str, str, str, str]]) -> None:
    assert says("restricted:latest", spec) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            pod({"capabilities": {"add": ["SYS_ADMIN", "KILL"]}}),
            [
                (
                    "capabilities-baseline",
                    "spec.containers.0.securityContext.capabilities.add.0",
                    'container "c" must not add the capability "SYS_ADMIN"',
                    "remove it",
                )
            ],
        ),
        (
            pod(volumes=[{"name": "v", "hostPath": {"path": "/a"}}]),
            [
                (
                    "host-path-volumes",
                    "spec.volumes.0.hostPath",
                    'volume "v" must not be a hostPath, has path /a',
                    "use a volume of another type",
                )
            ],
        ),
        (
            pod(
                {"seccompProfile": {"type": "Unconfined"}},
                securityContext={"seccompProfile": {"type": "Unconfined"}},
            ),
            [
                (
                    "seccomp-profile-baseline",
                    "spec.securityContext.seccompProfile.type",
                    'pod must not set seccompProfile.type to "Unconfined"',
                    "write RuntimeDefault",
                ),
                (
                    "seccomp-profile-baseline",
                    "spec.containers.0.securityContext.seccompProfile.type",
                    'container "c" must not set seccompProfile.type to "Unconfined"',
                    "write RuntimeDefault",
                ),
            ],
        ),
        (
            pod({"procMount": "Unmasked"}),
            [
                (
                    "proc-mount",
                    "spec.containers.0.securityContext.procMount",
                    'container "c" must leave procMount at Default, has "Unmasked"',
                    "remove it",
                )
            ],
        ),
    ],
)
def test_baseline(spec: dict[str, Any], expected: list[tuple[str, str, str, str]]) -> None:
    assert says("baseline:latest", spec) == expected


def test_an_annotation_of_apparmor() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    assert says("baseline:latest", pod(), {key: "unconfined"}) == [
        (
            "app-armor-profile",
            f"metadata.annotations.{key}",
            'pod must not set the AppArmor profile of container "c" to "unconfined"',
            "remove it, or write runtime/default",
        )
    ]


@pytest.mark.parametrize(
    ("type_", "annotation", "routes"),
    [
        # the field is only the server's copy of the annotation
        ("Unconfined", "unconfined", ["annotation"]),
        ("Unconfined", "other", ["field", "annotation"]),
        ("Other", "unconfined", ["field", "annotation"]),
        ("Unconfined", "runtime/default", ["field"]),
        ("RuntimeDefault", "unconfined", ["annotation"]),
        ("RuntimeDefault", "localhost/p", []),
    ],
)
def test_an_apparmor_field_beside_its_annotation(type_: str, annotation: str, routes: list[str]) -> None:
    spec = pod({"appArmorProfile": {"type": type_}})
    key = "container.apparmor.security.beta.kubernetes.io/c"
    found = [route for _, route, _, _ in says("baseline:latest", spec, {key: annotation})]
    places = {
        "field": "spec.containers.0.securityContext.appArmorProfile.type",
        "annotation": f"metadata.annotations.{key}",
    }
    assert found == [places[name] for name in routes]


FORBIDDEN_VOLUMES = [
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
]  # fmt: skip
ALLOWED_VOLUMES = [
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
    "secret",
]  # fmt: skip


@pytest.mark.parametrize("kind", FORBIDDEN_VOLUMES)
def test_a_volume_that_restricted_forbids(kind: str) -> None:
    typed = read_pod({"spec": pod(volumes=[{"name": "v", kind: {}}])})
    verdict = evaluator("restricted:latest").evaluate(typed)
    assert verdict.detail == f'restricted volume types (volume "v" uses restricted volume type "{kind}")'
    assert [".".join(map(str, f.route)) for f in verdict.findings] == [f"spec.volumes.0.{kind}"]


@pytest.mark.parametrize("kind", ALLOWED_VOLUMES)
def test_a_volume_that_restricted_allows(kind: str) -> None:
    typed = read_pod({"spec": pod(volumes=[{"name": "v", kind: {}}])})
    assert evaluator("restricted:latest").evaluate(typed).allowed


@pytest.mark.parametrize("since", [*range(38)])
def test_the_version_from_which_a_sysctl_is_allowed(since: int) -> None:
    found = [
        name
        for name in SYSCTLS
        if evaluator(f"baseline:v1.{since}")
        .evaluate(read_pod({"spec": pod(securityContext={"sysctls": [{"name": name, "value": "1"}]})}))
        .allowed
    ]
    assert found == [name for name, first in SYSCTLS.items() if since >= first]


SYSCTLS = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_slow_start_after_idle": 37,
    "net.ipv4.tcp_notsent_lowat": 37,
}


@pytest.mark.parametrize(
    ("type_", "since"),
    [
        ("", 0),
        ("container_t", 0),
        ("container_init_t", 0),
        ("container_kvm_t", 0),
        ("container_engine_t", 31),
    ],
)
def test_the_version_from_which_a_selinux_type_is_allowed(type_: str, since: int) -> None:
    typed = read_pod({"spec": pod({"seLinuxOptions": {"type": type_}})})
    assert [evaluator(f"baseline:v1.{n}").evaluate(typed).allowed for n in range(38)] == [
        n >= since for n in range(38)
    ]


CAPABILITIES = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
]  # fmt: skip


@pytest.mark.parametrize("name", [*CAPABILITIES, "NET_RAW", "CAP_CHOWN", "chown", "ALL"])
def test_the_capabilities_that_baseline_lets_be_added(name: str) -> None:
    typed = read_pod({"spec": pod({"capabilities": {"add": [name]}})})
    assert evaluator("baseline:latest").evaluate(typed).allowed is (name in CAPABILITIES)
