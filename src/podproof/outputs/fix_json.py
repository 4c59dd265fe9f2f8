"""Writes what `fix` decided as JSON of schema `podproof/fix/v1`; the schema file is made from its types."""

from typing import Any

import msgspec

from ..manifest.surrogates import unescape
from ..results.fix_result import FixResult, make_fix_result
from ..results.fixed import Fixed
from ..results.plain import to_plain

__all__ = ["render", "schema"]


def render(fixed: Fixed) -> bytes:
    """Write the result as indented JSON, with a line end."""
    result = make_fix_result(fixed)
    try:
        encoded = msgspec.json.encode(result)
    except UnicodeEncodeError:
        # Lone surrogates: a file name that is not UTF-8, or "\\ud800" in a document.
        encoded = msgspec.json.encode(unescape(to_plain(result)))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the output."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "podproof:fix/v1",
        "title": "podproof fix",
        **msgspec.json.schema(FixResult),
    }
