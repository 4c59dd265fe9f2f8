"""What the surroundings tell: a node file, a runtime's name, the image's passwd and group files."""

from typing import Any

import pytest
from test_compare import one

from podproof.effective.context import VolumeOwnership
from podproof.effective.image import find_groups, find_passwd_by_name, find_passwd_by_uid, has_group
from podproof.effective.linux_capabilities import CAPABILITIES
from podproof.effective.node import Node, NodeFeatures, parse_node
from podproof.effective.runtime import DEFAULT_RUNTIME, RUNTIMES, parse_runtime, runtime_of
from podproof.effective.setting import Setting
from podproof.errors import UsageError

KEYS = (
    "capabilities, seccomp_profiles, unsafe_sysctls, apparmor_profiles, paths, declared_features, "
    "apparmor, selinux, seccomp_default, features"
)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, f"node: must be a mapping with the keys {KEYS}"),
        ({"xyz": 1}, f"node: unknown key 'xyz', known are {KEYS}"),
        ({"path": []}, "node: unknown key 'path', did you mean 'paths'"),
        ({"selinux": 1}, "node: selinux must be true or false, has 1"),
        ({"seccomp_default": "x"}, "node: seccomp_default must be true or false, has 'x'"),
        ({"seccomp_profiles": {}}, "node: seccomp_profiles must be a list of strings, has a mapping"),
        ({"paths": ["/a", 2]}, "node: paths[1] must be a string, has 2: quote it"),
        ({"unsafe_sysctls": ["kernel.*", ""]}, "node: unsafe_sysctls: '' may have one `*`, at its end"),
        ({"unsafe_sysctls": ["a*b*"]}, "node: unsafe_sysctls: 'a*b*' may have one `*`, at its end"),
        ({"paths": ["/a", "b"]}, "node: paths: 'b' must be absolute"),
        (
            {"seccomp_profiles": ["/a"]},
            "node: seccomp_profiles: '/a' must be relative to the kubelet's seccomp folder",
        ),
        (
            {"seccomp_profiles": ["a", "b/../c"]},
            "node: seccomp_profiles: 'b/../c' must be relative to the kubelet's seccomp folder",
        ),
        (
            {"capabilities": ["CHOWN", "cap_all"]},
            "node: capabilities: 'cap_all' means every one, so it must stand alone",
        ),
        (
            {"features": True},
            "node: features must be a mapping with the keys supplementalGroupsPolicy, "
            "recursiveReadOnlyMounts, userNamespaces, has a boolean",
        ),
        (
            {"features": {"userNamespace": True}},
            "node: unknown key 'userNamespace' in features, did you mean 'userNamespaces'",
        ),
        (
            {"features": {"userNamespaces": "yes"}},
            "node: features.userNamespaces must be true or false, has 'yes'",
        ),
        (
            {"features": {7: True}},
            "node: unknown key 7 in features, known are supplementalGroupsPolicy, "
            "recursiveReadOnlyMounts, userNamespaces",
        ),
        ({"paths": None, "selinux": 1}, "node: selinux must be true or false, has 1"),
        ({"declared_features": "A"}, "node: declared_features must be a list of strings, has a string"),
        ({"capabilities": ["CHOWN", "NO"]}, "node: capabilities: 'NO' is not a Linux capability"),
    ],
)
def test_a_wrong_node(value: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_node(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "route"),
    [
        (7, ()),
        ({"xyz": 1}, ("xyz",)),
        ({"selinux": 1}, ("selinux",)),
        ({"paths": 1}, ("paths",)),
        ({"paths": ["/a", 2]}, ("paths", 1)),
        ({"paths": ["/a", "b"]}, ("paths", 1)),
        ({"unsafe_sysctls": ["a", ""]}, ("unsafe_sysctls", 1)),
        ({"seccomp_profiles": ["a", "/b"]}, ("seccomp_profiles", 1)),
        ({"capabilities": ["CHOWN", "NO"]}, ("capabilities", 1)),
        ({"capabilities": ["CHOWN", "ALL"]}, ("capabilities", 1)),
        ({"features": 7}, ("features",)),
        ({"features": {"x": True}}, ("features", "x")),
        ({"features": {"userNamespaces": 1}}, ("features", "userNamespaces")),
    ],
)
def test_where_a_node_is_wrong(value: Any, route: tuple[object, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_node(value, where=lambda at: f"file{at}")
    assert str(caught.value).startswith(f"file{route}: ")


def test_a_whole_node() -> None:
    told = {
        "capabilities": ("all",),
        "seccomp_profiles": ["a/b..c"],
        "unsafe_sysctls": ["kernel.*", "*"],
        "apparmor_profiles": ["p", "/usr/bin/q"],
        "paths": ["/a"],
        "apparmor": True,
        "selinux": False,
        "seccomp_default": True,
        "declared_features": ["A", "B"],
    }
    node = parse_node(told)
    assert node == Node(
        capabilities=CAPABILITIES,
        seccomp_profiles=("a/b..c",),
        unsafe_sysctls=("kernel.*", "*"),
        apparmor_profiles=("p", "/usr/bin/q"),
        paths=("/a",),
        apparmor=True,
        selinux=False,
        seccomp_default=True,
        declared_features=("A", "B"),
    )
    assert parse_node(node) is node
    assert node.is_known
    assert parse_node(dict.fromkeys(told)) == Node()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Containerd", "containerd-2.3.7"),
        ("containerd-v1.7", "containerd-1.6.20"),
        ("containerd-2.0.1", "containerd-2.3.7"),
        ("CRI-O", "cri-o"),
        ("crio-v1.30.2", "cri-o"),
        *((name, name) for name in RUNTIMES),
    ],
)
def test_a_runtime_of_a_known_series(text: str, name: str) -> None:
    assert parse_runtime(text).name == runtime_of(text).name == name
    assert parse_runtime(RUNTIMES[name]) is RUNTIMES[name]


@pytest.mark.parametrize(
    "text", ["containerd-2.x", "containerd-x.2", "containerd-10", "containerd-v", "cri-o-", "crio-1.x", "cri"]
)
def test_a_runtime_of_no_known_series(text: str) -> None:
    with pytest.raises(UsageError, match=r"^unknown runtime "):
        parse_runtime(text)
    assert runtime_of(text).name == DEFAULT_RUNTIME


def test_what_a_runtime_may_be_called() -> None:
    with pytest.raises(UsageError) as caught:
        parse_runtime(7)  # type: ignore[arg-type]
    assert str(caught.value) == "the runtime must be a name such as containerd-2.3.7, has 7"
    with pytest.raises(UsageError) as caught:
        parse_runtime("zzz")
    assert str(caught.value) == f"unknown runtime 'zzz', nearest are {', '.join(RUNTIMES)}"


def test_what_each_runtime_gives() -> None:
    docker = (
        "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID "
    )
    docker += "SETPCAP SETUID SYS_CHROOT"
    crio = "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETGID SETPCAP SETUID"
    given = {name: " ".join(sorted(r.default_capabilities)) for name, r in RUNTIMES.items()}
    assert given == {name: crio if name == "cri-o" else docker for name in RUNTIMES}
    flags = ("prefixed_capabilities", "unknown_capability_fails", "strict_groups", "user_namespaces",
             "recursive_read_only", "host_uts", "adds_groups", "range_checked_users")  # fmt: skip
    told = {name: [flag for flag in flags if getattr(r, flag)] for name, r in RUNTIMES.items()}
    assert told == {
        "containerd-1.6.20": ["host_uts"],
        "containerd-2.3.7": [
            "strict_groups",
            "user_namespaces",
            "recursive_read_only",
            "host_uts",
            "range_checked_users",
        ],
        "cri-o": [
            "prefixed_capabilities",
            "unknown_capability_fails",
            "strict_groups",
            "user_namespaces",
            "recursive_read_only",
            "adds_groups",
            "range_checked_users",
        ],
    }


PASSWD = "\n  \nroot:x:0:0\n alice:x:1000:1001::/: \nbob:x\nnone:x::\nalice:x:7:8\nten:x:+10:x\nodd:x:x:3"


@pytest.mark.parametrize(
    ("uid", "entry"),
    [(1000, ("alice", 1001)), (7, ("alice", 8)), (10, ("ten", 0)), (0, ("root", 0)), (1, None), (3, None)],
)
def test_passwd_by_uid(uid: int, entry: tuple[str, int] | None) -> None:
    found = find_passwd_by_uid(PASSWD, uid)
    assert (None if found is None else (found.name, found.gid)) == entry
    assert found is None or found.uid == uid


def test_a_line_without_a_number_is_the_entry_of_root() -> None:
    found = find_passwd_by_uid("short", 0)
    assert found is not None
    assert (found.name, found.uid, found.gid) == ("short", 0, 0)
    assert find_passwd_by_uid("", 0) is None


@pytest.mark.parametrize(
    ("name", "ids"),
    [("alice", (1000, 1001)), ("bob", (0, 0)), ("none", (0, 0)), ("odd", (0, 3)), ("x", None), ("", None)],
)
def test_passwd_by_name(name: str, ids: tuple[int, int] | None) -> None:
    found = find_passwd_by_name(PASSWD, name)
    assert (None if found is None else (found.uid, found.gid)) == ids


GROUP = "root:x:0:\nalice:x:1001:alice\nwheel:x:10:bob,alice\nstaff:x:20:alicex\nshort:x:30\nodd:x:x:alice\n"


def test_the_groups_of_a_user() -> None:
    assert find_groups(GROUP, "alice") == (10, 0)
    assert find_groups(GROUP, "bob") == (10,)
    assert find_groups(GROUP, "nobody") == ()


@pytest.mark.parametrize(("gid", "there"), [(0, True), (10, True), (30, True), (7, False), (77, True)])
def test_whether_a_group_is_there(gid: int, there: bool) -> None:
    assert has_group(f"{GROUP}77:x:78:\n", gid) is there


@pytest.mark.parametrize(
    ("predicted", "observed", "equal"),
    [
        ("u:r:t:s0", "u:r:t:s0", True),
        ("*:*:t:*", "u:r:t:s0:c1,c2", True),
        ("*:*:t:s0:c1", "u:r:t:s0:c2", False),
        ("*:*:t:*", "u:r:other:s0", False),
        ("*:*:t:*", "kernel", False),
        (None, None, True),
        (None, "u:r:t:s0", False),
        ("*:*:t:*", None, False),
    ],
)
def test_labels_are_compared(predicted: str | None, observed: str | None, equal: bool) -> None:
    assert one("selinux", predicted, observed).equal is equal


@pytest.mark.parametrize(
    "path",
    [
        "/dev", "/dev/mqueue", "/dev/shm", "/dev/termination-log", "/etc/group", "/etc/hostname",
        "/etc/hosts", "/etc/passwd", "/etc/resolv.conf", "/run/.containerenv",
        "/run/secrets/kubernetes.io/serviceaccount",
        "/var/run/secrets/kubernetes.io/serviceaccount",
    ],
)  # fmt: skip
def test_mounts_that_nobody_asks_for(path: str) -> None:
    assert one("writable", ("/",), ("/", path)).equal is True
    assert one("writable", ("/", path), ("/", path)).equal is True
    assert one("writable", ("/tmp",), ("/tmp", path)).equal is False
    assert one("writable", ("/",), ("/", f"{path}/x")).equal is False


def test_volumes_are_compared() -> None:
    def volume(name: str, group: int | None, text: str = "") -> VolumeOwnership:
        return VolumeOwnership(name, "emptyDir", group, text)

    assert (volume("v", None).behind, volume("v", None).text) == ("", "")

    wanted = (volume("a", 5), volume("b", 5), volume("c", None), volume("d", 5))
    seen = (volume("a", 5), volume("b", 6, "root:six"), volume("d", 7, "root:seven"))
    found = one("volumes", wanted, seen)
    assert (found.equal, found.why) == (False, "b is root:six, d is root:seven")
    found = one("volumes", wanted, (volume("b", 5),))
    assert (found.equal, found.why) == (True, "not mounted here: a, d")
    assert one("volumes", wanted[:1], seen).why == ""


def test_seccomp_and_devices_are_compared() -> None:
    filtered = "a filter is there; which one, a process does not tell"
    found = [one("seccomp", predicted, "Filtered") for predicted in ("RuntimeDefault", "Unconfined")]
    assert [(c.equal, c.why) for c in found] == [(True, filtered), (False, filtered)]
    assert one("seccomp", "Unconfined", "Unconfined").equal is True
    assert one("seccomp", "RuntimeDefault", "Unconfined").equal is False
    devices = ("/dev/null", "/dev/console")
    assert one("devices", devices, ("/dev/null",)).equal is True
    assert one("devices", devices, ("/dev/null",)).why == "/dev/console is there with a terminal only"
    assert one("devices", devices, devices, terminal=True).equal is True
    assert one("devices", devices, devices, terminal=True).why == ""
    assert one("devices", devices, devices).equal is False
    assert one("sysctls", (("a", "1\t 2"),), (("a", "1 2"),)).equal is True
    assert one("sysctls", (("a", "1"),), (("a", "2"),)).equal is False


def test_features_of_a_node_win_over_those_of_its_runtime() -> None:
    old = parse_runtime("containerd-1.6.20")
    told = {"supplementalGroupsPolicy": True, "recursiveReadOnlyMounts": None}
    node = parse_node({"features": told})
    assert node.is_known
    setting = Setting(runtime=old, node=node)
    assert (setting.strict_groups, setting.recursive_read_only, setting.user_namespaces) == (
        True,
        False,
        False,
    )
    assert node.features == NodeFeatures(supplemental_groups_policy=True)
    after_none = parse_node({"selinux": None, "features": {"userNamespaces": None, **told}})
    assert after_none.features == node.features
    none = {"userNamespaces": False, "recursiveReadOnlyMounts": False}
    setting = Setting(node=parse_node({"features": none}))
    assert (setting.strict_groups, setting.recursive_read_only, setting.user_namespaces) == (
        True,
        False,
        False,
    )
