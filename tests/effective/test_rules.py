"""Each rule beside the user: capabilities, flags, paths, profiles, volumes, namespaces; node and runtime."""

from typing import Any

import pytest
from test_users import run

from podproof.effective.linux_capabilities import CAPABILITIES, from_mask, to_mask
from podproof.effective.node import Node, parse_node
from podproof.effective.runtime import RUNTIMES, parse_runtime
from podproof.effective.sysctls import dotted
from podproof.effective.value import Unknown
from podproof.errors import UsageError

DEFAULT = "a80425fb"
CRIO = RUNTIMES["cri-o"]


@pytest.mark.parametrize(
    ("capabilities", "mask"),
    [
        (None, DEFAULT),
        ({"drop": ["ALL"]}, "0"),
        ({"drop": ["All", "NO_SUCH"]}, "0"),
        ({"add": ["all"]}, "1ffffffffff"),
        ({"add": ["ALL"], "drop": ["ALL"]}, "0"),
        ({"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}, "400"),
        ({"add": ["NET_RAW"], "drop": ["NET_RAW"]}, "a80405fb"),
        ({"add": ["CAP_SYS_ADMIN", "NO_SUCH", " CHOWN"]}, DEFAULT),
        ({"add": ["sys_admin"], "drop": ["CAP_CHOWN"]}, "a82425fb"),
        ({"add": ["NET_BIND_SERVICE"], "drop": ["CHOWN", "NET_RAW", "SETPCAP"]}, "a80404fa"),
        ({"drop": ["CAP_ALL"]}, DEFAULT),
    ],
)
def test_capabilities_of_containerd(capabilities: Any, mask: str) -> None:
    context = run({"capabilities": capabilities})
    assert context.capabilities.bounding.value == from_mask(int(mask, 16))
    assert context.capabilities.effective.value == context.capabilities.bounding.value
    user = run({"capabilities": capabilities, "runAsUser": 1000})
    assert user.capabilities.bounding.value == from_mask(int(mask, 16))
    assert user.capabilities.effective.value == user.capabilities.permitted.value == ()
    assert user.capabilities.ambient.value == user.capabilities.inheritable.value == ()


@pytest.mark.parametrize("where", ["container", "pod"])
def test_run_as_non_root_leaves_an_unknown_user_nothing(where: str) -> None:
    asked = {"runAsNonRoot": True}
    own, pod = (asked, None) if where == "container" else (None, asked)
    context = run({"privileged": True, **(own or {})}, pod, user=None)
    assert isinstance(context.uid.value, Unknown)
    assert context.capabilities.effective.value == context.capabilities.permitted.value == ()
    assert context.capabilities.effective.origin.kind == where
    unasked = run({"privileged": True, "runAsNonRoot": False}, {"runAsNonRoot": True}, user=None)
    assert isinstance(unasked.capabilities.effective.value, Unknown)


def test_capabilities_of_crio() -> None:
    context = run({"capabilities": {"add": ["CAP_SYS_ADMIN"], "drop": ["CAP_CHOWN"]}}, runtime=CRIO)
    granted = context.capabilities.bounding.value
    assert not isinstance(granted, Unknown)
    assert "SYS_ADMIN" in granted
    assert "CHOWN" not in granted
    assert "NET_RAW" not in granted


def test_privileged_has_what_the_node_has_and_ignores_drops() -> None:
    node = Node(capabilities=("CHOWN", "KILL"))
    container = {
        "privileged": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    context = run(container, node=node)
    assert context.capabilities.bounding.value == ("CHOWN", "KILL")
    assert context.seccomp.value == "Unconfined"
    assert context.masked_paths.value == context.readonly_paths.value == ()
    assert isinstance(context.devices.value, Unknown)
    assert context.no_new_privs.value is False


def test_masks_and_names_are_inverse() -> None:
    assert from_mask(to_mask(CAPABILITIES)) == CAPABILITIES
    assert to_mask(("CHOWN", "CHECKPOINT_RESTORE")) == 1 | 1 << 40
    assert to_mask(("CHOWN", "CHOWN", "KILL")) == 1 | 1 << 5


@pytest.mark.parametrize(("allow", "flag"), [(None, False), (True, False), (False, True)])
def test_no_new_privs(allow: bool | None, flag: bool) -> None:
    assert run({"allowPrivilegeEscalation": allow}).no_new_privs.value is flag


def test_proc_paths() -> None:
    assert run().masked_paths.value[0] == "/proc/asound"  # type: ignore[index]  # known
    assert run({"procMount": "Unmasked"}).masked_paths.value == ()
    old = run(version=30)
    assert "/proc/interrupts" not in old.masked_paths.value  # type: ignore[operator]  # known
    assert "/proc/asound" in old.readonly_paths.value  # type: ignore[operator]  # known
    throttle = "/sys/devices/system/cpu/cpu0/thermal_throttle"
    node = Node(paths=("/proc/kcore", throttle, "/sys/other"))
    assert run(node=node).masked_paths.value == ("/proc/kcore", throttle)


@pytest.mark.parametrize(
    ("container", "pod", "value"),
    [
        (None, None, "Unconfined"),
        (None, {"type": "RuntimeDefault"}, "RuntimeDefault"),
        ({"type": "Unconfined"}, {"type": "RuntimeDefault"}, "Unconfined"),
        ({"type": "Localhost", "localhostProfile": "a/b.json"}, None, "Localhost/a/b.json"),
        ({"type": "Nonsense"}, None, "Unconfined"),
    ],
)
def test_seccomp(container: Any, pod: Any, value: str) -> None:
    assert run({"seccompProfile": container}, {"seccompProfile": pod}).seccomp.value == value


def test_seccomp_default_of_the_kubelet() -> None:
    assert run(node=Node(seccomp_default=True)).seccomp.value == "RuntimeDefault"


def test_apparmor() -> None:
    with_it, without = Node(apparmor=True), Node(apparmor=False)
    assert isinstance(run().apparmor.value, Unknown)
    assert run(node=with_it).apparmor.value == "RuntimeDefault"
    assert run(node=without).apparmor.value == "Unconfined"
    assert run({"privileged": True}, node=with_it).apparmor.value == "Unconfined"
    local = {"type": "Localhost", "localhostProfile": "p"}
    assert run({"privileged": True, "appArmorProfile": local}, node=with_it).apparmor.value == "Localhost/p"
    assert run({"appArmorProfile": {"type": "Localhost"}}, node=with_it).apparmor.value == "Localhost/"
    assert run(None, {"appArmorProfile": {"type": "Unconfined"}}).apparmor.value == "Unconfined"


def test_selinux_options_replace_as_a_whole() -> None:
    context = run({"seLinuxOptions": {"level": "s0"}}, {"seLinuxOptions": {"type": "spc_t"}})
    assert context.selinux.value == "*:*:*:s0"
    assert run(None, {"seLinuxOptions": {"type": "t"}}, node=Node(selinux=False)).selinux.value is None


def test_sysctls_of_the_pod_and_of_the_runtime() -> None:
    start = "net.ipv4.ip_unprivileged_port_start"
    assert dict(run().sysctls.value)[start] == "0"  # type: ignore[arg-type]  # known
    assert run(runtime=RUNTIMES["containerd-1.6.20"]).sysctls.value == ()
    assert run(spec={"hostNetwork": True}).sysctls.value == ()
    own = run(None, {"sysctls": [{"name": start.replace(".", "/"), "value": "80"}]})
    assert dict(own.sysctls.value)[start] == "80"  # type: ignore[arg-type]  # known
    assert dotted("net/ipv4/conf/eth0.1/x") == "net.ipv4.conf.eth0/1.x"


def test_crio_has_a_host_name_of_its_own_under_the_nodes_network() -> None:
    assert run(spec={"hostNetwork": True}).namespaces.uts.value == "host"
    assert run(spec={"hostNetwork": True}, runtime=CRIO).namespaces.uts.value == "own"


@pytest.mark.parametrize(
    ("user", "group", "file", "writable"),
    [
        (0, 1001, "root:x:0:\n", True),
        (0, 1001, "root:x:0:\nalice:x:1001:\n", False),
        (0, 0, "alice:x:1001:\n", False),
        (0, 1001, "", False),
        (1000, 1001, "root:x:0:\n", False),
        (0, 1001, None, Unknown("depends on the image's group file")),
    ],
)
def test_crio_mounts_a_group_file_for_a_group_that_the_image_lacks(
    user: int, group: int, file: str | None, writable: object
) -> None:
    held = {"runAsUser": user, "runAsGroup": group, "readOnlyRootFilesystem": True}
    found = run(held, group=file, runtime=CRIO).writable.value
    assert (found if isinstance(found, Unknown) else "/etc/group" in found) == writable
    assert "/etc/group" not in str(run(held, group=file).writable.value)


def test_volumes_and_what_stays_writable() -> None:
    volumes = [{"name": "e"}, {"name": "h", "hostPath": {}}, {"name": "p", "persistentVolumeClaim": {}},
               {"name": "s", "secret": {}}]  # fmt: skip
    mounts = [
        {"name": "e", "mountPath": "/e"},
        {"name": "s", "mountPath": "/s"},
        {"name": "h", "mountPath": "/h", "readOnly": True},
    ]
    container = {
        "name": "c",
        "image": "i",
        "volumeMounts": mounts,
        "securityContext": {"readOnlyRootFilesystem": True},
    }
    context = run(None, {"fsGroup": 5, "runAsUser": 1}, spec={"volumes": volumes, "containers": [container]})
    owned = {volume.name: volume.group for volume in context.volumes.value}  # type: ignore[union-attr]  # known
    assert owned == {"e": 5, "h": None, "p": None, "s": 5}
    assert context.writable.value == ("/dev/shm", "/dev/termination-log", "/e")
    root = run(None, None, spec={"volumes": volumes, "containers": [container]})
    assert root.writable.value == ("/dev", "/dev/shm", "/dev/termination-log", "/e", "/etc/hosts")
    assert run().writable.value == ("/",)


def test_namespaces() -> None:
    spaces = run(spec={"hostNetwork": True, "hostPID": False, "hostUsers": False}).namespaces
    assert (spaces.net.value, spaces.uts.value, spaces.pid.value, spaces.user.value) == (
        "host",
        "host",
        "own",
        "own",
    )
    assert isinstance(spaces.cgroup.value, Unknown)
    unified = Node(paths=("/sys/fs/cgroup/cgroup.controllers",))
    assert run(node=unified).namespaces.cgroup.value == "own"
    assert run({"privileged": True}, node=unified).namespaces.cgroup.value == "host"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("containerd", "containerd-2.3.7"),
        ("containerd-1.7.2", "containerd-1.6.20"),
        ("containerd-2", "containerd-2.3.7"),
        ("crio", "cri-o"),
        ("cri-o-1.33", "cri-o"),
    ],
)
def test_runtimes_are_chosen_by_name_and_version(text: str, name: str) -> None:
    assert parse_runtime(text).name == name


@pytest.mark.parametrize("text", ["containrd-2", "containerd-3.0", "docker", "", "containerd-", "cri-o-x"])
def test_an_unknown_runtime_names_the_nearest(text: str) -> None:
    with pytest.raises(UsageError, match=r"unknown runtime .*, nearest are "):
        parse_runtime(text)


def test_a_node_is_read_from_plain_data() -> None:
    node = parse_node({"capabilities": ["CAP_CHOWN", "kill"], "apparmor": None, "selinux": False})
    assert node == Node(capabilities=("CHOWN", "KILL"), selinux=False)
    assert parse_node(None) == Node()
    assert not Node().is_known


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "must be a mapping"),
        ({"aparmor": True}, "unknown key 'aparmor', did you mean 'apparmor'"),
        ({"apparmor": "yes"}, "apparmor must be true or false, has 'yes'"),
        ({"paths": "/proc"}, "paths must be a list of strings, has a string"),
        ({"paths": [1]}, r"paths\[0\] must be a string, has 1"),
        ({"paths": ["proc"]}, "must be absolute"),
        ({"capabilities": ["CHWON"]}, "'CHWON' is not a Linux capability"),
        ({"unsafe_sysctls": ["net.*.x"]}, r"may have one `\*`, at its end"),
        ({"seccomp_profiles": ["../x"]}, "must be relative"),
        ({"capabilities": ["ALL", "CHOWN"]}, "'ALL' means every one, so it must stand alone"),
    ],
)
def test_a_wrong_node_is_refused(value: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_node(value)


_PORTS = {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}


@pytest.mark.parametrize(
    ("spec", "runtime", "origin"),
    [
        ({}, "containerd-2.3.7", "containerd-2.3.7: default for pods with their own network"),
        ({}, "cri-o", "cri-o: sets none"),
        ({"hostNetwork": True}, "containerd-2.3.7", "not set, and the network is the node's"),
        (
            {"securityContext": {"sysctls": [_PORTS]}},
            "containerd-2.3.7",
            "net.ipv4.ping_group_range is a default of containerd-2.3.7 (spec.securityContext.sysctls)",
        ),
        (
            {"securityContext": {"sysctls": [_PORTS]}},
            "containerd-1.6.20",
            "spec.securityContext.sysctls",
        ),
    ],
)
def test_sysctls_name_who_set_them(spec: dict[str, Any], runtime: str, origin: str) -> None:
    context = run(spec=spec, runtime=RUNTIMES[runtime])
    assert str(context.sysctls.origin) == origin


def test_a_sysctl_without_a_name_or_a_value_has_empty_ones() -> None:
    asked = [{"value": "1"}, {"name": "kernel/sem"}, {"name": None, "value": None}]
    listed = run(None, {"sysctls": asked}, runtime=RUNTIMES["containerd-1.6.20"]).sysctls.value
    assert listed == (("", "1"), ("kernel.sem", ""), ("", ""))


@pytest.mark.parametrize(
    ("profile", "version", "filter_"),
    [
        ({"type": "OCI"}, 37, "Unconfined"),
        ({"type": "OCI"}, 38, "OCI"),
        ({"type": "Other"}, 38, "Unconfined"),
        ({"type": "Unconfined"}, 38, "Unconfined"),
        ({"type": "RuntimeDefault"}, 37, "RuntimeDefault"),
        ({"type": "Localhost", "localhostProfile": "p"}, 37, "Localhost/p"),
        ({"type": "Localhost"}, 37, "Localhost/"),
        ({}, 38, "Unconfined"),
        (None, 38, "Unconfined"),
    ],
)
def test_the_filter_of_a_seccomp_profile(profile: Any, version: int, filter_: str) -> None:
    assert run({"seccompProfile": profile}, version=version).seccomp.value == filter_
    assert run(None, {"seccompProfile": profile}, version=version).seccomp.value == filter_
    privileged = run({"seccompProfile": profile, "privileged": True}, version=version)
    assert privileged.seccomp.value == "Unconfined"
