"""The credentials of a process: the texts of /proc/PID/status and uid_map go in, ids and sets come out.

Source: proc(5); user_namespaces(7), uid_map.
"""

import msgspec

from ...effective.linux_capabilities import from_mask

__all__ = ["ProcessCredentials", "Ranges", "parse_map", "parse_status", "through"]

Ranges = tuple[tuple[int, int, int], ...]

OVERFLOW = 65534
"""What the kernel shows for an id that a map does not have. Source: /proc/sys/kernel/overflowuid, default."""


class ProcessCredentials(msgspec.Struct, frozen=True):
    """What one process may: ids as the reader of /proc sees them, capability names in the kernel's order."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    inheritable: tuple[str, ...]
    permitted: tuple[str, ...]
    effective: tuple[str, ...]
    bounding: tuple[str, ...]
    ambient: tuple[str, ...]
    no_new_privs: bool
    seccomp: int
    inner_pid: int


def parse_status(text: str) -> ProcessCredentials:
    """Read the status file; uid and gid are the effective ones, `inner_pid` that of the innermost namespace.

    Raises ValueError: a line that every kernel since 4.10 has is missing, as for a process that is gone.
    """
    lines = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    try:
        sets = {name: from_mask(int(lines[f"Cap{name}"], 16)) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")}
        return ProcessCredentials(
            uid=int(lines["Uid"].split()[1]),
            gid=int(lines["Gid"].split()[1]),
            groups=tuple(sorted({int(group) for group in lines["Groups"].split()})),
            inheritable=sets["Inh"],
            permitted=sets["Prm"],
            effective=sets["Eff"],
            bounding=sets["Bnd"],
            ambient=sets["Amb"],
            no_new_privs=lines["NoNewPrivs"].strip() == "1",
            seccomp=int(lines["Seccomp"]),
            inner_pid=int(lines["NSpid"].split()[-1]),
        )
    except KeyError as error:
        raise ValueError(f"the status has no line {error.args[0]}") from error


def parse_map(text: str) -> Ranges:
    """Read uid_map or gid_map: first id inside, first id outside, how many."""
    rows = (line.split() for line in text.splitlines())
    return tuple((int(row[0]), int(row[1]), int(row[2])) for row in rows if len(row) == 3)


def through(ranges: Ranges, outside: int) -> int:
    """Give the id inside for one outside; the overflow id where the map has none."""
    for inner, outer, length in ranges:
        if outer <= outside < outer + length:
            return inner + outside - outer
    return OVERFLOW
