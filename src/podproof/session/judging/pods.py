"""The pods of one object as the API server would store them: a value comes in, typed, defaulted pods go out.

`check` and `explain` read a pod through this module alone, so that null elements, values of a wrong type and
defaults mean the same to both. Each pod is reviewed in what holds it: the object itself, a Pod for a piece of
a manifest, a PodTemplate for a template whose owner has no type here. What the server would refuse for its
type has no pod, but a Refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ...effective.value import Origin
from ...kube.accept import Review, review
from ...kube.feature_gates import FeatureGates
from ...kube.pod import ObjectMeta, Pod, raw_pod
from ...kube.template import Template
from ...kube.unjudged import pattern_in
from ...kube.workload import Fragment, Learned, Workload, find_workload
from ...manifest.route import Route

__all__ = ["Refused", "Reviewed", "Stored", "owned_pod", "pods_of", "reviews_of"]

_TEMPLATE_ONLY = ("ScheduledJob", "JobTemplate")
"""Kinds of removed API versions: their types are gone, what is left to judge is the template."""

_TEMPLATE: Route = ("template",)


class Reviewed(msgspec.Struct, frozen=True):
    """What the server says about one pod of an object.

    `whole`: the object itself was reviewed; else something was made to hold the pod. `within` is the pod's
    route in what was reviewed.
    """

    template: Template
    review: Review
    within: Route
    whole: bool

    def decoded_pod(self) -> dict[str, Any] | None:
        """Give the pod decoded and with its defaults; None when the type of something forbids decoding."""
        value: Any = self.review.object
        for step in self.within:
            value = value.get(step) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            return None
        return {key: value for key, value in value.items() if key in ("metadata", "spec")}

    def to_value(self, route: Route) -> Route:
        """Translate a route of what was reviewed into one of the object."""
        if self.whole:
            return route
        inside = route[: len(self.within)] == self.within
        return self.template.source_route(route[len(self.within) :]) if inside else self.template.route


class Stored(msgspec.Struct, frozen=True):
    """One pod, and the template that it was made from.

    `provenance` maps the routes of what the server dropped from it to who did, and why.
    """

    template: Template
    pod: Pod
    provenance: Mapping[Route, Origin] = {}


class Refused(msgspec.Struct, frozen=True):
    """A pod that cannot be decoded: the server's words, and the route in the object that they are about."""

    message: str
    route: Route


def pods_of(value: Any, gates: FeatureGates, learned: Learned | None = None) -> Iterator[Stored | Refused]:
    """Give the pods that an object, or a piece of one, makes under the version that has these gates.

    Pods whose containers are left to a controller are left out, since nobody knows them. `learned` is what
    CustomResourceDefinitions say of kinds. Where not all pods were looked for, the last is a Refused.
    """
    workload = find_workload(value, learned)
    if workload is None or pattern_in(value, workload):
        return
    for reviewed in reviews_of(value, workload, gates):
        if reviewed.template.filled_in:
            continue
        decoded = reviewed.decoded_pod()
        if decoded is None:
            yield _refused(reviewed)
        else:
            yield Stored(reviewed.template, raw_pod(decoded), _provenance(reviewed))
    if isinstance(workload, Workload) and workload.limit is not None:
        words, route = workload.limit
        yield Refused(f"not all its pods were looked for: {words}", route)


def _provenance(reviewed: Reviewed) -> dict[Route, Origin]:
    start = len(reviewed.within)
    return {
        field.route[start:]: Origin(
            "kubernetes", field.route[start:], f"dropped by the API server: {field.reason}"
        )
        for field in reviewed.review.dropped
    }


def reviews_of(value: Any, workload: Workload | Fragment, gates: FeatureGates) -> Iterator[Reviewed]:
    """Review what holds each of the pods that were `found` in `value`, as the version of the gates would."""
    version = gates.minor
    kind = value.get("kind") if isinstance(value, dict) else None
    for template in workload.templates:
        if isinstance(workload, Fragment) and (workload.what != "object" or kind == "Pod"):
            pod = template.pod
            if workload.what == "object":
                metadata = pod.get("metadata")
                named = {"name": "fragment", **(metadata if isinstance(metadata, dict) else {})}
                pod = {**pod, "metadata": named}
            yield Reviewed(template, review(pod, version=version, kind="Pod", gates=gates), (), False)
        elif isinstance(workload, Workload) and not workload.custom and kind not in _TEMPLATE_ONLY:
            whole = review(value, version=version, kind=kind, gates=gates)
            yield Reviewed(template, whole, template.route, True)
        else:
            yield Reviewed(template, _review_alone(template, gates), _TEMPLATE, False)


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


def _review_alone(template: Template, gates: FeatureGates) -> Review:
    """Review a pod template by itself, as a PodTemplate: also of a Deployment without apiVersion."""
    whole = {
        "apiVersion": "v1",
        "kind": "PodTemplate",
        "metadata": {"name": "template"},
        "template": {key: part for key, part in template.pod.items() if key in ("metadata", "spec")},
    }
    return review(whole, version=gates.minor, kind="PodTemplate", gates=gates)


def _refused(reviewed: Reviewed) -> Refused:
    for problem in reviewed.review.problems:
        if problem.kind == "type":
            return Refused(problem.message, reviewed.to_value(problem.route))
    return Refused("it has no pod", reviewed.template.route)
