"""A value of the wrong type makes the API server refuse the whole object.

`privileged: "true"` is a string, `runAsUser: "1000"` too, and a list where a map belongs is a common slip of
indentation. The first such value ends the decoding, so the server names one at a time, and nothing else about
the object can be judged until it is mended.

Source: kubernetes apimachinery, pkg/runtime/serializer/json; the words are those of Go's decoder.
"""

from collections.abc import Iterator
from typing import Any

from ..findings import Route
from ._acceptance import AcceptanceCheck, Finding, Severity, Subject, fault


def _find(subject: Subject) -> Iterator[Finding]:
    if subject.review is None:
        return
    for problem in subject.review.problems:
        if problem.kind not in ("unknown", "duplicate"):
            value = _value_at(subject.value, subject.to_value(problem.route))
            yield fault(
                subject, CHECK.id, problem.route, problem.message, label=_label(value), remedy=_remedy(value)
            )


def _value_at(value: Any, route: Route) -> Any:
    for step in route:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else ""


def _remedy(value: Any) -> str:
    """Tell a quoted boolean or number to lose its quotes: the most frequent wrong type by far."""
    if isinstance(value, str) and (value in ("true", "false") or value.lstrip("-").isdigit()):
        return f"write {value[:30]} without quotes"
    return ""


CHECK = AcceptanceCheck(
    id="wrong-type",
    summary="a value whose type the API server refuses",
    severity=Severity.ERROR,
    find=_find,
)
