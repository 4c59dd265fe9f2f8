"""Puts a pod on the node that was asked about, for the checks of what its settings really do.

A typed pod and what is known of images, node and runtime come in; a `Running` goes out, or what the checks
say about it, and the users of its containers for the checks that look across pods. Reads nothing.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial

import msgspec

from ...checks.model.across import ContainerUser, users_of
from ...checks.model.advice import AdviceCheck
from ...checks.model.catalogue import all_checks
from ...checks.model.effect import EffectCheck, Running
from ...checks.model.facts import facts_of
from ...effective.container_in_pod import place_containers
from ...effective.predicted import PredictedContext
from ...effective.setting import Setting
from ...findings import Finding
from ...kube.pod import Pod
from ...kube.reported_user import ReportedUser
from ...kube.target_os import is_for_windows
from ...kubelet.start import predict_start
from ...kubelet.start_prediction import PodStartPrediction
from ...steps import Steps, finish
from .pods import named_pod

__all__ = ["Effects", "FindEffects", "find_effects", "make_effects", "put_on_node", "put_steps"]


class Effects(msgspec.Struct, frozen=True, gc=False):
    """What the checks find in one pod, the users of its containers, what is predicted of them, and the start.

    Routes are counted from the pod.
    """

    findings: tuple[Finding, ...]
    users: tuple[ContainerUser, ...]
    processes: tuple[PredictedContext, ...] = ()
    start: PodStartPrediction | None = None


FindEffects = Callable[
    [Pod, str | None, str | None, bool, Mapping[str, str], Mapping[str, ReportedUser], frozenset[str]],
    Steps[Effects],
]
"""Pod, its object's name and namespace, whether the object is the pod itself, which claim each of its volumes
is, the users that its status reports, and the checks that report something of all its containers → what there
is to say about it."""


def put_on_node(setting: Setting, pod: Pod, reported: Mapping[str, ReportedUser] | None = None) -> Running:
    """Put a pod on a node as `put_steps` does, all steps at once."""
    return finish(put_steps(setting, pod, reported))


def put_steps(
    setting: Setting, pod: Pod, reported: Mapping[str, ReportedUser] | None = None
) -> Steps[Running]:
    """Resolve every container of the pod and predict how it starts."""
    containers = place_containers(pod, setting, reported=reported or {})
    windows = is_for_windows(pod)
    on_linux = () if windows else tuple([(placed, PredictedContext(placed)) for placed in containers])
    yield
    start = predict_start(pod, containers, setting)
    return Running(pod=pod, containers=containers, on_linux=on_linux, start=start)


def find_effects(
    put: Callable[[Pod, Mapping[str, ReportedUser]], Steps[Running]],
    asked: Callable[[int, frozenset[str]], tuple[EffectCheck, ...]],
    pod: Pod,
    name: str | None,
    namespace: str | None,
    itself: bool,
    claims: Mapping[str, str],
    reported: Mapping[str, ReportedUser],
    covered: frozenset[str],
) -> Steps[Effects]:
    """Run the checks on one pod, which gets its object's name.

    `asked` gives those for a pod's facts, and for the checks that have reported something of all containers.
    """
    if name is not None:
        pod = named_pod(pod, name, namespace, itself=itself)
    seen = yield from put(pod, reported)
    yield
    findings: list[Finding] = []
    for check in asked(facts_of(seen), covered):
        findings += check.find(seen)
    return Effects(
        findings=tuple(findings),
        users=tuple(users_of(seen, claims, namespace)),
        processes=tuple([context for _, context in seen.on_linux]),
        start=seen.start,
    )


def _asked(checks: tuple[EffectCheck, ...], facts: int, covered: frozenset[str]) -> tuple[EffectCheck, ...]:
    return tuple(
        check for check in checks if (not check.when or check.when & facts) and not _repeats(check, covered)
    )


def _repeats(check: EffectCheck, covered: frozenset[str]) -> bool:
    """Tell whether all that a check may say would be left out, since these say more of each container."""
    if not isinstance(check, AdviceCheck) or check.about_pods:
        return False
    return not covered.isdisjoint(check.covered_by)


def make_effects(setting: Setting) -> FindEffects:
    """Bind the checks to what is known of images, runtime, node and storage."""
    checks = tuple(check for check in all_checks() if isinstance(check, EffectCheck))
    asked = lru_cache(maxsize=256)(partial(_asked, checks))
    return partial(find_effects, partial(put_steps, setting), asked)
