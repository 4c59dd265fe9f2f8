"""Exemptions from controls of Pod Security: a verdict and exemptions come in, what is left of it goes out.

What an exemption names is judged as if it were not there: a container as if the pod did not have it, a field
as if it had an allowed value. The words for the rest are then the level's own. Whom an exemption is for, and
what time it is, is said by the caller.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ..checks.model.pod_security import CheckFunction, PodSecurityCheck, Spot, Violation, container_routes
from ..kube.pod import Pod, PodSpec
from ..kube.visit import list_containers
from ..manifest.route import Route
from .exempt_fields import ExemptField, is_of_pod, without_containers, without_fields
from .pod_security import Evaluator, Verdict, verdict_of

__all__ = ["Exempted", "ExemptionTable", "PodSecurityExemption", "exempt"]

_OF_CONTAINERS = (
    "container.apparmor.security.beta.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
)
"""Prefixes of annotations of a pod that are about one container, whose name follows."""


class PodSecurityExemption(msgspec.Struct, frozen=True):
    """What pods may do, until when, and who answers for it.

    `checks` are upstream's ids. `containers` None: all, and what pods set as a whole. `expires` is the time
    as it is written, `expires_at` the same in seconds since 1970.
    """

    name: str
    owner: str
    reason: str
    expires: str
    expires_at: float
    checks: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    containers: frozenset[str] | None = None


_Key = tuple[str, str | None]
"""A check or a field, and the name of a container; None: of all containers, and of the pod."""


class ExemptionTable:
    """Exemptions by what they name; of several that name the same, the one that lasts longest."""

    def __init__(
        self, exemptions: Iterable[PodSecurityExemption] = (), base: "ExemptionTable | None" = None
    ) -> None:
        self._by_key: dict[_Key, PodSecurityExemption] = {} if base is None else dict(base._by_key)
        for exemption in exemptions:
            for name in sorted(exemption.checks | exemption.fields):
                for container in (None,) if exemption.containers is None else sorted(exemption.containers):
                    known = self._by_key.get((name, container))
                    if known is None or exemption.expires_at > known.expires_at:
                        self._by_key[name, container] = exemption

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def find(self, names: Iterable[str], container: str | None) -> tuple[_Key, PodSecurityExemption] | None:
        """Find what exempts any of the names in a container, or everywhere: what lasts longest."""
        found: tuple[_Key, PodSecurityExemption] | None = None
        for name in names:
            for key in ((name, None),) if container is None else ((name, None), (name, container)):
                exemption = self._by_key.get(key)
                if exemption is not None and (found is None or exemption.expires_at > found[1].expires_at):
                    found = key, exemption
        return found


class Exempted(msgspec.Struct, frozen=True):
    """What is left of a verdict, and why.

    `used` are the exemptions that it rests on, `expired` those that it would rest on if they had not ended;
    each with the control that it is used for, by upstream's id.
    """

    verdict: Verdict
    used: tuple[tuple[PodSecurityExemption, str], ...] = ()
    expired: tuple[tuple[PodSecurityExemption, str], ...] = ()


def exempt(
    evaluator: Evaluator, pod: Pod, verdict: Verdict, table: ExemptionTable, now: float | None
) -> Exempted:
    """Take from a verdict of a pod what is exempt at `now`, in seconds since 1970.

    None: nobody knows what time it is, and nothing is exempt.
    """
    functions = {check.upstream_id: function for check, function in evaluator.checks}
    left: list[tuple[PodSecurityCheck, Violation]] = []
    used: dict[tuple[PodSecurityExemption, str], None] = {}
    expired: dict[tuple[PodSecurityExemption, str], None] = {}
    for check, violation in verdict.violations:
        trial = _JudgedAgain(check, functions[check.upstream_id], pod, table, now)
        remaining = trial.run(violation)
        used.update(dict.fromkeys((one, check.upstream_id) for one in trial.used))
        if remaining is not None:
            left.append((check, remaining))
            expired.update(dict.fromkeys((one, check.upstream_id) for one in trial.expired))
    if not used:
        return Exempted(verdict, expired=tuple(expired))
    return Exempted(verdict_of(left, pod.spec or PodSpec()), tuple(used), tuple(expired))


class _JudgedAgain:
    """One control and what of its violations is exempt."""

    def __init__(
        self,
        check: PodSecurityCheck,
        function: CheckFunction,
        pod: Pod,
        table: ExemptionTable,
        now: float | None,
    ) -> None:
        self._check, self._function, self._pod, self._table, self._now = check, function, pod, table, now
        self.used: dict[PodSecurityExemption, None] = {}
        self.expired: dict[PodSecurityExemption, None] = {}
        self._whole = False
        self._containers: set[str] = set()
        self._fields: set[ExemptField] = set()

    def run(self, violation: Violation) -> Violation | None:
        """Judge again and again, since behind what is exempt there may be more, until nothing is exempt."""
        pod, remaining = self._pod, violation
        while self._apply(pod, remaining):
            if self._whole:
                return None
            pod = without_fields(without_containers(self._pod, self._containers), self._fields)
            spec = pod.spec or PodSpec()
            again = self._function(pod, spec, list_containers(spec))
            if again is None:
                return None
            remaining = again
        return remaining

    def _apply(self, pod: Pod, violation: Violation) -> bool:
        """Note what exempts the places of a violation; False when nothing new does."""
        before = (self._whole, len(self._containers), len(self._fields))
        for container, path in _places(pod, violation.spots()):
            found = self._table.find((self._check.upstream_id, *_fields_above(path)), container)
            if found is None:
                continue
            (name, of), exemption = found
            if self._now is None or exemption.expires_at <= self._now:
                self.expired[exemption] = None
                continue
            self.used[exemption] = None
            if name != self._check.upstream_id:
                self._fields.add(ExemptField(name, of))
            elif of is None:
                self._whole = True
            else:
                self._containers.add(of)
        return before != (self._whole, len(self._containers), len(self._fields))


def _places(pod: Pod, spots: Iterable[Spot]) -> Iterator[tuple[str | None, Route]]:
    """Yield the container and the route of each place; None for what the pod sets as a whole."""
    routes = container_routes(pod.spec or PodSpec())
    for spot in spots:
        if spot.container is not None:
            yield spot.container.name or "", (*routes[id(spot.container)][0], *spot.route)
        else:
            yield _named_by_annotation(spot.route), spot.route


def _named_by_annotation(route: Route) -> str | None:
    key: Any = route[-1] if route[:2] == ("metadata", "annotations") else ""
    for prefix in _OF_CONTAINERS:
        if isinstance(key, str) and key.startswith(prefix):
            return key.removeprefix(prefix)
    return None


def _fields_above(route: Route) -> Iterator[str]:
    """Yield the paths of a place and of everything it stands in, as exemptions write them."""
    path = ""
    for part in route:
        path += "[*]" if isinstance(part, int) else f".{part}" if path else str(part)
        if is_of_pod(path):
            yield path
