"""What to add to a manifest where fields are missing: findings of one place come in, text to paste goes out.

The text follows from the edits of the findings' fixes and from how the file is written around the place. How
fields to paste are written is said only here, for pages too.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..edits.apply import EditError, apply_edits
from ..edits.edit import Edit
from ..findings import Route
from ..pattern import pattern
from ..results.checked import Located
from .plain import escaped

__all__ = ["MissingFields", "existing_of", "fields_of", "paste_of", "write_fields"]

_BLOCK = pattern(r"""["']?:\s*(?:&\S+\s*)?(?:#.*)?$""")
"""What follows a key below which a mapping stands, or would stand, in block style."""

_FLOW = pattern(r"""["']?\s*:\s*(?:&\S+\s*)?\{""")

_KEY = pattern(r"[\w\"'.-]+\s*:")

_NEAR = 200
"""Characters behind a place that are looked at."""

_BELOW = 20
"""Lines below a key that are looked at for what stands in it."""

_PLAIN = pattern(r"[A-Z][a-z]+[A-Z][A-Za-z]+")
"""Names such as RuntimeDefault, which YAML reads as they are; True and Off are none of these."""


_KEY_AS_IT_IS = pattern(r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[a-z][\w./-]*", re.ASCII | re.IGNORECASE)
"""Names that YAML reads as they are; YAML 1.1 has other words for truth values, too."""


class MissingFields(msgspec.Struct, frozen=True):
    """Fields to add. `indent` is the column where they begin, counted from 0.

    `inside` says that they belong between the braces of a mapping; they are then one line, as JSON, that
    ends with a comma where other fields follow it.
    """

    fields: dict[str, Any]
    indent: int
    inside: bool = False
    follows: bool = False

    def lines(self, room: int) -> Iterator[str]:
        """Write the fields without their indent; what is no wider than `room` stands in one line."""
        if self.inside:
            text = _quoted(self.fields)[1:-1]
            yield f"{text}," if self.follows else text
            return
        yield from write_fields(self.fields, room)


def write_fields(fields: Mapping[str, Any], room: int) -> Iterator[str]:
    """Write fields as YAML in block style; a mapping that is no wider than `room` stands in braces."""
    for name, value in fields.items():
        yield from _block(name, value, room)


def existing_of(located: Located) -> Route:
    """Give the part of a finding's route that is there."""
    route = located.finding.route
    return route[: len(route) - located.missing]


def paste_of(group: Sequence[Located]) -> MissingFields | None:
    """Make the text of what several findings of one place miss there; None: there is no such text."""
    first = group[0]
    existing = existing_of(first)
    edits: list[Edit] = []
    for located in group:
        fix = located.finding.fix
        if fix is None or not located.missing:
            return None
        for edit in fix.edits:
            if edit.operation != "set" or edit.route[: len(existing)] != existing:
                return None
            edits.append(msgspec.structs.replace(edit, route=edit.route[len(existing) :]))
    fields = fields_of(edits)
    return _placed(first, fields) if fields else None


def fields_of(edits: Iterable[Edit]) -> dict[str, Any]:
    """Put together what edits set, as one mapping; {}: they do not go together, or into a list."""
    try:
        fields = apply_edits({}, edits)
    except EditError:
        return {}
    return fields if all(isinstance(name, str) for name in fields) else {}


def _placed(located: Located, fields: dict[str, Any]) -> MissingFields | None:
    """Find how the mapping is written that the fields belong into."""
    place, lines = located.place, located.lines
    if not 0 < place.line <= len(lines):
        return None
    line, start = lines[place.line - 1], place.column - 1
    existing = existing_of(located)
    if not existing or isinstance(existing[-1], int):
        text = line[start : start + _NEAR]
        if text.startswith("{"):
            return MissingFields(fields, start, inside=True, follows=text[1:].lstrip()[:1] != "}")
        return MissingFields(fields, start) if _KEY.match(text) else None
    if place.end_line != place.line:
        return None
    # a whole dump may stand on one line
    text = line[place.end_column - 1 : place.end_column - 1 + _NEAR].rstrip("\r\n")
    flow = _FLOW.match(text)
    if flow is not None:
        return MissingFields(fields, start, inside=True, follows=text[flow.end() :].lstrip()[:1] != "}")
    return MissingFields(fields, _indent_below(lines, place.line, start)) if _BLOCK.match(text) else None


def _indent_below(lines: Sequence[str], number: int, start: int) -> int:
    """Return the indent of what stands below a key at `start`, two more than its own where nothing does."""
    for line in lines[number : number + _BELOW]:
        text = line[:_NEAR].strip()
        if text and not text.startswith("#"):
            indent = len(line[:_NEAR]) - len(line[:_NEAR].lstrip(" "))
            return indent if indent > start else start + 2
    return start + 2


def _block(name: str, value: Any, room: int) -> Iterator[str]:
    key = _key(name)
    flat = f"{key}: {_flow(value)}"
    fields = value.items() if isinstance(value, dict) else ()
    if not fields or (len(flat) <= room and not any(isinstance(inner, dict) for _, inner in fields)):
        yield flat
        return
    yield f"{key}:"
    for inner, held in fields:
        yield from (f"  {line}" for line in _block(inner, held, room - 2))


def _key(name: str) -> str:
    return name if _KEY_AS_IT_IS.fullmatch(name) else _quoted(name)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)}: {_flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    return _quoted(value)


def _quoted(value: Any) -> str:
    """Write a value as JSON, which is YAML too, with escapes for what a terminal would obey or hide."""
    return escaped(json.dumps(value, ensure_ascii=False))
