"""The paths of an image, made of its layers: listings go in bottom first, the file behind a path comes out.

Whiteouts, opaque folders and links are followed inside the image, as the runtime does when it unpacks it.
"""

from typing import Literal, Union

import msgspec
from msgspec.structs import replace

from .errors import ImageError
from .limits import Meter, quoted

__all__ = ["MAX_LINKS", "ImageTree", "Listing", "PathNode"]

MAX_LINKS = 40
"""Links followed for one path. Source: linux path_resolution(7)."""


class PathNode(msgspec.Struct, frozen=True, gc=False):
    """What is at a path. A file says which layer has it and where: a name can occur twice in one.

    `target`: of a link. `content`: of a small file that decides users, so that its layer is not read again.
    `set_id` and `capabilities`: what a program gains by its file, "" for nothing.
    """

    kind: Literal["file", "link", "hard link", "folder", "other"]
    target: str = ""
    layer: int = -1
    position: int = -1
    content: bytes | None = None
    set_id: str = ""
    capabilities: str = ""


class Listing(msgspec.Struct, frozen=True):
    """What a layer does to the layers below it: `entries` in its own order, and what it takes away.

    `size`: bytes on the disk. `unreadable` says why the entries are unknown.
    """

    entries: tuple[tuple[str, PathNode], ...] = ()
    whiteouts: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    size: int = 0
    unreadable: str = ""


_Folder = dict[str, Union[PathNode, "_Folder"]]


class ImageTree:
    """The paths of one image, as far as its layers have been applied."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._root: _Folder = {}

    def apply(self, listing: Listing, layer: int) -> None:
        """Put a layer over those before it. Raises ImageError: its links go in circles, or cost too much."""
        self._meter.step(len(listing.entries))
        for path in listing.opaque:
            folder = self._plain(path)
            if isinstance(folder, dict):
                folder.clear()
        for path in listing.whiteouts:
            above, _, name = path.rpartition("/")
            folder = self._plain(above)
            if isinstance(folder, dict):
                folder.pop(name, None)
        last, folder = "", self._root
        for path, node in listing.entries:
            above, _, name = path.rpartition("/")
            if above != last:
                # most entries are in the folder of the one before, which nothing inside it can replace
                last, folder = above, self._make(above, path)
            self._add(folder, name, node, layer)

    def find(self, path: str) -> PathNode | None:
        """Follow a path to a file; None: there is nothing, or a folder. Raises ImageError: too many links."""
        found = self._follow(path, path)
        return found if isinstance(found, PathNode) else None

    def has_content(self, path: str) -> bool:
        """Tell whether anything is at a path but an empty folder. Raises ImageError: too many links."""
        return bool(self._follow(path, path))

    def _add(self, folder: _Folder, name: str, node: PathNode, layer: int) -> None:
        if node.kind == "folder":
            if not isinstance(folder.get(name), dict):
                folder[name] = {}
            return
        if node.kind == "hard link":
            target = self._plain("/".join(_parts(node.target)))
            linked = target if isinstance(target, PathNode) else PathNode("other")
            # a runtime gives the file what the link's header says
            node = replace(linked, set_id=node.set_id, capabilities=node.capabilities)
        elif node.kind == "file":
            node = replace(node, layer=layer)
        folder[name] = node

    def _plain(self, path: str) -> PathNode | _Folder | None:
        """Look a path up without following links."""
        found: PathNode | _Folder | None = self._root
        for part in path.split("/") if path else ():
            self._meter.step()
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def _make(self, path: str, entry: str) -> _Folder:
        """Give the folder of a path, through links, and make what is missing of it."""
        folder = self._root
        parts = path.split("/") if path else []
        for index, part in enumerate(parts):
            self._meter.step()
            below: PathNode | _Folder | None = folder.get(part)
            if isinstance(below, PathNode) and below.kind == "link":
                # an image may put files behind a link of a lower layer
                followed = self._follow("/".join(parts[: index + 1]), entry)
                if isinstance(followed, dict):
                    folder = followed
                    continue
            if not isinstance(below, dict):
                below = folder[part] = {}
            folder = below
        return folder

    def _follow(self, path: str, entry: str) -> PathNode | _Folder | None:
        """Follow links below the image's own root: an absolute link starts at that root."""
        pending = [part for part in reversed(path.split("/")) if part]
        above: list[_Folder] = [self._root]
        links = 0
        while pending:
            self._meter.step()
            part = pending.pop()
            if part == ".":
                continue
            if part == "..":
                if len(above) > 1:
                    above.pop()
                continue
            found = above[-1].get(part)
            if isinstance(found, dict):
                above.append(found)
            elif found is None:
                return None
            elif found.kind == "link":
                links += 1
                if links > MAX_LINKS:
                    raise ImageError(
                        f"{self._meter.where}: {quoted(entry)} is a chain of more than {MAX_LINKS} links"
                    )
                if found.target.startswith("/"):
                    above = [self._root]
                pending += [part for part in reversed(found.target.split("/")) if part]
            else:
                return found if not pending else None
        return above[-1]


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".", "..")]
