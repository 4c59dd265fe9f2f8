"""JSON of strangers: the bytes of a manifest, index or configuration come in, its values go out."""

from typing import Any

import msgspec

from .errors import ImageError

__all__ = ["list_of", "mapping_of", "parse_json"]

_MAX_VALUES = 200_000
"""Values in one JSON document, each of which is an object in memory; real ones have some thousand."""


def parse_json(data: bytes, what: str) -> Any:
    """Parse a document; `what` names it. Raises ImageError: it is not JSON, or larger than any real one."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MAX_VALUES:
        raise ImageError(f"{what} has more than {_MAX_VALUES} values")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImageError(f"{what} is not JSON: {error}") from error
    except RecursionError as error:
        raise ImageError(f"{what} is nested too deeply") from error


def mapping_of(value: Any, what: str) -> dict[str, Any]:
    """Take a mapping. Raises ImageError: it is none."""
    if not isinstance(value, dict):
        raise ImageError(f"{what} must be a mapping")
    return value


def list_of(value: Any, what: str) -> list[Any]:
    """Take a list; null is an empty one. Raises ImageError: it is something else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ImageError(f"{what} must be a list")
    return value
