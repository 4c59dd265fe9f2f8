"""The API server accepts the object, but warns about it.

Deprecated annotations, fields without effect, duplicate environment variables: kubectl prints these warnings
and people scroll past them. The words are the API server's.

**Source:** kubernetes pkg/api/pod/warnings.go; recorded answers of 1.37.2.
"""

from collections.abc import Iterator
from typing import Any

from ..findings import Finding, Severity
from .model.acceptance import WARNINGS, AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.review is None or reviewed.fragment is not None:
        return
    for text in reviewed.review.warnings:
        yield Finding(
            check=CHECK.id,
            severity=Severity.WARNING,
            message=text,
            route=reviewed.to_value(_route(reviewed.review.object, text)),
            help=("the API server accepts it with this warning",),
        )


def _route(object_: Any, text: str) -> tuple[str | int, ...]:
    """Find the field that a warning begins with (`spec.containers[0].env[1]: ...`), as far as it exists."""
    import re

    path = text.partition(": ")[0]
    route: list[str | int] = []
    for name, index, key in re.findall(r"([A-Za-z]+)|\[(\d+)\]|\[([^\]]+)\]", path):
        step: str | int = int(index) if index else name or key.strip('"')
        try:
            object_ = object_[step]
        except (KeyError, IndexError, TypeError):
            break
        route.append(step)
    return tuple(route)


CHECK = AcceptanceCheck(
    id="api-warning",
    summary="something the API server warns about",
    severity=Severity.WARNING,
    find=_find,
    when=WARNINGS,
)
