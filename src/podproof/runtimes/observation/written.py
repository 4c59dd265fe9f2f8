"""What a container has written into its root file system, and which folders an empty volume may cover.

A process comes in, the layers of its overlay are read from outside. Where the root is no overlay, or its
layers cannot be named, nothing is known. Nothing outside of the layers is
looked at.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ..mountinfo import MountPoint, parse_mountinfo, visible

__all__ = ["RootLayers", "WrittenFolders", "layers_of_options", "root_layers"]

_MOST_LINKS = 40
"""Links followed for one path. Source: linux path_resolution(7)."""

_MOST_ENTRIES = 20_000
"""Entries of an upper layer that are looked at: who writes more writes the same few folders again."""


class WrittenFolders(msgspec.Struct, frozen=True):
    """Folders that need a volume, and paths written beside the image's own content, where none may be."""

    folders: tuple[str, ...]
    blocked: tuple[str, ...] = ()


class RootLayers(msgspec.Struct, frozen=True):
    """The layers of a container's root: what it writes goes to `upper`, the image is in `lower`.

    `mounts` are the paths of everything else that is mounted in it.
    """

    upper: Path
    lower: tuple[Path, ...]
    mounts: frozenset[str]

    def written(self) -> WrittenFolders:
        """Give the folders into which something was written, each as high as an empty volume may be."""
        folders: set[str] = set()
        blocked: set[str] = set()
        for path, is_folder in self._entries():
            folder = self.folder_for(path, is_folder=is_folder)
            if folder is None:
                blocked.add(path)
            else:
                folders.add(folder)
        return WrittenFolders(tuple(sorted(folders)), tuple(sorted(blocked)))

    def folder_for(self, path: str, *, is_folder: bool = False) -> str | None:
        """Give the folder that an empty volume makes writable for a path; None: it would hide content.

        That is the folder of the path where the image has nothing in it, else the topmost that it lacks.
        Links are followed inside the image.
        """
        path = self._resolved(path)
        above, _, _ = path.rpartition("/")
        while above and not self._image_has(above):
            path, is_folder = above, True
            above, _, _ = above.rpartition("/")
        if above and self._is_empty(above):
            return above
        return path if is_folder and not self._image_has(path) else None

    def owner_of(self, path: str) -> int | None:
        """Give the user who owns the nearest folder at or above a path in the image; None: not known."""
        path = self._resolved(path)
        while path:
            for layer in self.lower:
                status = _status(layer, path)
                if status is not None and stat.S_ISDIR(status.st_mode):
                    return status.st_uid
            path, _, _ = path.rpartition("/")
        return None

    def _entries(self) -> Iterator[tuple[str, bool]]:
        """Walk the upper layer: every file, and every folder that the image lacks; not what is mounted."""
        pending, left = [""], _MOST_ENTRIES
        while pending and left > 0:
            folder = pending.pop()
            try:
                entries = sorted(os.scandir(f"{self.upper}{folder}"), key=lambda entry: entry.name)
            except OSError:
                continue
            left -= len(entries)
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if path in self.mounts:
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    yield path, False
                elif self._image_has(path) or any(one.startswith(f"{path}/") for one in self.mounts):
                    pending.append(path)
                else:
                    yield path, True

    def _resolved(self, path: str) -> str:
        """Follow the links of a path inside the image."""
        pending, resolved, links = path.split("/")[::-1], "", 0
        while pending:
            part = pending.pop()
            if part == "..":
                resolved = resolved.rpartition("/")[0]
            elif part not in ("", "."):
                target = self._link(f"{resolved}/{part}") if links < _MOST_LINKS else None
                if target is None:
                    resolved = f"{resolved}/{part}"
                else:
                    links += 1
                    resolved = "" if target.startswith("/") else resolved
                    pending += target.split("/")[::-1]
        return resolved

    def _link(self, path: str) -> str | None:
        for layer in self.lower:
            status = _status(layer, path)
            if status is not None:
                return os.readlink(f"{layer}{path}") if stat.S_ISLNK(status.st_mode) else None
        return None

    def _image_has(self, path: str) -> bool:
        return any(_status(layer, path) is not None for layer in self.lower)

    def _is_empty(self, folder: str) -> bool:
        """Tell whether the image has an empty folder there; what lower layers have and upper hide counts."""
        found = False
        for layer in self.lower:
            status = _status(layer, folder)
            if status is None:
                continue
            if not stat.S_ISDIR(status.st_mode) or os.listdir(f"{layer}{folder}"):
                return False
            found = True
        return found


def root_layers(pid: int) -> RootLayers | None:
    """Find the layers of a process's root file system; None: it is gone, or they cannot be told."""
    try:
        text = Path(f"/proc/{pid}/mountinfo").read_text(errors="surrogateescape")
    except OSError:
        return None
    return layers_of(parse_mountinfo(text))


def layers_of(mounts: tuple[MountPoint, ...]) -> RootLayers | None:
    """Find the layers among the mounts that a process sees; None: its root is no overlay that names them."""
    seen = visible(mounts)
    root = seen.get("/")
    if root is None or root.type != "overlay":
        return None
    return layers_of_options(root.options, (path for path in seen if path != "/"))


def layers_of_options(options: Iterable[str], mounts: Iterable[str]) -> RootLayers | None:
    """Find the layers in the options of an overlay; `mounts` are the paths of what is mounted in it."""
    given = dict(option.split("=", 1) for option in options if "=" in option)
    upper, lower = given.get("upperdir", ""), given.get("lowerdir", "").split(":")
    if not upper.startswith("/") or not all(path.startswith("/") for path in lower):
        return None  # containerd shortens long lists to relative paths
    return RootLayers(Path(upper), tuple(map(Path, lower)), frozenset(mounts))


def _status(layer: Path, path: str) -> os.stat_result | None:
    """Give what a layer has at a path; a whiteout is nothing, and links above the path are not followed."""
    current = str(layer)
    status: os.stat_result | None = None
    for part in path.strip("/").split("/"):
        if status is not None and not stat.S_ISDIR(status.st_mode):
            return None
        current = f"{current}/{part}"
        try:
            status = os.lstat(current)
        except OSError:
            return None
    if status is not None and stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:
        return None
    return status
