"""The PodSecurity plugin: Pod Security Standards by namespace labels.

Pods are judged, what makes pods is warned about, namespaces' labels are validated and their pods looked at.
A request with decoded and defaulted objects, the namespace's labels and its pods come in; a Decision in the
server's words goes out. Nothing is decoded here.
Source: k8s.io/pod-security-admission v0.37.2 admission/admission.go; kubernetes 1.37.2
plugin/pkg/admission/security/podsecurity.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import ManifestError
from ..kube.default_pod import default_pod
from ..kube.feature_gates import FeatureGates
from ..kube.field_error import FieldError, aggregate
from ..kube.go_format import quote
from ..kube.pod import Pod, PodSpec
from ..kube.read_pod import read_pod
from ..policies.levels import LevelVersion
from ..policies.pod_security import ALLOWED_VERDICT, Evaluator, Verdict, evaluator_of
from .attributes import Attributes, Clock, Moment
from .configuration import PodSecurityConfiguration
from .decision import Decision, forbidden, internal_error, invalid
from .decoded_object import typed_pod
from .exempting import Exempting
from .labels import MODES, PREFIX, Policy, is_equivalent, is_fully_privileged, policy_of, stricter
from .plugin import Plugin
from .pods_in_namespace import warn_about_pods
from .request import AdmissionRequest
from .shaped_pod import ShapedPod
from .state import ClusterState

__all__ = [
    "CONTROLLERS",
    "IGNORED_SUBRESOURCES",
    "POD_SECURITY",
    "allow_unseen",
    "is_unrestricted",
    "judge_controller",
    "judge_namespace",
    "judge_pod",
    "template_of",
    "validate_pod",
]

CONTROLLERS = frozenset(
    (
        ("", "podtemplates"),
        ("", "replicationcontrollers"),
        ("apps", "replicasets"),
        ("apps", "deployments"),
        ("apps", "statefulsets"),
        ("apps", "daemonsets"),
        ("batch", "jobs"),
        ("batch", "cronjobs"),
    )
)
IGNORED_SUBRESOURCES = frozenset(
    ("exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status")
)
Labels = Mapping[str, str] | None

_ALLOWED = Decision(True)
_PRIVILEGED = Decision(True, audit_annotations={f"{PREFIX}enforce-policy": "privileged:latest"})


def _allowed(**annotations: str) -> Decision:
    return Decision(
        True, audit_annotations={PREFIX + key.replace("_", "-"): v for key, v in annotations.items()}
    )


def _exempt(request: AdmissionRequest, configuration: PodSecurityConfiguration) -> Decision | None:
    if request.namespace and request.namespace in configuration.namespaces:
        return _allowed(exempt="namespace")
    if request.user.name and request.user.name in configuration.users:
        return _allowed(exempt="user")
    return None


def judge_pod(
    request: AdmissionRequest,
    pod: ShapedPod | None,
    old: Pod | None,
    labels: Labels,
    configuration: PodSecurityConfiguration,
    gates: FeatureGates,
    exempting: Exempting | None = None,
) -> Decision:
    """Judge the creation or update of a pod or of one of its subresources.

    `labels` None means that there is no such namespace. `pod` None means that the request has no pod.
    `exempting` None means that no exemption is in force.
    """
    exempt = _exempt(request, configuration)
    if exempt is not None:
        return exempt
    if labels is None:
        why = f"failed to lookup namespace {quote(request.namespace)}"
        missing = f"namespace {quote(request.namespace)} not found"
        return internal_error(why, {f"{PREFIX}error": f"Internal error occurred: {why}: {missing}"})
    policy, errors = policy_of(labels, configuration.defaults)
    if not errors and is_fully_privileged(policy):
        return _PRIVILEGED
    if pod is None:
        return _undecodable("failed to decode object")
    if request.operation == "UPDATE":
        if old is None:
            return _undecodable("failed to decode old object")
        if not _is_significant(pod.typed, old):
            return _ALLOWED
    return _evaluate(
        request, pod, policy, errors, configuration, gates, exempting, labels=labels, enforce=True
    )


def allow_unseen(
    request: AdmissionRequest, labels: Labels, configuration: PodSecurityConfiguration
) -> Decision | None:
    """Allow what is asked of a pod where every pod is allowed; None: the pod has to be looked at."""
    exempt = _exempt(request, configuration)
    if exempt is not None or labels is None:
        return exempt
    return _PRIVILEGED if is_unrestricted("", labels, configuration) else None


def is_unrestricted(
    namespace: str, labels: Mapping[str, str], configuration: PodSecurityConfiguration
) -> bool:
    """Tell whether a namespace is exempt, or all its levels are privileged."""
    if namespace and namespace in configuration.namespaces:
        return True
    policy, errors = policy_of(labels, configuration.defaults)
    return not errors and is_fully_privileged(policy)


def _undecodable(message: str) -> Decision:
    return Decision(False, 400, message, reason="BadRequest", audit_annotations={f"{PREFIX}error": message})


def judge_controller(
    request: AdmissionRequest,
    template: Pod | None,
    labels: Labels,
    configuration: PodSecurityConfiguration,
    gates: FeatureGates,
    exempting: Exempting | None = None,
) -> Decision:
    """Warn and audit for what makes pods; it is always allowed. `template` None: it has none."""
    if request.sub_resource:
        return _ALLOWED
    exempt = _exempt(request, configuration)
    if exempt is not None:
        return exempt
    if labels is None:
        why = f"failed to lookup namespace {quote(request.namespace)}"
        return _allowed(error=f"{why}: namespace {quote(request.namespace)} not found")
    policy, errors = policy_of(labels, configuration.defaults)
    if not errors and policy.warn.level == policy.audit.level == "privileged":
        return _ALLOWED
    if template is None:
        return _ALLOWED
    return _evaluate(
        request,
        ShapedPod(lambda: template),
        policy,
        errors,
        configuration,
        gates,
        exempting,
        labels=labels,
        enforce=False,
    )


def _evaluate(
    request: AdmissionRequest,
    pod: ShapedPod,
    policy: Policy,
    errors: Sequence[FieldError],
    configuration: PodSecurityConfiguration,
    gates: FeatureGates,
    exempting: Exempting | None,
    *,
    labels: Labels,
    enforce: bool,
) -> Decision:
    if configuration.runtime_classes:
        spec = pod.typed.spec
        runtime_class = None if spec is None else spec.runtime_class_name
        if runtime_class and runtime_class in configuration.runtime_classes:
            return _allowed(exempt="runtimeClass")
    exempt = None if exempting is None else exempting.of(request.namespace, labels, pod.typed)
    verdicts: dict[LevelVersion, Verdict] = {}

    def judge(level: LevelVersion) -> Verdict:
        if exempt is None:
            return ALLOWED_VERDICT if level.level == "privileged" else pod.verdict(level, gates)
        if level not in verdicts:
            evaluator = evaluator_of(level, gates)
            verdicts[level] = exempt.judge(evaluator, pod.typed, evaluator.evaluate(pod.typed))
        return verdicts[level]

    audit: dict[str, str] = {}
    if errors:
        audit[f"{PREFIX}error"] = f"Failed to parse policy: {aggregate(errors)}"
    denial = ""
    if enforce:
        audit[f"{PREFIX}enforce-policy"] = str(policy.enforce)
        verdict = judge(policy.enforce)
        if not verdict.allowed:
            denial = f'violates PodSecurity "{policy.enforce}": {verdict.detail}'
    if policy.audit.level != "privileged" and not judge(policy.audit).allowed:
        why = judge(policy.audit).detail
        audit[f"{PREFIX}audit-violations"] = f'would violate PodSecurity "{policy.audit}": {why}'
    if denial:
        # no warnings accompany a denial, but of exemptions that have ended
        if exempt is None:
            return forbidden(request.group_resource, request.name, denial, audit)
        denied = forbidden(request.group_resource, request.name, denial, audit | exempt.audit_annotations)
        return msgspec.structs.replace(denied, warnings=exempt.warnings)
    verdict = judge(policy.warn)
    warnings = () if verdict.allowed else (f'would violate PodSecurity "{policy.warn}": {verdict.detail}',)
    if exempt is not None:
        warnings, audit = (*warnings, *exempt.warnings), audit | exempt.audit_annotations
    return Decision(True, warnings=warnings, audit_annotations=audit)


def _is_significant(pod: Pod, old: Pod) -> bool:
    """Say whether an update changes what pods may: images, and which ephemeral containers there are.

    Ephemeral containers are compared by name, the others by position, so the lists are looked at one by one.
    Source: pod-security-admission admission/admission.go, isSignificantPodUpdate.
    """
    spec, before = pod.spec or PodSpec(), old.spec or PodSpec()
    for containers, olds in (
        (spec.containers or (), before.containers or ()),
        (spec.init_containers or (), before.init_containers or ()),
    ):
        if len(containers) != len(olds):
            return True
        if any((c.image or "") != (o.image or "") for c, o in zip(containers, olds, strict=True)):
            return True
    images: dict[str, str] = {}
    for container in before.ephemeral_containers or ():
        images.setdefault(container.name or "", container.image or "")
    return any(images.get(c.name or "") != (c.image or "") for c in spec.ephemeral_containers or ())


def judge_namespace(
    request: AdmissionRequest,
    labels: Mapping[str, str],
    old_labels: Mapping[str, str] | None,
    pods: Callable[[], Iterable[Pod]],
    configuration: PodSecurityConfiguration,
    gates: FeatureGates,
    clock: Clock | None = None,
    exempting: Exempting | None = None,
) -> Decision:
    """Judge a new namespace, or new labels of one (`old_labels` not None), whose `pods` are looked at.

    `pods` may raise ManifestError: one of them cannot be read, and so none is.
    """
    if request.sub_resource:
        return _ALLOWED
    name = request.name
    policy, errors = policy_of(labels, configuration.defaults)
    if request.operation == "CREATE":
        if errors:
            return invalid("Namespace", name, errors)
        return _warn_if_exempt(name, policy, labels, configuration) or _ALLOWED
    if request.operation != "UPDATE" or old_labels is None:
        return _ALLOWED
    old, old_errors = policy_of(old_labels, configuration.defaults)
    if errors and errors != old_errors:
        return invalid("Namespace", name, errors)
    new_enforce, old_enforce = policy.enforce, old.enforce
    if (
        new_enforce == old_enforce
        or new_enforce.level == "privileged"
        or (new_enforce.version == old_enforce.version and not stricter(new_enforce.level, old_enforce.level))
    ):
        return _ALLOWED
    if name in configuration.namespaces:
        return _warn_if_exempt(name, policy, labels, configuration) or _ALLOWED
    try:
        existing = pods()
    except ManifestError:
        return Decision(True, warnings=("failed to list pods while checking new PodSecurity enforce level",))
    judge = _judge_in(name, labels, evaluator_of(new_enforce, gates), exempting)
    warnings = warn_about_pods(name, existing, new_enforce, configuration, judge, clock)
    return Decision(True, warnings=tuple(dict.fromkeys(warnings)))


def _judge_in(
    namespace: str, labels: Mapping[str, str], evaluator: Evaluator, exempting: Exempting | None
) -> Callable[[Pod], Verdict]:
    """Return what judges a namespace's pods, without what is exempt there."""
    if exempting is None:
        return evaluator.evaluate
    of = exempting.of

    def judge(pod: Pod) -> Verdict:
        return of(namespace, labels, pod).judge(evaluator, pod, evaluator.evaluate(pod))

    return judge


def _warn_if_exempt(
    name: str, policy: Policy, labels: Mapping[str, str], configuration: PodSecurityConfiguration
) -> Decision | None:
    """Warn that an exempt namespace's own labels do nothing; only the modes that they name are listed."""
    if name not in configuration.namespaces:
        return None
    if is_fully_privileged(policy) or is_equivalent(policy, configuration.defaults):
        return None
    named = [
        f"{mode}={level}"
        for mode, level in ((mode, getattr(policy, mode)) for mode in MODES)
        if level.level != "privileged" and (PREFIX + mode in labels or f"{PREFIX}{mode}-version" in labels)
    ]
    ignored = f"the policy ({', '.join(named)}) will be ignored"
    text = f"namespace {quote(name)} is exempt from Pod Security, and {ignored}"
    return Decision(True, warnings=(text,))


def template_of(kind: str, object_: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the pod template of a decoded object of a kind; None: it has none."""
    spec: Mapping[str, Any] = object_.get("spec") or {}
    if kind == "PodTemplate":
        return object_.get("template") or {}
    if kind == "CronJob":
        return ((spec.get("jobTemplate") or {}).get("spec") or {}).get("template") or {}
    template: Mapping[str, Any] | None = spec.get("template")
    # only a ReplicationController can lack a template; elsewhere it is empty and still judged
    return template if template is not None or kind == "ReplicationController" else {}


def validate_pod(
    state: ClusterState,
    request: AdmissionRequest,
    pod: ShapedPod | None,
    old: Pod | None,
    moment: Moment | None,
) -> Decision:
    """Judge what is asked of a pod by what the cluster says of its namespace; see `judge_pod`."""
    if not state.has_pod_security:
        return _ALLOWED
    return judge_pod(
        request,
        pod,
        old,
        state.labels_of(request.namespace),
        state.configuration,
        state.gates,
        _exempting(state, moment),
    )


def _exempting(state: ClusterState, moment: Moment | None) -> Exempting | None:
    if moment is None or not state.settings.exemptions:
        return None
    return Exempting(state.exemptions, moment)


def _validate(state: ClusterState, attributes: Attributes) -> Decision:
    """Judge a pod, what makes pods, or a namespace; everything else is allowed."""
    if not state.has_pod_security:
        return _ALLOWED
    request = attributes.request
    about = (request.group, request.resource)
    if about == ("", "pods"):
        pod = attributes.pod
        judged = None if pod is None else ShapedPod(lambda: pod)
        return validate_pod(state, request, judged, attributes.old_pod, attributes.moment)
    exempting = _exempting(state, attributes.moment)
    object_, old = attributes.object, attributes.old
    if about == ("", "namespaces"):
        return judge_namespace(
            request,
            _labels(object_),
            None if old is None else _labels(old),
            lambda: [default_pod(read_pod(pod)) for pod in state.pods_in(request.name)],
            state.configuration,
            state.gates,
            attributes.clock,
            exempting,
        )
    if about in CONTROLLERS:
        template = None if object_ is None else template_of(request.kind, object_)
        labels = state.labels_of(request.namespace)
        return judge_controller(
            request, typed_pod(template), labels, state.configuration, state.gates, exempting
        )
    return _ALLOWED


POD_SECURITY = Plugin("PodSecurity", validate=_validate)


def _labels(namespace: Mapping[str, Any] | None) -> dict[str, str]:
    labels = ((namespace or {}).get("metadata") or {}).get("labels") or {}
    return {key: value or "" for key, value in labels.items()}
