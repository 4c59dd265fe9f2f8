"""Numbers of the system calls that attacks use, by machine: those that both machines have."""

__all__ = ["SYSCALLS", "number"]

SYSCALLS: dict[str, tuple[int, int]] = {
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bind": (49, 200),
    "capget": (125, 90),
    "capset": (126, 91),
    "chroot": (161, 51),
    "close": (3, 57),
    "execve": (59, 221),
    "faccessat": (269, 48),
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "geteuid": (107, 175),
    "init_module": (175, 105),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "mknodat": (259, 33),
    "mount": (165, 40),
    "nanosleep": (35, 101),
    "openat": (257, 56),
    "personality": (135, 92),
    "pivot_root": (155, 41),
    "prctl": (157, 167),
    "ptrace": (101, 117),
    "read": (0, 63),
    "request_key": (249, 218),
    "setgroups": (116, 159),
    "setns": (308, 268),
    "setresgid": (119, 149),
    "setresuid": (117, 147),
    "socket": (41, 198),
    "umount2": (166, 39),
    "unlinkat": (263, 35),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "wait4": (61, 260),
}
"""Name to the numbers on x86_64 and aarch64.

Source: linux arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h.
"""

_MACHINES = ("x86_64", "aarch64")


def number(architecture: str, name: str) -> int:
    """Give the call's number on a machine as uname(2) names it. Raises KeyError: no such call."""
    return SYSCALLS[name][_MACHINES.index(architecture)]
