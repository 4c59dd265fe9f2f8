"""Finds the pods in a document: an object (or a piece of one) comes in, its pods with their routes go out.

Workload kinds are known by group and kind; a custom resource that embeds a pod template (Argo Rollout,
Knative Service, Argo Workflow, ...) is found by its shape and says so; a piece of a manifest (`containers:`
at the top, a container, a `securityContext:` block) is a Fragment that says what is missing. Every pod is a
plain mapping as the API holds it, with a translation of its routes back into the document. This module never
validates: what it finds may be full of mistakes.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ..manifest.doubled import Doubled, mapping_of_pairs
from ..manifest.route import Route
from . import fragment as fragments
from .names_inside import names_inside
from .template import Template

if TYPE_CHECKING:
    from .custom_kind import CustomKind

__all__ = [
    "Fragment",
    "Learned",
    "Workload",
    "find_workload",
    "group_of",
    "is_list",
    "is_native",
    "is_of_unknown_kind",
    "nearest_kind",
    "pod_template_route",
    "route_of_kind",
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

_OF_LISTS = frozenset(("apiVersion", "kind", "metadata", "items"))
"""Fields of every list. Source: k8s.io/api core/v1 types.go, PodList."""

_WORKLOAD_GROUPS = frozenset(group for group, _ in _TEMPLATES)

_ROUTES = {kind: route for (_, kind), route in _TEMPLATES.items()}
"""A kind has its template at the same place in every group."""

_MAX_DEPTH = 40
"""How deep a custom resource is searched; the deepest template of a widely used one lies at 9."""

_MAX_TEMPLATES = 1000


Learned = Mapping[tuple[str, str], "CustomKind"]
"""What CustomResourceDefinitions say of kinds, by `apiVersion` and kind."""


class Workload(msgspec.Struct, frozen=True):
    """An object that makes pods. `custom`: its own schema decides about what is not in its pods.

    `limit` says which limit the search for pods has met, with the route where it stopped: what lies beyond
    was not looked at. `templates` may then be empty.
    """

    templates: tuple[Template, ...]
    custom: bool = False
    limit: tuple[str, Route] | None = None


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
    return api_version.rpartition("/")[0].partition("/")[0] if isinstance(api_version, str) else ""


def nearest_kind(kind: str, *, likeness: float) -> str | None:
    """Give the workload kind that a misspelt one means; None when none is as near, from 0 to 1."""
    from difflib import get_close_matches

    names = {known.lower(): known for known in _ROUTES}
    near = get_close_matches(kind.lower(), names, cutoff=likeness)
    return names[near[0]] if near else None


def is_native(api_version: object) -> bool:
    """Tell an `apiVersion` of a group that the server itself serves, in whatever version."""
    return group_of(api_version) in _NATIVE_GROUPS


def is_of_unknown_kind(value: Any) -> bool:
    """Tell an object of a custom kind that the catalogue does not have, so that its definition may help."""
    return isinstance(value, dict) and _is_custom(value) and not _is_catalogued(value)


def is_list(value: object) -> bool:
    """Tell a `List` or `PodList`, `DeploymentList`, ...: its items are objects of their own.

    A custom resource whose name ends so has a `spec`, or whatever else no list has.
    """
    if not isinstance(value, dict):
        return False
    kind = value.get("kind")
    if not isinstance(kind, str) or not kind.endswith("List") or not isinstance(value.get("items"), list):
        return False
    return kind == "List" or value.keys() <= _OF_LISTS


def pod_template_route(api_version: object, kind: object) -> Route | None:
    """Return where the kind holds its pod template; None when it has none (or is unknown)."""
    if not isinstance(kind, str):
        return None
    return _TEMPLATES.get((group_of(api_version), kind))


def find_workload(value: object, learned: Learned | None = None) -> Workload | Fragment | None:
    """Find the pods in an object or a piece of one; None when it makes none.

    A workload kind without its template still is a Workload: its one template's pod has no `spec`.
    `learned` is what is known of custom resources beside the catalogue.
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
    group = group_of(api_version)
    route = _ROUTES.get(kind)
    if route is not None and (group in _NATIVE_GROUPS or "." not in group):
        # `apiVersion: v1` for a Deployment, or `app/v1`: no server has it, and what is meant is plain.
        # Groups of custom resources have a dot. Source: apiextensions validation, spec.group.
        return Workload((_template(value, route),))
    if group in _NATIVE_GROUPS and (group not in _WORKLOAD_GROUPS or kind == "ControllerRevision"):
        return None
    # A kind of the workloads' groups that makes pods and has no known name is misspelt: `kind: deployment`.
    return _custom(value, api_version, kind, {} if learned is None else learned)


def _custom(value: dict[str, Any], api_version: str, kind: str, learned: Learned) -> Workload | None:
    """Find the pods of a custom resource: where its kind has them if that is known, else by their shape."""
    from .custom_pods import custom_kind

    limits: list[tuple[str, Route]] = []
    known = custom_kind(api_version, kind) or learned.get((api_version, kind))
    if known is not None and known.pattern:
        return None
    found = _by_shape(value, limits) if known is None else _known(value, known, limits)
    templates = list(islice(found, _MAX_TEMPLATES + 1))
    if len(templates) > _MAX_TEMPLATES:
        beyond = templates.pop()
        limits.insert(0, (f"it has more than {_MAX_TEMPLATES:,} pod templates", beyond.route))
    if not templates and not limits:
        return None
    return Workload(tuple(templates), custom=True, limit=limits[0] if limits else None)


def _pods_inside(value: dict[str, Any]) -> tuple[Template, ...]:
    found = find_workload(value)
    return found.templates if isinstance(found, Workload) else ()


def _known(value: dict[str, Any], kind: "CustomKind", limits: list[tuple[str, Route]]) -> Iterator[Template]:
    """Find pods where the kind has them, and by their shape where nothing is known of it."""
    from .custom_paths import walk
    from .custom_pods import custom_templates

    whole = [path for path, _ in kind.opaque] + [
        source.path for source in kind.pods if source.form == "object"
    ]
    known = {route for path in whole for route, _ in walk(value, path)}
    for template in custom_templates(value, kind, _pods_inside):
        known.update(template.read)
        yield template
    yield from _by_shape(value, limits, known)


def route_of_kind(kind: str) -> Route | None:
    """Give the route to a workload kind's pod, () for a Pod itself, whatever its group; None: it is none."""
    return _ROUTES.get(kind)


def _incomplete(value: dict[str, Any], api_version: object, kind: object) -> Workload | Fragment | None:
    """Judge a mapping that lacks `apiVersion`, `kind` or both."""
    missing = tuple(k for k, v in (("apiVersion", api_version), ("kind", kind)) if v is None)
    if isinstance(kind, str):
        route = _ROUTES.get(kind)
        if route is not None:
            return Fragment("object", missing, (_template(value, route),))
        # `kind: pod` and others that are misspelt, or custom: no group says whose they are
        return _custom(value, "", kind, {})
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
    if holder.__class__ is dict and not ("apiVersion" in holder or "kind" in holder):
        pod.update(holder)  # nearly every template
    elif isinstance(holder, dict):
        pairs = holder.pairs if holder.__class__ is Doubled else holder.items()
        pod = mapping_of_pairs([*pod.items(), *((k, v) for k, v in pairs if k not in ("apiVersion", "kind"))])
    return Template(pod, route, (((), route),))


def _by_shape(
    value: dict[str, Any], limits: list[tuple[str, Route]], known: Iterable[Route] = ()
) -> Iterator[Template]:
    """Yield what looks like a pod template or a pod spec, in the document's order.

    What lies at the `known` routes is left out, and what a controller reports. Inside of the object, one of a
    kind that the catalogue has makes its pods as it does elsewhere. A limit that is met is added to `limits`.
    """
    if not _may_hold_pods(value):
        return
    from .custom_pods import embedded

    known = frozenset((("status",), *known))
    stack: list[tuple[Route, Any]] = [((), value)]
    while stack:
        route, node = stack.pop()
        if route in known:
            continue
        if len(route) > _MAX_DEPTH:
            limits[:] = limits or [(f"it is nested deeper than {_MAX_DEPTH} levels", route)]
            continue
        if isinstance(node, dict):
            if route and "apiVersion" in node and _is_catalogued(node):
                yield from (embedded(template, route) for template in _pods_inside(node))
                continue
            inside: list[tuple[Any, Any]] = [(key, held) for key, held in node.items() if _holds_more(held)]
            if route and _is_pod_spec(node.get("spec")) and not _is_known((*route, "spec"), known):
                yield _shaped(node.get("metadata"), node["spec"], route, (*route, "spec"))
                inside = [(key, held) for key, held in inside if key != "spec"]
            elif _is_pod_spec(node) and not _is_known(route, known):
                yield _shaped(None, node, route, route)
                continue
            stack.extend(((*route, str(key)), held) for key, held in reversed(inside))
        elif isinstance(node, list):
            stack.extend(
                ((*route, index), node[index])
                for index in range(len(node) - 1, -1, -1)
                if _holds_more(node[index])
            )


def _may_hold_pods(value: dict[str, Any]) -> bool:
    """Tell whether the names of the fields leave it open that there are pods: most objects have none such."""
    if "containers" in value:
        return True
    names = names_inside((held for key, held in value.items() if key != "status"), _MAX_DEPTH)
    return names is None or "containers" in names or "apiVersion" in names


def _is_custom(value: dict[str, Any]) -> bool:
    """Tell what has the names of an object whose group the server does not serve itself."""
    return isinstance(value.get("kind"), str) and not is_native(value.get("apiVersion"))


def _is_catalogued(value: dict[str, Any]) -> bool:
    from .custom_pods import custom_kind

    return _is_custom(value) and custom_kind(value["apiVersion"], value["kind"]) is not None


def _is_known(route: Route, known: frozenset[Route]) -> bool:
    return route in known or (*route, "containers", 0) in known


def _holds_more(value: object) -> bool:
    return bool(value) and isinstance(value, dict | list)


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
    read = (spec_route, (*route, "metadata")) if isinstance(metadata, dict) else (spec_route,)
    return Template(pod, route, ((("spec",), spec_route), ((), route)), read)
