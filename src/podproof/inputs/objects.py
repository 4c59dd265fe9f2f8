"""From files to objects: every document as objects to judge, or with the reason why it has none.

In: paths, or a file's bytes. Out: InputObject, SkippedInput or UnreadableInput in the order of the text; the
items of a List come one by one. Never judges an object.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..kube.workload import is_list
from ..manifest.document import Document, EmptyDocument, FileText, UnreadableDocument
from ..manifest.limits import DEFAULT, Limits
from ..manifest.reader import read
from ..manifest.route import Route
from . import files
from .input import InputFile, InputObject, SkippedInput, UnreadableInput
from .kustomization import PATCH, Kustomizations, Part, is_patch
from .recognise import chart_of, has_actions, has_template, recognise, template_reason

ReadObject = InputObject | SkippedInput | UnreadableInput


def read_paths(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    limits: Limits = DEFAULT,
) -> Iterator[ReadObject]:
    """Read every object under the paths; in folders, a kustomization's patches are skipped."""
    named = {path for path in paths if not os.path.isdir(path)}
    kustomizations = Kustomizations()
    for input_file in files.find(paths, include=include, exclude=exclude, limits=limits):
        if not isinstance(input_file, InputFile):
            yield input_file
        elif input_file.file in named:
            yield from read_file(input_file, limits)
        else:
            yield from read_part(input_file, kustomizations.part_of(input_file.file), limits)


def read_part(input_file: InputFile, part: Part | None, limits: Limits = DEFAULT) -> Iterator[ReadObject]:
    """Read the objects of a file found in a folder, by the part that a kustomization gives it."""
    for result in read_file(input_file, limits):
        if not isinstance(result, InputObject) or part is None:
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
    results = list(read(input_file.file, input_file.data, limits))
    broken_templates: set[int] = set()
    if b"{{" in input_file.data and any(isinstance(result, UnreadableDocument) for result in results):
        broken_templates = _templates(input_file.data)
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
        yield from objects_in(result)
    if not content:
        yield SkippedInput(input_file.file, None, 1, "the file is empty (nothing but blanks and comments)")


def objects_in(document: Document) -> Iterator[InputObject | SkippedInput]:
    """Give a document's objects: itself, or what its List holds."""
    reason = recognise(document.value, document.file)
    if reason is not None:
        yield SkippedInput(document.file, document.index, document.line, reason)
        return
    yield from _unroll(document, (), document.value)


def _unroll(document: Document, route: Route, value: Any) -> Iterator[InputObject | SkippedInput]:
    if not is_list(value):
        yield InputObject(document, route, value)
        return
    elements = value["items"]
    if not elements:
        line = document.place(route).line if route else document.line
        yield SkippedInput(document.file, document.index, line, f"an empty {value['kind']}")
        return
    for i, element in enumerate(elements):
        if not isinstance(element, dict):
            line = document.place((*route, "items", i)).line
            reason = f"items[{i}] of the {value['kind']} is not an object"
            yield SkippedInput(document.file, document.index, line, reason)
            continue
        yield from _unroll(document, (*route, "items", i), whole_item(value, element))


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
    if b"{{" in input_file.data and chart_of(input_file.file) is not None:
        text = input_file.data.decode("utf-8", "replace")
        if has_template(text):
            return template_reason(input_file.file)
    return None


def _templates(data: bytes) -> set[int]:
    """Give the numbers of the documents with template actions: if broken, rendering is what they need."""
    from ..manifest.split import split

    body = FileText(data).data
    return {
        index
        for index, (start, end, _) in enumerate(split(body), 1)
        if has_actions(body[start:end].decode("utf-8", "replace"))
    }
