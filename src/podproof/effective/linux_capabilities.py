"""The kernel's capabilities by number, and the one place where manifest names and kernel masks meet."""

__all__ = ["CAPABILITIES", "CAPABILITY_SET", "from_mask", "short_name", "sort_by_kernel", "to_mask"]

CAPABILITIES: tuple[str, ...] = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip
"""Index = bit number. Source: linux include/uapi/linux/capability.h, 6.x: 0 (CHOWN) to 40."""

CAPABILITY_SET = frozenset(CAPABILITIES)


def short_name(name: str) -> str:
    """Write a capability as manifests do: upper case, without CAP_."""
    return name.upper().removeprefix("CAP_")


def sort_by_kernel(names: "frozenset[str] | set[str]") -> tuple[str, ...]:
    """Sort known capability names by their number in the kernel."""
    return tuple(name for name in CAPABILITIES if name in names)


def to_mask(names: "tuple[str, ...] | frozenset[str]") -> int:
    """Give the 64-bit mask that /proc/PID/status prints for these capabilities."""
    return sum(1 << CAPABILITIES.index(name) for name in set(names))


def from_mask(mask: int) -> tuple[str, ...]:
    """Read a mask of /proc/PID/status; bits without a name here are left out."""
    return tuple(name for bit, name in enumerate(CAPABILITIES) if mask >> bit & 1)
