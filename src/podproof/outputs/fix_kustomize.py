"""Writes what `fix` would change as a Kustomize component: a patch for each object, and what lists them.

Decisions come in with the objects that they are about; the files of a folder go out. The patches are JSON
patches, which say exactly one thing about any kind of object; before they count on an item of a list, they
test its name, so that Kustomize refuses them where the manifests have changed meanwhile.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ..edits.text.style import Style
from ..edits.text.write import entry_lines
from ..manifest.surrogates import to_utf8
from ..results.checked import ObjectRef
from ..results.fixed import Fixed, FixedObject, PatchOperation
from .fix_decisions import DecisionLines, name_object
from .paint import Paint
from .plain import one_line

__all__ = ["Component", "Untargeted", "component"]

_STYLE = Style(is_json=False, line_end="\n")
_SPECIAL = re.compile(r"[.+*?()|\[\]{}^$\\]")
_CLUSTER_WIDE = ("PodSecurityPolicy",)
"""Kinds that have no namespace. Kustomize takes any other object without one to be in `default`."""

_LONGEST = 200
"""Characters of a file's name before its ending; file systems end at 255 bytes."""


class Untargeted(msgspec.Struct, frozen=True):
    """An object that no patch can name, and why."""

    file: str
    object: FixedObject
    reason: str


class Component(msgspec.Struct, frozen=True):
    """The files of a component by their names, and the objects that it cannot change."""

    files: dict[str, bytes]
    untargeted: tuple[Untargeted, ...]


def component(fixed: Fixed) -> Component:
    """Write the component; without any file where there is nothing to patch."""
    named = Counter(map(_identity, fixed.named))
    files: dict[str, bytes] = {}
    entries: list[str] = []
    untargeted = []
    for file in fixed.files:
        for each, value in zip(file.objects, file.values, strict=True):
            if not each.decisions:
                continue
            reason = _why_untargeted(each.object, value, named)
            if reason:
                untargeted.append(Untargeted(file.file, each, reason))
                continue
            name = _file_name(each.object, files)
            files[name] = to_utf8("".join(f"{line}\n" for line in _patch(file.file, each, value)))
            entries += entry_lines("-", {"path": name, "target": _target(each.object)}, _STYLE)
    if files:
        head = (
            f"# Written by podproof fix --as kustomize, for {fixed.level}:{fixed.version}.",
            "apiVersion: kustomize.config.k8s.io/v1alpha1",
            "kind: Component",
            "patches:",
        )
        files["kustomization.yaml"] = to_utf8("".join(f"{line}\n" for line in (*head, *entries)))
    return Component(files, tuple(untargeted))


def _identity(named: ObjectRef) -> tuple[object, ...]:
    """Tell objects apart as Kustomize does."""
    return named.api_version, named.kind, named.namespace or "default", named.name


def _why_untargeted(named: ObjectRef, value: Any, all_named: Counter[tuple[object, ...]]) -> str:
    if not named.api_version or not named.kind:
        return "it has no apiVersion and kind that a patch could name"
    if not named.name or value["metadata"].get("name") != named.name:  # it is a generateName
        return "it has no name that a patch could name"
    times = all_named[_identity(named)]
    return f"{times} objects have this kind and name" if times > 1 else ""


def _target(named: ObjectRef) -> dict[str, str]:
    """Name an object as Kustomize does, whose names and namespaces are regular expressions."""
    group, _, version = (named.api_version or "").rpartition("/")
    namespace = named.namespace or ("" if named.kind in _CLUSTER_WIDE else "default")
    parts = {
        "group": group,
        "version": version,
        "kind": named.kind or "",
        "name": named.name or "",
        "namespace": namespace,
    }
    return {key: _SPECIAL.sub(r"\\\g<0>", text) for key, text in parts.items() if text}


def _file_name(named: ObjectRef, taken: Iterable[str]) -> str:
    words = "-".join(word for word in (named.kind, named.namespace, named.name) if word).lower()
    stem = re.sub(r"[^a-z0-9.-]", "-", words)[:_LONGEST].strip("-.") or "patch"
    name, number = f"{stem}.yaml", 1
    while name in taken or name == "kustomization.yaml":
        number += 1
        name = f"{stem}-{number}.yaml"
    return name


def _patch(file: str, fixed: FixedObject, value: Any) -> Iterator[str]:
    """Write an object's operations, below comments that say what they rest on."""
    yield f"# {one_line(name_object(fixed.object))} · {one_line(file)}:{fixed.line}"
    decisions = msgspec.structs.replace(fixed, left=(), taken_back=())
    for line in DecisionLines(Paint(False), 108, verbose=True).of(decisions):
        yield f"#{line}".rstrip()
    for operation in _operations(fixed, value):
        yield from entry_lines("-", operation, _STYLE)


def _operations(fixed: FixedObject, value: Any) -> list[dict[str, Any]]:
    """Put all patches of an object together: what is added below something added is added with it."""
    operations: list[dict[str, Any]] = []
    tested: set[tuple[str, ...]] = set()
    moved: set[tuple[str, ...]] = set()
    for decision in fixed.decisions:
        for operation in decision.patch:
            steps = tuple(operation.path.split("/")[1:])
            if _fold(operations, operation):
                continue
            for item, name in _names(value, steps, moved):
                if item not in tested:
                    tested.add(item)
                    operations.append({"op": "test", "path": "/".join(("", *item, "name")), "value": name})
            operations.append(_plain(operation))
            if operation.op == "remove":
                moved.add(steps[:-1])
    return operations


def _plain(operation: PatchOperation) -> dict[str, Any]:
    plain = {"op": operation.op, "path": operation.path}
    return plain if operation.value is msgspec.UNSET else {**plain, "value": operation.value}


def _fold(operations: list[dict[str, Any]], operation: PatchOperation) -> bool:
    """Make an operation part of an earlier one, if that has added the mapping that it changes."""
    for index in range(len(operations) - 1, -1, -1):
        earlier = operations[index]
        below = operation.path.removeprefix(earlier["path"])
        if earlier["op"] not in ("add", "replace") or below == operation.path or not below.startswith("/"):
            continue
        folded = _changed(earlier["value"], below.split("/")[1:], operation)
        if folded is None:
            return False
        operations[index] = {**earlier, "value": folded}
        return True
    return False


def _changed(value: Any, steps: list[str], operation: PatchOperation) -> Any:
    """Change a mapping below some steps; None: something else than mappings is on the way."""
    if not isinstance(value, dict):
        return None
    key = steps[0].replace("~1", "/").replace("~0", "~")
    if len(steps) > 1:
        below = _changed(value.get(key), steps[1:], operation)
        return None if below is None else {**value, key: below}
    if operation.op == "remove":
        return {name: one for name, one in value.items() if name != key}
    return {**value, key: operation.value}


def _names(
    value: Any, steps: tuple[str, ...], moved: set[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the named items of lists that a path leads through, as they were at first.

    The items of a list of which something was removed count otherwise since then.
    """
    for depth, step in enumerate(steps):
        if isinstance(value, list):
            if not step.isdecimal() or int(step) >= len(value) or steps[:depth] in moved:
                return
            value = value[int(step)]
            if isinstance(value, dict) and isinstance(value.get("name"), str):
                yield steps[: depth + 1], value["name"]
        elif isinstance(value, dict):
            value = value.get(step.replace("~1", "/").replace("~0", "~"))
        else:
            return
