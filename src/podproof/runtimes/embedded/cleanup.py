"""Removes what containers leave: processes, mounts and cgroups that are named, and nothing beside them."""

import ctypes
import os
import select
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

__all__ = [
    "cgroup_folders",
    "filesystem_of",
    "has_ended",
    "kill_processes",
    "processes_with",
    "remove_cgroup",
    "remove_empty_cgroup",
    "remove_tree",
    "unmount_below",
]

_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
"""Source: umount(2)."""


def processes_with(argument: str, before: str | None = None) -> Iterator[int]:
    """Find the processes that have an argument, `before` standing right before it if given."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # gone meanwhile
        for index, one in enumerate(arguments):
            if one == argument and (before is None or arguments[index - 1 : index] == [before]):
                yield int(entry.name)
                break


def kill_processes(pids: Iterable[int], *, grace: float = 0) -> None:
    """End processes: SIGTERM, and after `grace` seconds SIGKILL; returns when they are gone or reaped."""
    handles = []
    for pid in pids:
        try:
            handles.append(os.pidfd_open(pid))
        except OSError:
            continue
    try:
        if grace:
            _signal(handles, signal.SIGTERM)
            _wait(handles, grace)
        _signal(handles, signal.SIGKILL)
        _wait(handles, 5)
    finally:
        for handle in handles:
            os.close(handle)


def unmount_below(folder: Path) -> None:
    """Unmount everything at or below a folder, the newest first."""
    libc = ctypes.CDLL(None, use_errno=True)
    for point in reversed([*_mounts_below(folder)]):
        libc.umount2(os.fsencode(point), _MNT_DETACH | _UMOUNT_NOFOLLOW)


def remove_tree(folder: Path) -> None:
    """Remove a folder after what is mounted in it; never follows a link, never crosses a mount.

    Raises OSError: something stays.
    """
    unmount_below(folder)
    if next(_mounts_below(folder), None) is not None:
        raise OSError(f"{folder}: something is still mounted in it")
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def cgroup_folders(cgroup: str) -> Iterator[Path]:
    """Find a cgroup in every hierarchy that is mounted, of version 1 and 2."""
    seen = set()
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split(" ")
        kind = fields[fields.index("-") + 1]
        if kind in ("cgroup", "cgroup2"):
            folder = Path(_unescape(fields[4])) / cgroup.lstrip("/")
            if folder.is_dir() and folder not in seen:
                seen.add(folder)
                yield folder


def remove_cgroup(cgroup: str) -> None:
    """Kill what is in a cgroup and below it, and remove it from every hierarchy.

    Raises OSError: something does not end within 5 seconds.
    """
    if not cgroup.strip("/"):
        raise ValueError("the root cgroup is not ours")
    for folder in [*cgroup_folders(cgroup)]:
        limit = time.monotonic() + 5
        while folder.is_dir():
            try:
                _remove_cgroup(folder)
            except OSError:
                if time.monotonic() > limit:
                    raise
                time.sleep(0.02)


def remove_empty_cgroup(cgroup: str) -> None:
    """Remove a cgroup from every hierarchy where nothing is in it or below it."""
    for folder in [*cgroup_folders(cgroup)]:
        with suppress(OSError):
            folder.rmdir()


def _remove_cgroup(folder: Path) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        try:
            text = Path(parent, "cgroup.procs").read_text()
            for pid in text.split():
                os.kill(int(pid), signal.SIGKILL)
            os.rmdir(parent)
        except (FileNotFoundError, ProcessLookupError):
            continue


def filesystem_of(folder: Path) -> str:
    """Name the file system that a folder is on, or will be on when it is made: `ext4`, `overlay`, ..."""
    path = str(folder.resolve())
    best, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split(" ")
        point = _unescape(fields[4])
        inside = point == "/" or path == point or path.startswith(f"{point}/")
        if inside and len(point) >= len(best):  # of two at one place, the later hides the other
            best, kind = point, fields[fields.index("-") + 1]
    return kind


def has_ended(handle: int) -> bool:
    """Tell whether the process of a pidfd has ended: it is readable then."""
    return bool(select.select([handle], [], [], 0)[0])


def _mounts_below(folder: Path) -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = _unescape(line.split(" ")[4])
        if point == str(folder) or point.startswith(f"{folder}/"):
            yield point


def _unescape(text: str) -> str:
    # Source: proc(5), mountinfo: space, tab, newline and backslash as octal numbers.
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _signal(handles: list[int], number: signal.Signals) -> None:
    for handle in handles:
        try:
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            continue


def _wait(handles: list[int], seconds: float) -> None:
    """Wait until the processes have ended; a pidfd is readable then."""
    poll = select.poll()
    left = set(handles)
    for handle in handles:
        poll.register(handle, select.POLLIN)
    limit = time.monotonic() + seconds
    while left and (rest := limit - time.monotonic()) > 0:
        for handle, _ in poll.poll(rest * 1000):
            poll.unregister(handle)
            left.discard(handle)
