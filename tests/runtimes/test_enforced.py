"""What is enforced is read from made-up /proc folders and cgroups of both versions, and compared."""

from pathlib import Path
from typing import Any

import pytest

from podproof.effective.value import Unknown
from podproof.kubelet.cri import LinuxContainerResources
from podproof.runtimes.engine import ContainerRequest, Mount
from podproof.runtimes.mountinfo import MountPoint
from podproof.runtimes.observation.enforced import Enforced, observe_enforced
from podproof.session.prove.enforced import compare_enforced

MOUNTS = """\
1 0 0:1 / / rw - overlay overlay rw
2 1 0:2 / /proc rw - proc proc rw
3 2 0:2 /sys /proc/sys ro - proc proc rw
4 1 8:1 /pods/data /data rw - ext4 /dev/sda rw
5 1 8:1 /somewhere/containers/abc/volumes/1 /of-image rw - ext4 /dev/sda rw
6 1 8:1 /pods/passwd /etc/passwd rw - ext4 /dev/sda rw
7 1 0:9 / /dev/shm rw - ext4 /dev/sda rw
"""

LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units     
Max core file size        0                    unlimited            bytes     
Max open files            1024                 20000                files     
"""  # noqa: W291 - as the kernel writes it


def fabricated(folder: Path, cgroup: str) -> Path:
    """A /proc with the process 7 and its parent 3."""
    proc = folder / "proc"
    for process in ("7", "3"):
        (proc / process).mkdir(parents=True)
        (proc / process / "limits").write_text(LIMITS)
    for name, text in (
        ("mountinfo", MOUNTS), ("cgroup", cgroup), ("oom_score_adj", "998\n"), ("status", "PPid:\t3\n"),
        ("environ", "A=1\0B=x=y\0"),
    ):  # fmt: skip
        (proc / "7" / name).write_text(text)
    return proc


def cgroup_at(folder: Path, kind: str, options: tuple[str, ...] = (), **files: str) -> MountPoint:
    (folder / "pod").mkdir(parents=True)
    for name, text in files.items():
        (folder / "pod" / name.replace("__", ".")).write_text(text)
    return MountPoint(str(folder), "/", kind, "0:30", False, 30, frozenset(options))


ASKED = (Mount("/data", "/nowhere"),)

FIRST = "3:devices:/pod\n2:memory:/pod\n1:cpu,cpuacct:/pod\n0::/\n"


def first_version(folder: Path) -> tuple[MountPoint, ...]:
    return (
        cgroup_at(folder / "d", "cgroup", ("devices",), devices__list="c 1:3 rwm\nb *:* m\n"),
        cgroup_at(folder / "m", "cgroup", ("memory",), memory__limit_in_bytes="9223372036854771712\n"),
        cgroup_at(folder / "c", "cgroup", ("cpu",), cpu__shares="512\n", cpu__cfs_quota_us="50000\n",
                  cpu__cfs_period_us="100000\n"),
    )  # fmt: skip


def test_the_first_version_of_cgroups(tmp_path: Path) -> None:
    seen = observe_enforced(
        7, ASKED, proc=fabricated(tmp_path, FIRST), mounted=first_version(tmp_path / "cgroups")
    )
    assert seen.device_cgroup == ("b *:* m", "c 1:3 rwm")
    assert (seen.memory_limit, seen.cpu_shares, seen.cpu_quota, seen.oom_score_adj) == (None, 512, 500, 998)
    assert seen.limits == seen.inherited == {"Max core file size": "unlimited", "Max open files": "20000"}
    assert seen.environment == {"A": "1", "B": "x=y"}


@pytest.mark.parametrize(("quota", "share"), [("max 100000", None), ("25000 100000", 250)])
def test_the_second_version_of_cgroups(tmp_path: Path, quota: str, share: int | None) -> None:
    group = cgroup_at(tmp_path / "cgroup", "cgroup2", memory__max="104857600\n", cpu__max=quota)
    seen = observe_enforced(7, ASKED, proc=fabricated(tmp_path, "0::/pod\n"), mounted=(group,))
    assert (seen.memory_limit, seen.cpu_quota) == (104857600, share)
    for left_open in (seen.device_cgroup, seen.cpu_shares):
        assert isinstance(left_open, Unknown)
        assert "cgroup v2" in left_open.reason


def test_mounts_of_a_runtimes_own_are_left_out_by_place_and_type(tmp_path: Path) -> None:
    def paths(*, crio: bool) -> list[str]:
        seen = observe_enforced(7, ASKED, crio=crio, proc=fabricated(tmp_path / str(crio), FIRST), mounted=())
        assert isinstance(seen.mounts, tuple)
        return [f"{mount}{' asked' if mount.asked else ''}" for mount in seen.mounts]

    # what lies at /dev/shm is no tmpfs; account files are a runtime's own with cri-o only
    assert paths(crio=True) == ["/data rw asked", "/dev/shm rw"]
    assert paths(crio=False) == ["/data rw asked", "/dev/shm rw", "/etc/passwd rw"]


def test_a_process_that_is_gone_and_a_machine_without_cgroups_are_unknown(tmp_path: Path) -> None:
    gone = observe_enforced(7, (), proc=tmp_path, mounted=())
    for name in Enforced.__struct_fields__:
        assert isinstance(getattr(gone, name), Unknown), name
    without = observe_enforced(7, (), proc=fabricated(tmp_path, FIRST), mounted=())
    assert without.memory_limit == Unknown("no cgroup memory is mounted on this machine")
    request = ContainerRequest(name="a", image="i")
    assert {one.equal for one in compare_enforced(request, gone, None, runtime="containerd-1.6.20")} == {None}


def compared(seen: Enforced, *, score: int, own: int | None, runtime: str) -> dict[str, Any]:
    request = ContainerRequest(
        name="a", image="i", mounts=ASKED, resources=LinuxContainerResources(oom_score_adj=score)
    )
    lines = compare_enforced(
        request, seen, None, mounted=["/data/", "data", "/lost"], runtime=runtime, own_score=own
    )
    return {one.field: (one.equal, one.why) for one in lines}


def test_what_a_runtime_cannot_do_is_accounted_for(tmp_path: Path) -> None:
    seen = observe_enforced(
        7, ASKED, proc=fabricated(tmp_path, FIRST), mounted=first_version(tmp_path / "cgroups")
    )
    found = compared(seen, score=-997, own=998, runtime="cri-o-1.30")
    assert found["oom_score_adj"] == (True, "this machine's runtime cannot go below its own, 998")
    assert found["limits"][0] is None
    assert found["mounts"] == (
        False, "/dev/shm rw was not asked for; /etc/passwd rw was not asked for; /lost is missing",
    )  # fmt: skip
    assert found["device_cgroup"][0] is False
    assert compared(seen, score=-997, own=None, runtime="containerd-1.6.20")["oom_score_adj"][0] is False
    assert compared(seen, score=0, own=-998, runtime="containerd-1.6.20")["limits"] == (True, "")
