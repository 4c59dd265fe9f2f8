"""Reads what is known about images and the node: paths in, facts out. What a file leaves out is unknown."""

import os
from collections.abc import Mapping

from ..effective.image import ImageConfig
from ..effective.node import Node, parse_node
from ..errors import UsageError
from ..images import DEFAULT_LOCK
from ..manifest.document import Document, UnreadableDocument
from ..manifest.reader import read
from ..manifest.route import Route

__all__ = ["find_images", "read_node"]


def find_images(path: str | None) -> Mapping[str, ImageConfig]:
    """Read the lock file at `path`; None: the default one in the current folder when there is one."""
    if path is None:
        if not os.path.isfile(DEFAULT_LOCK):
            return {}
        path = DEFAULT_LOCK
    from ..images.lock import read_lock

    return read_lock(path)


def read_node(path: str | None) -> Node:
    """Read a node file; None: nothing is known of the node.

    Raises UsageError: it cannot be read, is not one YAML document, or has a key that node files do not have.
    """
    if path is None:
        return Node()
    from pathlib import Path  # costs 2 ms to import: only where there is a file

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
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
