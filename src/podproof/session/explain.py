"""The pipeline of `explain`: inputs come in, what every container will run as goes out, with its origins.

inputs → manifest → kube (the pods) → effective and kubelet. This module writes nothing and decides nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from ..effective.container_in_pod import ContainerInPod, place_containers
from ..effective.context import EffectiveSecurityContext
from ..effective.image import ImageConfig
from ..effective.node import parse_node
from ..effective.resolve import resolve
from ..effective.runtime import DEFAULT_RUNTIME, parse_runtime
from ..effective.setting import Setting
from ..errors import ManifestError, UsageError
from ..inputs.input import InputFile, InputObject, UnreadableInput
from ..inputs.objects import read_file, unroll
from ..kube.custom_schemas import CustomSchemas, is_definition
from ..kube.feature_gates import read_feature_gates
from ..kube.pod import Pod
from ..kube.read_pod import read_pod, require_containers
from ..kube.reported_user import reported_users
from ..kube.storage import collect_storage
from ..kube.target_os import is_for_windows
from ..kube.template import Template
from ..kube.unjudged import pattern_in, unjudged_in
from ..kube.versions import NEWEST, parse_version
from ..kube.visit import visit_containers
from ..kube.workload import Fragment, Learned, find_workload
from ..kubelet.start import predict_start
from ..kubelet.start_prediction import StartPrediction
from ..manifest.document import Document
from ..manifest.json_of import plain_copy
from ..manifest.route import Route, format_route
from ..manifest.surrogates import to_utf8, unescape
from ..results.explained import Explained, ExplainedObject, Locate, explain_container
from ..results.pictured import PicturedPod, picture_of
from .facts import read_images
from .judging.claims import with_made_claims
from .judging.many_containers import first_containers, too_many
from .judging.pods import Refused, Stored, owned_pod, pods_of
from .judging.refusal import Refusal
from .sources import Input

if TYPE_CHECKING:
    from .admit.stored_pod import Admission, Admitted
    from .debugger import Debugger

__all__ = [
    "Pictured",
    "explain_data",
    "explain_inputs",
    "explain_pod",
    "explain_value",
    "images_of",
    "references_in",
]


Pictured = Callable[[PicturedPod | None], None]
"""Takes what a picture of a pod shows; None: there is none."""


def images_of(images: Mapping[str, Any] | str | None) -> Mapping[str, ImageConfig]:
    """Read images from a lock file's path, or from plain data by reference with the lock file's keys.

    A mapping with `schema` and `images`, as the lock file has it, is read too. Raises InputError, UsageError.
    """
    from ..images.catalog import Catalog
    from ..images.lock import SCHEMA, image_config

    if images is None:
        return {}
    if isinstance(images, str):
        return read_images(images)
    if isinstance(images, Catalog):
        return images
    by_reference: Any = images
    if isinstance(by_reference, Mapping) and "schema" in by_reference:
        if by_reference["schema"] != SCHEMA:
            raise UsageError(f"schema of the images must be {SCHEMA}, has {by_reference['schema']!r}")
        by_reference = {} if by_reference.get("images") is None else by_reference["images"]
    if not isinstance(by_reference, Mapping) or not all(isinstance(name, str) for name in by_reference):
        raise UsageError("images must map references to facts, or be the path of a lock file")
    return Catalog({name: image_config(name, facts) for name, facts in by_reference.items()})


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
            raise ManifestError(_refusal(stored, document, base))
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


def _refusal(refused: Refused, document: Document | None, base: Route) -> str:
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


def explain_inputs(
    inputs: Iterable[Input],
    setting: Setting,
    *,
    admission: "Admission | None" = None,
    debugger: "Debugger | None" = None,
    note: Callable[[str], None] | None = None,
    pictured: Pictured | None = None,
) -> tuple[Explained, tuple[str, ...]]:
    """Explain every pod of the inputs that `check` would read; one line for each that could not be read.

    What lies behind claims is known by the storage objects of the inputs and of the cluster's folder.
    `admission` sends each to a cluster first; what could not be read of that is not told here. `debugger`
    adds a container to each, and only that is explained. `note` takes a line for each object in which
    something looks like container security and is not explained. `pictured` is given, for each object that is
    explained, what a picture of it shows.
    """
    objects: list[ExplainedObject] = []
    problems: list[str] = []
    items = [item for item, _ in inputs]
    known = () if admission is None else admission.objects
    read = (item.value for item in items if isinstance(item, InputObject))
    setting = msgspec.structs.replace(setting, storage=collect_storage(chain(known, read)))
    schemas = CustomSchemas()
    for value in chain(known, (item.value for item in items if isinstance(item, InputObject))):
        if is_definition(value):
            schemas.add(value)
    for item in items:
        if isinstance(item, UnreadableInput):
            problems.append(f"{item.file}:{item.line}:{item.column}: {item.message}")
        elif isinstance(item, InputObject):
            try:
                objects += explain_value(
                    item.value,
                    setting,
                    document=item.document,
                    base=item.route_prefix,
                    admission=admission,
                    debugger=debugger,
                    learned=schemas,
                    completed=item.kustomized,
                    pictured=pictured,
                )
            except ManifestError as error:
                problems.append(str(error))
            if note is not None:
                _note_unexplained(item, schemas, note)
    return Explained(objects=tuple(objects)), tuple(problems)


def _note_unexplained(item: InputObject, schemas: Learned, note: Callable[[str], None]) -> None:
    """Say what `check` counts as not judged: it decides about pods that are not explained."""
    workload = find_workload(item.value, schemas)
    unjudged = None if pattern_in(item.value, workload) else unjudged_in(item.value, workload)
    if unjudged is None:
        return
    places = ", ".join(map(format_route, unjudged.routes)) or "its pods"
    why = "; ".join(unjudged.reasons)
    line = item.document.place(item.route_prefix).line if item.route_prefix else item.document.line
    note(f"{item.document.file}:{line}: not explained: {places}{f' ({why})' if why else ''}")


def explain_data(
    sources: Iterable[tuple[str, bytes]],
    setting: Setting,
) -> tuple[Explained, tuple[str, ...]]:
    """Explain every pod of every text, given with its name, as `explain_inputs` does."""
    inputs = ((item, data) for file, data in sources for item in read_file(InputFile(file, data)))
    return explain_inputs(inputs, setting)


def explain_pod(
    pod: Mapping[str, Any] | str | bytes,
    images: Mapping[str, Any] | str | None = None,
    runtime: str = DEFAULT_RUNTIME,
    node: Mapping[str, Any] | None = None,
    *,
    kubernetes_version: str = "latest",
    feature_gates: Mapping[str, bool] | None = None,
) -> Explained:
    """Explain a pod or a workload, given as a mapping or as YAML text.

    `images` maps references to facts (`user`, `passwd`, `group`, `command`, ...) or names a lock file; `node`
    has the keys of a node file. What is not given is unknown, and is reported as unknown. Raises UsageError:
    an argument of a wrong type, an unknown runtime, node key or gate, or `kubernetes_version` is not a
    version (`v1.37`). InputError: the pod or an image's facts cannot be read.
    """
    if not isinstance(kubernetes_version, str):
        raise UsageError(f'kubernetes_version must be text such as "v1.{NEWEST}", has {kubernetes_version!r}')
    minor = parse_version(kubernetes_version)
    setting = Setting(
        images=images_of(images),
        runtime=parse_runtime(runtime),
        node=parse_node(node),
        version=minor,
        changed_gates=read_feature_gates(feature_gates or {}, minor, where="feature_gates").changed,
    )
    if isinstance(pod, str | bytes):
        data = to_utf8(pod) if isinstance(pod, str) else pod
        explained, problems = explain_data([("<text>", data)], setting)
        if problems:
            raise ManifestError(problems[0])
        return _with_containers(explained)
    if not isinstance(pod, Mapping):
        from ..manifest.type_name import type_name  # only for a message

        raise ManifestError(f"the pod must be a mapping, or YAML text, is {type_name(pod)}")
    plain = plain_copy(pod)
    value = {"apiVersion": "v1", "kind": "Pod", **plain} if "kind" not in plain else dict(plain)
    try:
        value = unescape(value)
    except RecursionError:
        raise ManifestError("the pod is nested too deeply to be read, or holds itself") from None
    items = list(unroll(value))
    setting = msgspec.structs.replace(setting, storage=collect_storage(items))
    completed = "kind" not in pod
    objects = (entry for item in items for entry in explain_value(item, setting, completed=completed))
    explained = Explained(objects=tuple(objects))
    if "kind" not in pod and not any(entry.containers for entry in explained.objects):
        require_containers(read_pod(pod), pod)
    return _with_containers(explained)


def _with_containers(explained: Explained) -> Explained:
    """Refuse what has nothing to explain.

    Raises ManifestError: there is no pod, or one without containers.
    """
    if not explained.objects:
        raise ManifestError("there is no pod and no workload in it; pass one of them, or a List")
    for entry in explained.objects:
        if not entry.containers:
            named = f'{entry.kind} "{entry.name}"' if entry.name else entry.kind
            raise ManifestError(f"the pod of {named} has no containers; pass a whole object")
    return explained


def references_in(inputs: Iterable[Input]) -> tuple[list[str], list[str]]:
    """List the image references that the pods use, each once, in their order; and what could not be read."""
    references: dict[str, None] = {}
    problems: list[str] = []
    for item, _ in inputs:
        if isinstance(item, UnreadableInput):
            problems.append(f"{item.file}:{item.line}:{item.column}: {item.message}")
        elif isinstance(item, InputObject):
            for stored in pods_of(item.value, Setting().gates):
                if isinstance(stored, Refused):
                    problems.append(_refusal(stored, item.document, item.route_prefix))
                    continue
                for _, container, _ in visit_containers(stored.pod.spec):
                    if container.image and container.name not in stored.template.filled_in:
                        references[container.image] = None
    return list(references), problems
