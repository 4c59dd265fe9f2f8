"""A value of the wrong type makes the API server refuse the whole object.

`privileged: "true"` is a string, `runAsUser: "1000"` too, and a list where a map belongs is a common slip of
indentation. The first such value ends the decoding, so the server names one at a time, and nothing else about
the object can be judged until it is corrected.

**Source:** kubernetes apimachinery, pkg/runtime/serializer/json; the words are those of Go's decoder.
"""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from ..findings import Finding
from ..pattern import pattern
from .model.acceptance import NO_REVIEW, PROBLEMS, AcceptanceCheck, ReviewedObject, fault, value_at

_INTEGER = pattern(r"-?[0-9]{1,19}", re.ASCII)
"""What may be meant as a number: an int64 has 19 digits at the most."""


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.review is None:
        yield from _unnamed(reviewed)
        return
    for problem in reviewed.review.problems:
        if problem.kind not in ("unknown", "duplicate"):
            value = value_at(reviewed, problem.route)
            message = _message(value, problem.message)
            remedy = _remedy(value, message)
            yield fault(
                reviewed,
                CHECK.id,
                problem.route,
                message,
                label=_label(value),
                remedy=remedy,
                certain=True,
            )


def _unnamed(reviewed: ReviewedObject) -> Iterator[Finding]:
    """Find an `apiVersion` or a `kind` that is not text: no server can tell what the object is."""
    value = reviewed.value
    if not isinstance(value, dict) or value.get("kind") is None:
        return  # files of others, such as Grafana's, have an `apiVersion: 1` alone
    for field in ("apiVersion", "kind"):
        named = value.get(field)
        if named is not None and not isinstance(named, str):
            message = (
                f"couldn't get version/kind; json parse error: json: cannot unmarshal {_go_kind(named)} into "
                f"Go struct field .{field} of type string"
            )
            remedy = "write one such as " + ("v1 or apps/v1" if field == "apiVersion" else "Pod")
            yield fault(reviewed, CHECK.id, (field,), message, label=_label(named), remedy=remedy)


def _go_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _message(value: Any, message: str) -> str:
    """Return the words that a client meets first: a number that JSON lacks fails before it is sent.

    Source: Go's encoding/json, UnsupportedValueError, which turns kubectl's YAML into JSON.
    """
    if isinstance(value, float) and not isfinite(value):
        shown = "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
        return f"json: unsupported value: {shown}"
    return message


def _label(value: Any) -> str:
    from ..manifest.type_name import type_name  # only for a finding

    return "" if value is None else type_name(value)


def _remedy(value: Any, message: str) -> str:
    """Tell to drop or to add quotes: by far the most frequent wrong types."""
    if isinstance(value, str) and (value in ("true", "false") or _INTEGER.fullmatch(value)):
        return f"write {value} without quotes"
    if isinstance(value, float) and not isfinite(value):
        return "write a number that JSON has"
    if isinstance(value, bool | int | float) and message.endswith(" of type string"):
        return "write it in quotes"
    return ""


CHECK = AcceptanceCheck(
    id="wrong-type",
    summary="a value whose type the API server refuses",
    find=_find,
    when=NO_REVIEW | PROBLEMS,
)
