"""What a comparison says was accounted for: nothing where nothing was, else each thing by its name."""

from typing import Any

import pytest
from test_compare import one

from podproof.effective.context import VolumeOwnership

GIVEN = VolumeOwnership("data", "emptyDir", 20001, "")
MORE = VolumeOwnership("more", "emptyDir", 20001, "")
MADE_BY_ROOT = VolumeOwnership("data", "/data", None, "0:0 0755")
CONSOLE = "/dev/console is there with a terminal only"
FILTER = "a filter is there; which one, a process does not tell"


@pytest.mark.parametrize(
    ("name", "predicted", "observed", "why"),
    [
        ("uid", 1, 2, ""),
        ("groups", (0,), (0,), ""),
        ("masked_paths", ("/proc/kcore",), ("/proc/kcore",), ""),
        ("masked_paths", ("/proc/b", "/proc/a"), (), "not on this node: /proc/a, /proc/b"),
        ("readonly_paths", ("/proc/kcore",), ("/proc/kcore",), ""),
        ("readonly_paths", ("/proc/bus",), (), "not on this node: /proc/bus"),
        ("writable", ("/",), ("/",), ""),
        ("writable", ("/",), ("/", "/dev"), "besides the runtime's own /dev"),
        ("writable", (), ("/dev",), "/dev is writable besides"),
        (
            "writable",
            ("/", "/a", "/b"),
            ("/", "/b", "/c", "/dev"),
            "/c is writable besides, /a is not writable",
        ),
        ("writable", ("/data/",), ("/data",), ""),
        ("seccomp", "RuntimeDefault", "RuntimeDefault", ""),
        ("seccomp", "RuntimeDefault", "Filtered", FILTER),
        ("selinux", None, None, ""),
        ("selinux", "a:b:c:d", "a:b:c:d", ""),
        ("sysctls", (), (), ""),
        ("devices", (), (), CONSOLE),
        ("volumes", (), (), ""),
        ("volumes", (GIVEN, MORE), (), "not mounted here: data, more"),
        ("volumes", (GIVEN, MORE), (MADE_BY_ROOT,), "data is 0:0 0755"),
    ],
)
def test_what_was_accounted_for_is_said(name: str, predicted: Any, observed: Any, why: str) -> None:
    assert one(name, predicted, observed, existing=frozenset({"/proc/kcore"})).why == why


def test_with_a_terminal_nothing_has_to_be_said_of_the_console() -> None:
    assert one("devices", ("/dev/console",), ("/dev/console",), terminal=True).why == ""


def test_labels_of_different_length_differ() -> None:
    assert one("selinux", "a:b:c", "a:b:c:d").equal is False
    assert one("selinux", "a:b:c:d:e", "a:b:c:d:e").equal is True
    assert one("selinux", "a:b:c:*", "a:b:c:d:e").equal is True


def test_of_writable_paths_those_are_shown_that_are_compared() -> None:
    compared = one("writable", ("/", "/data"), ("/", "/data", "/dev", "/etc/hosts"))
    assert compared.observed == ("/", "/data")
    assert one("writable", (), ("/dev",)).observed == ("/dev",)
