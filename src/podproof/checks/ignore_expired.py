"""An ignore with `until=YYYY-MM-DD` holds through that day: now its findings count again.

A date makes somebody look again before what was accepted for a while is accepted for good. Mend what is
ignored, or write another date and why.

**Source:** Podproof.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.ignore import IgnoreCheck, WrittenIgnore, about


def _find(ignore: WrittenIgnore) -> Iterator[Finding]:
    if ignore.expired:
        names = ", ".join(ignore.checks)
        yield about(CHECK, f"the ignore of {names} held until {ignore.expired}: its findings count again")


CHECK = IgnoreCheck(
    id="ignore-expired",
    summary="ignores that held until a day in the past",
    find=_find,
)
