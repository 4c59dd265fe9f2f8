"""An input could not be read, so nothing can be said about it.

A file that is missing or may not be opened, text that is not YAML, an alias bomb: exit code 4, whatever else
was found, and the rest is checked all the same. This check cannot be ignored.

Values that start with a `*` without quotes are put in quotes in a copy of the document, and what is found in
the copy is reported too, so that one fault does not hide the others. The document still counts as not read.

**Source:** Podproof.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.acceptance import AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:  # noqa: ARG001 - who reads an input makes these findings
    return iter(())


CHECK = AcceptanceCheck(
    id="unreadable",
    summary="an input that could not be read",
    find=_find,
)
