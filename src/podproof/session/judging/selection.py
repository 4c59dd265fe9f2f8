"""Decides which findings are reported and how severe they are.

Names from the command line and the configuration come in, a validated Selection goes out.
`select` narrows, `ignore` and per-file ignores remove, `severity` re-ranks. What could not be read is
reported whatever is selected. This module never looks into a finding beyond its check's id.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Literal

import msgspec

from ...errors import UsageError
from ...findings import Severity
from ...results.accepted import Accepted

UNREADABLE = "unreadable"


class Selection(msgspec.Struct, frozen=True):
    """Which checks report. `select` empty: all of them.

    `per_file_ignores` are pairs of a glob, relative to `folder` (the configuration's), and ids. `today`, as
    YYYY-MM-DD, is the day on which ignores in manifests have to hold; "": none has expired.
    `ignoring_refusals` lets them, and what is `accepted`, be about what the API server refuses, too. `tally`
    asks to count findings by subject: those that may be accepted, or all.
    """

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severity: dict[str, Severity] = {}
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    folder: str = ""
    today: str = ""
    ignoring_refusals: bool = False
    accepted: Accepted | None = None
    tally: Literal["", "acceptable", "all"] = ""

    @property
    def accepts(self) -> bool:
        """Whether findings are accepted or counted by subject."""
        return self.accepted is not None or bool(self.tally)

    def ignored_in(self, file: str) -> frozenset[str]:
        """Return the ids that are not reported in `file`."""
        if not self.per_file_ignores:
            return self.ignore
        ids_ignored = set(self.ignore)
        for glob, ids in self.per_file_ignores:
            if _matches(file, glob, self.folder):
                ids_ignored |= ids
        return frozenset(ids_ignored)

    def reports(self, check: str, ignored: frozenset[str]) -> bool:
        """Tell whether a finding of `check` is reported where `ignored` is what `ignored_in` returned."""
        if check == UNREADABLE:
            return True
        return check not in ignored and (not self.select or check in self.select)

    def reporter(self, ignored: frozenset[str]) -> Callable[[str], bool]:
        """Give what tells of each check what `reports` does where these are ignored."""
        return partial(self.reports, ignored=ignored) if ignored or self.select else _everything


def _everything(_check: str) -> bool:
    return True


def may_ignore(data: bytes) -> bool:
    """Tell whether a text may hold ignores: most do not."""
    return b"podproof" in data


def make_selection(
    known: Iterable[str],
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    severity: Mapping[str, str] | None = None,
    per_file_ignores: Mapping[str, Iterable[str]] | None = None,
    folder: str = "",
    today: str = "",
    ignoring_refusals: bool = False,
) -> Selection:
    """Validate the ids against the known ones.

    Raises UsageError: an id is unknown; the nearest ones are named.
    """
    ids = frozenset(known)
    files = {glob: frozenset(ids) for glob, ids in (per_file_ignores or {}).items()}
    chosen, ignored, ranks = frozenset(select), frozenset(ignore), dict(severity or {})
    for name in (
        *sorted(chosen),
        *sorted(ignored),
        *ranks,
        *(i for ids in files.values() for i in sorted(ids)),
    ):
        if name not in ids:
            raise UsageError(unknown_check(name, ids))
    if UNREADABLE in ignored or UNREADABLE in ranks or any(UNREADABLE in ids for ids in files.values()):
        raise UsageError("unreadable cannot be ignored or re-ranked; leave the input out by --exclude")
    return Selection(
        select=chosen,
        ignore=ignored,
        severity={check: Severity(word) for check, word in ranks.items()},
        per_file_ignores=tuple(files.items()),
        folder=folder,
        today=today,
        ignoring_refusals=ignoring_refusals,
    )


def unknown_check(name: str, known: Iterable[str]) -> str:
    """Word the message for an id that no check has."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower().replace("_", "-"), sorted(known), n=2)
    remedy = f"did you mean {' or '.join(near)}?" if near else "podproof rules lists them"
    return f"unknown check {name}, {remedy}"


def _matches(file: str, glob: str, folder: str) -> bool:
    """Match a path against a glob: relative to the folder, or by its name when the glob has no slash."""
    from fnmatch import fnmatchcase

    path = os.path.relpath(os.path.abspath(file), folder or ".").replace(os.sep, "/")
    if "/" not in glob and fnmatchcase(os.path.basename(path), glob):
        return True
    cleaned = glob.removeprefix("./")
    if cleaned.endswith("/"):
        cleaned += "*"
    return fnmatchcase(path, cleaned) or fnmatchcase(path, cleaned.replace("**/", ""))
