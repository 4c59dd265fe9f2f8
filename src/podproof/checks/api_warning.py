"""The API server takes the object and warns about it.

Deprecated annotations, fields without effect, duplicate environment variables: kubectl prints these warnings
and people scroll past them. The words are the API server's.

Source: kubernetes pkg/api/pod/warnings.go; recorded answers of 1.37.2.
"""

from collections.abc import Iterator
from typing import Any

from ._acceptance import AcceptanceCheck, Finding, Severity, Subject


def _find(subject: Subject) -> Iterator[Finding]:
    if subject.review is None or subject.fragment is not None:
        return
    for text in subject.review.warnings:
        yield Finding(
            check=CHECK.id,
            severity=Severity.WARNING,
            message=text,
            route=subject.to_value(_route(subject.review.object, text)),
            help=("the API server takes it with this warning",),
        )


def _route(reviewed: Any, text: str) -> tuple[str | int, ...]:
    """Find the field that a warning begins with (`spec.containers[0].env[1]: ...`), as far as it exists."""
    import re

    path = text.partition(": ")[0]
    route: list[str | int] = []
    for name, index, key in re.findall(r"([A-Za-z]+)|\[(\d+)\]|\[([^\]]+)\]", path):
        step: str | int = int(index) if index else name or key.strip('"')
        try:
            reviewed = reviewed[step]
        except (KeyError, IndexError, TypeError):
            break
        route.append(step)
    return tuple(route)


CHECK = AcceptanceCheck(
    id="api-warning",
    summary="something the API server warns about",
    severity=Severity.WARNING,
    find=_find,
)
