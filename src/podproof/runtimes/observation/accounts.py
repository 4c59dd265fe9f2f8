"""Reads an image's accounts out of a running container, for runtimes whose image store nobody else may read.

A process and the facts that are known of its image come in; the facts with /etc/passwd and /etc/group go out.
What the container itself has changed in these files since its start is taken for the image's. What is mounted
over one of them is not the image's, but for a copy with one entry more, which cri-o makes.
"""

import os
import re
import stat
from pathlib import Path

import msgspec

from ...effective.image import ImageConfig
from ..mountinfo import parse_mountinfo
from ..safe_files import open_in_root

__all__ = ["with_accounts"]

_LONGEST = 1 << 20
"""Bytes of a file that is read; a longer one stays unknown."""

_ADDED = {
    "/etc/passwd": re.compile(r"(?:\A|(?<=\n))([^:\n]*):x:\d+:\d+:\1 user:[^:\n]*:/sbin/nologin\n\Z"),
    "/etc/group": re.compile(r"(?:\A|(?<=\n))(\d+):x:\1:\n\Z"),
}
"""The entry for a user or group that the image lacks. Source: cri-o utils/utils.go."""


def with_accounts(config: ImageConfig | None, pid: int | None) -> ImageConfig | None:
    """Fill in passwd and group where they are unknown; what cannot be read stays so. None gives None."""
    if config is None or pid is None or (config.passwd is not None and config.group is not None):
        return config
    return msgspec.structs.replace(
        config,
        passwd=config.passwd if config.passwd is not None else _of_image(pid, "/etc/passwd"),
        group=config.group if config.group is not None else _of_image(pid, "/etc/group"),
    )


def _of_image(pid: int, path: str) -> str | None:
    text = _text(Path(f"/proc/{pid}/root"), path)
    try:
        mounts = {mount.path for mount in parse_mountinfo(Path(f"/proc/{pid}/mountinfo").read_text())}
    except (OSError, UnicodeDecodeError):
        return None
    if text is None or not mounts.intersection((path, "/etc")):
        return text
    without, count = _ADDED[path].subn("", text)
    return without if count and path in mounts else None


def _text(root: Path, path: str) -> str | None:
    """Read a file of the container; "" when it has none, None when it cannot be read as an account file."""
    opened = open_in_root(root, path, os.O_RDONLY | os.O_NONBLOCK)
    if opened is None:
        # a process that has ended has no root: then nothing is known
        folder = open_in_root(root, "/")
        if folder is None:
            return None
        os.close(folder)
        there = open_in_root(root, path)
        if there is None:
            return ""
        os.close(there)
        return None
    with os.fdopen(opened, "rb") as file:
        try:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            data = file.read(_LONGEST + 1)
        except OSError:
            return None
    return data.decode("utf-8", "surrogateescape") if len(data) <= _LONGEST else None
