"""What a program gains by its file: a tar header's mode, owner and attribute come in, texts go out.

Texts are as `stat -c '%04a %u:%g'` and getcap print them.
Source: linux include/uapi/linux/capability.h, vfs_cap_data and vfs_ns_cap_data; capabilities(7).
"""

import struct

from ..effective.linux_capabilities import from_mask

__all__ = ["SET_ID_BITS", "capability_text", "set_id_text"]

SET_ID_BITS = 0o6000
"""S_ISUID and S_ISGID. Source: inode(7)."""

_EFFECTIVE = 1
_SIZES = {1: 12, 2: 20, 3: 24}
"""Bytes of each revision; the third has the root user of a namespace at the end."""


def set_id_text(mode: int, uid: int, gid: int) -> str:
    """Describe a set-user-ID or set-group-ID file: `4755 0:0`; "" for one that is neither."""
    return f"{mode & 0o7777:04o} {uid}:{gid}" if mode & SET_ID_BITS else ""


def capability_text(attribute: bytes) -> str:
    """Describe the extended attribute security.capability: `cap_net_raw=ep`; "" where it grants nothing.

    `unknown` stands for a form that the kernel does not know: it refuses to start such a file.
    """
    if len(attribute) < 4:
        return "unknown"
    magic = int.from_bytes(attribute[:4], "little")
    revision = magic >> 24
    if len(attribute) != _SIZES.get(revision):
        return "unknown"
    words = struct.unpack_from("<4I" if revision > 1 else "<2I", attribute, 4)
    permitted, inheritable = (
        (words[0], words[1])
        if revision == 1
        else (
            words[0] | words[2] << 32,
            words[1] | words[3] << 32,
        )
    )
    effective = "e" if magic & _EFFECTIVE else ""
    parts = []
    for mask, flags in (
        (permitted & inheritable, f"{effective}ip"),
        (permitted & ~inheritable, f"{effective}p"),
        (inheritable & ~permitted, f"{effective}i"),
    ):
        if names := from_mask(mask):
            parts.append(",".join(f"cap_{name.lower()}" for name in names) + f"={flags}")
    return " ".join(parts)
