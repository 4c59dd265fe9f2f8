"""The observer reads made-up /proc folders, real processes of this machine, and never leaves a root."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requires

from podproof.effective.value import Unknown
from podproof.runtimes.mountinfo import masked, parse_mountinfo, read_only, root_is_read_only
from podproof.runtimes.observation import ObservationRequest, observe, wait_for_start
from podproof.runtimes.observation.files import owner_of
from podproof.runtimes.observation.status import parse_map, parse_status, through
from podproof.runtimes.observation.sysctls import read_sysctls
from podproof.runtimes.safe_files import open_in_root

STATUS = """\
Name:\tsleep
Uid:\t{uid}\t{uid}\t{uid}\t{uid}
Gid:\t{gid}\t{gid}\t{gid}\t{gid}
Groups:\t{groups}
NSpid:\t4711\t7
CapInh:\t0000000000000000
CapPrm:\t0000000000000400
CapEff:\t0000000000000400
CapBnd:\t00000000a80425fb
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t{seccomp}
"""

MOUNTS = """\
100 99 0:47 / / ro,relatime - overlay overlay ro,lowerdir=/a
101 100 0:50 / /proc rw,nosuid - proc proc rw
102 100 0:51 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k
103 100 0:52 / /sys ro,nosuid - sysfs sysfs ro
104 101 0:50 /sys /proc/sys ro,nosuid - proc proc rw
105 101 0:51 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw
106 101 0:60 / /proc/acpi ro,relatime - tmpfs tmpfs ro
107 103 0:61 / /sys/firmware ro,relatime - tmpfs tmpfs ro
108 100 8:1 /pods/a\\040b /data\\040x rw,relatime - ext4 /dev/sda1 rw
109 100 8:1 /pods/c /read ro,relatime - ext4 /dev/sda1 rw
110 100 8:1 /pods/d /sealed rw,relatime - ext4 /dev/sda1 ro
broken line
"""


USER = os.getuid() + 1000
"""The process's user: never the one who runs the tests, who owns the files of its root."""


def fabricated(folder: Path, *, uid: int = USER, seccomp: int = 2, mapping: str = "0 0 4294967295") -> Path:
    """A /proc with the process 4711 and the node's 1."""
    process = folder / "proc" / "4711"
    root = process / "root"
    for path in (process / "ns", folder / "proc" / "1" / "ns", root / "dev", root / "data x"):
        path.mkdir(parents=True)
    (process / "status").write_text(
        STATUS.format(uid=uid, gid=uid + 1, groups=f"{uid + 1} 5", seccomp=seccomp)
    )
    (process / "mountinfo").write_text(MOUNTS)
    (process / "uid_map").write_text(mapping + "\n")
    (process / "gid_map").write_text(mapping + "\n")
    for name in ("user", "pid", "net", "ipc", "mnt", "uts"):
        (folder / "proc/1/ns" / name).write_text("")
        if name in ("user", "net"):
            os.link(folder / "proc/1/ns" / name, process / "ns" / name)
        else:
            (process / "ns" / name).write_text("")
    (root / "data x").chmod(0o2777)
    (root / "dev").chmod(0o755)
    return folder / "proc"


def test_a_made_up_process_is_read(tmp_path: Path) -> None:
    seen = observe(4711, ObservationRequest((), {"data": "/data x"}), proc=fabricated(tmp_path))
    assert (seen.uid.value, seen.gid.value, seen.groups.value) == (USER, USER + 1, (5, USER + 1))
    assert seen.capabilities.effective.value == ("NET_BIND_SERVICE",)
    assert len(seen.capabilities.bounding.value) == 14  # type: ignore[arg-type]  # known here
    assert seen.no_new_privs.value is True
    assert seen.seccomp.value == "Filtered"
    assert seen.read_only_root.value is True
    assert seen.masked_paths.value == ("/proc/kcore", "/proc/acpi", "/sys/firmware")
    assert seen.readonly_paths.value == ("/proc/sys",)
    assert seen.writable.value == ("/data x",)
    assert (seen.namespaces.user.value, seen.namespaces.net.value) == ("host", "host")
    assert (seen.namespaces.pid.value, seen.namespaces.uts.value) == ("own", "own")
    assert isinstance(seen.namespaces.cgroup.value, Unknown)
    (volume,) = seen.volumes.value  # type: ignore[misc]  # known here
    assert (volume.name, volume.group) == ("data", os.getgid())
    assert (seen.apparmor.value, seen.selinux.value, seen.devices.value) == ("Unconfined", None, ())
    for field in (seen.run_as_non_root, seen.privileged, seen.proc_mount, seen.fs_group):
        assert isinstance(field.value, Unknown)
        assert field.value.reason


def test_the_files_of_a_volume_are_seen_with_mode_and_owner(tmp_path: Path) -> None:
    mapping = f"0 {os.getuid()} 65536"
    proc = fabricated(tmp_path, mapping=mapping)
    data = proc / "4711/root/data x"
    (data / "..2026_01").mkdir()
    for name, mode in (("..2026_01/key", 0o440), ("plain", 0o604)):
        (data / name).write_text("")
        (data / name).chmod(mode)
    (data / "key").symlink_to("..2026_01/key")
    (data / "gone").symlink_to("nowhere")
    (data / "folder").mkdir()
    seen = observe(4711, ObservationRequest((), {"data": "/data x", "none": "/none"}), proc=proc)
    volume, none = seen.volumes.value  # type: ignore[misc]  # known here
    assert [(f.path, f.mode, f.owner) for f in volume.files] == [("key", "0440", 0), ("plain", "0604", 0)]
    assert volume.text == "0:0 2777, key 0 0440, plain 0 0604"
    assert (volume.mode, volume.group) == ("2777", 0)
    assert (none.files, none.text) == ((), "could not be read")


def test_ids_are_those_inside_a_user_namespace(tmp_path: Path) -> None:
    seen = observe(4711, proc=fabricated(tmp_path, uid=66536, mapping="0 65536 65536"))
    assert (seen.uid.value, seen.gid.value, seen.groups.value) == (1000, 1001, (65534, 1001))


def test_profiles_of_security_modules(tmp_path: Path) -> None:
    proc = fabricated(tmp_path)
    (tmp_path / "sys/kernel/security").mkdir(parents=True)
    (tmp_path / "sys/kernel/security/lsm").write_text("lockdown,capability,apparmor,selinux")
    (proc / "4711/attr/apparmor").mkdir(parents=True)
    for label, profile in (
        ("cri-containerd.apparmor.d (enforce)\n", "RuntimeDefault"),
        ("unconfined\n", "Unconfined"),
        ("mine (complain)\n", "Localhost/mine"),
    ):
        (proc / "4711/attr/apparmor/current").write_text(label)
        assert observe(4711, proc=proc).apparmor.value == profile
    assert isinstance(observe(4711, proc=proc).selinux.value, Unknown)
    (proc / "4711/attr/current").write_text("system_u:system_r:container_t:s0:c1,c2\0")
    assert observe(4711, proc=proc).selinux.value == "system_u:system_r:container_t:s0:c1,c2"


def test_a_process_that_is_gone_is_unknown_everywhere(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    seen = observe(4711, ObservationRequest(("kernel.hostname",), {"data": "/data"}), proc=tmp_path / "proc")
    for field in (seen.uid, seen.gid, seen.groups, seen.writable, seen.seccomp, seen.capabilities.bounding):
        assert isinstance(field.value, Unknown)
        assert "No such file or directory" in field.value.reason
    assert isinstance(seen.sysctls.value, Unknown)
    assert isinstance(seen.devices.value, Unknown)
    assert not wait_for_start(4711, proc=tmp_path / "proc", timeout=0)


def test_a_status_without_a_line_says_which(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no line NoNewPrivs"):
        parse_status(STATUS.format(uid=0, gid=0, groups="", seccomp=0).replace("NoNewPrivs:\t1\n", ""))


def test_mounts() -> None:
    mounts = parse_mountinfo(MOUNTS)
    assert mounts[8].path == "/data x"
    assert root_is_read_only(mounts) is True
    assert root_is_read_only(()) is None
    # a later mount over the same path hides what was there
    again = parse_mountinfo(MOUNTS + "111 101 0:50 / /proc/kcore rw - proc proc rw\n")
    assert masked(again) == ("/proc/acpi", "/sys/firmware")
    assert read_only(again) == ("/proc/sys",)


def test_maps() -> None:
    ranges = parse_map("         0     100000      1000\n      2000     500000          1\n")
    assert [through(ranges, outside) for outside in (100000, 100999, 101000, 500000, 0)] == [
        0, 999, 65534, 2000, 65534,
    ]  # fmt: skip


def test_no_link_leads_out_of_a_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "secret").write_text("inside")
    (tmp_path / "etc").mkdir()
    (root / "absolute").symlink_to("/etc/secret")
    (root / "upwards").symlink_to("../../../../../../etc/secret")
    (root / "proc-root").symlink_to("/proc/self/root/etc/passwd")
    inside = (root / "etc" / "secret").stat().st_ino
    for name in ("absolute", "upwards", "etc/../absolute"):
        held = owner_of(root, f"/{name}")
        assert held is not None
        assert held.st_ino == inside
    assert owner_of(root, "/proc-root") is None
    assert owner_of(root, "/nothing") is None
    opened = open_in_root(root, "/etc", os.O_RDONLY | os.O_DIRECTORY)
    assert opened is not None
    assert os.listdir(opened) == ["secret"]
    os.close(opened)


needs_root = requires.needs(requires.root)


@contextmanager
def process(*before: str) -> Iterator[int]:
    """A sleeping process behind these words, which must replace themselves by it; its pid."""
    words = [*before, sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "1\n"
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@requires.needs(requires.root, requires.program("setpriv", "util-linux"))
def test_credentials_of_a_real_process() -> None:
    words = ("setpriv", "--reuid=1234", "--regid=1235", "--groups=7,5", "--bounding-set=-all,+net_raw")
    with process(*words, "--no-new-privs") as pid:
        seen = observe(pid)
    assert (seen.uid.value, seen.gid.value, seen.groups.value) == (1234, 1235, (5, 7))
    assert seen.capabilities.bounding.value == ("NET_RAW",)
    assert seen.capabilities.effective.value == ()
    assert seen.no_new_privs.value is True
    assert seen.seccomp.value == "Unconfined"
    assert seen.namespaces.net.value == "host"


@requires.needs(requires.mounts)
def test_namespaces_of_a_real_process() -> None:
    with process("unshare", "--net", "--uts", "--ipc", "--mount") as pid:
        seen = observe(pid, ObservationRequest(("net.ipv4.ip_unprivileged_port_start", "kernel.shmmni")))
    spaces = seen.namespaces
    assert [spaces.net.value, spaces.uts.value, spaces.ipc.value, spaces.mnt.value] == ["own"] * 4
    assert [spaces.pid.value, spaces.user.value] == ["host", "host"]
    assert dict(seen.sysctls.value)["net.ipv4.ip_unprivileged_port_start"] == "1024"  # type: ignore[arg-type]  # known here


@requires.needs(requires.mounts)
def test_parameters_are_those_of_the_process_and_this_thread_stays() -> None:
    before = os.readlink("/proc/thread-self/ns/net")
    name = "net.ipv4.ip_unprivileged_port_start"
    with process(
        "unshare", "--net", "sh", "-c", f'echo 81 > /proc/sys/{name.replace(".", "/")}; exec "$@"', "-"
    ) as pid:
        assert read_sysctls(pid, (name,), Path("/proc")) == {name: "81"}
    assert os.readlink("/proc/thread-self/ns/net") == before
    assert read_sysctls(os.getpid(), (name, "no.such"), Path("/proc"))[name] != "81"
    assert isinstance(read_sysctls(os.getpid(), ("no.such",), Path("/proc"))["no.such"], Unknown)


def test_a_process_that_has_started_is_not_waited_for() -> None:
    assert wait_for_start(os.getpid(), timeout=0)


def test_the_runtimes_own_process_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "5").mkdir()
    (tmp_path / "5" / "cmdline").write_bytes(b"runc\0init\0")
    assert not wait_for_start(5, proc=tmp_path, timeout=0.01)
    (tmp_path / "5" / "cmdline").write_bytes(b"/bin/demo\0")
    assert wait_for_start(5, proc=tmp_path, timeout=0.01)
