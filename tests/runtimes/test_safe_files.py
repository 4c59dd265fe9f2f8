"""Trees that containers make: deep, wide, odd, and changed while one looks at them."""

import errno
import fcntl
import os
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import requires
from waiting import PATIENCE

from podproof.runtimes.safe_files import (
    Budget,
    BudgetSpent,
    UsageCount,
    descriptors,
    open_beneath,
    open_folder,
    open_in_root,
    read_end,
    removal,
    remove_contents,
    set_mode,
    set_owner,
    tree,
    walk,
)
from podproof.runtimes.safe_files.tree import OpenFolder

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners and flags of files")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    folder = tmp_path / "volume"
    folder.mkdir()
    fd = open_folder(folder)
    yield fd
    os.close(fd)
    removed_by_force(folder)


def removed_by_force(folder: Path) -> None:
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.fixture(params=["openat2", "steps"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "steps":
        monkeypatch.setattr(descriptors, "_has_openat2", lambda: False)
    return str(request.param)


def deep(folder: int, levels: int) -> None:
    fd = os.dup(folder)
    for _ in range(levels):
        os.mkdir("d", dir_fd=fd)
        following = os.open("d", os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = following
    os.close(os.open("end", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("link/passwd", errno.ELOOP),
        ("folder/up/volume/file", errno.ELOOP),
        ("../secret", errno.EXDEV),
        ("folder/../../secret", errno.EXDEV),
        ("/etc/passwd", errno.EXDEV),
        ("absent", errno.ENOENT),
        ("file/below", errno.ENOTDIR),
    ],
)
def test_nothing_leads_out(kernel: str, root: int, tmp_path: Path, path: str, number: int) -> None:
    volume = tmp_path / "volume"
    (tmp_path / "secret").write_text("outside")
    (volume / "folder").mkdir()
    (volume / "file").write_text("inside")
    (volume / "link").symlink_to("/etc")
    (volume / "folder/up").symlink_to("../..")
    if kernel == "steps" and number == errno.ELOOP:
        number = errno.ENOTDIR  # a link on the way is not a folder to go on from
    with pytest.raises(OSError, match=f"Errno {number}]"):
        open_beneath(root, path, os.O_RDONLY)


def test_what_is_beneath_is_opened(kernel: str, root: int, tmp_path: Path) -> None:
    (tmp_path / "volume/a/b").mkdir(parents=True)
    (tmp_path / "volume/a/b/c").write_text("text")
    fd = open_beneath(root, "a/./b/c", os.O_RDONLY)
    with os.fdopen(fd) as stream:
        assert stream.read() == "text"
    made = open_beneath(root, "a/new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    assert stat.S_IMODE(os.fstat(made).st_mode) == 0o600
    os.close(made)


def test_a_link_is_opened_itself(kernel: str, root: int, tmp_path: Path) -> None:
    (tmp_path / "volume/link").symlink_to("/etc/passwd")
    fd = open_beneath(root, "link")
    assert stat.S_ISLNK(os.fstat(fd).st_mode)
    os.close(fd)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        open_beneath(root, "link", os.O_RDONLY)


@requires.needs(requires.mounts)
def test_a_mount_is_not_entered(kernel: str, root: int, tmp_path: Path) -> None:
    target, source = tmp_path / "volume/mounted", tmp_path / "source"
    target.mkdir()
    source.mkdir()
    (source / "kept").write_text("kept")
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True)
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            open_beneath(root, "mounted", os.O_RDONLY)
        assert len(list(walk(root, Budget()))) == 1
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            remove_contents(root, Budget())
    finally:
        subprocess.run(["umount", str(target)], check=True)
    assert (source / "kept").read_text() == "kept"


def test_a_container_finds_its_links_inside_its_root(root: int, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "etc").mkdir()
    (volume / "etc/name").write_text("inside")
    (volume / "link").symlink_to("/etc/name")
    fd = open_in_root(volume, "/link", os.O_RDONLY)
    assert fd is not None
    with os.fdopen(fd) as stream:
        assert stream.read() == "inside"
    assert open_in_root(volume, "/etc/passwd") is None
    assert open_in_root(tmp_path / "absent", "/") is None


@root_only
def test_owner_and_mode_are_those_of_what_is_open(root: int, tmp_path: Path) -> None:
    volume, outside = tmp_path / "volume", tmp_path / "outside"
    outside.write_text("outside")
    outside.chmod(0o600)
    (volume / "file").write_text("inside")
    fd = open_beneath(root, "file")
    (volume / "file").rename(volume / "moved")
    (volume / "file").symlink_to(outside)
    set_owner(fd, 1234, 5678)
    set_mode(fd, 0o640)
    os.close(fd)
    status = (volume / "moved").stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 5678, 0o640)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o600
    link = open_beneath(root, "file")
    set_owner(link, -1, 5678)
    os.close(link)
    assert (volume / "file").lstat().st_gid == 5678
    assert outside.stat().st_gid != 5678


def test_a_walk_gives_children_first_and_the_root_last(kernel: str, root: int, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "a/b").mkdir(parents=True)
    for path in ("one", "a/two", "a/b/three"):
        (volume / path).write_text(path)
    (volume / "a/link").symlink_to("/etc")
    inodes = {path.lstat().st_ino: path for path in (volume, *volume.rglob("*"))}
    seen = [inodes[entry.status.st_ino] for entry in walk(root, Budget())]
    assert sorted(seen) == sorted(inodes.values())
    assert seen[-1] == volume
    for path in seen[:-1]:
        assert seen.index(path) < seen.index(path.parent)


@pytest.mark.parametrize("levels", [3000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_depth_costs_no_descriptors_and_no_stack(root: int, levels: int) -> None:
    deep(root, levels)
    before = len(os.listdir("/proc/self/fd"))
    most = 0
    count = 0
    for _ in walk(root, Budget(seconds=3000)):
        count += 1
        if count == 1 or not count % 1000:
            most = max(most, len(os.listdir("/proc/self/fd")))
    assert count == levels + 2
    assert 8 < most - before < 20
    remove_contents(root, Budget(seconds=3000))
    assert os.listdir(root) == []
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("files", [11_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_width_is_removed_in_pieces(root: int, files: int) -> None:
    for number in range(files):
        os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY, dir_fd=root))
    for number in range(300):
        os.mkdir(f"d{number}", dir_fd=root)
    remove_contents(root, Budget(entries=2 * files, seconds=3000))
    assert os.listdir(root) == []


def test_a_spent_budget_is_told_and_the_next_call_goes_on(root: int) -> None:
    for number in range(100):
        os.mkdir(str(number), dir_fd=root)
    with pytest.raises(BudgetSpent, match="more than 40 files"):
        list(walk(root, Budget(entries=40)))
    with pytest.raises(BudgetSpent, match="not done within 0 s"):
        list(walk(root, Budget(seconds=0)))
    # noting a folder counts, so that a piece is removed once all are noted
    remove_contents(root, Budget(entries=100))
    assert os.listdir(root) == []


def test_the_time_ends_on_the_way_up_too(root: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going up a deep tree takes as long as going down, and no entry is counted there."""
    deep(root, 300)
    removed: list[str] = []

    def remove(folder: OpenFolder, name: str, fd: int, how: Callable[..., None]) -> None:
        how(name, dir_fd=fd)
        removed.append(name)

    monkeypatch.setattr(removal, "_remove", remove)
    monkeypatch.setattr(tree, "time", SimpleNamespace(monotonic=lambda: 100.0 * (len(removed) > 100)))
    with pytest.raises(BudgetSpent, match="not done within 60 s"):
        remove_contents(root, Budget(seconds=60.0))
    assert len(removed) == 101
    monkeypatch.undo()
    remove_contents(root, Budget())
    assert os.listdir(root) == []


def test_odd_files_are_walked_and_removed_without_being_opened(root: int, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    os.mkfifo(volume / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(volume)
        try:
            listener.bind("socket")
        finally:
            os.chdir("/")
    (volume / "link").symlink_to("nowhere")
    with (volume / "sparse").open("wb") as stream:
        stream.truncate(1 << 40)
    (volume / os.fsdecode(b"\xff\n name")).mkdir()
    assert len(list(walk(root, Budget(seconds=5)))) == 6
    remove_contents(root, Budget(seconds=5))
    assert os.listdir(root) == []


def set_flags(path: Path, flags: int) -> bool:
    """Set the flags of a file, of which 0x10 is `immutable`; whether the file system has them."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, 0x40086602, struct.pack("i", flags))
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


@root_only
def test_immutable_files_and_folders_are_removed(root: int, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "folder/inner").mkdir(parents=True)
    (volume / "folder/file").write_text("kept")
    paths = (volume / "folder/file", volume / "folder/inner", volume / "folder")
    if not all(set_flags(path, 0x10) for path in paths):
        pytest.skip("this file system has no immutable files")
    try:
        remove_contents(root, Budget())
        assert os.listdir(root) == []
    finally:
        for path in paths:
            if path.exists():
                set_flags(path, 0)


def test_the_usage_is_counted_in_pieces(root: int, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    for number in range(500):
        (volume / str(number)).write_bytes(b"x" * 5000)
    os.link(volume / "0", volume / "again")
    whole = UsageCount(volume).advance(60)
    listed = subprocess.run(["du", "-s", "-B1", str(volume)], capture_output=True, text=True, check=True)
    assert whole == int(listed.stdout.split()[0])
    count, pieces = UsageCount(volume), [0]
    while pieces[-1] < whole and len(pieces) < 100:
        pieces.append(count.advance(0))
    assert pieces[-1] == whole
    assert len(pieces) > 5
    assert pieces == sorted(pieces)
    count.close()


def test_the_end_of_a_file_is_read_when_it_is_one(root: int, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "log").write_bytes(b"x" * 10_000 + b"end")
    (volume / "link").symlink_to("/etc/passwd")
    os.mkfifo(volume / "fifo")
    assert read_end(root, "log", 5) == b"xxend"
    assert read_end(root, "log", 1 << 20) == b"x" * 10_000 + b"end"
    assert [read_end(root, name, 5) for name in ("link", "fifo", "absent", ".")] == [None] * 4


def test_a_folder_moved_meanwhile_does_not_lead_out(root: int, tmp_path: Path) -> None:
    """From below the folders that are open the way up is `..`, which is somewhere else after a move."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("outside")
    levels = 200
    deep(root, levels)
    entries = walk(root, Budget())
    first = next(entries)
    assert not first.is_folder  # the walk is at the bottom
    path = tmp_path / "volume" / "/".join(["d"] * 50)
    (path / "d").rename(outside / "stolen")
    seen = {entry.status.st_ino for entry in entries}
    assert (outside / "victim").stat().st_ino not in seen
    assert outside.stat().st_ino not in seen
    assert (tmp_path / "volume").stat().st_ino in seen
    removed_by_force(outside)


SWAPS = """
import ctypes, os, sys
os.chdir(sys.argv[1])
os.mkdir("name"); os.symlink(sys.argv[2], "other")
rename = ctypes.CDLL(None).renameat2
while True:
    rename(-100, b"name", -100, b"other", 2)
"""


@pytest.fixture
def swapping(root: int, tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(folder: Path) -> None:
        command = [sys.executable, "-c", SWAPS, str(folder), str(tmp_path / "outside")]
        started.append(subprocess.Popen(command))

    yield start
    for process in started:
        process.kill()
        process.wait()


@root_only
@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_a_name_that_is_now_a_folder_and_now_a_link(
    swapping: Callable[[Path], None], root: int, tmp_path: Path, seconds: int
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (outside / "file").write_text("outside")
    (outside / "file").chmod(0o600)
    swapping(tmp_path / "volume")
    begun = time.monotonic()
    folders = links = 0

    def raced() -> bool:
        return folders > 100 and links > 10

    while (passed := time.monotonic() - begun) < seconds or (not raced() and passed < PATIENCE):
        for entry in walk(root, Budget()):
            set_owner(entry.fd, -1, 4321)
            links += entry.is_link
            folders += entry.is_folder
            if not entry.is_link:
                set_mode(entry.fd, 0o777)
    for path in (outside, outside / "file"):
        status = path.stat()
        assert status.st_gid != 4321
        assert stat.S_IMODE(status.st_mode) in (0o700, 0o600)
    assert raced()


def test_a_tree_that_grows_meanwhile_is_removed_when_it_has_stopped(root: int, tmp_path: Path) -> None:
    stop = threading.Event()

    def grow() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                os.makedirs(tmp_path / "volume" / str(number % 50) / str(number))
            except OSError:
                continue

    grower = threading.Thread(target=grow)
    grower.start()
    try:
        for _ in range(5):
            with suppress(OSError):
                remove_contents(root, Budget(seconds=0.2))
    finally:
        stop.set()
        grower.join()
    remove_contents(root, Budget(seconds=3000))
    assert os.listdir(root) == []
