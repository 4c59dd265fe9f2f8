"""What `rules` shows: nothing or an id comes in, the list of checks or a page goes out as text."""

from ..checks.model.catalogue import all_checks
from ..checks.model.pages import listing
from ..checks.model.pages import page as page_of
from ..errors import UsageError
from .judging.selection import unknown_check

__all__ = ["list_of_checks", "page"]


def list_of_checks() -> str:
    """Write the list: id, what it belongs to, summary, in columns."""
    rows = listing()
    first = max(len(row[0]) for row in rows)
    second = max(len(row[1]) for row in rows)
    return "".join(f"{id_:<{first}}  {of:<{second}}  {summary}\n" for id_, of, summary in rows)


def page(id_: str) -> str:
    """Write the page of a check.

    Raises UsageError: no check has the id; the nearest ones are named.
    """
    for check in all_checks():
        if id_ in (check.id, getattr(check, "upstream_id", check.id)):
            return page_of(check)
    raise UsageError(unknown_check(id_, [check.id for check in all_checks()]))
