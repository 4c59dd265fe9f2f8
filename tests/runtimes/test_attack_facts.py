"""What the node is set to is read from made-up /proc folders, and the helpers' file system is tried."""

import os
import struct
import subprocess
from pathlib import Path

import requires

from podproof.attacks.model.constants import O_RDONLY
from podproof.attacks.open_device_node import DEVICES, ProbedDevice
from podproof.runtimes.attackers.facts import node_facts, opens
from podproof.runtimes.attackers.logs import read_log
from podproof.runtimes.attackers.scratch import file_capability, make_copies, make_scratch, remove

START = "sys__net__ipv4__ip_unprivileged_port_start"


def settings(proc: Path, **values: str) -> Path:
    for name, value in values.items():
        path = proc / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value)
    return proc


def test_settings_of_a_kernel(tmp_path: Path) -> None:
    proc = settings(
        tmp_path / "a", **{START: "80\n"}, sys__kernel__yama__ptrace_scope="1\n",
        sys__user__max_user_namespaces="100\n", modules="", sys__kernel__modules_disabled="0\n",
    )  # fmt: skip
    found = node_facts(tmp_path, proc=proc)
    assert (found.port_start, found.ptrace_scope, found.user_namespaces, found.modules) == (80, 1, True, True)
    settings(proc, sys__kernel__unprivileged_userns_clone="0\n", sys__kernel__modules_disabled="1\n")
    found = node_facts(tmp_path, proc=proc)
    assert (found.user_namespaces, found.modules) == (False, False)
    bare = node_facts(tmp_path, proc=tmp_path / "nothing")
    assert (bare.port_start, bare.ptrace_scope, bare.user_namespaces, bare.modules) == (None, 0, False, False)
    broken = settings(tmp_path / "b", sys__user__max_user_namespaces="many")
    assert node_facts(tmp_path, proc=broken).user_namespaces is None
    assert list(tmp_path.glob("probe*")) == []


@requires.needs(requires.mounts)
def test_a_file_system_without_set_user_id(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nosuid,nodev", "none", tmp_path], check=True)
    try:
        found = node_facts(tmp_path)
        assert (found.set_user_id, found.device_files) == (False, False)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@requires.needs(requires.root)
def test_the_folders_of_attackers(tmp_path: Path) -> None:
    make_copies(tmp_path / "0", b"helper", capability="NET_RAW", dropped="BPF")
    modes = {path.name: path.stat().st_mode & 0o7777 for path in (tmp_path / "0").iterdir()}
    assert modes == {
        "helper": 0o755, "set-user-id": 0o4755, "file-capability": 0o755, "file-capability-dropped": 0o755,
    }  # fmt: skip
    held = os.getxattr(tmp_path / "0" / "file-capability", "security.capability")
    assert held == file_capability("NET_RAW") == struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)
    assert file_capability("BPF") == struct.pack("<5I", 0x02000001, 0, 0, 1 << 7, 0)
    make_scratch(tmp_path / "room", ("a", "b"), 61337, device=True)
    room = {path.name: path.stat() for path in (tmp_path / "room").iterdir()}
    assert room.keys() == {
        "another-users-file-for-a",
        "another-users-file-for-b",
        "empty",
        *(device.file for device in DEVICES),
    }
    assert room["another-users-file-for-a"].st_uid == 61337
    assert room["another-users-file-for-a"].st_mode & 0o777 == 0o600
    assert (room["device-kmsg"].st_rdev, room["device-kmsg"].st_mode) == (os.makedev(1, 11), 0o20666)
    assert (room["device-loop0"].st_rdev, room["device-loop0"].st_mode) == (os.makedev(7, 0), 0o60666)
    # what an attacker leaves there is removed, and not followed
    outside = tmp_path / "outside"
    outside.write_text("kept")
    (tmp_path / "room" / "link").symlink_to(outside)
    (tmp_path / "room" / "folder").symlink_to(tmp_path / "0")
    remove(tmp_path / "room")
    assert not (tmp_path / "room").exists()
    assert outside.read_text() == "kept"
    assert (tmp_path / "0" / "helper").exists()


def test_logs_are_read_as_the_engine_writes_them(tmp_path: Path) -> None:
    log = tmp_path / "0.log"
    assert read_log(log) == ""
    log.write_text(
        "2026-01-01T00:00:00Z stdout F 0 -13\n"
        "2026-01-01T00:00:00Z stderr F 9 9\n"
        "2026-01-01T00:00:00Z stdout P 1 \n"
        "2026-01-01T00:00:00Z stdout F 27\n"
        "half a li"
    )
    assert read_log(log) == "0 -13\n1 27\n"


def test_a_device_without_a_driver_is_not_opened(tmp_path: Path) -> None:
    """The kernel would load one for it."""
    (none,) = [one for one in range(200, 250) if not Path(f"/sys/dev/block/{one}:77").exists()][:1]
    missing = ProbedDevice("none", "block", none, 77, (O_RDONLY,))
    assert not opens(tmp_path, missing)
    assert opens(tmp_path, ProbedDevice("null", "char", 1, 3, (O_RDONLY,))) == (os.geteuid() == 0)
