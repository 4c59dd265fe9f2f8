"""A layer as a tree of files: entries come in, a tar that is the same for the same entries goes out.

Nothing is unpacked, no owner is looked up by name and no time of day gets in. Entries of somebody else's tar
are copied by their names into ours; no name becomes a path of this machine.
"""

import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Literal, cast

import msgspec

from .errors import ImageError

__all__ = ["LayerEntry", "copy_layer", "write_layer"]

_DROPPED = frozenset(
    {"etc/hostname", "etc/resolv.conf", "var/cache/apt/archives/lock", "var/lib/apt/lists/lock"}
)
"""Facts about the machine that built the tree, and locks."""

_KINDS = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


class LayerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One path of an image, relative and with slashes. `source` is a file of this machine, else `data` is it.

    `target` is a symbolic link's. `mode` has the permission bits, setuid and setgid included; `xattrs` are as
    the kernel stores them (`security.capability`).
    """

    path: str
    kind: Literal["file", "folder", "link"] = "file"
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    source: Path | None = None
    data: bytes = b""
    target: str = ""
    xattrs: Mapping[str, bytes] = {}


def write_layer(file: IO[bytes], entries: Iterable[LayerEntry], *, epoch: int) -> None:
    """Write the tar of a layer, sorted; folders that are not named are root's, 0755. The last of a name wins.

    `epoch` is every entry's time, in seconds. Raises ImageError: a source cannot be read.
    """
    by_path = {entry.path: entry for entry in entries}
    for path in list(by_path):
        folder = path.rpartition("/")[0]
        while folder and folder not in by_path:
            by_path[folder] = LayerEntry(path=folder, kind="folder", mode=0o755)
            folder = folder.rpartition("/")[0]
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(by_path):
            _add(tar, by_path[path], epoch)


def _add(tar: tarfile.TarFile, entry: LayerEntry, epoch: int) -> None:
    info = tarfile.TarInfo(entry.path)
    info.type, info.mode = _KINDS[entry.kind], 0o777 if entry.kind == "link" else entry.mode
    info.uid, info.gid, info.mtime, info.linkname = entry.uid, entry.gid, epoch, entry.target
    # the way of containerd, docker and GNU tar to keep extended attributes; surrogates carry the raw bytes
    info.pax_headers = {
        f"SCHILY.xattr.{name}": value.decode("utf-8", "surrogateescape")
        for name, value in entry.xattrs.items()
    }
    if entry.kind != "file" or entry.source is None:
        info.size = len(entry.data)
        from io import BytesIO

        tar.addfile(info, BytesIO(entry.data))
        return
    try:
        with entry.source.open("rb") as content:
            info.size = content.seek(0, 2)
            content.seek(0)
            tar.addfile(info, content)
    except OSError as error:
        raise ImageError(f"cannot read {entry.source}: {error.strerror or error}") from error


def copy_layer(source: Path, file: IO[bytes], *, epoch: int) -> None:
    """Copy a root file system's tar as a layer: names relative, owners as numbers, every time `epoch`.

    Devices, sockets and what only the building machine knows (its resolv.conf) are left out: a runtime makes
    its own. Raises ImageError: the tar cannot be read.
    """
    try:
        with (
            tarfile.open(source, mode="r:") as rootfs,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for member in rootfs:
                rootfs.members = []  # type: ignore[attr-defined]  # else every member is kept in memory
                name = "/".join(part for part in member.name.split("/") if part not in ("", "."))
                if not name or name in _DROPPED or name.startswith("dev/"):
                    continue
                if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
                    continue
                member.name, member.mtime, member.uname, member.gname = name, epoch, "", ""
                if member.islnk():
                    member.linkname = "/".join(p for p in member.linkname.split("/") if p not in ("", "."))
                member.pax_headers = {
                    key: value for key, value in member.pax_headers.items() if key.startswith("SCHILY.xattr.")
                }
                tar.addfile(member, cast("IO[bytes]", rootfs.extractfile(member)) if member.isreg() else None)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ImageError(f"cannot copy the root file system: {error}") from error
