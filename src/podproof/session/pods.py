"""The pods of one object as the API server would store them: a value comes in, typed, defaulted pods go out.

`explain` and `check` read a pod through the same engine, so that null elements, values of a wrong type and
defaults mean the same to both. What the server would refuse for its type has no pod, but a Refused.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from ..kube.accept import Review, review
from ..kube.pod import ObjectMeta, Pod, raw_pod
from ..kube.workload import Fragment, Template, Workload, find_workload
from ..manifest.route import Route

__all__ = ["Refused", "Stored", "owned_pod", "pods_of"]

_TEMPLATE_ONLY = ("ScheduledJob", "JobTemplate")
"""Kinds of removed API versions: their types are gone, what is left is the template."""

_TEMPLATE: Route = ("template",)


class Stored(msgspec.Struct, frozen=True):
    """One pod, and the template that it was made from."""

    template: Template
    pod: Pod


class Refused(msgspec.Struct, frozen=True):
    """A pod that cannot be decoded: the server's words, and the route in the object that they are about."""

    message: str
    route: Route


def pods_of(value: Any, version: int) -> Iterator[Stored | Refused]:
    """Give the pods that an object, or a piece of one, makes under Kubernetes 1.`version`."""
    found = find_workload(value)
    if found is None:
        return
    for template in found.templates:
        seen, route = _review(value, found, template, version)
        decoded = _held(seen.object, route)
        if decoded is None:
            yield _refused(seen, found, template, route)
        else:
            pod = {key: held for key, held in decoded.items() if key in ("metadata", "spec")}
            yield Stored(template, raw_pod(pod))


def owned_pod(stored: Stored, value: Any) -> Pod:
    """Give the pod its owner's name and namespace; the pod of a template gets a suffix."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("name") or metadata.get("generateName")
    if not isinstance(name, str):
        return stored.pod
    known = stored.pod.metadata or ObjectMeta()
    namespace = metadata.get("namespace")
    return msgspec.structs.replace(
        stored.pod,
        metadata=msgspec.structs.replace(
            known,
            name=f"{name}-<id>" if stored.template.route else name,
            namespace=known.namespace or (namespace if isinstance(namespace, str) else None),
        ),
    )


def _review(value: Any, found: Workload | Fragment, template: Template, version: int) -> tuple[Review, Route]:
    """Review what holds the pod; returns where the pod is in it."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(found, Fragment):
        if found.what != "object":
            return review(template.pod, version=version, kind="Pod"), ()
        if kind == "Pod":
            metadata = template.pod.get("metadata")
            named = {"name": "fragment", **(metadata if isinstance(metadata, dict) else {})}
            return review({**template.pod, "metadata": named}, version=version, kind="Pod"), ()
    elif not found.custom and kind not in _TEMPLATE_ONLY:
        return review(value, version=version, kind=kind), template.route
    whole = {
        "apiVersion": "v1",
        "kind": "PodTemplate",
        "metadata": {"name": "template"},
        "template": {key: held for key, held in template.pod.items() if key in ("metadata", "spec")},
    }
    return review(whole, version=version, kind="PodTemplate"), _TEMPLATE


def _held(decoded: Any, route: Route) -> dict[str, Any] | None:
    for step in route:
        decoded = decoded.get(step) if isinstance(decoded, dict) else None
    return decoded if isinstance(decoded, dict) else None


def _refused(seen: Review, found: Workload | Fragment, template: Template, route: Route) -> Refused:
    for problem in seen.problems:
        if problem.kind == "type":
            if isinstance(found, Workload) and not found.custom and route != _TEMPLATE:
                return Refused(problem.message, problem.route)
            inner = problem.route[len(route) :] if problem.route[: len(route)] == route else ()
            return Refused(problem.message, template.source_route(inner))
    return Refused("it has no pod", template.route)
