"""The existing pods of a namespace, when PodSecurity is to enforce another level there.

The pods, the level and what judges one of them come in; warnings in the server's words go out. Nothing is
denied here.
Source: k8s.io/pod-security-admission v0.37.2 admission/admission.go, EvaluatePodsInNamespace.
"""

from collections.abc import Callable, Iterable, Sequence

from ..kube.go_format import quote
from ..kube.pod import Pod
from ..policies.levels import LevelVersion
from ..policies.pod_security import Verdict
from .attributes import Clock
from .configuration import PodSecurityConfiguration

__all__ = ["warn_about_pods"]

MAX_PODS = 3000
"""So many existing pods are judged when a namespace's labels change."""
MAX_SECONDS = 1.0
"""So long existing pods are judged, or half of what is left of the request's time."""


def warn_about_pods(
    namespace: str,
    pods: Iterable[Pod],
    enforce: LevelVersion,
    configuration: PodSecurityConfiguration,
    evaluate: Callable[[Pod], Verdict],
    clock: Clock | None = None,
) -> list[str]:
    """Say which existing pods violate a level by `evaluate`, grouped by their reasons.

    The first pod of each controller comes first, and of very many pods only the first are judged.
    """
    ordered = _prioritized(pods, configuration)
    started = None if clock is None else clock()
    groups: dict[str, list[str]] = {}
    checked = 0
    for pod in ordered[:MAX_PODS]:
        verdict = evaluate(pod)
        if not verdict.allowed:
            name = "" if pod.metadata is None else pod.metadata.name or ""
            groups.setdefault(verdict.reason, []).append(name)
        checked += 1
        if started is not None and clock is not None and clock() - started >= MAX_SECONDS:
            break
    warnings = []
    if checked < len(ordered):
        warnings.append(
            f"new PodSecurity enforce level only checked against the first {checked} of "
            f"{len(ordered)} existing pods"
        )
    if groups:
        level = quote(str(enforce))
        warnings.append(
            f"existing pods in namespace {quote(namespace)} violate the new PodSecurity enforce level {level}"
        )
    return warnings + sorted(_grouped(names, reason) for reason, names in groups.items())


def _grouped(names: Sequence[str], reason: str) -> str:
    others = len(names) - 1
    if others == 0:
        return f"{names[0]}: {reason}"
    word = "1 other pod" if others == 1 else f"{others} other pods"
    return f"{min(names)} (and {word}): {reason}"


def _prioritized(pods: Iterable[Pod], configuration: PodSecurityConfiguration) -> list[Pod]:
    first: list[Pod] = []
    replicas: list[Pod] = []
    seen: set[str] = set()
    for pod in pods:
        runtime_class = None if pod.spec is None else pod.spec.runtime_class_name
        if runtime_class and runtime_class in configuration.runtime_classes:
            continue
        controller = _controller(pod)
        if controller is None:
            first.append(pod)
        elif controller in seen:
            replicas.append(pod)
        else:
            seen.add(controller)
            first.append(pod)
    return first + replicas


def _controller(pod: Pod) -> str | None:
    if pod.metadata is None:
        return None
    for owner in pod.metadata.owner_references or ():
        if owner.controller:
            return owner.uid or ""
    return None
