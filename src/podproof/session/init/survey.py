"""Looks at a folder: charts, kustomizations, and folders whose manifests are nobody's deployment.

A folder and the files that were read in it come in, what is there goes out. Opens no file.
"""

import os
from collections.abc import Iterable, Iterator

import msgspec

from ...inputs.globs import Globs
from ...inputs.recognise import HELM_FILES, KUSTOMIZATIONS
from ...results.proposed import Exclusion

__all__ = ["Survey", "exclusions_of", "survey"]

_TESTS = ("test", "tests", "testdata", "__tests__", "e2e", "fixtures", "testing")
_VENDORED = ("vendor", "third_party", "third-party", "node_modules", "external")
_MOST_FOLDERS = 200_000
"""Folders that are looked at: a repository has thousands, a home directory millions."""


class Survey(msgspec.Struct, frozen=True):
    """Folders, seen from the one that was looked at, sorted; `complete` False: there are too many."""

    charts: tuple[str, ...]
    kustomizations: tuple[str, ...]
    complete: bool


def survey(folder: str) -> Survey:
    """Find charts and kustomizations in a folder and in the folders below it, hidden ones left out."""
    charts: list[str] = []
    kustomizations: list[str] = []
    seen = 0
    for path, folders, names in os.walk(folder):
        seen += 1
        if seen > _MOST_FOLDERS:
            break
        folders[:] = [name for name in folders if not name.startswith(".")]
        there = set(names)
        if there.intersection(HELM_FILES):
            charts.append(os.path.relpath(path, folder))
        if there.intersection(KUSTOMIZATIONS):
            kustomizations.append(os.path.relpath(path, folder))
    return Survey(tuple(sorted(charts)), tuple(sorted(kustomizations)), seen <= _MOST_FOLDERS)


def exclusions_of(found: Survey, files: Iterable[str]) -> tuple[Exclusion, ...]:
    """Give what to leave out of these files (relative paths), each with the files that it covers alone."""
    left = set(files)
    chosen = []
    for glob, reason in _candidates(found, left):
        globs = Globs((glob,))
        covered = {file for file in left if globs.match(file)}
        if covered:
            left -= covered
            chosen.append(Exclusion(glob, len(covered), reason))
    return tuple(chosen)


def _candidates(found: Survey, files: set[str]) -> Iterator[tuple[str, str]]:
    """Give globs with reasons, the wider ones first: a chart in a vendored folder is vendored."""
    names = {name for file in files for name in file.split("/")[:-1]}
    for name in _VENDORED:
        if name in names:
            yield name, "of others: what you install of it is worth a check where it is rendered"
    for name in _TESTS:
        if name in names:
            yield name, "manifests of tests, which nobody deploys"
    for chart in found.charts:
        if any(chart != other and _below(chart, other, "charts") for other in found.charts):
            continue
        where = "" if chart == "." else f"{chart}/"
        yield f"{where}charts", f"charts that {_name(chart)} depends on: they are rendered with it"
    templates = {os.path.normpath(f"{chart}/templates") for chart in found.charts}
    if not templates:
        return
    reason = "templates of Helm charts, which say what they are only when they are rendered"
    others = {
        "/".join(parts[: i + 1]) for file in files for parts in [file.split("/")] for i in _templates(parts)
    }
    if others <= templates:
        yield "templates", reason
    else:
        for folder in sorted(templates):
            yield (folder if "/" in folder else f"/{folder}"), reason


def _templates(parts: list[str]) -> Iterator[int]:
    return (number for number, part in enumerate(parts[:-1]) if part == "templates")


def _below(chart: str, other: str, folder: str) -> bool:
    """Say whether a chart lies in this folder of another one."""
    return chart.startswith(folder + "/" if other == "." else f"{other}/{folder}/")


def _name(chart: str) -> str:
    return "the chart" if chart == "." else chart
