"""From files to objects: every document as objects to judge, or with the reason why it has none.

In: paths, or a file's bytes. Out: InputObject, SkippedInput or UnreadableInput in the order of the text; the
items of a List come one by one. Never judges an object.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..kube.workload import is_list
from ..manifest.document import Document, EmptyDocument, UnreadableDocument
from ..manifest.file_text import FileText
from ..manifest.limits import DEFAULT, Limits
from ..manifest.reader import ReadDocument, read
from ..manifest.route import Route
from . import files
from .input import InputFile, InputObject, SkippedInput, UnreadableInput
from .kustomization import PATCH, Kustomizations, Part, is_patch
from .recognise import (
    TEXT_OF_MANIFEST,
    chart_of,
    has_actions,
    has_template,
    holds_manifest,
    is_kustomization,
    is_whole,
    recognise,
    template_reason,
    whole_workloads,
    without_actions,
)

ReadObject = InputObject | SkippedInput | UnreadableInput

EMPTY = "the file is empty (nothing but blanks and comments)"
"""Why a file, or a stretch of one, is skipped in which no document is."""


def read_paths(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    limits: Limits = DEFAULT,
) -> Iterator[ReadObject]:
    """Read every object under the paths; the patches of a kustomization are skipped."""
    named = {path for path in paths if not os.path.isdir(path)}
    kustomizations = Kustomizations()
    for input_file in files.find(paths, include=include, exclude=exclude, limits=limits):
        if not isinstance(input_file, InputFile):
            yield input_file
        else:
            part = kustomizations.part_of(input_file.file, is_named=input_file.file in named)
            yield from read_part(input_file, part, limits)


def read_part(input_file: InputFile, part: Part | None, limits: Limits = DEFAULT) -> Iterator[ReadObject]:
    """Read the objects of a file by the part that a kustomization gives it."""
    read_all = read_file(input_file, limits)
    return read_all if part is None else _read_part(read_all, part)


def _read_part(results: Iterator[ReadObject], part: Part) -> Iterator[ReadObject]:
    for result in results:
        if not isinstance(result, InputObject):
            yield result
        elif part == "resource":
            yield msgspec.structs.replace(result, kustomized=True)
        elif is_patch(result.value, named=part == "patch"):
            document = result.document
            line = document.place(result.route_prefix).line if result.route_prefix else document.line
            yield SkippedInput(document.file, document.index, line, PATCH)
        else:
            yield result


def read_file(input_file: InputFile, limits: Limits = DEFAULT) -> Iterator[ReadObject]:
    """Read the objects of one file's bytes."""
    reason = whole_file_reason(input_file)
    if reason is not None:
        yield SkippedInput(input_file.file, None, 1, reason)
        return
    content = False
    results = list(read(input_file.file, input_file.data, limits, input_file.stretch))
    broken_templates: set[int] = set()
    if UnreadableDocument in map(type, results) and b"{{" in input_file.data:
        broken_templates = _templates(input_file, results, limits)
    for result in results:
        if isinstance(result, EmptyDocument):
            continue
        content = True
        if isinstance(result, UnreadableDocument):
            if result.index in broken_templates:
                yield SkippedInput(
                    input_file.file, result.index, result.line, template_reason(input_file.file)
                )
            else:
                yield UnreadableInput(
                    input_file.file, result.line, result.column, result.message, result.index
                )
            continue
        value = result.value
        reason = recognise(value, result.file)
        if reason is None and not is_list(value):
            yield InputObject(result, (), value)  # nearly every document
        else:
            yield from _objects_in(result, reason)
    if not content:
        yield SkippedInput(input_file.file, None, 1, EMPTY)


def objects_in(document: Document) -> Iterator[ReadObject]:
    """Give a document's objects: itself, what its List holds, or the whole workloads in other YAML."""
    return _objects_in(document, recognise(document.value, document.file))


def _objects_in(document: Document, reason: str | None) -> Iterator[ReadObject]:
    value: Any = document.value
    if reason is None:
        yield from _unroll(document, (), value)
        return
    if isinstance(value, list) and any(is_whole(item) for item in value):
        yield from _items(document, (), value, "list")
    else:
        yield from _beside(document, (), value, reason)


def _beside(document: Document, route: Route, value: Any, reason: str) -> Iterator[ReadObject]:
    """Give the whole workloads in what is no object, which is skipped otherwise."""
    line = document.place(route).line if route else document.line
    if isinstance(value, str) and holds_manifest(value):
        yield UnreadableInput(document.file, line, 1, TEXT_OF_MANIFEST, document.index)
        return
    if not is_kustomization(value, document.file):
        for inner, workload in whole_workloads(value):
            yield from _unroll(document, (*route, *inner), workload)
    yield SkippedInput(document.file, document.index, line, reason)


def _unroll(document: Document, route: Route, value: Any) -> Iterator[ReadObject]:
    if not is_list(value):
        yield InputObject(document, route, value)
        return
    elements = value["items"]
    if not elements:
        line = document.place(route).line if route else document.line
        yield SkippedInput(document.file, document.index, line, f"an empty {value['kind']}")
        return
    yield from _items(document, (*route, "items"), elements, value["kind"], value)


def _items(
    document: Document,
    route: Route,
    elements: list[Any],
    kind: str,
    list_object: Mapping[str, Any] | None = None,
) -> Iterator[ReadObject]:
    for i, element in enumerate(elements):
        if not isinstance(element, dict):
            name = f"items[{i}]" if list_object is not None else f"item {i}"
            yield from _beside(document, (*route, i), element, f"{name} of the {kind} is not an object")
            continue
        whole = element if list_object is None else whole_item(list_object, element)
        yield from _unroll(document, (*route, i), whole)


def whole_item(list_object: Mapping[str, Any], element: dict[str, Any]) -> dict[str, Any]:
    """Say of a typed list's item what the list says for all of them and it may leave out."""
    kind: str = list_object["kind"]
    if kind == "List" or "kind" in element:
        return element
    return {"apiVersion": list_object.get("apiVersion"), "kind": kind.removesuffix("List"), **element}


def unroll(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the objects of a value that comes from no text: itself, or what its List holds."""
    if not is_list(value):
        yield value
        return
    for element in value["items"]:
        if isinstance(element, dict):
            yield from unroll(whole_item(value, element))


def whole_file_reason(input_file: InputFile) -> str | None:
    """Give the reason to skip a file before it is parsed: templates of a Helm chart."""
    name = input_file.file  # looked at first: it is shorter
    if "templates" in name and b"{{" in input_file.data and chart_of(name) is not None:
        text = input_file.data.decode("utf-8", "replace")
        if has_template(text):
            return template_reason(name)
    return None


def _templates(input_file: InputFile, results: list[ReadDocument], limits: Limits) -> set[int]:
    """Give the numbers of the documents that template actions break: rendering is what they need.

    What breaks at the same place with other words instead of the actions is broken by something else.
    """
    from ..manifest.split import split

    stretch = input_file.stretch
    body = FileText(input_file.data, stretch).data
    filled_in = without_actions(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    still = {
        (result.index, result.line, result.column)
        for result in read(input_file.file, filled_in, limits, stretch)
        if isinstance(result, UnreadableDocument)
    }
    with_actions = {
        index
        for index, (start, end, _) in enumerate(split(body), stretch.documents + 1)
        if has_actions(body[start:end].decode("utf-8", "replace"))
    }
    return {
        result.index
        for result in results
        if isinstance(result, UnreadableDocument)
        and result.index in with_actions
        and (result.index, result.line, result.column) not in still
    }
