"""The pipeline of `explain`: inputs come in, what every container will run as goes out, with its origins.

inputs → manifest → kube (the pods) → effective and kubelet. This module writes nothing and decides nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from ..effective.image import ImageConfig
from ..effective.node import parse_node
from ..effective.runtime import DEFAULT_RUNTIME, parse_runtime
from ..effective.setting import Setting
from ..errors import ManifestError, UsageError
from ..inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from ..inputs.objects import ReadObject, read_file, unroll
from ..kube.custom_schemas import CustomSchemas, is_definition
from ..kube.feature_gates import read_feature_gates
from ..kube.read_pod import read_pod, require_containers
from ..kube.storage import collect_storage, is_storage
from ..kube.unjudged import pattern_in, unjudged_in
from ..kube.versions import NEWEST, parse_version
from ..kube.visit import visit_containers
from ..kube.workload import Learned, find_workload
from ..manifest.json_of import plain_copy
from ..manifest.route import format_route
from ..manifest.surrogates import to_utf8, unescape
from ..results.explained import Explained, ExplainedObject
from .explain_object import Pictured, explain_value, words_of_refusal
from .facts import read_images
from .judging.pods import Refused, pods_of
from .kept_sources import KeptSources
from .sources import FoundFile, Input, Unread

if TYPE_CHECKING:
    from .admit.stored_pod import Admission
    from .debugger import Debugger

__all__ = [
    "explain_data",
    "explain_found",
    "explain_inputs",
    "explain_pod",
    "images_of",
    "references_in",
]


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


def explain_inputs(
    inputs: Iterable[Input],
    setting: Setting,
    *,
    admission: "Admission | None" = None,
    debugger: "Debugger | None" = None,
    note: Callable[[str], None] | None = None,
) -> tuple[Explained, tuple[str, ...]]:
    """Explain every pod of the inputs that `check` would read; one line for each that could not be read.

    All of it is held: see `explain_found` for runs of any length.
    """
    problems: list[str] = []
    items = [item for item, _ in inputs]
    told = (item.value for item in items if isinstance(item, InputObject))
    objects = _explain_items(
        items,
        *_learn(told, setting, admission),
        problem=problems.append,
        admission=admission,
        debugger=debugger,
        note=note,
    )
    return Explained(objects=tuple(objects)), tuple(problems)


def explain_found(
    found: Iterable[Unread | FoundFile | SkippedInput | UnreadableInput],
    setting: Setting,
    *,
    problem: Callable[[str], None],
    admission: "Admission | None" = None,
    debugger: "Debugger | None" = None,
    note: Callable[[str], None] | None = None,
    skipped: Callable[[SkippedInput], None] | None = None,
    pictured: Pictured | None = None,
) -> Iterator[ExplainedObject]:
    """Explain every pod of what was found, few at a time as they are asked for; nothing parsed is held.

    What lies behind claims is known by the storage objects of the inputs and of the cluster's folder.
    `admission` sends each to a cluster first; what could not be read of that is not told here. `debugger`
    adds a container to each, and only that is explained. `problem` takes a line for each object that could
    not be read, `note` one for each in which something looks like container security and is not explained,
    `skipped` what is no object. `pictured` is given, for each object that is explained, what a picture of it
    shows. Everything is read before this returns; raises UsageError: what was found raises it.
    """
    sources = KeptSources(found)
    setting, schemas = _learn(sources.telling(), setting, admission)
    objects = _explain_items(
        sources.items(),
        setting,
        schemas,
        problem=problem,
        admission=admission,
        debugger=debugger,
        note=note,
        skipped=skipped,
        pictured=pictured,
    )
    return _in_batches(objects)


_AT_ONCE = 16
"""Objects, and containers, that are explained before the first of them is handed on."""


def _in_batches(objects: Iterator[ExplainedObject]) -> Iterator[ExplainedObject]:
    """Explain some objects before the first is written: what explains is more code than processors cache."""
    batch: list[ExplainedObject] = []
    containers = 0
    for entry in objects:
        batch.append(entry)
        containers += len(entry.containers)
        if max(len(batch), containers) >= _AT_ONCE:
            yield from batch
            batch, containers = [], 0
    yield from batch


def _learn(
    values: Iterable[Any], setting: Setting, admission: "Admission | None"
) -> tuple[Setting, CustomSchemas]:
    """Take what objects, those of the cluster's folder first, tell all others."""
    schemas = CustomSchemas()

    def storage() -> Iterator[Any]:
        for value in chain(() if admission is None else admission.objects, values):
            if is_definition(value):
                schemas.add(value)
            elif is_storage(value):
                yield value

    return msgspec.structs.replace(setting, storage=collect_storage(storage())), schemas


def _explain_items(
    items: Iterable[ReadObject],
    setting: Setting,
    schemas: Learned,
    *,
    problem: Callable[[str], None],
    admission: "Admission | None" = None,
    debugger: "Debugger | None" = None,
    note: Callable[[str], None] | None = None,
    skipped: Callable[[SkippedInput], None] | None = None,
    pictured: Pictured | None = None,
) -> Iterator[ExplainedObject]:
    """Explain the pods of each item; see `explain_found`."""
    for item in items:
        if isinstance(item, UnreadableInput):
            problem(f"{item.file}:{item.line}:{item.column}: {item.message}")
        elif isinstance(item, InputObject):
            try:
                yield from explain_value(
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
                problem(str(error))
            if note is not None:
                _note_unexplained(item, schemas, note)
        elif skipped is not None:
            skipped(item)


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
                    problems.append(words_of_refusal(stored, item.document, item.route_prefix))
                    continue
                for _, container, _ in visit_containers(stored.pod.spec):
                    if container.image and container.name not in stored.template.filled_in:
                        references[container.image] = None
    return list(references), problems
