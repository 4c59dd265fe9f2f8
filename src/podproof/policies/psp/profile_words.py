"""The words of old annotations for seccomp and AppArmor profiles, and the fields that mean the same today.

A word comes in, a field's value goes out, and the other way round. Nothing is judged here.
Source: kubernetes 1.37.2 pkg/apis/core/v1/helper, pkg/api/pod/util.go.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["profile_of", "word_of"]

_TYPES = {
    "runtime/default": "RuntimeDefault",
    "docker/default": "RuntimeDefault",
    "unconfined": "Unconfined",
}
_WORDS = {"RuntimeDefault": "runtime/default", "Unconfined": "unconfined"}
_LOCALHOST = "localhost/"


def profile_of(word: str) -> dict[str, str] | None:
    """Return the field's value that a word means; None: it means nothing."""
    if word in _TYPES:
        return {"type": _TYPES[word]}
    name = word.removeprefix(_LOCALHOST)
    return {"type": "Localhost", "localhostProfile": name} if name not in ("", word) else None


def word_of(profile: Mapping[str, Any] | None) -> str:
    """Return the word for a field's value; "" for none, and its type where there is no word for it."""
    if profile is None:
        return ""
    kind, name = profile.get("type") or "", profile.get("localhostProfile") or ""
    return f"{_LOCALHOST}{name}" if kind == "Localhost" else _WORDS.get(kind, kind)
