"""Will it start: every step that can stop a container, in its words; what is not known stays undecided."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.effective.value import Unknown
from podproof.kube.pod import raw_pod
from podproof.kube.versions import NEWEST
from podproof.kubelet.predicted_columns import ready_column, status_column
from podproof.kubelet.start import predict_start
from podproof.kubelet.start_prediction import PodStartPrediction

WHERE = '(pod: "web_shop(<uid>)", container: c)'


def start(
    container: dict[str, Any] | None = None,
    pod: dict[str, Any] | None = None,
    *,
    user: str | None = "",
    node: Node | None = None,
    runtime: str = "containerd-2.3.7",
    version: int = NEWEST,
    image: ImageConfig | None = None,
    **spec: Any,
) -> PodStartPrediction:
    containers = [{"name": "c", "image": "i", "command": ["x"], "securityContext": container}]
    typed = raw_pod(
        {
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"containers": containers, "securityContext": pod, **spec},
        }
    )
    facts = image or ImageConfig(user=user, passwd="root:x:0:0\n", group="")
    setting = Setting(
        images={"i": facts}, node=node or Node(), runtime=parse_runtime(runtime), version=version
    )
    return predict_start(typed, place_containers(typed, setting), setting)


def only(outcome: PodStartPrediction) -> tuple[Any, str | None, str]:
    (container,) = outcome.containers
    return container.starts, container.reason, container.message


CONFIG, CREATE, RUN = "CreateContainerConfigError", "CreateContainerError", "RunContainerError"
LIMIT = "(Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive"


@pytest.mark.parametrize(
    ("container", "user", "message"),
    [
        ({"runAsUser": 0}, "7", f"container's runAsUser breaks non-root policy {WHERE}"),
        ({}, "", f"container has runAsNonRoot and image will run as root {WHERE}"),
        ({}, "0:5", f"container has runAsNonRoot and image will run as root {WHERE}"),
        (
            {},
            "root",
            "container has runAsNonRoot and image has non-numeric user (root), "
            f"cannot verify user is non-root {WHERE}",
        ),
        (
            {},
            "-1000",
            f"container has runAsNonRoot and image has an invalid user id (-1000). {LIMIT} {WHERE}",
        ),
        (
            {},
            "2147483648",
            f"container has runAsNonRoot and image has an invalid user id (2147483648). {LIMIT} {WHERE}",
        ),
    ],
)
def test_run_as_non_root_stops_root(container: dict[str, Any], user: str, message: str) -> None:
    outcome = start(container, {"runAsNonRoot": True}, user=user)
    assert only(outcome) == (False, CONFIG, message)
    event = outcome.containers[0].event
    assert event is not None
    assert (event.reason, event.message) == ("Failed", f"Error: {message}")
    assert outcome.phase == "Pending"


@pytest.mark.parametrize(
    ("container", "user"), [({}, "7"), ({"runAsUser": 7}, "root"), ({"runAsNonRoot": False}, "")]
)
def test_run_as_non_root_lets_others_pass(container: dict[str, Any], user: str) -> None:
    assert only(start(container, {"runAsNonRoot": True}, user=user)) == (True, None, "")


def test_an_unknown_image_user_is_undecided_under_run_as_non_root() -> None:
    outcome = start({}, {"runAsNonRoot": True}, user=None)
    assert isinstance(outcome.containers[0].starts, Unknown)
    assert outcome.phase is None
    assert status_column(outcome) == "Unknown"


def test_a_user_that_the_image_lacks() -> None:
    assert only(start(user="carol")) == (
        False,
        CREATE,
        "failed to create containerd container: no users found",
    )
    old = only(start(user="carol", runtime="containerd-1.6.20"))
    assert old[2] == "failed to create containerd container: mount callback failed on <mount>: no users found"
    assert only(start({"runAsUser": 5}, user="carol"))[0] is True


def test_a_user_out_of_range() -> None:
    assert 'invalid USER value "-5": uid out of range' in only(start(user="-5"))[2]
    assert only(start(user="-5", runtime="containerd-1.6.20"))[2].endswith("no users found")


IN_CONTAINER = ("spec", "containers", 0, "securityContext")
IN_POD = ("spec", "securityContext")
MISSING = {"type": "Localhost", "localhostProfile": "none"}


@pytest.mark.parametrize(
    ("container", "pod", "route"),
    [
        ({"runAsUser": 1 << 31}, None, (*IN_CONTAINER, "runAsUser")),
        (None, {"runAsUser": 1 << 31}, (*IN_POD, "runAsUser")),
        ({"runAsUser": 1 << 31}, {"runAsUser": 5}, (*IN_CONTAINER, "runAsUser")),
        ({"seccompProfile": MISSING}, None, (*IN_CONTAINER, "seccompProfile")),
        (None, {"seccompProfile": MISSING}, (*IN_POD, "seccompProfile")),
        ({"seccompProfile": MISSING}, {"seccompProfile": MISSING}, (*IN_CONTAINER, "seccompProfile")),
    ],
)
def test_a_failed_start_leads_to_the_field_where_it_was_written(
    container: Any, pod: Any, route: tuple[Any, ...]
) -> None:
    (found,) = start(container, pod, node=Node(seccomp_profiles=())).containers
    assert (found.starts, found.route) == (False, route)
    assert found.event is not None
    assert found.event.route == route


def test_seccomp_profiles() -> None:
    empty = start({"seccompProfile": {"type": "Localhost", "localhostProfile": ""}})
    assert only(empty) == (False, CONFIG, "localhostProfile must be set if seccompProfile type is Localhost.")
    profile = {"seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"}}
    assert isinstance(only(start(profile))[0], Unknown)
    assert only(start(profile, node=Node(seccomp_profiles=("p.json",))))[0] is True
    missing = only(start(profile, node=Node(seccomp_profiles=())))
    assert missing[1] == CREATE
    assert missing[2].endswith("open /var/lib/kubelet/seccomp/p.json: no such file or directory")
    assert only(start({**profile, "privileged": True}, node=Node(seccomp_profiles=())))[0] is True


def test_capabilities_that_the_node_lacks() -> None:
    node = Node(capabilities=parse_all())
    assert only(start({"capabilities": {"add": ["SYS_RESOURCE"]}}, node=node))[1] == RUN
    assert only(start({"capabilities": {"add": ["ALL"]}}, node=node))[0] is True
    assert only(start({"privileged": True}, node=node))[0] is True
    assert start({"capabilities": {"add": ["SYS_RESOURCE"]}}, node=node).phase == "Running"


def parse_all() -> tuple[str, ...]:
    from podproof.effective.linux_capabilities import CAPABILITIES

    return tuple(name for name in CAPABILITIES if name != "SYS_RESOURCE")


def test_unknown_capabilities_stop_crio_only() -> None:
    unknown = {"capabilities": {"add": ["NO_SUCH"]}}
    assert only(start(unknown))[0] is True
    message = 'unknown capability "CAP_NO_SUCH" to add'
    outcome = start(unknown, runtime="cri-o")
    assert only(outcome) == (False, CREATE, message)
    event = outcome.containers[0].event
    assert event is not None
    assert (event.reason, event.message) == ("Failed", f"Error: {message}")
    assert event.route == ("spec", "containers", 0, "securityContext", "capabilities")
    lower = {"capabilities": {"add": ["no_such"]}}
    assert only(start(lower, runtime="cri-o"))[2] == message
    prefixed = {"capabilities": {"add": ["cap_chown", "cap_chwon"], "drop": ["no_such"]}}
    assert only(start(prefixed, runtime="cri-o"))[2] == 'unknown capability "cap_chwon" to add'
    assert only(start({"capabilities": {"drop": ["NO_SUCH"]}}, runtime="cri-o"))[0] is True
    assert only(start({**unknown, "privileged": True}, runtime="cri-o"))[0] is True


def test_no_command() -> None:
    image = ImageConfig(user="", passwd="", group="", entrypoint=(), command=())
    containers = [{"name": "c", "image": "i"}]
    assert only(start(image=image, containers=containers))[2].endswith("no command specified")


@pytest.mark.parametrize(
    ("pod", "spec", "node", "reason", "message"),
    [
        ({"sysctls": [{"name": "kernel.msgmax"}]}, {}, Node(), "SysctlForbidden",
         'forbidden sysctl: "kernel.msgmax" not allowlisted'),
        ({"sysctls": [{"name": "kernel/msgmax"}]}, {}, Node(), "SysctlForbidden",
         'forbidden sysctl: "kernel.msgmax" not allowlisted'),
        ({"sysctls": [{"name": "kernel.shm_rmid_forced"}]}, {"hostIPC": True}, Node(), "SysctlForbidden",
         'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled'),
        ({"sysctls": [{"name": "net.ipv4.tcp_syncookies"}]}, {"hostNetwork": True}, Node(), "SysctlForbidden",
         'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled'),
        ({"sysctls": [{"name": "vm.swappiness"}]}, {}, Node(unsafe_sysctls=("vm.*",)), "SysctlForbidden",
         'forbidden sysctl: "vm.swappiness" not allowlisted'),
        ({"appArmorProfile": {"type": "RuntimeDefault"}}, {}, Node(apparmor=False), "AppArmor",
         "Cannot enforce AppArmor: AppArmor is not enabled on the host"),
        (None, {"os": {"name": "windows"}}, Node(apparmor=False), "PodOSNotSupported",
         "Failed to admit pod as the OS field doesn't match node OS"),
    ],
)  # fmt: skip
def test_the_kubelet_rejects(
    pod: dict[str, Any] | None, spec: dict[str, Any], node: Node, reason: str, message: str
) -> None:
    outcome = start(None, pod, node=node, **spec)
    assert (outcome.phase, outcome.reason) == ("Failed", reason)
    assert outcome.message == f"Pod was rejected: {message}"
    assert outcome.event is not None
    assert outcome.event.message == message
    assert outcome.containers[0].starts is False
    assert (status_column(outcome), ready_column(outcome)) == (reason, "0/1")


def test_allowed_and_safe_sysctls_start() -> None:
    allowed = Node(unsafe_sysctls=("kernel.msg*", "net.core.somaxconn"))
    names = ("kernel.msgmax", "net.core.somaxconn", "net.ipv4.tcp_rmem")
    assert start(None, {"sysctls": [{"name": name} for name in names]}, node=allowed).phase == "Running"
    assert start(None, {"sysctls": [{"name": "net.ipv4.tcp_rmem"}]}, version=31).phase == "Failed"


def test_a_windows_pod_is_undecided_while_no_node_is_told_of() -> None:
    assert isinstance(only(start(os={"name": "windows"}))[0], Unknown)


def test_the_sandbox() -> None:
    group = start({"runAsUser": 5}, {"runAsGroup": 3000})
    assert only(group) == (False, "ContainerCreating", "")
    assert group.event is not None
    assert group.event.message.endswith('user group "3000" is specified without user')
    assert (status_column(group), ready_column(group)) == ("ContainerCreating", "0/1")
    users = start(hostUsers=False, runtime="containerd-1.6.20").event
    assert users is not None
    assert users.message.endswith(
        "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
    )
    assert start(hostUsers=False).phase == "Running"
    unmapped = start(None, {"runAsUser": 70000}, hostUsers=False).event
    assert unmapped is not None
    assert "cannot setuid to unmapped uid 70000 in user namespace" in unmapped.message
    assert only(start({"runAsUser": 70000}, hostUsers=False))[1] == RUN


def test_an_init_container_holds_back_the_others() -> None:
    init = [
        {"name": "i", "image": "i", "securityContext": {"runAsNonRoot": True}},
        {"name": "j", "image": "i"},
    ]
    outcome = start(initContainers=init, ephemeralContainers=[{"name": "e", "image": "i"}])
    found = {container.name: (container.starts, container.reason) for container in outcome.containers}
    assert found == {
        "i": (False, CONFIG),
        "j": (False, "PodInitializing"),
        "c": (False, "PodInitializing"),
        "e": (True, None),
    }
    assert status_column(outcome) == f"Init:{CONFIG}"
    sidecar = start(initContainers=[{**init[1], "restartPolicy": "Always"}])
    assert (status_column(sidecar), ready_column(sidecar)) == ("Running", "2/2")


@pytest.mark.parametrize(
    ("others", "phase"),
    [
        ([{}], "Running"),
        ([{"runAsUser": 5}, {}], "Running"),
        ([{"appArmorProfile": {"type": "Localhost", "localhostProfile": "p"}}], None),
        ([{"appArmorProfile": {"type": "Localhost", "localhostProfile": "p"}}, {}], None),
        ([{}, {"appArmorProfile": {"type": "Localhost", "localhostProfile": "p"}}], None),
        ([{}, {"runAsNonRoot": True}], "Pending"),
        ([{"runAsNonRoot": True}, {"appArmorProfile": {"type": "Localhost"}}], "Pending"),
        ([{"capabilities": {"add": ["SYS_RESOURCE"]}}, {}], "Running"),
    ],
)
def test_the_phase_of_several_containers(others: list[dict[str, Any]], phase: str | None) -> None:
    containers = [
        {"name": f"c{index}", "image": "i", "command": ["x"], "securityContext": context}
        for index, context in enumerate(others)
    ]
    assert start(containers=containers, node=Node(capabilities=parse_all())).phase == phase


CONTAINER = ("spec", "containers", 0)


def test_an_old_kubelet_holds_a_pod_back() -> None:
    pod = {"appArmorProfile": {"type": "RuntimeDefault"}}
    init = [{"name": "i", "image": "i", "command": ["x"]}]
    outcome = start(None, pod, node=Node(apparmor=False), version=30, initContainers=init)
    message = "Cannot enforce AppArmor: AppArmor is not enabled on the host"
    assert (outcome.phase, outcome.reason, outcome.message) == ("Pending", "AppArmor", message)
    blocked = [(one.starts, one.reason, one.message, one.event) for one in outcome.containers]
    assert blocked == [(False, "Blocked", message, None)] * 2
    assert status_column(outcome) == "Init:Blocked"


@pytest.mark.parametrize(
    ("container", "pod", "options", "route"),
    [
        ({"runAsUser": 0}, {"runAsNonRoot": True}, {}, ("securityContext", "runAsUser")),
        ({"runAsNonRoot": True}, None, {}, ("securityContext", "runAsNonRoot")),
        ({"runAsNonRoot": True}, None, {"user": None}, ("image",)),
        ({"seccompProfile": {"type": "Localhost"}}, None, {}, ("securityContext", "seccompProfile")),
        ({"seccompProfile": {"type": "Localhost", "localhostProfile": "runAsNonRoot.json"}}, None,
         {"node": Node(seccomp_profiles=())}, ("securityContext", "seccompProfile")),
        ({"seccompProfile": {"type": "Localhost", "localhostProfile": "user.json"}}, None, {},
         ("securityContext", "seccompProfile")),
        ({"appArmorProfile": {"type": "RuntimeDefault"}}, None, {}, ("securityContext", "appArmorProfile")),
        ({}, None, {"containers": [{"name": "c", "image": "i"}],
                    "image": ImageConfig(user="", entrypoint=(), command=())}, ("image",)),
        ({"capabilities": {"add": ["NO_SUCH"]}}, None, {"runtime": "cri-o"},
         ("securityContext", "capabilities")),
        ({"capabilities": {"add": ["SYS_RESOURCE"]}}, None, {"node": Node(capabilities=parse_all())},
         ("securityContext", "capabilities")),
        ({}, None, {"user": "carol"}, ("image",)),
        ({}, None, {"user": "-5"}, ("image",)),
        ({"runAsUser": 70000}, None, {"hostUsers": False}, ("securityContext", "runAsUser")),
        ({}, None, {"hostUsers": False, "user": "70000"}, ("image",)),
    ],
)  # fmt: skip
def test_a_prediction_carries_the_route_of_the_field_that_decides(
    container: dict[str, Any], pod: dict[str, Any] | None, options: dict[str, Any], route: tuple[str, ...]
) -> None:
    (prediction,) = start(container, pod, **options).containers
    assert prediction.route == (*CONTAINER, *route)
    if prediction.event is not None:
        assert prediction.event.route == prediction.route


def test_a_container_that_starts_or_waits_is_about_no_field() -> None:
    init = {"name": "first", "image": "i", "securityContext": {"runAsNonRoot": True}}
    assert [prediction.route for prediction in start(initContainers=[init]).containers] == [
        ("spec", "initContainers", 0, "securityContext", "runAsNonRoot"),
        (),
    ]
    assert start().containers[0].route == ()


POD = ("spec", "securityContext")


@pytest.mark.parametrize(
    ("container", "pod", "options", "route"),
    [
        (None, {"sysctls": [{"name": "net.ipv4.tcp_syncookies"}, {"name": "vm/swappiness"}]}, {},
         (*POD, "sysctls", 1)),
        (None, None, {"os": {"name": "windows"}, "node": Node(apparmor=True)}, ("spec", "os")),
        (None, {"appArmorProfile": {"type": "RuntimeDefault"}}, {"node": Node(apparmor=False)},
         (*POD, "appArmorProfile")),
        ({"appArmorProfile": {"type": "RuntimeDefault"}}, None, {"node": Node(apparmor=False)},
         (*CONTAINER, "securityContext", "appArmorProfile")),
        (None, None, {"hostUsers": False, "runtime": "containerd-1.6.20"}, ("spec", "hostUsers")),
        ({"runAsUser": 5}, {"runAsGroup": 3000}, {}, (*POD, "runAsGroup")),
        (None, {"runAsUser": 70000}, {"hostUsers": False}, (*POD, "runAsUser")),
    ],
)  # fmt: skip
def test_what_stops_the_whole_pod_carries_its_route(
    container: dict[str, Any] | None,
    pod: dict[str, Any] | None,
    options: dict[str, Any],
    route: tuple[str | int, ...],
) -> None:
    prediction = start(container, pod, **options)
    assert prediction.event is not None
    assert prediction.event.route == route
    assert prediction.containers[0].route == route


def test_recursive_read_only_mounts_need_the_feature_of_the_runtime() -> None:
    def starts(mode: str, runtime: str) -> PodStartPrediction:
        mount = {"name": "v", "mountPath": "/v", "readOnly": True, "recursiveReadOnly": mode}
        return start(
            runtime=runtime,
            containers=[{"name": "c", "image": "i", "command": ["x"], "volumeMounts": [mount]}],
        )

    (stopped,) = starts("Enabled", "containerd-1.6.20").containers
    assert (stopped.starts, stopped.reason) == (False, "CreateContainerConfigError")
    assert stopped.message == (
        'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, '
        "but it is not supported by the runtime"
    )
    assert stopped.route == ("spec", "containers", 0, "volumeMounts", 0, "recursiveReadOnly")
    assert starts("IfPossible", "containerd-1.6.20").containers[0].starts is True
    assert starts("Enabled", "containerd-2.3.7").containers[0].starts is True
