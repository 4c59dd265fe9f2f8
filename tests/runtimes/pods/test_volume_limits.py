"""The sizes of volumes, counted a moment at a time: one after the other, and with few files open."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from podproof.runtimes.pods import eviction
from podproof.runtimes.pods.eviction import VolumeLimits


class Mounted:
    """Volumes that are folders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str) -> Any:
        path = self.folder / name
        return SimpleNamespace(path=path) if path.exists() else None


@pytest.fixture
def volumes(tmp_path: Path) -> Any:
    return Mounted(tmp_path)


def limits(**sizes: str) -> VolumeLimits:
    return VolumeLimits(
        {"volumes": [{"name": name, "emptyDir": {"sizeLimit": size}} for name, size in sizes.items()]}
    )


def make(path: Path, levels: int, files: int) -> None:
    """Make a folder in which so many files are so deep."""
    path.mkdir()
    above = os.open(path, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=above)
        below = os.open("d", os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    for number in range(files):
        os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY, dir_fd=above))
    os.close(above)


def test_the_volume_over_its_limit_is_named(volumes: Any) -> None:
    for name in ("a", "b"):
        (volumes.folder / name).mkdir()
    (volumes.folder / "b" / "file").write_bytes(b"x" * 20_000)
    found = limits(a="1Mi", absent="1", b="10k")
    assert found.exceeded(volumes) == 'Usage of EmptyDir volume "b" exceeds the limit "10k". '
    assert limits(a="1Mi", b="1Mi").exceeded(volumes) is None


def test_deep_volumes_hold_few_files_open(volumes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eviction, "_SECONDS", 0.0)
    for name in "abcd":
        make(volumes.folder / name, 100, 200)
    found = limits(a="1Gi", b="1Gi", c="1Gi", d="1Gi")
    before = len(os.listdir("/proc/self/fd"))
    most = 0
    for _ in range(40):
        assert found.exceeded(volumes) is None
        most = max(most, len(os.listdir("/proc/self/fd")) - before)
    assert 1 < most < 10
    found.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_every_volume_has_its_turn(volumes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eviction, "_SECONDS", 0.0)
    make(volumes.folder / "wide", 0, 1000)
    (volumes.folder / "full").mkdir()
    (volumes.folder / "full" / "file").write_bytes(b"x" * 20_000)
    found = limits(wide="1Gi", full="10k")
    looks = 1
    while found.exceeded(volumes) is None:
        looks += 1
        assert looks < 100
    assert looks > 5
