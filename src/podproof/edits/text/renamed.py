"""Which keys of a mapping have got another name: two mappings come in, old names with new ones go out."""

from collections.abc import Mapping
from typing import Any

__all__ = ["renamed_keys"]

_ALIKE = 0.75
"""How alike two names of one field are, of 1: `runAsNotRoot` and `runAsNonRoot` 0.9, `runAsUser` and
`runAsGroup` 0.6."""

_MOST = 8
"""Keys that come and go at once and are compared: who renames more than these writes something else."""


def renamed_keys(
    old: Mapping[str, Any], new: Mapping[str, Any], written: Mapping[str, int]
) -> dict[str, str]:
    """Map keys that are gone to those that came for them: alike in name, with a value of the same type.

    `written` says how often each key stands in the text. A key that is written twice is no such key.
    """
    gone = [name for name, times in written.items() if name not in new and times == 1]
    came = [name for name in new if name not in old]
    if not gone or not came or len(gone) > _MOST or len(came) > _MOST:
        return {}
    renamed: dict[str, str] = {}
    for name in gone:
        for other in came:
            same_type = type(old[name]) is type(new[other])
            if same_type and other not in renamed.values() and _is_alike(name, other):
                renamed[name] = other
                break
    return renamed


def _is_alike(name: str, other: str) -> bool:
    from difflib import SequenceMatcher  # costs 10 ms to import: only where keys come and go

    return SequenceMatcher(None, name, other, autojunk=False).ratio() >= _ALIKE
