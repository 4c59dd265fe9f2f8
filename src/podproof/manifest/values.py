"""Values from YAML events: one pass, no recursion, nothing kept but the value itself.

In: the events of one document. Out: its value, the routes of keys that are written twice, its first line.
Faults are found in the order of the text, before whatever follows is parsed. Never computes places (see
places.py) and never knows Kubernetes.
"""

from typing import Any, NamedTuple

from podproof.manifest.events import (
    ALIAS,
    MAPPING_END,
    MAPPING_START,
    SCALAR,
    SEQUENCE_END,
    SEQUENCE_START,
    NextEvent,
    open_document,
)
from podproof.manifest.limits import Limits, excessive_aliasing
from podproof.manifest.route import Route
from podproof.manifest.scalars import (
    MAY_BE_SPECIAL,
    MERGE_KEY,
    MERGE_TAG,
    ScalarError,
    key_text,
    resolve_plain,
    resolve_tagged,
)

__all__ = ["DocumentValue", "InvalidDocument", "read_value"]


class InvalidDocument(Exception):
    """Says why a text that is well-formed YAML still has no value; `index` is a code point of the text."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class DocumentValue(NamedTuple):
    """A document's value, the route of each key that is written again, the 0-based line of its first node."""

    value: object
    duplicates: tuple[Route, ...]
    line: int


class _Mark:
    """Stands where a key is expected or a merge key was read."""


_NO_KEY = _Mark()
_MERGE = _Mark()

_Frame = tuple[Any, Any, bool, str | None, int]
"""What waits for an open collection to end: the collection around it and, of that one, the pending key,
whether it is a mapping, its anchor, and how many nodes had been read when it began."""

_WANTS_MAPPINGS = (
    "map merge requires map or sequence of maps as the value: give << a mapping, *alias or a list of them"
)


def read_value(next_event: NextEvent, limits: Limits) -> DocumentValue | None:
    """Read the next document's value; None when the stream holds none.

    The loop keeps its state in local variables and makes no call for what most events are, since reading is
    where checking many files spends its time; anchors, merges and faults have functions of their own.
    Raises InvalidDocument: a limit is exceeded, a key cannot be a key, an alias, a merge or a tag is wrong;
    yaml.YAMLError: the text is not YAML.
    """
    if not open_document(next_event):
        return None
    max_depth = limits.max_depth
    duplicates: list[Route] = []
    anchors = _Anchors(limits)
    merges = _Merges()
    frames: list[_Frame] = []
    line = -1
    count = 0
    current: Any = None
    key: Any = _NO_KEY
    is_mapping = False
    anchor: str | None = None
    began = 0
    value: Any = None
    while True:
        event = next_event()
        kind = event.__class__
        if kind is SCALAR:
            count += 1
            text = event.value
            if event.tag is not None:
                value = _tagged(event)
            elif not event.implicit[0] or (text and text[0] not in MAY_BE_SPECIAL):
                value = text
            else:
                value = resolve_plain(text)
            if event.anchor is not None:
                anchors.add(event.anchor, value, 1)
            if is_mapping and key is _NO_KEY:
                key = value if value.__class__ is str and text != MERGE_KEY else _scalar_key(event, value)
                continue
        elif kind is MAPPING_START or kind is SEQUENCE_START:
            count += 1
            if is_mapping and key is _NO_KEY:
                raise _collection_as_key(event)
            if len(frames) >= max_depth:
                raise _too_deep(event, max_depth)
            if line < 0:
                line = event.start_mark.line
            frames.append((current, key, is_mapping, anchor, began))
            is_mapping = kind is MAPPING_START
            current = {} if is_mapping else []
            key = _NO_KEY
            anchor = event.anchor
            began = count
            if anchor is not None:
                anchors.add(anchor, current, _OPEN)
            continue
        elif kind is MAPPING_END or kind is SEQUENCE_END:
            value = current
            if anchor is not None:
                anchors.add(anchor, value, count - began + 1)
            if merges.keys:
                merges.keys.pop(id(current), None)
            current, key, is_mapping, anchor, began = frames.pop()
        elif kind is ALIAS:
            value, size = anchors.use(event, count)
            count += 1 + size
            if is_mapping and key is _NO_KEY:
                key = _alias_key(event, value)
                continue
            if key is _MERGE and not isinstance(value, dict):
                raise InvalidDocument(_WANTS_MAPPINGS, event.start_mark.index)
        else:  # the document's end
            return DocumentValue(value, tuple(duplicates), max(line, 0))
        if is_mapping:
            if key is _MERGE:
                merges.merge(current, value, event.start_mark.index)
            else:
                if key in current and not merges.overrides(current, key):
                    duplicates.append(_route(frames, key))
                current[key] = value
            key = _NO_KEY
        elif current is not None:
            current.append(value)
        elif line < 0:
            line = event.start_mark.line


_OPEN = -1
"""The size of a collection that has not ended: an alias to it from inside would contain itself."""


class _Anchors:
    """The values that aliases of one document can name, and how much aliases have stood for so far."""

    def __init__(self, limits: Limits) -> None:
        self._max_nodes = limits.max_alias_nodes
        self._values: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}
        self._aliased = 0

    def add(self, name: str, value: object, size: int) -> None:
        """Note what an anchor names; `size` is its number of nodes, aliases counted in full."""
        self._values[name] = value
        self._sizes[name] = size

    def use(self, event: Any, count: int) -> tuple[Any, int]:
        """Give the value and the size of what an alias stands for, when `count` nodes came before it."""
        name = event.anchor
        index = event.start_mark.index
        if name not in self._values:
            raise InvalidDocument(
                f"unknown anchor '{name}' referenced: define &{name} before it in this document", index
            )
        size = self._sizes[name]
        if size == _OPEN:
            raise InvalidDocument(
                f"anchor '{name}' value contains itself: write the value out where the alias stands", index
            )
        self._aliased += size
        if self._aliased > self._max_nodes or excessive_aliasing(count + 1 + size, self._aliased):
            raise InvalidDocument(
                "document contains excessive aliasing: write the values out instead of nesting aliases", index
            )
        return self._values[name], size


class _Merges:
    """Which keys of the open mappings a merge brought in: the mapping itself may set them once more."""

    def __init__(self) -> None:
        self.keys: dict[int, set[str]] = {}

    def merge(self, into: dict[str, object], source: object, index: int) -> None:
        """Put the fields of a mapping, or of a list of mappings, into another; the first of a list wins."""
        merged = self.keys.setdefault(id(into), set())
        for mapping in reversed(source) if isinstance(source, list) else (source,):
            if not isinstance(mapping, dict):
                raise InvalidDocument(_WANTS_MAPPINGS, index)
            into.update(mapping)
            merged.update(mapping)

    def overrides(self, mapping: dict[str, object], key: str) -> bool:
        """Tell whether `key`, which the mapping has, came by a merge; from now on it is the mapping's own."""
        merged = self.keys.get(id(mapping))
        if merged is None or key not in merged:
            return False
        merged.discard(key)
        return True


def _tagged(event: Any) -> object:
    try:
        return resolve_tagged(event.value, event.tag)
    except ScalarError as error:
        raise InvalidDocument(f"{error}: correct the tag or the value", event.start_mark.index) from None


def _scalar_key(event: Any, value: object) -> Any:
    """Give the text that a scalar becomes as a key, or the mark of a merge."""
    if event.value == MERGE_KEY and (event.implicit[0] or event.tag == MERGE_TAG):
        return _MERGE
    return _key(value, event.value, event.start_mark.index)


def _alias_key(event: Any, value: object) -> str:
    if isinstance(value, (dict, list)):
        raise _collection_as_key(event)
    return _key(value, f"*{event.anchor}", event.start_mark.index)


def _key(value: object, text: str, index: int) -> str:
    key = key_text(value)
    if key is None:
        problem = f"the key {text!r} is null" if value is None else f"the key {text} is not a 63-bit integer"
        raise InvalidDocument(f"{problem}, which cannot be a key: quote it or give it a name", index)
    return key


def _too_deep(event: Any, max_depth: int) -> InvalidDocument:
    return InvalidDocument(
        f"nested deeper than {max_depth} levels: no Kubernetes object is, so flatten it",
        event.start_mark.index,
    )


def _collection_as_key(event: Any) -> InvalidDocument:
    if event.__class__ is MAPPING_START and event.flow_style:
        message = (
            "a mapping cannot be a key: `{{ ... }}` looks like a template, so render it first (helm template)"
        )
    else:
        message = "a collection cannot be a key: write a plain key before the colon"
    return InvalidDocument(message, event.start_mark.index)


def _route(frames: list[_Frame], key: str) -> Route:
    """Give the route of `key` in the collection that is open, by the frames around it."""
    route: list[str | int] = [key]
    for container, pending, is_mapping, _, _ in reversed(frames):
        if container is None:
            continue
        if not is_mapping:
            route.append(len(container))
        elif isinstance(pending, str):
            route.append(pending)
        else:
            route.append(MERGE_KEY)
    return tuple(reversed(route))
