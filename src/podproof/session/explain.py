"""The pipeline of `explain`: inputs come in, what every container will run as goes out, with its origins.

inputs → manifest → kube (the pods) → effective and kubelet. This module writes nothing and decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ..effective.image import ImageConfig
from ..effective.node import Node, parse_node
from ..effective.resolve import resolve_subject
from ..effective.runtime import DEFAULT_RUNTIME, RuntimeProfile, parse_runtime
from ..effective.subject import containers_of
from ..errors import ManifestError
from ..kube.pod import Pod, raw_pod
from ..kube.workload import Template, find_workload, is_list
from ..kubelet.start import predict_start, subjects_of
from ..manifest.document import Broken, Document
from ..manifest.reader import read
from ..manifest.route import Route
from ..outputs.explained import ExplainedContainer, ExplainedObject, Locate, to_json

if TYPE_CHECKING:
    from ..inputs.results import Found, Unreadable

__all__ = [
    "explain_data",
    "explain_pod",
    "explain_value",
    "images_of",
    "references_in",
    "texts_under",
]


def images_of(images: Mapping[str, Any] | str | None) -> Mapping[str, ImageConfig]:
    """Read images from a lock file's path, or from plain data by reference with the lock file's keys.

    A mapping with `schema` and `images`, as the lock file has it, is read too. Raises InputError, UsageError.
    """
    from ..images.catalog import Catalog
    from ..images.lock import image_config, read_lock

    if images is None:
        return {}
    if isinstance(images, str):
        return read_lock(images)
    if isinstance(images, Catalog):
        return images
    held = images.get("images", images) if "schema" in images else images
    return Catalog({name: image_config(name, facts) for name, facts in held.items()})


def explain_value(
    value: Any,
    *,
    images: Mapping[str, ImageConfig],
    runtime: RuntimeProfile,
    node: Node,
    version: int = 37,
    document: Document | None = None,
    base: Route = (),
) -> Iterator[ExplainedObject]:
    """Explain every pod that one object makes. Raises ManifestError: a field has a type that no pod has."""
    found = find_workload(value)
    if found is None:
        return
    for template in found.templates:
        pod = _typed(template.pod)
        locate = _locator(document, base, template)
        contexts = [
            resolve_subject(s) for s in subjects_of(pod, images, node=node, runtime=runtime, version=version)
        ]
        start = predict_start(pod, images, node=node, runtime=runtime, version=version)
        metadata = value.get("metadata") if isinstance(value, dict) else None
        metadata = metadata if isinstance(metadata, dict) else {}
        yield ExplainedObject(
            file=document.file if document else None,
            line=document.place(base).line if document and base else document.line if document else None,
            kind=str(value.get("kind") or "Pod") if isinstance(value, dict) else "Pod",
            namespace=metadata.get("namespace"),
            name=metadata.get("name") or metadata.get("generateName"),
            containers=tuple(
                ExplainedContainer(verdict, context)
                for verdict, context in zip(start.containers, contexts, strict=True)
            ),
            locate=locate,
        )


def _typed(pod: dict[str, Any]) -> Pod:
    try:
        return raw_pod(pod)
    except msgspec.ValidationError as error:
        raise ManifestError(f"cannot be explained: {error} (podproof check names the place)") from error


def _locator(document: Document | None, base: Route, template: Template) -> Locate:
    if document is None:
        return lambda route: (template.source_route(route), None, None)

    def locate(route: Route) -> tuple[Route, str | None, int | None]:
        outer = template.source_route(route)
        return outer, document.file, document.place(base + outer).line

    return locate


def explain_data(
    sources: Iterable[tuple[str, bytes]],
    *,
    images: Mapping[str, ImageConfig],
    runtime: RuntimeProfile,
    node: Node,
    version: int = 37,
) -> tuple[tuple[ExplainedObject, ...], tuple[str, ...]]:
    """Explain every pod of every text; also returns one line for each document that could not be read."""
    objects: list[ExplainedObject] = []
    problems: list[str] = []
    for file, data in sources:
        for document in read(file, data):
            if isinstance(document, Broken):
                problems.append(f"{file}:{document.line}:{document.column}: {document.message}")
            elif isinstance(document, Document):
                for route, value in _objects(document):
                    try:
                        objects += explain_value(
                            value,
                            images=images,
                            runtime=runtime,
                            node=node,
                            version=version,
                            document=document,
                            base=route,
                        )
                    except ManifestError as error:
                        problems.append(f"{file}:{document.line}: {error}")
    return tuple(objects), tuple(problems)


def _objects(document: Document) -> Iterator[tuple[Route, Any]]:
    stack: list[tuple[Route, Any]] = [((), document.value)]
    while stack:
        route, value = stack.pop()
        if isinstance(value, dict) and is_list(value):
            items = list(enumerate(value["items"]))
            stack += [((*route, "items", index), item) for index, item in reversed(items)]
        else:
            yield route, value


def explain_pod(
    pod: Mapping[str, Any] | str | bytes,
    images: Mapping[str, Any] | str | None = None,
    runtime: str = DEFAULT_RUNTIME,
    node: Mapping[str, Any] | None = None,
    *,
    kubernetes_version: int = 37,
) -> dict[str, Any]:
    """Explain a pod or a workload, given as a mapping or as YAML text; the JSON document as plain data.

    `images` maps references to facts (`user`, `passwd`, `group`, `command`, ...) or names a lock file;
    `node` has the keys of a node file. What is not given is unknown and said to be.
    Raises UsageError: unknown runtime or node key. InputError: the pod or an image's facts cannot be read.
    """
    known = images_of(images)
    profile, told = parse_runtime(runtime), parse_node(node)
    if isinstance(pod, str | bytes):
        data = pod.encode() if isinstance(pod, str) else pod
        objects, problems = explain_data(
            [("<text>", data)], images=known, runtime=profile, node=told, version=kubernetes_version
        )
        if problems:
            raise ManifestError(problems[0])
        return to_json(objects)
    value = {"apiVersion": "v1", "kind": "Pod", **pod} if "kind" not in pod else dict(pod)
    found = explain_value(value, images=known, runtime=profile, node=told, version=kubernetes_version)
    return to_json(tuple(found))


def references_in(sources: Iterable[tuple[str, bytes]]) -> list[str]:
    """List the image references that the pods of these texts use, each once, in their order."""
    found: dict[str, None] = {}
    for file, data in sources:
        for document in read(file, data):
            if not isinstance(document, Document):
                continue
            for _, value in _objects(document):
                workload = find_workload(value)
                for template in workload.templates if workload else ():
                    for _, container, _ in containers_of(_typed(template.pod)):
                        if container.image:
                            found[container.image] = None
    return list(found)


def texts_under(paths: Sequence[str]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Read the files under the paths (`-` is standard input), and say of each that cannot be read why."""
    from ..inputs import files
    from ..inputs.results import Found, Unreadable

    texts: list[tuple[str, bytes]] = []
    problems: list[str] = []
    for path in paths:
        for found in [_standard_input()] if path == "-" else files.find((path,)):
            if isinstance(found, Found):
                texts.append((found.file, found.data))
            elif isinstance(found, Unreadable):
                problems.append(f"{found.file}: {found.message}")
    return texts, problems


def _standard_input() -> "Found | Unreadable":
    import sys

    from ..inputs import stdin

    return stdin.load(sys.stdin.buffer)
