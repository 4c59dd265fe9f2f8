"""What a value is, in the words that people who write YAML know: a value comes in, a few words go out."""

from collections.abc import Mapping

__all__ = ["type_name"]


def type_name(value: object) -> str:
    """Name the type of plain data; of anything else, which only Python code can hand in, Python's name."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, list | tuple):
        return "a list"
    return "a mapping" if isinstance(value, Mapping) else f"of type {type(value).__name__}"
