"""Which checks of a level are asked about a pod: facts about it and its spec come in, functions go out.

A check that names what it looks for (`When`) is not asked about a pod that has nothing of it, nor one that
exempts the pod. `look_of_checks` has the reader tell of a pod's text what it has. Nothing is judged here.
"""

from collections.abc import Callable
from functools import cache

from ..checks.model.catalogue import pod_security_checks
from ..checks.model.pod_security import CheckFunction, ExemptingFunction, PodSecurityCheck
from ..kube.outline_table import Look
from ..kube.pod import PodSpec
from .read_fields import NOTHING_IF_EMPTY

__all__ = ["AskedChecks", "Checks", "look_of_checks"]

Checks = tuple[tuple[PodSecurityCheck, CheckFunction], ...]
"""Checks with what holds of them at a version."""

_MOST_KEPT = 256
"""So many choices of a level are remembered; when there are more, all are forgotten."""


@cache
def _facts() -> dict[PodSecurityCheck, int]:
    """Map checks to the fact, a bit, that a pod has something of what each looks for."""
    looking = (check for check in pod_security_checks() if check.when is not None)
    return {check: 1 << place for place, check in enumerate(looking)}


@cache
def look_of_checks() -> Look:
    """Say what the reader looks for in pods, so that `AskedChecks.about` knows which checks to ask."""
    facts: dict[tuple[type, str], int] = {}
    annotations: dict[str, int] = {}
    for check, fact in _facts().items():
        assert check.when is not None
        for field in check.when.fields:
            facts[field] = facts.get(field, 0) | fact
        for beginning in check.when.annotations:
            annotations[beginning] = annotations.get(beginning, 0) | fact
    return Look(facts, annotations, NOTHING_IF_EMPTY)


class AskedChecks:
    """The checks of a level, ready to be chosen from by what stands in a pod."""

    __slots__ = ("_checks", "_counted", "_exempting", "_known")

    def __init__(self, checks: Checks) -> None:
        facts = _facts()
        self._checks = [(facts.get(check), check, function) for check, function in checks]
        self._counted = sum({fact for fact, _, _ in self._checks if fact is not None})
        self._exempting = dict.fromkeys(rule for _, function in checks for rule in _exempting(function))
        self._known: dict[int | tuple[int, tuple[bool, ...]], Checks] = {}

    def about(self, facts: int, spec: PodSpec) -> Checks:
        """Give those that are asked about a pod for which these facts hold, with plain functions."""
        key: int | tuple[int, tuple[bool, ...]] = facts & self._counted
        if spec.os is not None or spec.host_users is not None:
            key = facts & self._counted, tuple([exempts(spec) for exempts in self._exempting])
        chosen = self._known.get(key)
        return self._choose(key) if chosen is None else chosen

    def _choose(self, key: int | tuple[int, tuple[bool, ...]]) -> Checks:
        facts, exempted = (key, ()) if isinstance(key, int) else key
        exempting = {rule for rule, holds in zip(self._exempting, exempted, strict=False) if holds}
        chosen = tuple(
            (check, _plain(function))
            for fact, check, function in self._checks
            if (fact is None or fact & facts) and exempting.isdisjoint(_exempting(function))
        )
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[key] = chosen
        return chosen


def _exempting(function: CheckFunction) -> list[Callable[[PodSpec], bool]]:
    rules = []
    while isinstance(function, ExemptingFunction):
        rules.append(function.exempts)
        function = function.evaluate
    return rules


def _plain(function: CheckFunction) -> CheckFunction:
    while isinstance(function, ExemptingFunction):
        function = function.evaluate
    return function
