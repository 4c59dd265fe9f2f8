"""Values with quotes too many or too few: a finding about one comes in, the change that mends it goes out."""

from typing import Any

from ..edits.edit import Edit
from ..findings import Finding
from ..manifest.route import Route, value_at
from .change import ChangeKind, PlannedChange
from .words import what_of

__all__ = ["WRONG_TYPE", "mend_wrong_type"]

WRONG_TYPE = "wrong-type"
"""The check that finds these values."""


def mend_wrong_type(value: Any, finding: Finding, place: Route) -> PlannedChange | None:
    """Take quotes away, or put them; None where neither mends it. Words are counted from `place`.

    A number or a boolean may have been written in another way (`010`, `yes`), so that its text is a guess.
    """
    written = value_at(value, finding.route)
    kind: ChangeKind
    if isinstance(written, str) and finding.message.endswith(f"write {written} without quotes"):
        meant: Any = written == "true" if written in ("true", "false") else int(written)
        kind, why = "tighter", "nothing of the object is taken while it is a text"
    elif isinstance(written, bool | int) and finding.message.endswith("write it in quotes"):
        meant = str(written).lower()
        kind, why = "guess", f"only text is taken here: confirm that {meant} is the text that is meant"
    else:
        return None
    edit = Edit(finding.route, "set", meant)
    what = what_of((edit,), place)
    what = f"{what} in quotes" if isinstance(meant, str) else f"{what} without quotes"
    return PlannedChange(kind, (edit,), what, why, (WRONG_TYPE,), finding.container)
