"""Leaves out findings that only repeat a more severe one about the same container or place.

Findings of one pod come in, those worth saying go out, in their order. A check of advice names what covers
it; only what is really reported does, so that whoever selects or ignores checks loses nothing by it.
"""

from collections.abc import Callable, Collection, Iterable
from functools import cache

from ...checks.model.advice import AdviceCheck
from ...checks.model.catalogue import all_checks
from ...findings import ContainerRef, Finding

__all__ = ["covering_all", "uncovered", "unrepeated"]

_SAYS_MORE = {"api-warning": "seccomp-annotation-ignored"}
"""What the API server warns about in general, and the check that says the same with its remedy."""


def unrepeated(
    accepting: list[Finding], effects: Iterable[Finding], reports: Callable[[str], bool]
) -> list[Finding]:
    """Drop a finding of acceptance where a check of effects reports more about the same place."""
    if not any(one.check in _SAYS_MORE for one in accepting):
        return accepting
    explained = {(finding.check, finding.route) for finding in effects if reports(finding.check)}
    return [one for one in accepting if (_SAYS_MORE.get(one.check), one.route) not in explained]


def uncovered(findings: Iterable[Finding], reports: Callable[[str], bool]) -> list[Finding]:
    """Drop advice where a finding of a check that covers it stands in its container, or in the whole pod."""
    covers, covering = _covers(), _covering()
    reported: set[tuple[str, ContainerRef | None]] = set()
    kept: list[Finding] = []
    waiting: list[Finding] = []
    for finding in findings:
        if finding.check in covers:
            waiting.append(finding)
            continue
        kept.append(finding)
        if finding.check in covering and reports(finding.check):
            reported.add((finding.check, finding.container))
    # Advice that covers other advice is listed before it.
    waiting.sort(key=lambda finding: covers[finding.check][0])
    for finding in waiting:
        _, names = covers[finding.check]
        if any((name, finding.container) in reported or (name, None) in reported for name in names):
            continue
        kept.append(finding)
        if finding.check in covering and reports(finding.check):
            reported.add((finding.check, finding.container))
    return kept


def covering_all(
    findings: Iterable[Finding], containers: Collection[ContainerRef], reports: Callable[[str], bool]
) -> frozenset[str]:
    """Name the checks that cover advice and have reported something of each container, or of the pod.

    Whatever advice they cover is left out by `uncovered`, so that it need not be looked for.
    """
    covering = _covering()
    heard: dict[str, set[ContainerRef | None]] = {}
    for finding in findings:
        if finding.check in covering and reports(finding.check):
            heard.setdefault(finding.check, set()).add(finding.container)
    everyone = set(containers)
    return frozenset([check for check, about in heard.items() if None in about or everyone <= about])


@cache
def _covers() -> dict[str, tuple[bool, tuple[str, ...]]]:
    """Map each check of advice to whether other advice covers it, and to what covers it."""
    advice = {check.id: check.covered_by for check in all_checks() if isinstance(check, AdviceCheck)}
    return {id_: (not advice.keys().isdisjoint(names), names) for id_, names in advice.items()}


@cache
def _covering() -> frozenset[str]:
    """Name the checks that cover any advice: it only matters for these where they reported something."""
    return frozenset(name for _, names in _covers().values() for name in names)
