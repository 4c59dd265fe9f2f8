"""Writes a finding's fix as a replacement of text, where that is certain: the one value that is marked.

Anything else (a field to add or remove, a value that an anchor shares) needs the whole document, and comes
out as None.
"""

import re
from collections.abc import Sequence
from typing import Any

from ..pattern import pattern
from ..results.checked import Located
from .json_line import json_line

__all__ = ["replacement", "shares_values"]

_SCALAR = pattern(r"""[\w./+-]+|"[\w ./+-]*"|'[\w ./+-]*'""")
_KEY = re.compile(r"\s*:")


def replacement(located: Located) -> str | None:
    """Give the text that replaces what the finding marks; None: it is not as simple as that."""
    finding, place = located.finding, located.place
    fix = finding.fix
    if fix is None or len(fix.edits) != 1 or finding.at_key or located.missing or located.read_as:
        return None
    edit = fix.edits[0]
    simple = isinstance(edit.value, bool | int | str)
    if edit.operation != "set" or edit.route != finding.route or not simple:
        return None
    if place.line != place.end_line or place.line > len(located.lines):
        return None
    line = located.lines[place.line - 1]
    marked, rest = line[place.column - 1 : place.end_column - 1], line[place.end_column - 1 :]
    if not _SCALAR.fullmatch(marked) or _KEY.match(rest) or "!" in line[: place.column - 1]:
        return None  # part of something, a key, or a value whose tag would have to go
    return json_line(edit.value)


def shares_values(lines: Sequence[str]) -> bool:
    """Tell whether a text may have anchors, so that one value stands for several."""
    return any("&" in line for line in lines)


def describe(located: Located) -> dict[str, Any]:
    """Say what the replacement does."""
    assert located.finding.fix is not None
    warning = "" if located.finding.fix.safe else " (it may change what the workload does)"
    return {"text": f"write the value that {located.finding.check} asks for{warning}"}
