"""Writes a check's result as JSON of schema `podproof/check/v1`; the schema file is made from its types.

A Checked comes in, bytes go out. This module decides nothing and reads no files.
"""

from typing import Any

import msgspec

from ..manifest.surrogates import unescape
from ..results.check_result import CheckResult, make_check_result
from ..results.checked import Checked
from ..results.plain import to_plain

__all__ = ["render", "schema"]


def render(checked: Checked) -> bytes:
    """Write the result as indented JSON, with a line end."""
    result = make_check_result(checked)
    try:
        encoded = msgspec.json.encode(result)
    except UnicodeEncodeError:
        # Lone surrogates: a file name that is not UTF-8, or "\ud800" in a document.
        encoded = msgspec.json.encode(unescape(to_plain(result)))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the output."""
    made = msgspec.json.schema(CheckResult)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "podproof:check/v1",
        "title": "podproof check",
        **made,
    }
