"""The folders that attackers get: the helper with its copies, read-only, and a scratch folder for all.

Everything is made on the node, in the session's folder, and removed with it; nothing comes into an image.
"""

import os
import shutil
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from ...attacks import mount_filesystem, open_device_node
from ...attacks.model.strangers_file import file_of
from ...effective.linux_capabilities import to_mask

__all__ = ["HELPER", "PROGRAM", "file_capability", "make_copies", "make_device", "make_scratch", "remove"]

HELPER = "helper"
PROGRAM = "program"


def file_capability(name: str) -> bytes:
    """Lay out the extended attribute security.capability, version 2: permitted and effective, `+ep`.

    Source: linux include/uapi/linux/capability.h, struct vfs_cap_data.
    """
    mask = to_mask((name,))
    return struct.pack("<5I", 0x02000000 | 1, mask & 0xFFFFFFFF, 0, mask >> 32, 0)


def make_copies(folder: Path, helper: bytes, *, capability: str | None, dropped: str | None) -> None:
    """Write the helper, its set-user-ID copy, and those with a file capability, into a new folder.

    Raises OSError: the file system has no room.
    """
    folder.mkdir(mode=0o755)
    copies: list[tuple[str, int, str | None]] = [(HELPER, 0o755, None), ("set-user-id", 0o4755, None)]
    if capability is not None:
        copies.append(("file-capability", 0o755, capability))
    if dropped is not None:
        copies.append(("file-capability-dropped", 0o755, dropped))
    for name, mode, capabilities in copies:
        path = folder / name
        path.write_bytes(helper)
        os.chown(path, 0, 0)
        path.chmod(mode)
        if capabilities is not None:
            os.setxattr(path, "security.capability", file_capability(capabilities))


def make_scratch(folder: Path, containers: Iterable[str], stranger: int, *, device: bool) -> None:
    """Make the scratch folder: another user's files, an empty folder, files of devices."""
    folder.mkdir()
    folder.chmod(0o777)
    for container in containers:
        path = folder / file_of(container)
        path.write_text("another user's\n")
        path.chmod(0o600)
        os.chown(path, stranger, stranger)
    (folder / mount_filesystem.FOLDER).mkdir()
    for one in open_device_node.DEVICES if device else ():
        make_device(folder / one.file, one)


def make_device(path: Path, device: open_device_node.ProbedDevice) -> None:
    """Make the file of a device that everybody may open. Raises OSError: it cannot be made."""
    kind = stat.S_IFCHR if device.kind == "char" else stat.S_IFBLK
    os.mknod(path, kind | 0o666, os.makedev(device.major, device.minor))
    path.chmod(0o666)


def remove(folder: Path) -> None:
    """Remove the folders; attackers wrote there, so links are not followed (shutil does not)."""
    shutil.rmtree(folder, ignore_errors=True)
