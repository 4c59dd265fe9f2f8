"""The pods of one object as the API server would store them: a value comes in, typed, defaulted pods go out.

`check` and `explain` read a pod through this module alone, so that null elements, values of a wrong type and
defaults mean the same to both. Each pod is reviewed in what holds it: the object itself, a Pod for a piece of
a manifest, a PodTemplate for a template whose owner has no type here. The pod of a workload is the first that
its controller creates, with a StatefulSet's claims among its volumes. What the server would refuse for its
type has no pod, but a Refused.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from ...admission.controllers import controller_pod, has_controller, volume_routes
from ...effective.value import Origin
from ...findings import MOST_LISTED
from ...kube.feature_gates import FeatureGates
from ...kube.pod import ObjectMeta, Pod, raw_pod
from ...kube.review import Review, review_steps
from ...kube.template import Template
from ...kube.unjudged import pattern_in
from ...kube.versions import Minor
from ...kube.visit import visit_written
from ...kube.workload import Fragment, Learned, Workload, find_workload
from ...manifest.route import Route
from ...steps import Steps, finish
from .refusal import Refusal, find_refusal

__all__ = ["Refused", "Reviewed", "Stored", "named_pod", "owned_pod", "pods_of", "review_of", "reviews_of"]

_TEMPLATE_ONLY = ("ScheduledJob", "JobTemplate")
"""Kinds of removed API versions: their types are gone, what is left to judge is the template."""

_TEMPLATE: Route = ("template",)


class Reviewed(msgspec.Struct, frozen=True):
    """What the server says about one pod of an object.

    `whole`: the object itself was reviewed; else something was made to hold the pod. `within` is the pod's
    route in what was reviewed. `owner` is the workload whose controller creates the pod, None for others.
    """

    template: Template
    review: Review
    within: Route
    whole: bool
    owner: Mapping[str, Any] | None = None

    def decoded_pod(self, minor: Minor) -> dict[str, Any] | None:
        """Give the pod decoded and with its defaults, as its controller creates it.

        None when the type of something forbids decoding.
        """
        value: Any = self.review.object
        for step in self.within:
            value = value.get(step) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            return None
        if self.owner is not None:
            value = controller_pod(self.owner, value, _namespace(self.owner), minor)
        return {key: value for key, value in value.items() if key in ("metadata", "spec")}

    def to_value(self, route: Route) -> Route:
        """Translate a route of what was reviewed into one of the object."""
        if self.whole:
            return route
        inside = route[: len(self.within)] == self.within
        return self.template.source_route(route[len(self.within) :]) if inside else self.template.route


class Stored(msgspec.Struct, frozen=True):
    """One pod, and the template that it was made from.

    `provenance` maps the routes of what the server dropped from it to who did, and why. `refusal` says why
    the server refuses the object, or the pod that a custom resource's controller makes; None: it does not, or
    nobody asked. `unknown_fields` are routes in the object of what it drops since it knows no such field.
    """

    template: Template
    pod: Pod
    provenance: Mapping[Route, Origin] = {}
    refusal: Refusal | None = None
    unknown_fields: tuple[Route, ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """A pod that cannot be decoded: the server's words, and the route in the object that they are about."""

    message: str
    route: Route


def pods_of(
    value: Any,
    gates: FeatureGates,
    learned: Learned | None = None,
    *,
    judged: bool = False,
    completed: bool = False,
) -> Iterator[Stored | Refused]:
    """Give the pods that an object, or a piece of one, makes under the version that has these gates.

    Pods whose containers are all left to a controller are left out, since nobody knows them; in others, the
    template's `filled_in` names those to leave out. `learned` is what
    CustomResourceDefinitions say of kinds. Where not all pods were looked for, the last is a Refused. With
    `judged`, each comes with the server's refusal; `completed` tells that somebody fills in what is missing.
    """
    workload = find_workload(value, learned)
    if workload is None or pattern_in(value, workload):
        return
    for reviewed in reviews_of(value, workload, gates, judged=judged):
        if _is_all_filled_in(reviewed.template):
            continue
        decoded = reviewed.decoded_pod(gates.minor)
        if decoded is None:
            yield _refused(reviewed)
        else:
            yield Stored(
                reviewed.template,
                raw_pod(decoded),
                _provenance(reviewed),
                find_refusal(
                    value,
                    workload,
                    reviewed.template,
                    reviewed.review.errors,
                    reviewed.to_value,
                    completed=completed,
                ),
                _unknown_fields(workload, reviewed),
            )
    if isinstance(workload, Workload) and workload.limit is not None:
        words, route = workload.limit
        yield Refused(f"not all its pods were looked for: {words}", route)


def _is_all_filled_in(template: Template) -> bool:
    if not template.filled_in:
        return False
    return all(
        container.get("name") in template.filled_in for _, container, _ in visit_written(template.pod["spec"])
    )


def _provenance(reviewed: Reviewed) -> dict[Route, Origin]:
    start = len(reviewed.within)
    return {
        field.route[start:]: Origin(
            "kubernetes", field.route[start:], f"dropped by the API server: {field.reason}"
        )
        for field in reviewed.review.dropped
    }


def _unknown_fields(workload: Workload | Fragment, reviewed: Reviewed) -> tuple[Route, ...]:
    """Give what no server knows; the types of a custom resource may know more than those of a pod."""
    if isinstance(workload, Workload) and workload.custom:
        return ()
    problems = (problem for problem in reviewed.review.problems if problem.kind == "unknown")
    return tuple(reviewed.to_value(problem.route) for problem in islice(problems, MOST_LISTED))


def reviews_of(
    value: Any, workload: Workload | Fragment, gates: FeatureGates, *, judged: bool = True
) -> Iterator[Reviewed]:
    """Review what holds each of the pods that were found in `value`; see `review_of`."""
    for template in workload.templates:
        yield finish(review_of(value, workload, template, gates, judged=judged))


def review_of(
    value: Any, workload: Workload | Fragment, template: Template, gates: FeatureGates, *, judged: bool = True
) -> Steps[Reviewed]:
    """Review what holds one of the pods that were found in `value`, as the version of the gates would.

    Without `judged` it is decoded and defaulted only, for who wants no more than the pods.
    """
    version = gates.minor
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(workload, Fragment) and (workload.what != "object" or kind == "Pod"):
        pod = template.pod
        if workload.what == "object":
            metadata = pod.get("metadata")
            named = {"name": "fragment", **(metadata if isinstance(metadata, dict) else {})}
            pod = {**pod, "metadata": named}
        alone = yield from review_steps(pod, version=version, kind="Pod", gates=gates, judged=judged)
        return Reviewed(template, alone, (), False)
    if isinstance(workload, Workload) and not workload.custom and kind not in _TEMPLATE_ONLY:
        whole = yield from review_steps(value, version=version, kind=kind, gates=gates, judged=judged)
        owner = _owner(whole.object)
        return Reviewed(_with_claims(template, owner, version), whole, template.route, True, owner)
    owner = _owner(value) if isinstance(workload, Fragment) else None
    template = _with_claims(template, owner, version)
    alone = yield from _review_alone(template, gates, judged=judged)
    return Reviewed(template, alone, _TEMPLATE, False, owner)


def _owner(value: Any) -> Mapping[str, Any] | None:
    """Give a workload by which a controller creates pods; None for anything else."""
    kind = value.get("kind") if isinstance(value, dict) else None
    return value if has_controller(kind) else None


def _namespace(value: Mapping[str, Any]) -> str:
    metadata = value.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return namespace if isinstance(namespace, str) else ""


def _with_claims(template: Template, owner: Mapping[str, Any] | None, minor: Minor) -> Template:
    """Put the volumes of claims into the pod of a StatefulSet, with the places where the claims stand."""
    routes = () if owner is None else volume_routes(owner, template.pod)
    if owner is None or not routes:
        return template
    made = controller_pod(owner, template.pod, _namespace(owner), minor)
    spec, route = made["spec"], template.route
    if not isinstance(spec, dict):
        return template
    volumes = ((("spec", "volumes", index), outer) for index, outer in enumerate(routes))
    own = {**template.pod["spec"], "volumes": spec["volumes"]}
    return msgspec.structs.replace(
        template,
        pod={**template.pod, "spec": own},
        prefixes=(*volumes, *(((name,), (*route, name)) for name in ("metadata", "spec")), ((), route)),
    )


def owned_pod(stored: Stored, value: Any) -> Pod:
    """Give the pod its owner's name and namespace; where chance decides the name's end, it has a suffix."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("name") or metadata.get("generateName")
    if not isinstance(name, str):
        return stored.pod
    namespace = metadata.get("namespace")
    namespace = namespace if isinstance(namespace, str) else None
    return named_pod(stored.pod, name, namespace, itself=not stored.template.route)


def named_pod(pod: Pod, owner: str, namespace: str | None, *, itself: bool) -> Pod:
    """Name a pod by its owner, or as the owner when it is the pod `itself`.

    One that its controller has named without chance (`db-0`) keeps its name; others get a suffix.
    """
    known = pod.metadata or ObjectMeta()
    if itself:
        name = f"{owner}<id>" if owner == known.generate_name else owner
    else:
        fixed = known.owner_references and not known.generate_name
        name = known.name if fixed and known.name else f"{owner}-<id>"
    namespace = known.namespace or namespace
    return msgspec.structs.replace(
        pod, metadata=msgspec.structs.replace(known, name=name, namespace=namespace)
    )


def _review_alone(template: Template, gates: FeatureGates, *, judged: bool) -> Steps[Review]:
    """Review a pod template by itself, as a PodTemplate: also of a Deployment without apiVersion."""
    whole = {
        "apiVersion": "v1",
        "kind": "PodTemplate",
        "metadata": {"name": "template"},
        "template": {key: part for key, part in template.pod.items() if key in ("metadata", "spec")},
    }
    return review_steps(whole, version=gates.minor, kind="PodTemplate", gates=gates, judged=judged)


def _refused(reviewed: Reviewed) -> Refused:
    for problem in reviewed.review.problems:
        if problem.kind == "type":
            return Refused(problem.message, reviewed.to_value(problem.route))
    return Refused("it has no pod", reviewed.template.route)
