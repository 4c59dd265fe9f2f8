"""Prediction against observation: equal, different, or open; what node and runtime account for is said."""

from typing import Any

import msgspec
import pytest

from podproof.effective.compare import Comparison, compare, differences
from podproof.effective.context import (
    CapabilitySets,
    EffectiveSecurityContext,
    Namespaces,
    VolumeFile,
    VolumeOwnership,
)
from podproof.effective.value import Field, Origin, Unknown

ORIGIN = Origin("runtime", (), "test")


def field(value: Any) -> Field[Any]:
    return Field(value, ORIGIN)


def context(**values: Any) -> EffectiveSecurityContext:
    """A context of plain values, with these in place of the usual."""
    usual: dict[str, Any] = {
        "uid": 1000, "gid": 0, "groups": (0,), "run_as_non_root": None, "no_new_privs": False,
        "privileged": False, "read_only_root": False, "writable": ("/",), "proc_mount": "Default",
        "masked_paths": (), "readonly_paths": (), "seccomp": "Unconfined", "apparmor": "Unconfined",
        "selinux": None, "sysctls": (), "fs_group": None, "volumes": (), "devices": (),
    }  # fmt: skip
    return EffectiveSecurityContext(
        **{name: field(value) for name, value in (usual | values).items()},
        capabilities=CapabilitySets(*(field(("NET_RAW",)) for _ in range(5))),
        namespaces=Namespaces(*(field("own") for _ in range(7))),
    )


def one(name: str, predicted: Any, observed: Any, **options: Any) -> Comparison:
    found = compare(context(**{name: predicted}), context(**{name: observed}), **options)
    return next(comparison for comparison in found if comparison.field == name)


def test_equal_contexts_differ_in_nothing() -> None:
    found = compare(context(), context())
    assert all(comparison.equal for comparison in found)
    assert len(found) == 18 + 5 + 7
    assert {"capabilities.bounding", "namespaces.cgroup"} <= {comparison.field for comparison in found}


def test_a_difference_has_both_values_and_the_origin() -> None:
    (found,) = differences(compare(context(uid=1000), context(uid=0)))
    assert (found.field, found.predicted, found.observed, found.origin) == ("uid", 1000, 0, ORIGIN)


def test_sets_and_namespaces_are_compared_one_by_one() -> None:
    other = msgspec.structs.replace(
        context(), namespaces=Namespaces(*(field("host") if n == 2 else field("own") for n in range(7)))
    )
    assert [comparison.field for comparison in differences(compare(context(), other))] == ["namespaces.net"]


@pytest.mark.parametrize("side", [0, 1])
def test_what_is_unknown_is_open(side: int) -> None:
    values = [1000, 1000]
    values[side] = Unknown("nobody said")  # type: ignore[call-overload]  # an Unknown in place of the number
    found = one("uid", *values)
    assert found.equal is None
    assert "nobody said" in found.why
    assert found.why.startswith("not predicted" if side == 0 else "not observed")


@pytest.mark.parametrize(
    ("name", "predicted", "observed", "equal"),
    [
        ("groups", (0, 5), (5, 0), True),
        ("groups", (0, 5), (5,), False),
        ("seccomp", "RuntimeDefault", "Filtered", True),
        ("seccomp", "Localhost/a", "Filtered", True),
        ("seccomp", "RuntimeDefault", "Unconfined", False),
        ("seccomp", "Unconfined", "Filtered", False),
        ("selinux", "*:*:container_t:s0:c1,c2", "system_u:system_r:container_t:s0:c1,c2", True),
        ("selinux", "*:*:spc_t:*", "system_u:system_r:container_t:s0", False),
        ("selinux", None, "system_u:system_r:container_t:s0", False),
        ("sysctls", (("a.b", "1 \t 2"),), (("a.b", "1 2"),), True),
        ("sysctls", (("a.b", "1"),), (("a.b", "2"),), False),
        ("writable", ("/", "/data"), ("/", "/data", "/dev", "/etc/hosts"), True),
        ("writable", ("/", "/data"), ("/", "/dev"), False),
        ("writable", ("/", "/data"), ("/", "/data", "/more"), False),
        ("writable", ("/dev/shm",), ("/dev/shm", "/etc/hosts"), False),
        ("devices", ("/dev/null", "/dev/console"), ("/dev/null",), True),
        ("devices", ("/dev/null",), ("/dev/null", "/dev/sda"), False),
    ],
)
def test_rules(name: str, predicted: Any, observed: Any, equal: bool) -> None:
    assert one(name, predicted, observed).equal is equal


def test_a_terminal_has_a_console() -> None:
    devices = ("/dev/null", "/dev/console")
    assert one("devices", devices, devices, terminal=True).equal is True
    assert one("devices", devices, devices[:1], terminal=True).equal is False


def test_paths_that_the_node_lacks_do_not_count() -> None:
    existing = frozenset(("/proc/kcore", "/sys/devices/system/cpu/cpu0/thermal_throttle"))
    found = one("masked_paths", ("/proc/kcore", "/proc/asound"), ("/proc/kcore",), existing=existing)
    assert (found.equal, found.why) == (True, "not on this node: /proc/asound")
    both = ("/proc/kcore", "/sys/devices/system/cpu/cpu0/thermal_throttle")
    assert one("masked_paths", both, both, existing=existing).equal is True
    assert one("masked_paths", ("/proc/kcore",), both, existing=existing).equal is False
    # of an unknown node the number of processors is not known
    assert one("masked_paths", ("/proc/kcore",), both).equal is True
    assert one("masked_paths", ("/proc/kcore",), ()).equal is False


def test_volumes_are_compared_where_a_group_is_predicted() -> None:
    given = VolumeOwnership("data", "emptyDir", 20001, "")
    nobody = VolumeOwnership("node", "hostPath", None, "")
    seen = VolumeOwnership("data", "/data", 20001, "0:20001 2777")
    assert one("volumes", (given, nobody), (seen,)).equal is True
    wrong = VolumeOwnership("data", "/data", None, "0:0 0755")
    assert one("volumes", (given,), (wrong,)).equal is False
    assert "0:0 0755" in one("volumes", (given,), (wrong,)).why
    assert one("volumes", (given,), ()).why == "not mounted here: data"


def test_files_of_volumes_are_compared_by_mode_and_owner() -> None:
    def volume(*files: tuple[str, str, int]) -> VolumeOwnership:
        return VolumeOwnership(
            "s", "secret", None, "", files=tuple(VolumeFile(p, m, m, o) for p, m, o in files)
        )

    predicted = volume(("token", "0600", 1000), ("*", "0440", 0))
    assert one("volumes", (predicted,), (volume(("token", "0600", 1000), ("a", "0440", 0)),)).equal is True
    assert one("volumes", (predicted,), (volume(),)).equal is True
    found = one("volumes", (predicted,), (volume(("token", "0440", 0), ("a", "0440", 5), ("b", "0440", 0)),))
    assert found.equal is False
    assert found.why == "s has token of user 0 with mode 0440, s has a of user 5 with mode 0440"


@pytest.mark.parametrize("field", ["writable", "masked_paths", "groups", "seccomp", "selinux", "volumes"])
@pytest.mark.parametrize("known", [(), ("/",), ("/", "/dev/termination-log")])
def test_whatever_is_unknown_stays_open(field: str, known: tuple[str, ...]) -> None:
    why = Unknown("why")
    predicted, observed, neither = one(field, why, known), one(field, known, why), one(field, why, why)
    assert (predicted.equal, predicted.why, predicted.observed) == (None, "not predicted: why", known)
    assert (observed.equal, observed.why, observed.predicted) == (None, "not observed: why", known)
    assert (neither.equal, neither.why) == (None, "not predicted: why")
