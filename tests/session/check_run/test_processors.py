"""How many processors are counted: a quota of a control group counts, on every level, in both versions."""

import os
import threading
from pathlib import Path

import pytest

from podproof.session.check_run.processors import count_processors, may_fork

ALL = min(len(os.sched_getaffinity(0)), 8)


def counted(root: Path, membership: str, files: dict[str, str]) -> int:
    for name, text in {**files, "membership": membership}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return count_processors(str(root), str(root / "membership"))


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", ALL),
        ("100000 100000", 1),
        ("50000 100000", 1),
        ("150000 100000", min(2, ALL)),
        ("", ALL),
    ],
)
def test_the_quota_of_the_group(tmp_path: Path, quota: str, expected: int) -> None:
    assert counted(tmp_path, "0::/a/b\n", {"a/b/cpu.max": f"{quota}\n"}) == expected


@pytest.mark.parametrize("group", ["a/b", "a", "."])
def test_the_quota_of_a_group_around_it(tmp_path: Path, group: str) -> None:
    assert counted(tmp_path, "0::/a/b\n", {f"{group}/cpu.max": "10000 100000\n"}) == 1


def test_version_1_has_its_own_files(tmp_path: Path) -> None:
    files = {"cpu,cpuacct/a/cpu.cfs_quota_us": "90000\n", "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"}
    assert counted(tmp_path, "4:cpu,cpuacct:/a\n3:memory:/a\n", files) == 1
    files = {"cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n"}
    assert counted(tmp_path, "4:cpu,cpuacct:/a\n", files) == ALL


def test_affinity_counts() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert count_processors() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_process_with_threads_is_not_copied() -> None:
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait)
    thread.start()
    try:
        assert not may_fork()
    finally:
        ends.set()
        thread.join()
