"""Finds the pods in a document: an object (or a piece of one) comes in, its pods with their routes go out.

Workload kinds are known by group and kind; a custom resource that embeds a pod template (Argo Rollout,
Knative Service, Argo Workflow, ...) is found by its shape and says so; a piece of a manifest (`containers:`
at the top, a container, a `securityContext:` block) is a Fragment that says what is missing. Every pod is a
plain mapping as the API holds it, with a translation of its routes back into the document. This module never
validates: what it finds may be full of mistakes.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

import msgspec

from ..manifest.route import Route
from . import fragment as fragments
from .template import Template

__all__ = [
    "Fragment",
    "Workload",
    "find_workload",
    "group_of",
    "is_list",
    "is_native",
    "pod_template_route",
]

_BY_SPEC: Route = ("spec", "template")
_TEMPLATES: dict[tuple[str, str], Route] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): _BY_SPEC,
    ("apps", "Deployment"): _BY_SPEC,
    ("apps", "ReplicaSet"): _BY_SPEC,
    ("apps", "StatefulSet"): _BY_SPEC,
    ("apps", "DaemonSet"): _BY_SPEC,
    ("extensions", "Deployment"): _BY_SPEC,
    ("extensions", "ReplicaSet"): _BY_SPEC,
    ("extensions", "DaemonSet"): _BY_SPEC,
    ("batch", "Job"): _BY_SPEC,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    # the first name of CronJob, in batch/v2alpha1 of Kubernetes 1.4 to 1.7
    ("batch", "ScheduledJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "JobTemplate"): ("template", "spec", "template"),
}

_NATIVE_GROUPS = frozenset(
    (
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    )
)
"""API groups that the server itself serves: what they hold is known by kind; by shape only misspelt ones."""

_WORKLOAD_GROUPS = frozenset(group for group, _ in _TEMPLATES)

_KINDS = frozenset(kind for _, kind in _TEMPLATES)

_MAX_DEPTH = 40
"""How deep a custom resource is searched; the deepest template of a widely used one lies at 9."""

_MAX_TEMPLATES = 1000


class Workload(msgspec.Struct, frozen=True):
    """An object that makes pods. `custom`: found by shape, so that its own schema decides about the rest."""

    templates: tuple[Template, ...]
    custom: bool = False


class Fragment(msgspec.Struct, frozen=True):
    """A piece of a manifest: what it is, what it lacks to be applied, and the pod it is checked as.

    `what` "object": a workload kind that lacks only its `apiVersion`. `missing` are routes in Kubernetes'
    writing. `filled_in`: nothing was written about containers, so the pod has an invented one.
    """

    what: Literal[
        "object",
        "pod template",
        "pod spec",
        "container",
        "list of containers",
        "container's security context",
        "pod's security context",
    ]
    missing: tuple[str, ...]
    templates: tuple[Template, ...]
    filled_in: bool = False


def group_of(api_version: object) -> str:
    """Return the API group of an `apiVersion` ("" for the core group)."""
    if not isinstance(api_version, str) or "/" not in api_version:
        return ""
    return api_version.split("/", 1)[0]


def is_native(api_version: object) -> bool:
    """Tell an `apiVersion` of a group that the server itself serves, in whatever version."""
    return group_of(api_version) in _NATIVE_GROUPS


def is_list(value: object) -> bool:
    """Tell a `List` or `PodList`, `DeploymentList`, ...: its items are objects of their own."""
    if not isinstance(value, dict):
        return False
    kind = value.get("kind")
    return isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list)


def pod_template_route(api_version: object, kind: object) -> Route | None:
    """Return where the kind holds its pod template; None when it has none (or is unknown)."""
    if not isinstance(kind, str):
        return None
    return _TEMPLATES.get((group_of(api_version), kind))


def find_workload(value: object) -> Workload | Fragment | None:
    """Find the pods in an object or a piece of one; None when it makes none.

    A workload kind without its template still is a Workload: its one template's pod has no `spec`.
    """
    if isinstance(value, list):
        return _as_fragment(fragments.recognize_list(value))
    if not isinstance(value, dict):
        return None
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if api_version is None or kind is None:
        return _incomplete(value, api_version, kind)
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return None
    route = pod_template_route(api_version, kind)
    if route is not None:
        return Workload((_template(value, route),))
    group = group_of(api_version)
    if kind in _KINDS and (group in _NATIVE_GROUPS or "." not in group):
        # `apiVersion: v1` for a Deployment, or `app/v1`: no server has it, and what is meant is plain.
        # Groups of custom resources have a dot. Source: apiextensions validation, spec.group.
        return Workload((_template(value, _route_of_kind(kind)),))
    if group in _NATIVE_GROUPS and (group not in _WORKLOAD_GROUPS or kind == "ControllerRevision"):
        return None
    # A kind of the workloads' groups that makes pods and has no known name is misspelt: `kind: deployment`.
    templates = tuple(islice(_custom(value, api_version, kind), _MAX_TEMPLATES))
    return Workload(templates, custom=True) if templates else None


def _custom(value: dict[str, Any], api_version: str, kind: str) -> Iterator[Template]:
    """Find the pods of a custom resource: where the catalogue says, else whatever looks like one."""
    from .custom_pods import custom_kind, custom_templates

    known = custom_kind(api_version, kind)
    return _by_shape(value) if known is None else custom_templates(value, known)


def _route_of_kind(kind: str) -> Route:
    return next(route for (_, known), route in _TEMPLATES.items() if known == kind)


def _incomplete(value: dict[str, Any], api_version: object, kind: object) -> Fragment | None:
    """Judge a mapping that lacks `apiVersion`, `kind` or both."""
    missing = tuple(k for k, v in (("apiVersion", api_version), ("kind", kind)) if v is None)
    if isinstance(kind, str) and kind in _KINDS:
        return Fragment("object", missing, (_template(value, _route_of_kind(kind)),))
    if kind is not None:
        return None
    return _as_fragment(fragments.recognize_mapping(value, missing))


def _as_fragment(piece: "fragments.Piece | None") -> Fragment | None:
    if piece is None:
        return None
    template = Template(piece.pod, (), piece.prefixes)
    return Fragment(piece.what, piece.missing, (template,), piece.filled_in)


def _template(value: dict[str, Any], route: Route) -> Template:
    holder: Any = value
    for step in route:
        holder = holder.get(step) if isinstance(holder, dict) else None
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}
    if isinstance(holder, dict):
        pod.update((k, v) for k, v in holder.items() if k not in ("apiVersion", "kind"))
    return Template(pod, route, (((), route),))


def _by_shape(value: dict[str, Any]) -> Iterator[Template]:
    """Yield what looks like a pod template or a pod spec, in the document's order."""
    stack: list[tuple[Route, Any]] = [((), value)]
    while stack:
        route, node = stack.pop()
        if len(route) > _MAX_DEPTH:
            continue
        if isinstance(node, dict):
            if route and _is_pod_spec(node.get("spec")):
                yield _shaped(node.get("metadata"), node["spec"], route, (*route, "spec"))
                rest = {k: v for k, v in node.items() if k != "spec"}
                stack.extend(((*route, k), v) for k, v in reversed(rest.items()))
                continue
            if _is_pod_spec(node):
                yield _shaped(None, node, route, route)
                continue
            stack.extend(
                ((*route, str(k)), v) for k, v in reversed(node.items()) if isinstance(v, dict | list)
            )
        elif isinstance(node, list):
            stack.extend(((*route, i), node[i]) for i in range(len(node) - 1, -1, -1))


def _is_pod_spec(node: object) -> bool:
    """Tell a pod spec by its containers: a list of mappings, at least one with an image or a command."""
    if not isinstance(node, dict):
        return False
    containers = node.get("containers")
    return (
        isinstance(containers, list)
        and bool(containers)
        and all(isinstance(c, dict) for c in containers)
        and any(isinstance(c.get("image"), str) or isinstance(c.get("name"), str) for c in containers)
    )


def _shaped(metadata: object, spec: object, route: Route, spec_route: Route) -> Template:
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}
    if isinstance(metadata, dict):
        pod["metadata"] = metadata
    pod["spec"] = spec
    return Template(pod, route, ((("spec",), spec_route), ((), route)))
