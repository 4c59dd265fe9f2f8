"""Kernel parameters as a process has them: those of its network, IPC and UTS namespaces are its own.

/proc/sys shows each reader its own namespaces', so a thread goes into the process's, reads, and ends.
Source: setns(2); linux net/sysctl_net.c, ipc/ipc_sysctl.c: the reader's namespaces are looked at.
"""

import ctypes
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ...effective.value import Unknown

__all__ = ["read_sysctls"]

_NAMESPACES = ("net", "ipc", "uts")


def read_sysctls(pid: int, names: Iterable[str], proc: Path) -> dict[str, str | Unknown]:
    """Read parameters by their dotted names; tabs between numbers become spaces, as people write them.

    A name that has slashes in a component (`net.ipv4.conf.eth0/1.forwarding`) is written with them swapped.
    """
    asked = tuple(names)
    if not asked:
        return {}
    # a thread of its own: its namespaces are not given back
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(_read, pid, asked, proc).result()


def _read(pid: int, names: tuple[str, ...], proc: Path) -> dict[str, str | Unknown]:
    problem = _enter(pid, proc)
    parameters: dict[str, str | Unknown] = {}
    for name in names:
        if problem is not None:
            parameters[name] = problem
            continue
        path = proc / "sys" / name.translate({ord("."): "/", ord("/"): "."})
        try:
            parameters[name] = " ".join(path.read_text().split())
        except OSError as error:
            parameters[name] = Unknown(f"{path}: {error.strerror}")
    return parameters


def _enter(pid: int, proc: Path) -> Unknown | None:
    libc = ctypes.CDLL(None, use_errno=True)
    for name in _NAMESPACES:
        path = proc / str(pid) / "ns" / name
        try:
            if os.stat(path).st_ino == os.stat(proc / "thread-self" / "ns" / name).st_ino:
                continue
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            return Unknown(f"{path}: {error.strerror}")
        try:
            if libc.setns(descriptor, 0) != 0:
                return Unknown(f"{path}: {os.strerror(ctypes.get_errno())}")
        finally:
            os.close(descriptor)
    return None
