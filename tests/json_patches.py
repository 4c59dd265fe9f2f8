"""Applies JSON Patches, to see what others make of those that Podproof writes."""

from typing import Any


def patched(object_: Any, operations: list[dict[str, Any]]) -> Any:
    """Apply a patch, strictly as RFC 6902 has it: a parent must exist, and so must what is replaced or
    removed."""
    for operation in operations:
        *parents, last = [
            token.replace("~1", "/").replace("~0", "~") for token in operation["path"].split("/")[1:]
        ]
        at = object_
        for token in parents:
            at = at[int(token)] if isinstance(at, list) else at[token]
        if isinstance(at, list):
            index = int(last)
            assert 0 <= index <= len(at)
            if operation["op"] == "add":
                at.insert(index, operation["value"])
            elif operation["op"] == "replace":
                assert index < len(at)
                at[index] = operation["value"]
            else:
                del at[index]
        else:
            assert isinstance(at, dict)
            assert operation["op"] == "add" or last in at
            if operation["op"] == "remove":
                del at[last]
            else:
                at[last] = operation["value"]
    return object_
