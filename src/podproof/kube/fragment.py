"""Recognises fragments of manifests: a value without `apiVersion` comes in, the pod it belongs to goes out.

Books and chats print the part that matters: `containers:` at the top, one container, a `securityContext:`
block. The pod around it is filled in with neutral values, so that only what is written is judged. A mapping
that merely has a key or two in common with a pod (Helm values, a compose file) is not a piece.
"""

from typing import Any, Literal

import msgspec

from ..manifest.route import Route

Kind = Literal[
    "pod template",
    "pod spec",
    "container",
    "list of containers",
    "container's security context",
    "pod's security context",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


POD_SPEC_FIELDS = _words(
    "volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds "
    "activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount "
    "automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace securityContext "
    "imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases priorityClassName "
    "priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead "
    "topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources "
    "hostnameOverride schedulingGroup evictionResponders"
)
"""Fields of core/v1 PodSpec. Source: k8s.io/api core/v1 types, v0.37."""

CONTAINER_FIELDS = _words(
    "name image command args workingDir ports envFrom env resources resizePolicy restartPolicy "
    "restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle "
    "terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty "
    "targetContainerName"
)
"""Fields of core/v1 Container and EphemeralContainer. Source: k8s.io/api core/v1 types, v0.37."""

_POD_CONTEXT_ONLY = _words(
    "supplementalGroups supplementalGroupsPolicy fsGroup fsGroupChangePolicy sysctls seLinuxChangePolicy"
)
_CONTAINER_CONTEXT_ONLY = _words(
    "capabilities privileged readOnlyRootFilesystem allowPrivilegeEscalation procMount"
)
_CONTEXT_SHARED = _words(
    "seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot seccompProfile appArmorProfile"
)
_CONTEXT = _POD_CONTEXT_ONLY | _CONTAINER_CONTEXT_ONLY | _CONTEXT_SHARED

NEUTRAL_NAME = "fragment"
"""Name of what is filled in around a piece."""
_NEUTRAL_IMAGE = "fragment"
_NAMES = {"name": NEUTRAL_NAME}


class Piece(msgspec.Struct, frozen=True):
    """A recognised piece: `missing` are routes an object needs around it, `prefixes` as in `Template`."""

    what: Kind
    missing: tuple[str, ...]
    pod: dict[str, Any]
    prefixes: tuple[tuple[Route, Route], ...]
    filled_in: bool = False


_OBJECT = ("apiVersion", "kind", "metadata.name")


def recognize_list(value: list[Any]) -> Piece | None:
    """Recognise a list of containers."""
    if not value or not all(_is_container(item) for item in value):
        return None
    pod = _pod({"containers": value})
    return Piece("list of containers", (*_OBJECT, "spec.containers"), pod, ((("spec", "containers"), ()),))


def recognize_mapping(value: dict[str, Any], missing: tuple[str, ...]) -> Piece | None:
    """Recognise a mapping without `kind`; `missing` is what of `apiVersion` and `kind` it lacks."""
    spec = value.get("spec")
    if isinstance(spec, dict) and _is_pod_spec(spec) and _few_unknown(value, _TEMPLATE_FIELDS):
        pod = {**value, **_pod(spec if _has_containers(spec) else _with_container(spec))}
        named = value.get("metadata")
        if isinstance(named, dict):
            pod["metadata"] = {**_NAMES, **named}
        lacks = missing if isinstance(named, dict) and named.get("name") else (*missing, "metadata.name")
        if not _has_containers(spec):
            lacks = (*lacks, "spec.containers")
        return Piece("pod template", lacks, pod, (((), ()),), not _has_containers(spec))
    if "apiVersion" in value:
        return None
    if _has_containers(value):
        return Piece("pod spec", (*_OBJECT, "spec"), _pod(value), ((("spec",), ()),))
    if _is_container(value):
        prefix = (("spec", "containers", 0), ())
        return Piece("container", (*_OBJECT, "spec.containers"), _pod({"containers": [value]}), (prefix,))
    context = value.get("securityContext")
    if len(value) == 1 and isinstance(context, dict):
        return _of_context(context, ("securityContext",))
    if value and sum(k in _CONTEXT for k in value) * 2 > len(value):
        return _of_context(value, ())
    return None


_TEMPLATE_FIELDS = frozenset(("apiVersion", "kind", "metadata", "spec", "status"))


def _of_context(context: dict[str, Any], route: Route) -> Piece:
    """Decide whose security context it is by the fields that only one of the two has."""
    for_pod = sum(k in _POD_CONTEXT_ONLY for k in context)
    for_container = sum(k in _CONTAINER_CONTEXT_ONLY for k in context)
    if for_pod > for_container:
        pod = _pod({**_with_container({}), "securityContext": context})
        prefix: tuple[Route, Route] = (("spec", "securityContext"), route)
        return Piece("pod's security context", (*_OBJECT, "spec.containers"), pod, (prefix,), True)
    container = {"name": NEUTRAL_NAME, "image": _NEUTRAL_IMAGE, "securityContext": context}
    prefix = (("spec", "containers", 0, "securityContext"), route)
    lacks = (*_OBJECT, "spec.containers")
    return Piece("container's security context", lacks, _pod({"containers": [container]}), (prefix,))


def _pod(spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": dict(_NAMES), "spec": spec}


def _with_container(spec: dict[str, Any]) -> dict[str, Any]:
    """Add a container that does its own part for `restricted`, so that only the pod's settings are judged."""
    context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        **spec,
        "containers": [{"name": NEUTRAL_NAME, "image": _NEUTRAL_IMAGE, "securityContext": context}],
    }


def _has_containers(value: dict[str, Any]) -> bool:
    containers = value.get("containers", value.get("initContainers"))
    return (
        isinstance(containers, list)
        and bool(containers)
        and all(isinstance(c, dict) and ("name" in c or "image" in c) for c in containers)
    )


def _is_pod_spec(spec: dict[str, Any]) -> bool:
    return _has_containers(spec) or (
        isinstance(spec.get("securityContext"), dict) and _few_unknown(spec, POD_SPEC_FIELDS)
    )


def _is_container(value: object) -> bool:
    """Tell a container: an image (or a name) and a security context or several of a container's fields."""
    if not isinstance(value, dict) or "apiVersion" in value or "kind" in value:
        return False
    image, name = isinstance(value.get("image"), str), isinstance(value.get("name"), str)
    context = isinstance(value.get("securityContext"), dict)
    return (image + name + context >= 2) and _few_unknown(value, CONTAINER_FIELDS)


def _few_unknown(value: dict[str, Any], known: frozenset[str]) -> bool:
    """Allow one unknown key in four: a misspelling is served, a file of another kind is left alone."""
    unknown = sum(key not in known for key in value)
    return unknown * 4 <= max(len(value), 4)
