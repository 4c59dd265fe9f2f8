"""Values from YAML events: one pass, no recursion, nothing kept but the value itself.

In: a parser's events for one document. Out: the value, the routes of keys written twice, the first line.
Never computes places (see places.py) and never knows Kubernetes.
"""

from typing import Any, NamedTuple

import yaml

from podproof.manifest.document import Limits
from podproof.manifest.route import Route
from podproof.manifest.scalars import MAY_BE_SPECIAL, MERGE_TAG, ScalarError, key_text, plain, tagged

_Scalar, _Alias = yaml.ScalarEvent, yaml.AliasEvent
_MappingStart, _SequenceStart = yaml.MappingStartEvent, yaml.SequenceStartEvent
_MappingEnd, _SequenceEnd = yaml.MappingEndEvent, yaml.SequenceEndEvent

_LOW, _HIGH = 400_000, 4_000_000
"""Decode operations between which go-yaml lowers the share that aliases may have from 99 % to 10 %."""


class Complaint(Exception):
    """Says why a text that is well-formed YAML still is not a value; `index` is a code point of the text."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class Built(NamedTuple):
    """A document's value; `line` is the 0-based line of its first node."""

    value: object
    duplicates: tuple[Route, ...]
    line: int


class _Mark:
    """Stands where a key is expected or a merge key was read."""


_NO_KEY = _Mark()
_MERGE = _Mark()


def excessive(decoded: int, aliased: int) -> bool:
    """Tell whether go-yaml refuses a document in which `aliased` of `decoded` nodes came from aliases."""
    if aliased <= 100 or decoded <= 1000:
        return False
    if decoded <= _LOW:
        allowed = 0.99
    elif decoded >= _HIGH:
        allowed = 0.10
    else:
        allowed = 0.99 - 0.89 * ((decoded - _LOW) / (_HIGH - _LOW))
    return aliased / decoded > allowed


def build(parser: Any, limits: Limits) -> Built | None:
    """Read the next document's value; None when the stream holds none.

    Raises Complaint for limits, keys that cannot be keys, and wrong aliases, merges and tags;
    yaml.YAMLError when the text is no YAML.
    """
    get = parser.get_event
    event = get()
    if event.__class__ is yaml.StreamStartEvent:
        event = get()
    if event.__class__ is yaml.StreamEndEvent:
        return None
    line = -1
    duplicates: list[Route] = []
    anchors: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    merged: dict[int, set[str]] = {}
    # one frame per open collection: the collection around it, its pending key, kind, anchor and count
    stack: list[tuple[Any, Any, bool, str | None, int]] = []
    anchor: str | None = None
    began = 0
    count = 0
    aliased = 0
    current: Any = None
    is_map = False
    key: Any = _NO_KEY
    value: Any = None
    while True:
        event = get()
        kind = event.__class__
        if kind is _Scalar:
            count += 1
            text = event.value
            if event.tag is None:
                if not event.implicit[0]:
                    value = text
                elif text and text[0] not in MAY_BE_SPECIAL:
                    if is_map and key is _NO_KEY and text == "<<":
                        key = _MERGE
                        continue
                    value = text
                else:
                    value = plain(text)
            else:
                if is_map and key is _NO_KEY and text == "<<" and event.tag == MERGE_TAG:
                    key = _MERGE
                    continue
                try:
                    value = tagged(event.tag, text)
                except ScalarError as error:
                    raise Complaint(
                        f"{error}: correct the tag or the value", event.start_mark.index
                    ) from None
            if event.anchor is not None:
                anchors[event.anchor] = value
                sizes[event.anchor] = 1
            if is_map and key is _NO_KEY:
                key = value if value.__class__ is str else _key(value, text, event.start_mark.index)
                continue
        elif kind is _MappingStart or kind is _SequenceStart:
            count += 1
            if is_map and key is _NO_KEY:
                raise Complaint(_collection_key(event), event.start_mark.index)
            if len(stack) >= limits.max_depth:
                raise Complaint(
                    f"nested deeper than {limits.max_depth} levels: no Kubernetes object is, so flatten it",
                    event.start_mark.index,
                )
            stack.append((current, key, is_map, anchor, began))
            if line < 0:
                line = event.start_mark.line
            is_map = kind is _MappingStart
            current = {} if is_map else []
            key = _NO_KEY
            began = count
            anchor = event.anchor
            if anchor is not None:
                anchors[anchor] = current
                sizes[anchor] = -1  # open: an alias to it from inside would contain itself
            continue
        elif kind is _MappingEnd or kind is _SequenceEnd:
            value = current
            if anchor is not None:
                sizes[anchor] = count - began + 1
            if merged:
                merged.pop(id(current), None)
            current, key, is_map, anchor, began = stack.pop()
        elif kind is _Alias:
            name = event.anchor
            if name not in anchors:
                raise Complaint(
                    f"unknown anchor '{name}' referenced: define &{name} before it in this document",
                    event.start_mark.index,
                )
            size = sizes[name]
            if size < 0:
                raise Complaint(
                    f"anchor '{name}' value contains itself: write the value out where the alias stands",
                    event.start_mark.index,
                )
            count += 1 + size
            aliased += size
            if aliased > limits.max_alias_nodes or excessive(count, aliased):
                raise Complaint(
                    "document contains excessive aliasing: write the values out instead of nesting aliases",
                    event.start_mark.index,
                )
            value = anchors[name]
            if is_map and key is _NO_KEY:
                if isinstance(value, (dict, list)):
                    raise Complaint(_collection_key(event), event.start_mark.index)
                key = _key(value, f"*{name}", event.start_mark.index)
                continue
            if key is _MERGE and is_map and not isinstance(value, dict):
                raise Complaint(_MERGE_WORDS, event.start_mark.index)
        else:  # the document's end
            return Built(value, tuple(duplicates), max(line, 0)) if kind is yaml.DocumentEndEvent else None
        if is_map:
            if key is _MERGE:
                _merge(current, value, merged, event.start_mark.index)
            else:
                if key in current:
                    own = merged.get(id(current)) if merged else None
                    if own is not None and key in own:
                        own.discard(key)
                    else:
                        duplicates.append(_route(stack, key))
                current[key] = value
            key = _NO_KEY
        elif current is not None:
            current.append(value)
        elif line < 0:
            line = event.start_mark.line


_MERGE_WORDS = (
    "map merge requires map or sequence of maps as the value: give << a mapping, *alias or a list of them"
)


def _merge(into: dict[str, object], source: object, merged: dict[int, set[str]], index: int) -> None:
    sources = source[::-1] if isinstance(source, list) else [source]
    own = merged.setdefault(id(into), set())
    for one in sources:
        if not isinstance(one, dict):
            raise Complaint(_MERGE_WORDS, index)
        into.update(one)
        own.update(one)


def _key(value: object, text: str, index: int) -> str:
    key = key_text(value)
    if key is None:
        named = f"the key {text!r} is null" if value is None else f"the key {text} is not a 63-bit integer"
        raise Complaint(f"{named}, which cannot be a key: quote it or give it a name", index)
    return key


def _collection_key(event: Any) -> str:
    if event.__class__ is _MappingStart and event.flow_style:
        return (
            "a mapping cannot be a key: `{{ ... }}` looks like a template, so render it first (helm template)"
        )
    return "a collection cannot be a key: write a plain key before the colon"


def _route(stack: list[tuple[Any, Any, bool, str | None, int]], key: str) -> Route:
    """Give the route of `key` in the collection that is open, by the frames around it."""
    route: list[str | int] = [key]
    for container, pending, is_map, _, _ in reversed(stack):
        if container is None:
            continue
        if not is_map:
            route.append(len(container))
        elif isinstance(pending, str):
            route.append(pending)
        else:
            route.append("<<")
    return tuple(reversed(route))
