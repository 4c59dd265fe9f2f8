"""Explains one object: a value comes in, what every container of its pods will run as goes out.

kube (the pods) → effective and kubelet. This module writes nothing and decides nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from ..effective.container_in_pod import ContainerInPod, place_containers
from ..effective.context import EffectiveSecurityContext
from ..effective.resolve import resolve
from ..effective.setting import Setting
from ..errors import ManifestError
from ..kube.pod import Pod
from ..kube.reported_user import reported_users
from ..kube.target_os import is_for_windows
from ..kube.template import Template
from ..kube.workload import Fragment, Learned, find_workload
from ..kubelet.start import predict_start
from ..kubelet.start_prediction import StartPrediction
from ..manifest.document import Document
from ..manifest.route import Route, format_route
from ..results.explained import ExplainedObject, Locate, explain_container
from ..results.pictured import PicturedPod, picture_of
from .judging.claims import with_made_claims
from .judging.many_containers import first_containers, too_many
from .judging.pods import Refused, Stored, owned_pod, pods_of
from .judging.refusal import Refusal

if TYPE_CHECKING:
    from .admit.stored_pod import Admission, Admitted
    from .debugger import Debugger

__all__ = ["Pictured", "explain_value", "words_of_refusal"]

Pictured = Callable[[PicturedPod | None], None]
"""Takes what a picture of a pod shows; None: there is none."""


def explain_value(
    value: Any,
    setting: Setting,
    *,
    document: Document | None = None,
    base: Route = (),
    admission: "Admission | None" = None,
    debugger: "Debugger | None" = None,
    learned: Learned | None = None,
    completed: bool = False,
    pictured: Pictured | None = None,
) -> Iterator[ExplainedObject]:
    """Explain every pod that one object makes, as `admission` stores it; None: as it was written.

    With a `debugger`, only the container that it adds is explained, in the pod as it was written. `learned`
    is what CustomResourceDefinitions say of kinds; `completed` tells that what is missing is added, as by
    Kustomize. `pictured` is given, for each pod, what a picture of it shows.
    Raises ManifestError: a field has a type that no pod has; or, when the first containers of every pod have
    been explained, there are more than are looked at one by one.
    """
    crowds: list[tuple[str, Route]] = []
    for stored in pods_of(value, setting.gates, learned, judged=debugger is None, completed=completed):
        if isinstance(stored, Refused):
            raise ManifestError(words_of_refusal(stored, document, base))
        template, pod, refusal = stored.template, owned_pod(stored, value), stored.refusal
        admitted = None if admission is None or debugger is not None else admission.admit(value, stored)
        if admitted is not None and admitted.pod is not None:
            pod = owned_pod(Stored(template, admitted.pod), value)
        pod = first_containers(_as_written(pod, value))
        if crowd := too_many(template.pod.get("spec")):
            crowds.append((crowd, template.source_route(("spec",))))
        placed_in = with_made_claims(setting, value, pod)
        metadata = value.get("metadata") if isinstance(value, dict) else None
        metadata = metadata if isinstance(metadata, dict) else {}
        locate = _locator(document, base, template)
        explained = ExplainedObject(
            file=document.file if document else None,
            line=document.place(base).line if document and base else document.line if document else None,
            kind=str(value.get("kind") or "Pod") if isinstance(value, dict) else "Pod",
            namespace=_text(metadata.get("namespace")),
            name=_text(metadata.get("name")) or _text(metadata.get("generateName")),
            containers=(),
            refused=None if refusal is None or not refusal.of_object else refusal.message,
            unknown_fields=tuple(format_route(route) for route in stored.unknown_fields),
        )
        if debugger is not None:
            added = debugger.explain(value, stored, pod, placed_in, locate, admission)
            if pictured is not None:
                pictured(None)
            yield msgspec.structs.replace(explained, containers=(added,))
            continue
        filled_in = {} if admitted is None else admitted.provenance
        containers = place_containers(
            pod, placed_in, {**stored.provenance, **filled_in}, reported_users(value)
        )
        contexts = [resolve(placed) for placed in containers]
        start = predict_start(pod, containers, placed_in)
        if pictured is not None:
            pictured(_picture(pod, template, zip(containers, contexts, strict=True)))
        yield msgspec.structs.replace(
            explained,
            containers=tuple(
                explain_container(
                    _sent(prediction, admitted, refusal),
                    context,
                    placed.container.image,
                    locate,
                )
                for prediction, context, placed in zip(start.containers, contexts, containers, strict=True)
                if placed.container.name not in template.filled_in
            ),
        )
    for crowd, route in crowds:
        raise ManifestError(f"{_where(document, base + route)}not all is explained: {crowd}")


def _sent(start: StartPrediction, admitted: "Admitted | None", refusal: Refusal | None) -> StartPrediction:
    """Give the start of a container: none when the cluster denies its pod, or every server refuses it."""
    if admitted is not None and admitted.refusal is not None:
        return admitted.refused(start)
    if refusal is None:
        return start
    return StartPrediction(start.name, start.kind, False, "Invalid", refusal.message)


def _picture(
    pod: Pod, template: Template, containers: Iterable[tuple[ContainerInPod, EffectiveSecurityContext]]
) -> PicturedPod | None:
    """Give what a picture shows of the pod; None for one of Windows, which has no values that it shows."""
    if is_for_windows(pod):
        return None
    return picture_of(pod, (pair for pair in containers if pair[0].container.name not in template.filled_in))


def _as_written(pod: Pod, value: Any) -> Pod:
    """Remove what was filled in for the checks around a fragment that has no container of its own."""
    if isinstance(value, dict) and "kind" in value:
        return pod
    fragment = find_workload(value)
    if not isinstance(fragment, Fragment) or pod.spec is None or not pod.spec.containers:
        return pod
    if fragment.filled_in:
        (invented,) = pod.spec.containers
        container = msgspec.structs.replace(invented, name=None, image=None, security_context=None)
    elif fragment.what == "container's security context":
        (invented,) = pod.spec.containers
        container = msgspec.structs.replace(invented, name=None, image=None)
    else:
        return pod
    return msgspec.structs.replace(pod, spec=msgspec.structs.replace(pod.spec, containers=(container,)))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def words_of_refusal(refused: Refused, document: Document | None, base: Route) -> str:
    """Say why the pods of an object cannot be explained, and where this stands."""
    where = _where(document, base + refused.route)
    return f"{where}cannot be explained, the API server refuses it: {refused.message}"


def _where(document: Document | None, route: Route) -> str:
    """Write the place of a route in front of a message; "" where there is no text."""
    if document is None:
        return ""
    place = document.place(route)
    return f"{document.file}:{place.line}:{place.column}: "


def _locator(document: Document | None, base: Route, template: Template) -> Locate:
    if document is None:
        return lambda route: (template.source_route(route), None, None)

    def locate(route: Route) -> tuple[Route, str | None, int | None]:
        outer = template.source_route(route)
        return outer, document.file, document.place(base + outer).line

    return locate
