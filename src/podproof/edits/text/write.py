"""Writes plain values as YAML or JSON in a document's style: values come in, lines of text go out."""

import json
import re
from collections.abc import Mapping
from typing import Any

from .plain import is_plain
from .style import Style

__all__ = ["CannotWrite", "entry_lines", "write_inline", "write_key", "writes_inline"]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class CannotWrite(ValueError):
    """Says which value has no form in a manifest."""


def writes_inline(value: Any, style: Style) -> bool:
    """Tell whether a value stands on its key's line: a scalar, an empty collection, a list of scalars."""
    if not value or not isinstance(value, Mapping | list | tuple):
        return True
    if isinstance(value, Mapping):
        return False
    return style.flow_lists and not any(isinstance(one, Mapping | list | tuple) for one in value)


def entry_lines(prefix: str, value: Any, style: Style) -> list[str]:
    """Write `key:` or `-` with its value as lines of a block, the first at column 0.

    Raises CannotWrite: a string holds half of a surrogate pair.
    """
    if writes_inline(value, style):
        return [f"{prefix} {write_inline(value, style)}"]
    if isinstance(value, Mapping):
        lines = [
            line for key in value for line in entry_lines(f"{write_key(key, style)}:", value[key], style)
        ]
        margin = " " * style.indent
    else:
        lines = [line for one in value for line in entry_lines("-", one, style)]
        margin = " " * style.list_indent
    if prefix == "-":
        return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
    return [prefix, *(margin + line for line in lines)]


def write_inline(value: Any, style: Style, margin: str = "") -> str:
    """Write a value within a line, or, as JSON of many lines, with `margin` before all lines but the first.

    Raises CannotWrite as `entry_lines` does.
    """
    if isinstance(value, Mapping | list | tuple):
        is_mapping = isinstance(value, Mapping)
        opening, closing = "{}" if is_mapping else "[]"
        inner = margin + (style.json_indent or "")
        parts = [
            f"{write_key(one, style)}{style.colon}{write_inline(value[one], style, inner)}"
            if is_mapping
            else write_inline(one, style, inner)
            for one in value
        ]
        if style.json_indent is None or not parts:
            return f"{opening}{style.comma.join(parts)}{closing}"
        between = style.line_end + inner
        return f"{opening}{between}{(',' + between).join(parts)}{style.line_end}{margin}{closing}"
    if isinstance(value, str):
        return _string(value, style)
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        raise CannotWrite(f"{value!r} is not a number that JSON has") from None


def write_key(key: str, style: Style) -> str:
    """Write a mapping's key: without quotes where YAML needs none.

    Raises CannotWrite as `entry_lines` does.
    """
    return _quoted(key) if style.is_json or not is_plain(key) else key


def _string(value: str, style: Style) -> str:
    if style.is_json:
        return _quoted(value)
    return _quoted(value, style.quote == "'") if style.quote or not is_plain(value) else value


def _quoted(text: str, single: bool = False) -> str:
    """Write a text in double quotes, or in single ones where they can hold it."""
    if _SURROGATE.search(text):
        raise CannotWrite("half of a surrogate pair has no form in UTF-8")
    if single and not _UNPRINTABLE.search(text) and "\n" not in text and "\t" not in text:
        return "'" + text.replace("'", "''") + "'"
    written = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)
