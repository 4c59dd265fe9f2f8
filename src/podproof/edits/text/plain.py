"""Which texts need no quotes in YAML: a text comes in, the answer goes out."""

import re

from ...manifest.scalars import resolve_plain

__all__ = ["is_plain"]

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*")
_WORDS = frozenset(("yes", "no", "true", "false", "on", "off", "null"))
"""Words that some readers take for something else in any mixture of cases; others know a few."""


def is_plain(text: str) -> bool:
    """Tell whether every reader of YAML takes the text without quotes for itself, in braces as well."""
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS and resolve_plain(text) == text
