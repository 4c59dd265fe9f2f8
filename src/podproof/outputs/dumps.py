"""Messages of the API server for people: what is printed of a whole struct comes last, and in short.

A message comes in, the same words in another order come out: which field, the rule and its remedy, then the
value. Machines get the message as it is; nothing here is used for them.
"""

import re

from ..pattern import pattern

__all__ = ["lead_with_rule", "shorten_dumps"]

_VALUE = pattern(
    r"((?:Invalid|Duplicate|Unsupported) value|Not found): (?=[\[{]|(?:\[\])?[a-z0-9]+\.[A-Z]\w*\{)"
)
"""Opens a value that may be a struct: JSON, or Go's own syntax."""

_KEPT = 40
"""Characters of a dump that are shown. A shorter one is left as it is."""


def lead_with_rule(message: str) -> str:
    """Put the dump of a single error behind its rule; one without a dump is left as it is."""
    dump = _VALUE.search(message)
    if dump is None:
        return message
    end = _end(message, dump.end())
    rule = message[end:]
    if end - dump.end() <= _KEPT or not rule.startswith(": ") or _VALUE.search(rule):
        return shorten_dumps(message)
    value = _short(message[dump.end() : end])
    return f"{message[: dump.start()]}{rule[2:]} ({dump[1]}: {value})"


def shorten_dumps(message: str) -> str:
    """Cut every dump in a message, in its place."""
    parts: list[str] = []
    start = 0
    for dump in _VALUE.finditer(message):
        if dump.start() < start:
            continue  # within a dump that is cut already
        end = _end(message, dump.end())
        parts += [message[start : dump.end()], _short(message[dump.end() : end])]
        start = end
    return "".join((*parts, message[start:]))


def _short(dump: str) -> str:
    if len(dump) <= _KEPT:
        return dump
    return f"{dump[:_KEPT].rstrip()}…{dump[-1]}"


def _end(text: str, start: int) -> int:
    """Find where the brackets that open at `start` close; the text's end where they never do."""
    depth, quoted, position = 0, False, start
    while position < len(text):
        character = text[position]
        if quoted:
            if character == "\\":
                position += 1
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0 and not _goes_on(text, position):
                return position + 1
        position += 1
    return len(text)


def _goes_on(text: str, position: int) -> bool:
    """Tell the `[]` that opens a slice in Go's syntax, after which its type follows."""
    return text[position] == "]" and bool(re.match(r"[a-z0-9]+\.[A-Z]", text[position + 1 : position + 60]))
