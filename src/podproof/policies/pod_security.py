"""Pod Security Standards: a pod and what is asked come in, the verdict goes out.

Which checks hold at a level and version, their order and what replaces what follow upstream's registry. A
verdict holds upstream's aggregate; its findings, with places, are worked out only when they are asked for.
Nothing here reads files or talks HTTP.
Source: k8s.io/pod-security-admission v0.37.2, policy/registry.go and policy/checks.go.
"""

from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache, partial
from typing import Any

import msgspec

from ..checks.model.catalogue import pod_security_checks
from ..checks.model.pod_security import (
    CheckFunction,
    PodSecurityCheck,
    Violation,
    container_routes,
    findings_of,
)
from ..findings import Finding
from ..kube.default_pod import default_pod
from ..kube.feature_gates import FeatureGates, read_feature_gates
from ..kube.outlined_pod import ANYTHING, ServerPodReader, server_pod_reader
from ..kube.pod import Pod, PodSpec
from ..kube.read_pod import pod_as_json, read_pod, read_text, require_containers
from ..kube.versions import NEWEST, Minor
from ..kube.visit import list_containers
from ..kube.whole_pod import UnreadField
from .asked_checks import AskedChecks, Checks, look_of_checks
from .levels import LevelVersion, kubernetes_minor, minor_of, parse_level_version
from .read_fields import JUDGED_FIELDS

__all__ = [
    "ALLOWED_VERDICT",
    "Evaluator",
    "Verdict",
    "checks_at",
    "evaluate",
    "evaluator",
    "evaluator_of",
    "verdict_of",
]

_NO_SPEC = PodSpec()

_RELAXING_GATE = "UserNamespacesPodSecurityStandards"
"""Gone in 1.35, whose levels spare user namespaces. Source: pod-security-admission v0.34.4 helpers.go."""


class Verdict(msgspec.Struct, frozen=True):
    """What a level says about a pod. `reason` and `detail` are upstream's aggregates, empty when allowed."""

    allowed: bool
    reason: str
    detail: str
    violations: tuple[tuple[PodSecurityCheck, Violation], ...] = ()
    spec: PodSpec = _NO_SPEC

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What each violation says and where, in upstream's order; routes are counted from the pod."""
        if not self.violations:
            return ()
        routes = container_routes(self.spec)
        found: list[Finding] = []
        for check, violation in self.violations:
            found += findings_of(check, violation, routes)
        return tuple(found)


ALLOWED_VERDICT = Verdict(True, "", "")
"""That of a pod that violates nothing."""


class _PartlyReadVerdict(Verdict, frozen=True, kw_only=True, dict=True):
    """A verdict on a pod of which only as much was read as its texts need.

    `judge` judges all of the pod, which happens once somebody asks for more.
    """

    judge: Callable[[], Verdict]

    @cached_property
    def _whole(self) -> Verdict:
        return self.judge()

    @property  # type: ignore[misc] # in place of the field, which stays empty
    def violations(self) -> tuple[tuple[PodSecurityCheck, Violation], ...]:
        """What is violated."""
        return self._whole.violations

    @property  # type: ignore[misc] # in place of the field, which stays empty
    def spec(self) -> PodSpec:
        """All of the pod's spec."""
        return self._whole.spec


class Evaluator(msgspec.Struct, frozen=True, dict=True):
    """A level at a version, ready to judge. `asked` is printed; `minor` is what it is evaluated as."""

    asked: LevelVersion
    minor: int
    checks: Checks
    replaced: tuple[CheckFunction, ...] = ()
    """Checks of baseline that a check of restricted replaces: they are asked only by `lacking`."""

    @property
    def evaluated_version(self) -> str:
        """Write the version whose checks hold, as `v1.N`."""
        return f"v1.{self.minor}"

    @cached_property
    def _asked(self) -> AskedChecks:
        return AskedChecks(self.checks)

    def evaluate(self, pod: Pod, facts: int = ANYTHING) -> Verdict:
        """Evaluate a typed pod as it stands; who wants defaults applies them first.

        `facts` are those that `look_of_checks` had the reader of the pod look for.
        """
        spec = pod.spec or _NO_SPEC
        containers = list_containers(spec)
        violations = []
        for check, function in self._asked.about(facts, spec):
            violation = function(pod, spec, containers)
            if violation is not None:
                violations.append((check, violation))
        return verdict_of(violations, spec)

    def lacking(self, pod: Pod, verdict: Verdict) -> tuple[int | None, int | None]:
        """Count the controls that a pod lacks at baseline and at restricted, in view of its verdict.

        None: the level is stricter than the one asked for. A pod that lacks none meets the level. Each level
        counts what it checks itself: a pod that adds a capability may lack one control at both.
        """
        violated = len(verdict.violations)
        if self.asked.level != "restricted":
            return (violated if self.asked.level == "baseline" else None), None
        of_baseline = len([check for check, _ in verdict.violations if check.level == "baseline"])
        spec = pod.spec or _NO_SPEC
        containers = list_containers(spec) if self.replaced else ()
        for function in self.replaced:
            of_baseline += function(pod, spec, containers) is not None
        return of_baseline, violated


def verdict_of(violations: list[tuple[PodSecurityCheck, Violation]], spec: PodSpec) -> Verdict:
    """Aggregate violations as upstream does: an empty detail has no parentheses."""
    if not violations:
        return ALLOWED_VERDICT
    details = [
        f"{violation.reason} ({violation.detail})" if violation.detail else violation.reason
        for _, violation in violations
    ]
    reason = ", ".join([violation.reason for _, violation in violations])
    return Verdict(False, reason, ", ".join(details), tuple(violations), spec)


def checks_at(level: str, minor: int, relaxed_by: Minor | None = None) -> Checks:
    """Return the checks of a level at 1.`minor` with what holds there, in upstream's order.

    Baseline first, then restricted, each sorted bytewise by upstream's id; a check of restricted replaces
    those of baseline that it overrides only where it exists itself. `relaxed_by` is the version of a server
    that spares user namespaces by its gate UserNamespacesPodSecurityStandards; None: it does not.
    """
    if level == "privileged":
        return ()
    baseline, restricted = [], []
    overridden: set[str] = set()
    for check in sorted(pod_security_checks(), key=lambda check: check.upstream_id):
        function = check.function(minor, relaxed_by)
        if function is None:
            continue
        if check.level == "baseline":
            baseline.append((check, function))
        elif level == "restricted":
            restricted.append((check, function))
            overridden.update(check.overrides)
    return (*(entry for entry in baseline if entry[0].upstream_id not in overridden), *restricted)


@lru_cache(maxsize=256)
def evaluator(
    level: str, version: str = "latest", kubernetes_version: str = "latest", *, relaxed: bool = False
) -> Evaluator:
    """Return what judges at a level and version; `level` may carry its version (`baseline:v1.25`).

    `kubernetes_version` bounds `latest` and every newer version, as the server of that version does.
    `relaxed` says that the server's gate UserNamespacesPodSecurityStandards is on.
    Raises UsageError: the level or a version is none.
    """
    asked = parse_level_version(level, version)
    newest = kubernetes_minor(kubernetes_version, NEWEST)
    minor = minor_of(asked.version)
    minor = newest if minor is None else min(minor, newest)
    relaxed_by = newest if relaxed else None
    checks = checks_at(asked.level, minor, relaxed_by)
    replaced: tuple[CheckFunction, ...] = ()
    if asked.level == "restricted":
        kept = {check.id for check, _ in checks}
        of_baseline = checks_at("baseline", minor, relaxed_by)
        replaced = tuple(function for check, function in of_baseline if check.id not in kept)
    return Evaluator(asked, minor, checks, replaced)


@lru_cache(maxsize=256)
def evaluator_of(level: LevelVersion, gates: FeatureGates) -> Evaluator:
    """Return what judges at a level and version on a server with these feature gates."""
    relaxed = gates.enabled(_RELAXING_GATE)
    return evaluator(level.level, level.version, f"v1.{gates.minor}", relaxed=relaxed)


@cache
def _reader() -> ServerPodReader | None:
    return server_pod_reader(JUDGED_FIELDS, look_of_checks())


def evaluate(
    pod: Mapping[str, Any] | bytes | str | Pod,
    level: str = "restricted",
    version: str = "latest",
    as_written: bool = False,
    kubernetes_version: str = "latest",
    feature_gates: Mapping[str, bool] | None = None,
) -> Verdict:
    """Judge a pod: a mapping, its JSON, or a typed pod.

    It is defaulted first, as a server does, unless `as_written`, which judges the bare object as upstream's
    library does. Unknown fields are skipped, and a key that stands twice in JSON is decoded over what the
    first one left, as by a server that does not ask for strict validation; `accept` tells of both.
    `feature_gates` are the gates that the server was told to set.
    Raises UsageError: the level or a version is none, or the version does not let a gate be set so.
    Raises ManifestError: the pod is no JSON, of another kind, has a field of a type that the server could not
    decode, or has no containers, as a spec in place of its pod has none.

    >>> import podproof
    >>> pod = {"kind": "Pod", "spec": {"hostPID": True, "containers": [{"name": "web", "image": "nginx"}]}}
    >>> verdict = podproof.evaluate(pod, level="baseline")
    >>> verdict.allowed, verdict.detail
    (False, 'host namespaces (hostPID=true)')
    >>> [(finding.check, finding.route) for finding in verdict.findings]
    [('host-namespaces', ('spec', 'hostPID'))]
    """
    if feature_gates:
        minor = kubernetes_minor(kubernetes_version, NEWEST)
        gates = read_feature_gates(feature_gates, minor, where="feature_gates")
        chosen = evaluator_of(parse_level_version(level, version), gates)
    else:
        chosen = evaluator(level, version, kubernetes_version)
    if isinstance(pod, (bytes, str)):
        return _evaluate_text(pod, chosen, as_written)
    if isinstance(pod, Pod):
        typed = pod
    else:
        typed = read_pod(pod)
        require_containers(typed, pod)
    verdict = chosen.evaluate(typed if as_written else default_pod(typed))
    if not verdict.detail.isascii() and isinstance(pod, Mapping):
        # what UTF-8 cannot hold stands in it as it is; a server would have read something else in its place
        return evaluate(pod_as_json(pod), level, version, as_written, kubernetes_version, feature_gates)
    return verdict


def _evaluate_text(text: bytes | str, chosen: Evaluator, as_written: bool) -> Verdict:
    """Judge a pod in JSON; what its verdict's texts do not need is read when somebody asks for it."""
    typed, facts = read_text(text, _reader)
    try:
        spec = typed.spec
        if spec is None or not spec.containers:
            require_containers(typed, text)
        verdict = chosen.evaluate(typed if as_written else default_pod(typed), facts)
    except UnreadField:  # a check looks at what no verdict has rested on so far
        return _evaluate_whole(text, chosen, as_written)
    if verdict.allowed:
        return verdict
    whole = partial(_evaluate_whole, text, chosen, as_written)
    return _PartlyReadVerdict(False, verdict.reason, verdict.detail, judge=whole)


def _evaluate_whole(text: bytes | str, chosen: Evaluator, as_written: bool) -> Verdict:
    whole = read_pod(text)
    return chosen.evaluate(whole if as_written else default_pod(whole))
