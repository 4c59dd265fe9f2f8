"""Says how a line of podproof.toml is meant: a line that is wrong comes in, the line to write goes out.

Never reads a file, and never changes what is configured: a line is only proposed, and only if it is TOML.
"""

import re

__all__ = ["Kinds", "mended_line", "table_of"]

Kinds = dict[str, str]
"""Key to the kind of its value: "text", "version", "list", "number"; in tables "switch" too."""

_TABLES = {"severity": "text", "per-file-ignores": "list", "feature-gates": "switch"}
"""Table to the kind of its values."""

_ASSIGNMENT = re.compile(
    r"\s*(?P<key>[^\s=:\[\]]+|\"[^\"]*\"|'[^']*')\s*[=:]\s*(?P<value>.*?)\s*(?P<note>#.*)?\Z"
)
_HEADER = re.compile(r"\s*\[(?:tool\.podproof\.?)?(?P<table>[^\[\]]*)\]\s*(?:#.*)?\Z")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


def table_of(lines: list[str], number: int) -> str:
    """Give the table that the line of this number (1-based) is in; "" for the keys of the whole project."""
    for line in reversed(lines[: number - 1]):
        header = _HEADER.match(line)
        if header is not None:
            return header["table"].strip()
    return ""


def mended_line(line: str, table: str, kinds: Kinds) -> str:
    """Give the line as it should be: quotes, a list, a number or true and false; "" where none is certain."""
    import tomllib

    found = _ASSIGNMENT.match(line)
    if found is None or not found["value"]:
        return ""
    key = found["key"].strip("\"'")
    kind = _TABLES.get(table, "") if table else kinds.get(key, "")
    value = _value(kind, found["value"])
    if value is None:
        return ""
    mended = f"{key if _BARE_KEY.match(key) else _quoted(key)} = {value}"
    if mended == line.strip():
        return ""
    try:
        tomllib.loads(mended)
    except tomllib.TOMLDecodeError:
        return ""
    return mended


def _value(kind: str, written: str) -> str | None:
    words = [word.strip().strip("\"'").strip() for word in written.strip("[]").split(",")]
    words = [word for word in words if word]
    if any(mark in word for word in words for mark in "\"'\\"):
        return None
    if kind == "list":
        return f"[{', '.join(map(_quoted, words))}]"
    if len(words) != 1:
        return None
    word = words[0]
    if kind == "version" or (kind == "text" and word[0].isalpha()):
        return _quoted(word)
    if kind == "number":
        return word if word.isdigit() else None
    if kind == "switch":
        return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(word.lower())
    return None


def _quoted(text: str) -> str:
    return f'"{text}"'
