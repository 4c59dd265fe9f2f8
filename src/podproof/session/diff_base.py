"""Accepts what another revision of the manifests has: what is found there comes in as if it were a baseline.

Both sides are judged whole and by the same question, so that what is new is new by object and not by line. A
file that was only moved keeps what is found in objects without a name.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import UsageError
from ..inputs import files
from ..inputs.input import InputFile
from ..inputs.revision import Revision, open_revision
from ..results.accepted import Accepted, AcceptedFinding
from .check_run.pipeline import run_check
from .check_run.tally import TallyReport, tally_of
from .judging.judge import Judge
from .judging.selection import Selection
from .sources import FoundFile, Unread, find_unread

__all__ = ["accept_revision"]


def accept_revision(
    name: str,
    paths: Sequence[str],
    folders: Mapping[str, Any],
    judge: Judge,
    selection: Selection,
    *,
    jobs: int | None = None,
    cache: str | None = None,
) -> Accepted:
    """Accept what a revision has below the paths; `folders` says what is read of them, as for `find_unread`.

    Raises UsageError: see `open_revision`; or the folders are to be built first.
    """
    if folders.get("kustomize"):
        raise UsageError("--diff-base cannot build folders: leave --kustomize out, or render both revisions")
    asked = msgspec.structs.replace(selection, tally="all", accepted=None)
    with open_revision(name, paths, include=folders["include"], exclude=folders["exclude"]) as revision:
        found = _found(revision, paths, folders)
        counts = tally_of(run_check(found, judge, asked, TallyReport(), jobs=jobs, cache=cache))
    reason = f"it is there at {name}, too"
    findings = {
        subject.fingerprint: AcceptedFinding(subject, count, reason) for subject, count in counts.items()
    }
    return Accepted(findings, refusals=True, revision=frozenset(findings))


def _found(revision: Revision, paths: Sequence[str], folders: Mapping[str, Any]) -> Iterator[FoundFile]:
    """Give the files of a revision under the names that they have in the work tree."""
    named = {os.path.join(revision.folder, _from_root(revision, path)).rstrip("/"): path for path in paths}
    there = [path for path in named if os.path.lexists(path)]
    moved = _moved(revision, paths, folders)
    for found in find_unread(there, **folders):
        if not isinstance(found, Unread):
            continue
        file = files.load(found.path)
        if not isinstance(file, InputFile):
            continue
        name = moved.get(os.path.relpath(found.path, revision.folder)) or _name(found.path, named)
        yield FoundFile(InputFile(name, file.data), found.part)


def _name(path: str, named: Mapping[str, str]) -> str:
    """Call a file of the revision as the search in the work tree would."""
    above = path
    while above not in named:
        above = os.path.dirname(above)
    named_so = named[above] if above == path else os.path.join(named[above], path[len(above) + 1 :])
    return files.plain_path(named_so)


def _from_root(revision: Revision, path: str) -> str:
    relative = os.path.relpath(os.path.realpath(path), revision.root)
    return "" if relative == "." else relative


def _moved(revision: Revision, paths: Sequence[str], folders: Mapping[str, Any]) -> dict[str, str]:
    """Map files that are gone to those with the same bytes that came instead."""
    gone = {
        blob: path
        for path, blob in revision.blobs.items()
        if not os.path.lexists(os.path.join(revision.root, path))
    }
    if not gone:
        return {}
    kind = "sha1" if len(next(iter(gone))) == 40 else "sha256"
    moved: dict[str, str] = {}
    for found in find_unread(paths, **folders):
        if isinstance(found, Unread) and _from_root(revision, found.path) not in revision.blobs:
            file = files.load(found.path)
            if isinstance(file, InputFile):
                head = f"blob {len(file.data)}\0".encode()
                blob = hashlib.new(kind, head + file.data, usedforsecurity=False).hexdigest()
                if blob in gone:
                    moved[gone.pop(blob)] = found.path
    return moved
