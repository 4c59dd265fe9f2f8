"""Plain data that Python code hands in, written as the JSON that a client would send.

A value comes in, bytes go out. A mapping that a YAML reader made may hold one thing a thousand times a
thousand times, or itself: what is not small is measured before it is written, each collection once.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any, NoReturn

from podproof.errors import ManifestError
from podproof.manifest.doubled import Doubled
from podproof.manifest.limits import DEFAULT, MAX_DEPTH, Limits
from podproof.manifest.type_name import type_name

__all__ = ["TooLargeAsJson", "is_plain", "json_of", "plain_copy", "require_size"]

_MOST_PLAIN = 100_000
"""Values, and characters of long texts, up to which plain data is worth a look of its own."""
_LONG = 64
"""Characters from which a text counts by its length: it may be in a list many times."""
_MOST_COLLECTIONS = 900
"""Collections up to which nothing can be nested more deeply than Python's own writer of JSON goes."""
_TOO_DEEP = "the object is nested too deeply to be read, or holds itself"


class TooLargeAsJson(ManifestError):
    """The JSON of a value has more bytes than may be written."""


def is_plain(value: object) -> bool:
    """Tell whether a value is made of nothing but what JSON has, each in Python's own type, and not too much.

    A float is not plain: JSON has several forms of it, and a server tells them apart. Neither is a key that
    is not a string, a tuple, or a type derived from another.
    """
    return _is_plain(value, _MOST_PLAIN, _MOST_COLLECTIONS)


def _is_plain(value: object, left: int, collections: int) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        kind = item.__class__
        if kind is str:
            if len(item) > _LONG:  # type: ignore[arg-type] # a text
                left -= len(item)  # type: ignore[arg-type] # a text
                if left < 0:
                    return False
            continue
        if kind is int or kind is bool or item is None:
            continue
        if kind is dict:
            for key in item:  # type: ignore[attr-defined] # a dict
                if key.__class__ is not str:
                    return False
                if len(key) > _LONG:
                    left -= len(key)
            pending.extend(item.values())  # type: ignore[attr-defined] # a dict
        elif kind is list:
            pending.extend(item)  # type: ignore[arg-type] # a list
        else:
            return False
        left -= len(item)  # type: ignore[arg-type] # either of them
        collections -= 1
        if left < 0 or collections < 0:
            return False
    return True


def json_of(value: object, max_bytes: int, *, max_depth: int = MAX_DEPTH, dates: bool = False) -> bytes:
    """Write a value as JSON, in ASCII, with its mappings, keys and tuples as Python's `json` writes them.

    Of a key that stands twice (see `Doubled`) both are written. With `dates`, a date or a time, which PyYAML
    makes of a text, is written as text again. Raises TooLargeAsJson: it would have more than `max_bytes`
    bytes. ManifestError: it holds what JSON cannot, or is nested more deeply than `max_depth`, as what holds
    itself is.
    """
    text = _at_once(value, _MOST_PLAIN, _MOST_COLLECTIONS)
    if not text:
        require_size(value, max_bytes, max_depth)
        text = _at_once(value, max_bytes, max_bytes) or "".join(_parts(value, dates))
    if len(text) > max_bytes:
        raise TooLargeAsJson(_too_large(max_bytes))
    return text.encode()


def _at_once(value: object, left: int, collections: int) -> str:
    """Write plain data of so much at once, which is ten times as fast; "" where that cannot be."""
    if not _is_plain(value, left, collections):
        return ""
    try:
        return _dumped(value)
    except RecursionError:  # the caller may be deep in calls itself
        return ""


def plain_copy(value: object, limits: Limits = DEFAULT) -> Any:
    """Copy a value as what a reader of its JSON would give, dates as text; plain data is given back itself.

    Raises ManifestError, TooLargeAsJson: see `json_of`; also for a number that JSON has not.
    """
    if is_plain(value):
        return value
    text = json_of(value, limits.max_bytes, max_depth=limits.max_depth, dates=True)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:  # some versions of Python give up earlier
        raise ManifestError(_TOO_DEEP) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ManifestError(f"the object cannot be written as JSON: {name} is not JSON")


def require_size(value: object, max_bytes: int, max_depth: int = MAX_DEPTH) -> None:
    """Refuse what is nested too deeply to be written as JSON, or surely larger than `max_bytes` then.

    Each collection is measured once, however often it stands in others. Raises TooLargeAsJson, ManifestError.
    """
    sizes: dict[int, int] = {}
    whole = _Open([value])
    whole.size = 0
    open_ = [whole]
    while True:
        current = open_[-1]
        for child in current.children:
            if isinstance(child, str):
                current.size += len(child) + 2
            elif isinstance(child, Mapping | list | tuple):
                known = sizes.get(id(child))
                if known is None:
                    open_.append(_Open(child))
                    break
                current.size += known
            else:
                current.size += 1
        else:
            open_.pop()
            if current.size > max_bytes:
                raise TooLargeAsJson(_too_large(max_bytes))
            if not open_:
                return
            sizes[id(current.collection)] = current.size
            open_[-1].size += current.size
        if len(open_) > max_depth + 1:
            raise ManifestError(_TOO_DEEP)


class _Open:
    """A collection whose children are being measured; `size` is a lower bound of its bytes as JSON."""

    def __init__(self, collection: Mapping[Any, object] | list[object] | tuple[object, ...]) -> None:
        self.collection = collection
        self.size = 2
        if isinstance(collection, Mapping):
            self.size += sum(len(key) + 2 for key in collection if isinstance(key, str))
            self.children = iter(collection.values())
        else:
            self.children = iter(collection)


def _too_large(max_bytes: int) -> str:
    return f"the object is larger than the {max_bytes} bytes of JSON that a server reads"


def _parts(value: object, dates: bool) -> Iterator[str]:
    """Write a value piece by piece; what is open is on a list of our own, so that depth costs no stack."""
    open_: list[tuple[Iterator[tuple[str, object]], str]] = [(iter((("", value),)), "")]
    is_first = True
    while open_:
        items, end = open_[-1]
        entry = next(items, None)
        if entry is None:
            open_.pop()
            is_first = False
            yield end
            continue
        before, item = entry
        yield before if is_first else f", {before}"
        is_first = False
        if isinstance(item, Mapping):
            yield "{"
            open_.append((_members(item), "}"))
            is_first = True
        elif isinstance(item, list | tuple):
            yield "["
            open_.append(((("", element) for element in item), "]"))
            is_first = True
        else:
            yield _scalar(item, dates)


def _members(mapping: Mapping[Any, object]) -> Iterator[tuple[str, object]]:
    pairs = mapping.pairs if isinstance(mapping, Doubled) else mapping.items()
    for key, item in pairs:
        if isinstance(key, str):
            yield f"{json.dumps(key)}: ", item
        elif key is None or isinstance(key, int | float):
            yield f'"{_scalar(key, False)}": ', item
        else:
            raise ManifestError(
                f"the object cannot be written as JSON: a key is {type_name(key)}, not a string"
            )


def _scalar(item: object, dates: bool) -> str:
    if dates and isinstance(item, date | time):
        return json.dumps(item.isoformat())
    if item is None or isinstance(item, str | int | float):
        return _dumped(item)
    raise ManifestError(f"the object cannot be written as JSON: a value is {type_name(item)}")


def _dumped(item: object) -> str:
    try:
        return json.dumps(item)
    except ValueError as error:  # an integer of more digits than Python writes
        raise ManifestError(f"the object cannot be written as JSON: {error}") from None
