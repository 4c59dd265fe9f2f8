"""How the node's kernel is set, as far as attacks' outcomes depend on it; read, and never changed."""

import ctypes
import errno
import os
import platform
from collections.abc import Callable
from pathlib import Path

from ...attacks.filtered_calls import PROBES
from ...attacks.model.attack import NodeFacts
from ...attacks.model.syscalls import number
from ...attacks.open_device_node import DEVICES, ProbedDevice
from ..helper import ARCHITECTURES
from .scratch import file_capability, make_device

__all__ = ["node_facts", "opens"]


def node_facts(folder: Path, *, proc: Path = Path("/proc")) -> NodeFacts:
    """Read the facts; `folder` is where helpers will lie: its file system may be nosuid or nodev."""
    flags = os.statvfs(folder).f_flag
    return NodeFacts(
        port_start=_number(proc / "sys/net/ipv4/ip_unprivileged_port_start"),
        # absent: the kernel has no Yama, and restricts nothing
        ptrace_scope=_number(proc / "sys/kernel/yama/ptrace_scope", absent=0),
        user_namespaces=_user_namespaces(proc),
        modules=_modules(proc),
        set_user_id=not flags & os.ST_NOSUID and _takes(folder, _give_capability),
        answers=_answers(),
        device_files=not flags & os.ST_NODEV and _takes(folder, lambda path: make_device(path, DEVICES[0])),
        unopened=frozenset(device.name for device in DEVICES if not opens(folder, device)),
    )


def _takes(folder: Path, step: Callable[[Path], None]) -> bool:
    """Try a step on a file of the folder; not every file system, nor every user who runs this, can do it."""
    path = folder / "probe"
    try:
        step(path)
    except OSError:
        return False
    finally:
        path.unlink(missing_ok=True)
    return True


def _give_capability(path: Path) -> None:
    path.touch()
    os.setxattr(path, "security.capability", file_capability("NET_RAW"))


def opens(folder: Path, device: ProbedDevice) -> bool:
    """Try to open a device as attackers will; not one without a driver, which the kernel would load."""
    if not Path(f"/sys/dev/{device.kind}/{device.major}:{device.minor}").exists():
        return False

    def open_it(path: Path) -> None:
        make_device(path, device)
        for mode in device.modes:
            os.close(os.open(path, mode | os.O_NONBLOCK | os.O_CLOEXEC))

    return _takes(folder, open_it)


def _user_namespaces(proc: Path) -> bool | None:
    # the second is Debian's, the third Ubuntu's
    limit = _number(proc / "sys/user/max_user_namespaces", absent=0)
    clone = _number(proc / "sys/kernel/unprivileged_userns_clone", absent=1)
    restricted = _number(proc / "sys/kernel/apparmor_restrict_unprivileged_userns", absent=0)
    if limit is None or clone is None or restricted is None:
        return None
    return limit > 0 and clone != 0 and restricted == 0


def _modules(proc: Path) -> bool | None:
    if not (proc / "modules").exists():
        return False
    disabled = _number(proc / "sys/kernel/modules_disabled", absent=1)
    return None if disabled is None else disabled == 0


def _answers() -> dict[str, str]:
    """Ask this machine's kernel what the seccomp probes ask it: it may lack a call, or be filtered itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    machine = platform.machine()
    answers: dict[str, str] = {}
    for probe in PROBES:
        if not probe.answer or machine not in ARCHITECTURES:
            continue  # it would change this process
        words = [ctypes.c_ulong(int(word)) for word in probe.arguments if isinstance(word, int)]
        failed = libc.syscall(ctypes.c_long(number(machine, probe.call)), *words) < 0
        answers[probe.call] = errno.errorcode.get(ctypes.get_errno(), "") if failed else ""
    return answers


def _number(path: Path, absent: int | None = None) -> int | None:
    try:
        return int(path.read_text())
    except FileNotFoundError:
        return absent
    except (OSError, ValueError):
        return None
