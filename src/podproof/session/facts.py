"""Reads what is known about images and the node: paths in, facts out. What a file leaves out is unknown."""

import os
from collections.abc import Mapping

from ..effective.image import ImageConfig
from ..effective.node import Node, parse_node
from ..errors import UsageError
from ..images import DEFAULT_LOCK
from ..inputs.files import OF_OPTIONS, read_named
from ..manifest.document import Document, UnreadableDocument
from ..manifest.limits import Limits
from ..manifest.reader import read
from ..manifest.route import Route

__all__ = ["find_images", "read_images", "read_node"]


def find_images(path: str | None) -> Mapping[str, ImageConfig]:
    """Read the lock file at `path`; None: the default one in the current folder when there is one."""
    if path is None:
        if not os.path.isfile(DEFAULT_LOCK):
            return {}
        path = DEFAULT_LOCK
    return read_images(path)


def read_images(path: str) -> Mapping[str, ImageConfig]:
    """Read a lock file. Raises ImageError: it cannot be read, is not a lock file, or has a wrong entry."""
    from ..images.errors import ImageError
    from ..images.lock import parse_lock

    try:
        data = read_named(path, Limits(max_bytes=64 * 2**20, max_seconds=OF_OPTIONS.max_seconds))
    except (OSError, ValueError) as error:
        raise ImageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse_lock(path, data)


def read_node(path: str | None) -> Node:
    """Read a node file; None: nothing is known of the node.

    Raises UsageError: it cannot be read, is not one YAML document, or has a key that node files do not have.
    """
    if path is None:
        return Node()
    try:
        data = read_named(path)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot be read: {words}") from error
    documents = list(read(path, data))
    if len(documents) != 1 or not isinstance(documents[0], Document):
        broken = documents[0] if documents and isinstance(documents[0], UnreadableDocument) else None
        reason = (
            f"{broken.line}:{broken.column}: {broken.message}" if broken else "1: must be one YAML document"
        )
        raise UsageError(f"{path}:{reason}")
    document = documents[0]

    def where(route: Route) -> str:
        place = document.place(route, key=bool(route) and isinstance(route[-1], str))
        return f"{path}:{place.line}:{place.column}"

    for route in document.duplicates:
        raise UsageError(f"{where(route)}: {route[-1]} is set twice, keep one of them")
    return parse_node(document.value, where=where)
