"""An ignore that accepts nothing hides what comes later.

What it was written for is mended, or it stands at the wrong place: on the line of a field it is about the
field and what is in it, on the first line of a container (or alone above it) about the container, and alone
above a document about all its objects. Remove it, or move it.

A check that is not asked for (by the level, its version, `--select` or `--ignore`) finds nothing, so nothing
is said of an ignore of it. Nor of one of a check that looks across all manifests, since what else is checked
differs from run to run.

**Source:** Podproof.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.ignore import IgnoreCheck, WrittenIgnore, about


def _find(ignore: WrittenIgnore) -> Iterator[Finding]:
    for name in ignore.unused:
        yield about(CHECK, f"{name} is ignored here and finds nothing here: remove it from the ignore")


CHECK = IgnoreCheck(
    id="ignore-unused",
    summary="ignores that accept nothing",
    find=_find,
)
