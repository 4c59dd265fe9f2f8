"""A result as plain JSON data: dictionaries, lists and scalars, as the output schemas describe them."""

from typing import Any

import msgspec

__all__ = ["to_plain"]


def to_plain(value: Any) -> Any:
    """Turn a result, or a part of one, into JSON data; an Unknown becomes `{"unknown": REASON}`.

    JSON has lists and no tuples, so tuples become lists.
    """
    return _lists(msgspec.to_builtins(value))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, tuple | list) else value
