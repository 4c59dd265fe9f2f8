"""Breaks text at words: printable text and a width in columns come in, lines go out.

Wide characters count twice. A word that is wider than a line is broken where the line ends.
"""

from .plain import width

__all__ = ["cut", "wrap"]


def wrap(text: str, columns: int) -> list[str]:
    """Break text into lines of at most `columns`, which is at least 1; no text is one empty line."""
    if len(text) <= columns and text.isascii():
        return [text]
    lines: list[str] = []
    line, room = "", columns
    for word in text.split(" "):
        wide = width(word)
        if line and wide + 1 <= room:
            line += f" {word}"
            room -= wide + 1
            continue
        if line:
            lines.append(line)
        if wide > columns:
            *full, word = _broken(word, columns)
            lines += full
            wide = width(word)
        line, room = word, columns - wide
    return [*lines, line]


def cut(text: str, most: int) -> str:
    """Cut text to `most` characters, at a word if one ends near; an ellipsis stands for what is missing."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    blank = kept.rfind(" ")
    return f"{(kept[:blank] if blank > most * 3 // 4 else kept).rstrip()}…"


def _broken(word: str, columns: int) -> list[str]:
    """Break a word into parts as wide as a line; one character stands alone where not even that fits."""
    if word.isascii():
        return [word[start : start + columns] for start in range(0, len(word), columns)]
    parts: list[str] = []
    start, room = 0, columns
    for end, character in enumerate(word):
        room -= width(character)
        if room < 0 and end > start:
            parts.append(word[start:end])
            start, room = end, columns - width(character)
    return [*parts, word[start:]]
