"""Removes what containers leave: processes, mounts and cgroups that are named, and nothing beside them."""

import ctypes
import os
import select
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ..mountinfo import mount_holding, own_mounts
from ..safe_files import Budget, open_beneath, open_folder, remove_contents

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

_MNT_DETACH = 2
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
    """Unmount everything at or below a folder, the newest first; through no link that was put on the way."""
    libc = ctypes.CDLL(None, use_errno=True)
    for point in reversed([*_mounts_below(folder)]):
        with suppress(OSError):  # gone meanwhile
            root = open_folder(folder.parent)
            try:
                opened = open_beneath(root, os.path.relpath(point, folder.parent), over_mounts=True)
            finally:
                os.close(root)
            libc.umount2(f"/proc/self/fd/{opened}".encode(), _MNT_DETACH)
            os.close(opened)


def remove_tree(folder: Path, budget: Budget | None = None) -> None:
    """Remove a folder after what is mounted in it; never follows a link, never crosses a mount.

    Raises BudgetSpent: there is more than `budget` (None: the usual one) allows, and another call goes on.
    Raises OSError: something stays.
    """
    unmount_below(folder)
    if next(_mounts_below(folder), None) is not None:
        raise OSError(f"{folder}: something is still mounted in it")
    try:
        opened = open_folder(folder)
    except FileNotFoundError:
        return
    except OSError:  # a link, or a file
        folder.unlink(missing_ok=True)
        return
    try:
        remove_contents(opened, budget or Budget())
    finally:
        os.close(opened)
    folder.rmdir()


def cgroup_folders(cgroup: str) -> Iterator[Path]:
    """Find a cgroup in every hierarchy that is mounted, of version 1 and 2."""
    seen = set()
    for mount in own_mounts():
        if mount.type in ("cgroup", "cgroup2"):
            folder = Path(mount.path) / cgroup.lstrip("/")
            if folder.is_dir() and folder not in seen:
                seen.add(folder)
                yield folder


def remove_cgroup(cgroup: str) -> None:
    """Kill what is in a cgroup and below it, and remove it from every hierarchy.

    Raises OSError: something does not end within 5 seconds.
    """
    if not cgroup.strip("/"):
        raise ValueError("the root cgroup is not ours")
    folders = [*cgroup_folders(cgroup)]
    for folder in folders:
        _let_end(folder)
    for folder in folders:
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


def _let_end(folder: Path) -> None:
    """Thaw what is frozen, which ends by no signal on version 1; on version 2 the kernel kills it all."""
    for parent, _, _ in os.walk(folder, topdown=False):
        for name, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0"), ("cgroup.kill", "1")):
            if os.path.exists(f"{parent}/{name}"):
                with suppress(OSError):
                    Path(parent, name).write_text(word)


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
    mount = mount_holding(str(folder.resolve()), own_mounts())
    return mount.type if mount else ""


def has_ended(handle: int) -> bool:
    """Tell whether the process of a pidfd has ended: it is readable then."""
    poll = select.poll()  # unlike select, it takes descriptors of any number
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(0))


def _mounts_below(folder: Path) -> Iterator[str]:
    for mount in own_mounts():
        if mount.path == str(folder) or mount.path.startswith(f"{folder}/"):
            yield mount.path


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
