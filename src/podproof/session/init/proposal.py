"""Proposes a configuration: the level that holds, what to leave out, and which files are exceptions.

The current folder is checked twice: at `restricted`, whose result says what each pod meets, and with what is
proposed, whose result says what is left to do. Writes nothing.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping

from ...checks.model.catalogue import pod_security_checks
from ...findings import Severity
from ...inputs.globs import Globs
from ...policies.levels import LEVELS, Level
from ...results.checked import Checked, CheckedObject, ObjectRef
from ...results.proposed import Exclusion, Exemption, Proposal
from ..check import check
from ..config import ProjectConfiguration
from ..facts import find_images
from ..judging.settings import make_judge, make_selection
from ..sources import collect
from .survey import exclusions_of, survey

__all__ = ["propose"]

_MOST_EXEMPTIONS = 10
"""Files that a configuration can name and be read; more are a matter for a baseline."""
_MOST_FAILING = 0.5
"""The part of pods beyond which exceptions are the rule."""
_MOST_OVERLAYS = 3


def propose() -> Proposal | None:
    """Propose a configuration for the current folder; None: no manifest, chart or overlay is in it."""
    found = survey(".")
    first = _check(ProjectConfiguration(level="restricted"))
    if not (first.summary.checked or first.undecided or found.charts or found.kustomizations):
        return None
    exclusions = exclusions_of(found, _files(first))
    globs = Globs([exclusion.glob for exclusion in exclusions])
    pods = [one for one in first.objects if one.pod_security and not globs.match(_relative(one.file))]
    meets = Counter(one.pod_security.meets for one in pods if one.pod_security)
    level: Level = "restricted" if meets["restricted"] == len(pods) else "baseline"
    failing = [one for one in pods if one.pod_security and _is_below(one.pod_security.meets, level)]
    second = _check(ProjectConfiguration(level=level, exclude=tuple(one.glob for one in exclusions)))
    exemptions = _exemptions(second, failing, len(pods))
    left = second
    if exemptions:
        files = {exemption.file: exemption.checks for exemption in exemptions}
        left = _check(_exempting(level, exclusions, files))
    return Proposal(
        level=level,
        pods=len(pods),
        meets={name: meets[name] for name in reversed(LEVELS) if meets[name]},
        failing=len(failing),
        exclusions=exclusions,
        exemptions=exemptions,
        errors=left.summary.errors,
        warnings=left.summary.warnings,
        unreadable=_unreadable(left),
        charts=tuple(chart for chart in found.charts if not globs.match(f"{chart}/Chart.yaml")),
        overlays=_overlays(found.kustomizations, globs),
        explainable=_relative(min(pods, key=_strictness).file) if pods else "",
    )


def _strictness(pod: CheckedObject) -> int:
    return LEVELS.index(pod.pod_security.meets) if pod.pod_security else 0


def _is_below(meets: Level, level: Level) -> bool:
    return LEVELS.index(meets) < LEVELS.index(level)


def _check(configuration: ProjectConfiguration) -> Checked:
    judge = make_judge(configuration, images=find_images(None))
    selection = make_selection(configuration)
    return check(collect((".",), exclude=configuration.exclude), judge, selection)


def _exempting(
    level: Level, exclusions: tuple[Exclusion, ...], files: Mapping[str, tuple[str, ...]]
) -> ProjectConfiguration:
    return ProjectConfiguration(
        level=level,
        exclude=tuple(one.glob for one in exclusions),
        per_file_ignores=dict(files),
        folder=os.path.abspath("."),
    )


def _relative(file: str) -> str:
    return os.path.normpath(file)


def _files(checked: Checked) -> set[str]:
    """Give every file that says something: an object, a finding, a reason to skip it."""
    found = (checked.objects, checked.findings, checked.skipped, checked.not_judged, checked.patterns)
    return {_relative(entry.file) for entries in found for entry in entries if os.path.isfile(entry.file)}


def _exemptions(checked: Checked, failing: list[CheckedObject], pods: int) -> tuple[Exemption, ...]:
    """Give the files whose pods do not meet the level, unless that is the rule or a file's name is a glob."""
    files = {_relative(one.file) for one in failing}
    if not 0 < len(files) <= _MOST_EXEMPTIONS or len(failing) > pods * _MOST_FAILING:
        return ()
    if any(set(file) & set('[]*?\\"') or not file.isprintable() for file in files):
        return ()
    standards = {one.id for one in pod_security_checks()}
    ids: dict[str, set[str]] = defaultdict(set)
    for located in checked.findings:
        if located.finding.check in standards and located.finding.severity is Severity.ERROR:
            ids[_relative(located.file)].add(located.finding.check)
    objects: dict[str, list[ObjectRef]] = defaultdict(list)
    for one in failing:
        objects[_relative(one.file)].append(one.object)
    return tuple(
        Exemption(file, tuple(sorted(ids[file])), _named(objects[file][0]), len(objects[file]))
        for file in sorted(files)
        if ids[file]
    )


def _named(ref: ObjectRef) -> str:
    name = "/".join(part for part in (ref.namespace, ref.name) if part)
    return f"{ref.kind or 'object'} {name}".strip()


def _unreadable(checked: Checked) -> tuple[str, ...]:
    return tuple(
        f"{_relative(located.file)}:{located.place.line}"
        for located in checked.findings
        if located.finding.check == "unreadable"
    )


def _overlays(kustomizations: tuple[str, ...], globs: Globs) -> tuple[str, ...]:
    """Give folders to build: those whose name or place says that they are overlays, else all; a few."""
    there = [one for one in kustomizations if not globs.match(f"{one}/kustomization.yaml")]
    overlays = [one for one in there if "overlays" in one.split("/") or "overlay" in one.split("/")]
    return tuple((overlays or there)[:_MOST_OVERLAYS])
