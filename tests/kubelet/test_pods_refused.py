"""What keeps a pod from a node before any container: the scheduler, the kubelet's admission, the sandbox."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.node import Node, NodeFeatures
from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kube.versions import NEWEST
from podproof.kubelet.admit import block, reject, rejection_message, safe_sysctls, sysctl_group
from podproof.kubelet.keyring import credentials_for
from podproof.kubelet.objects import Objects
from podproof.kubelet.sandbox import MAPPED_IDS, refuse_sandbox
from podproof.kubelet.scheduling import unschedulable, unscheduled_status
from podproof.kubelet.start_prediction import WarningEvent

CONTEXT = "spec.securityContext"
CANNOT = "Cannot enforce AppArmor: AppArmor "
NO_APPARMOR = f"{CANNOT}is not enabled on the host"


def refusal(
    spec: dict[str, Any], node: Node | None = None, version: int = NEWEST
) -> tuple[str, str, str] | None:
    """Give reason, message and route of the event that refuses a pod; None when it takes it."""
    pod = raw_pod({"spec": {"containers": [{"name": "a"}, {"name": "c"}], **spec}})
    setting = Setting(node=node or Node(), version=version)
    event = reject(pod, place_containers(pod, setting), setting)
    return None if event is None else (event.reason, event.message, ".".join(map(str, event.route)))


def with_sysctls(*names: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "securityContext": {"sysctls": [{"name": name, "value": "1"} for name in names]}}


SINCE = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 18,
    "net.ipv4.ip_unprivileged_port_start": 22,
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


def test_the_version_from_which_a_sysctl_is_safe() -> None:
    for version in range(NEWEST + 1):
        assert safe_sysctls(version) == {name for name, since in SINCE.items() if since <= version}


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("kernel.sem", "ipc"),
        ("kernel.semx", None),
        ("kernel.shmall", "ipc"),
        ("kernel.msgmax", "ipc"),
        ("fs.mqueue.msg_max", "ipc"),
        ("fs.mqueue", None),
        ("net.core.somaxconn", "net"),
        ("network", None),
        ("kernel.hostname", None),
        ("vm.swappiness", None),
    ],
)
def test_the_namespace_of_a_sysctl(name: str, group: str | None) -> None:
    assert sysctl_group(name) == group


@pytest.mark.parametrize(
    ("names", "spec", "allowed", "problem"),
    [
        (["kernel.shm_rmid_forced"], {}, None, None),
        (["net/ipv4/tcp_syncookies"], {}, None, None),
        (["kernel.msgmax"], {}, None, 'sysctl: "kernel.msgmax" not allowlisted'),
        (["kernel/msgmax"], {}, (), 'sysctl: "kernel.msgmax" not allowlisted'),
        (["kernel.msgmax"], {}, ("kernel.msgmax",), None),
        (["kernel.msgmax"], {}, ("kernel.msgmnb", "kernel.msg*"), None),
        (["kernel.msgmax"], {}, ("kernel/msg*",), None),
        (["kernel.msgmax"], {}, ("kernel.msg",), 'sysctl: "kernel.msgmax" not allowlisted'),
        (["kernel.msgmax"], {}, ("kernel.msgmaxx",), 'sysctl: "kernel.msgmax" not allowlisted'),
        (["vm.swappiness"], {}, ("vm.swappiness", "*"), 'sysctl: "vm.swappiness" not allowlisted'),
        (["net.ipv4.tcp_syncookies"], {"hostIPC": True}, None, None),
        (
            ["net.ipv4.tcp_syncookies"],
            {"hostNetwork": True},
            None,
            'sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
        ),
        (["kernel.shm_rmid_forced"], {"hostNetwork": True}, None, None),
        (
            ["kernel.shm_rmid_forced"],
            {"hostIPC": True},
            None,
            'sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
        ),
    ],
)
def test_sysctls(
    names: list[str], spec: dict[str, Any], allowed: tuple[str, ...] | None, problem: str | None
) -> None:
    expected = (
        None if problem is None else ("SysctlForbidden", f"forbidden {problem}", f"{CONTEXT}.sysctls.0")
    )
    assert refusal(with_sysctls(*names, **spec), Node(unsafe_sysctls=allowed)) == expected


def test_the_first_sysctl_that_is_refused_is_named() -> None:
    found = refusal(with_sysctls("kernel.shm_rmid_forced", "a.b", "c.d"))
    assert found == ("SysctlForbidden", 'forbidden sysctl: "a.b" not allowlisted', f"{CONTEXT}.sysctls.1")


@pytest.mark.parametrize(
    ("os", "node", "refused"),
    [
        (None, Node(apparmor=True), False),
        ("linux", Node(apparmor=True), False),
        ("", Node(apparmor=True), False),
        ("windows", Node(apparmor=True), True),
        ("windows", Node(), False),
    ],
)
def test_another_system(os: str | None, node: Node, refused: bool) -> None:
    message = "Failed to admit pod as the OS field doesn't match node OS"
    expected = ("PodOSNotSupported", message, "spec.os") if refused else None
    assert refusal({} if os is None else {"os": {"name": os}}, node) == expected


@pytest.mark.parametrize(
    ("pod", "container", "apparmor", "route"),
    [
        ("RuntimeDefault", None, False, f"{CONTEXT}.appArmorProfile"),
        (None, "RuntimeDefault", False, "spec.containers.1.securityContext.appArmorProfile"),
        ("RuntimeDefault", "Localhost", False, "spec.containers.1.securityContext.appArmorProfile"),
        ("RuntimeDefault", "Unconfined", False, f"{CONTEXT}.appArmorProfile"),
        ("Unconfined", None, False, None),
        ("RuntimeDefault", None, None, None),
        ("RuntimeDefault", None, True, None),
        (None, None, False, None),
    ],
)
def test_apparmor(pod: str | None, container: str | None, apparmor: bool | None, route: str | None) -> None:
    def context(type_: str | None) -> dict[str, Any]:
        return {} if type_ is None else {"securityContext": {"appArmorProfile": {"type": type_}}}

    spec = {**context(pod), "containers": [{"name": "a"}, {"name": "c", **context(container)}]}
    message = "Cannot enforce AppArmor: AppArmor is not enabled on the host"
    assert refusal(spec, Node(apparmor=apparmor)) == (None if route is None else ("AppArmor", message, route))


@pytest.mark.parametrize(
    ("annotation", "refused"), [("unconfined", False), ("runtime/default", True), ("localhost/p", True)]
)
def test_apparmor_by_annotation(annotation: str, refused: bool) -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    pod = raw_pod({"metadata": {"annotations": {key: annotation}}, "spec": {"containers": [{"name": "c"}]}})
    setting = Setting(node=Node(apparmor=False))
    assert (reject(pod, place_containers(pod, setting), setting) is not None) is refused
    copied = raw_pod(
        {
            "metadata": {"annotations": {key: annotation}},
            "spec": {
                "containers": [{"name": "c", "securityContext": {"appArmorProfile": {"type": "Localhost"}}}]
            },
        }
    )
    written = reject(copied, place_containers(copied, setting), setting)
    assert written is not None
    assert written.route == ("metadata", "annotations", key)
    before = Setting(node=Node(apparmor=False), version=29)
    event = block(pod, place_containers(pod, before), before)
    assert (event and event.route) == (("metadata", "annotations", key) if refused else None)


@pytest.mark.parametrize(
    ("version", "node", "gates", "refused", "held_back"),
    [
        (31, Node(apparmor=False), (), NO_APPARMOR, None),
        (30, Node(apparmor=False), (), None, NO_APPARMOR),
        (19, Node(apparmor=False), (), None, NO_APPARMOR),
        (30, Node(apparmor=True), (), None, None),
        (30, Node(), (), None, None),
        (30, Node(apparmor=True), (("AppArmor", False),), None, f"{CANNOT}disabled by feature-gate"),
        (30, Node(apparmor=False), (("AppArmor", False),), None, f"{CANNOT}disabled by feature-gate"),
    ],
)
def test_kubelets_that_hold_pods_back_for_apparmor(
    version: int,
    node: Node,
    gates: tuple[tuple[str, bool], ...],
    refused: str | None,
    held_back: str | None,
) -> None:
    profile = {"securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}}}
    pod = raw_pod({"spec": {"containers": [{"name": "c"}], **profile}})
    setting = Setting(node=node, version=version, changed_gates=gates)
    containers = place_containers(pod, setting)
    events = (reject(pod, containers, setting), block(pod, containers, setting))
    assert tuple(event and event.message for event in events) == (refused, held_back)


@pytest.mark.parametrize(("version", "message"), [(26, "Pod was rejected: why"), (25, "Pod why")])
def test_the_message_of_a_refused_pod(version: int, message: str) -> None:
    assert rejection_message(WarningEvent("AppArmor", "why", ()), version) == message


RPC = "Failed to create pod sandbox: rpc error: code = Unknown desc = "
NO_USER = 'failed to generate user string: user group "7" is specified without user'


@pytest.mark.parametrize(
    ("spec", "runtime", "message", "route"),
    [
        ({}, "containerd-2.3.7", None, ""),
        ({"securityContext": {"runAsGroup": 7, "runAsUser": 0}}, "containerd-2.3.7", None, ""),
        ({"securityContext": {"runAsGroup": 7}}, "cri-o", None, "spec.securityContext.runAsGroup"),
        ({"securityContext": {"runAsGroup": 7}}, "containerd-1.6.20", NO_USER, f"{CONTEXT}.runAsGroup"),
        (
            {"hostUsers": False},
            "containerd-1.6.20",
            "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
            "spec.hostUsers",
        ),
        ({"hostUsers": True}, "containerd-1.6.20", None, ""),
        (
            {"hostUsers": False, "securityContext": {"runAsUser": MAPPED_IDS - 1}},
            "containerd-2.3.7",
            None,
            "",
        ),
        (
            {"hostUsers": False, "securityContext": {"runAsUser": MAPPED_IDS}},
            "containerd-2.3.7",
            "cannot setuid to unmapped uid 65536 in user namespace",
            f"{CONTEXT}.runAsUser",
        ),
        ({"hostUsers": True, "securityContext": {"runAsUser": MAPPED_IDS}}, "containerd-2.3.7", None, ""),
    ],
)
def test_the_sandbox(spec: dict[str, Any], runtime: str, message: str | None, route: str) -> None:
    event = refuse_sandbox(raw_pod({"spec": {"containers": [], **spec}}), Setting(runtime=RUNTIMES[runtime]))
    if not route:
        assert event is None
        return
    assert event is not None
    assert (event.reason, ".".join(map(str, event.route))) == ("FailedCreatePodSandBox", route)
    assert event.message.startswith("Failed to create pod sandbox: ")
    assert message is None or message in event.message
    assert event.message.startswith(RPC) is (route != "spec.hostUsers")


def _claim(name: str | None, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "n"},
        "spec": {"volumes": [{}, {"persistentVolumeClaim": {"claimName": name}}], **spec},
    }


CLAIMS = Objects([{"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "n"}}])


@pytest.mark.parametrize(
    ("pod", "message"),
    [
        (_claim("data"), ""),
        (_claim(None), ""),
        ({}, ""),
        (_claim("other"), '0/1 nodes are available: persistentvolumeclaim "other" not found.'),
        (_claim("other", nodeName="node"), ""),
        (
            {**_claim("data"), "metadata": {}},
            '0/1 nodes are available: persistentvolumeclaim "data" not found.',
        ),
    ],
)
def test_scheduling(pod: dict[str, Any], message: str) -> None:
    assert unschedulable(pod, CLAIMS) == message


def test_the_status_of_a_pod_without_a_node() -> None:
    assert unscheduled_status({"spec": {}}, "why", "2026-01-01T00:00:00Z") == {
        "phase": "Pending",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": "why",
                "lastProbeTime": None,
                "lastTransitionTime": "2026-01-01T00:00:00Z",
                "observedGeneration": 1,
            }
        ],
        "qosClass": "BestEffort",
    }


def _login(name: str) -> dict[str, Any]:
    config = f'{{"auths": {{"registry.example": {{"username": "{name}", "password": "p"}}}}}}'
    return {
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "n"},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": config},
    }


def _account(name: str, *secrets: str) -> dict[str, Any]:
    references = [{"name": secret} for secret in secrets]
    return {
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": "n"},
        "imagePullSecrets": references,
    }


OBJECTS = Objects([_login("a"), _login("b"), _account("default", "a"), _account("build", "b", "a", "gone")])


@pytest.mark.parametrize(
    ("spec", "users"),
    [
        ({}, ["a"]),
        ({"imagePullSecrets": []}, ["a"]),
        ({"imagePullSecrets": [{"name": "b"}]}, ["b"]),
        ({"imagePullSecrets": [{"name": "gone"}, {}]}, []),
        ({"serviceAccountName": "build"}, ["b", "a"]),
        ({"serviceAccountName": "none"}, []),
    ],
)
def test_pull_secrets(spec: dict[str, Any], users: list[str]) -> None:
    pod = {"metadata": {"namespace": "n"}, "spec": spec}
    found = credentials_for("registry.example/image", pod, OBJECTS)
    assert [(login.username, login.password) for login in found] == [(user, "p") for user in users]
    assert credentials_for("registry.example/image", {"spec": spec}, OBJECTS) == ()


STRICT = {"spec": {"containers": [], "securityContext": {"supplementalGroupsPolicy": "Strict"}}}


@pytest.mark.parametrize(
    ("runtime", "feature", "version", "refused"),
    [
        ("containerd-1.6.20", None, 33, True),
        ("containerd-1.6.20", None, 32, False),
        ("containerd-1.6.20", True, 33, False),
        ("containerd-2.3.7", None, 33, False),
        ("containerd-2.3.7", False, 33, True),
    ],
)
def test_strict_groups_need_the_feature_of_the_node(
    runtime: str, feature: bool | None, version: int, refused: bool
) -> None:
    node = Node(features=NodeFeatures(supplemental_groups_policy=feature))
    pod = raw_pod(STRICT)
    event = reject(pod, (), Setting(runtime=RUNTIMES[runtime], node=node, version=version))
    assert (event is not None) is refused
    if event is not None:
        assert event.reason == "SupplementalGroupsPolicyNotSupported"
        assert event.message == "SupplementalGroupsPolicy=Strict is not supported in this node"
        assert event.route == ("spec", "securityContext", "supplementalGroupsPolicy")
    merge = raw_pod({"spec": {"containers": [], "securityContext": {"supplementalGroupsPolicy": "Merge"}}})
    assert reject(merge, (), Setting(runtime=RUNTIMES[runtime], node=node, version=version)) is None


@pytest.mark.parametrize(
    ("label", "node", "version", "refused"),
    [
        ("windows", Node(apparmor=True), 23, True),
        ("windows", Node(apparmor=True), 22, False),
        ("linux", Node(apparmor=True), 23, False),
        (None, Node(apparmor=True), 23, False),
        ("windows", None, 23, False),
    ],
)
def test_a_label_of_another_operating_system(
    label: str | None, node: Node | None, version: int, refused: bool
) -> None:
    labels = {} if label is None else {"kubernetes.io/os": label}
    pod = raw_pod({"metadata": {"labels": labels}, "spec": {"containers": []}})
    event = reject(pod, (), Setting(node=node or Node(), version=version))
    assert (event is not None) is refused
    if event is not None:
        assert event.reason == "PodOSSelectorNodeLabelDoesNotMatch"
        assert event.message == (
            "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
        )
        assert event.route == ("metadata", "labels", "kubernetes.io/os")
