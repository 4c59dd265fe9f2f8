"""What a document's fix has to be: it does what the diff block shows, silences the check, and harms nothing.

A pod, what judges it, and maybe a diff come in; an AssertionError tells what is wrong with the fix.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from podproof.edits.apply import apply_edits
from podproof.findings import Finding, Route
from podproof.kube.review import review
from podproof.kube.versions import NEWEST
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.route import value_at

Find = Callable[[dict[str, Any]], list[Finding]]
"""Finds what the document's own check has against a pod as it is written."""

Kind = tuple[str, Route]
"""What a fix does and where: operation, and route in the container or the pod, without indexes and names."""

LISTS = ("sysctls", "volumes")
"""Lists of which a fix may remove the item that a finding is about, so that those behind it move up."""

ROUNDS = 3
"""Upstream hides some violations behind others, so that a pod is mended again until nothing is left."""

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
PROFILES = ("seccompProfile", "appArmorProfile")
"""Unions whose `type` decides what the other fields mean: a fix may replace the whole."""


def verify(manifest: str, find: Find, diff: str | None) -> set[Kind]:
    """Apply the fixes of a pod's findings, and give the kinds of those that the diff shows."""
    before = parsed(manifest)
    after, kinds = mended(before, find)
    if diff is not None:
        assert kinds, "there is a diff, but no finding has a fix"
        assert after == parsed(patched(without_announcements(manifest), diff)), (
            "the fix differs from the diff"
        )
    left = find(after)
    assert all(finding.fix is None for finding in left), "the check is not silent after its fixes"
    assert diff is None or not left, "the check is not silent after its fixes"
    fresh = problems(after) - problems(before)
    assert not fresh, f"the API server refuses what the fix makes: {fresh}"
    return kinds if diff is not None else set()


def mended(value: dict[str, Any], find: Find) -> tuple[dict[str, Any], set[Kind]]:
    """Apply each fix, in rounds; what it changes has to be what the finding is about."""
    kinds: set[Kind] = set()
    for _ in range(ROUNDS):
        findings = find(value)
        fixed = [(finding, finding.fix) for finding in findings if finding.fix is not None]
        if not fixed:
            break
        for finding, fix in fixed:
            assert fix.edits, f"the fix of {finding.message} does nothing"
            alone = apply_edits(value, fix.edits)
            fresh = problems(alone) - problems(value)
            assert not fresh, f"the API server refuses what one fix makes: {fresh}"
            assert finding not in find(alone), f"the fix leaves what it is for: {finding.message}"
        after = apply_edits(value, [edit for _, fix in fixed for edit in fix.edits])
        strays = list(changed_elsewhere(value, after, [finding.route for finding in findings]))
        assert not strays, f"the fix changes what no finding is about: {strays}"
        kinds |= {kind(edit.operation, edit.route) for _, fix in fixed for edit in fix.edits}
        value = after
    return value, kinds


def kind(operation: str, route: Route) -> Kind:
    """Name what an edit does, the same for each container and each annotation."""
    below = route[3:] if route[:1] == ("spec",) and route[1:2] and route[1] in CONTAINERS else route
    steps = [step for step in below if isinstance(step, str)]
    return operation, tuple(steps[:2] if steps[:2] == ["metadata", "annotations"] else steps)


def changed_elsewhere(before: Any, after: Any, findings: Sequence[Route]) -> Iterator[Route]:
    """Give the routes at which two objects differ and that no finding covers."""
    allowed = [covered(route) for route in findings]
    for route in dict.fromkeys((*nodes(before), *nodes(after))):
        if any(route[: len(cover)] == cover for cover in allowed):
            continue
        old, new = value_at(before, route), value_at(after, route)
        if isinstance(new, dict) and isinstance(old, dict | None) and on_the_way(route, findings):
            continue
        if old != new and not (isinstance(old, dict | list) and type(old) is type(new)):
            yield route


def on_the_way(route: Route, findings: Sequence[Route]) -> bool:
    """Say whether a mapping at the route is a parent of what a finding is about, and may be made."""
    return any(finding[: len(route)] == route for finding in findings)


def covered(route: Route) -> Route:
    """Give what a fix of a finding may change: the field; for an item its list, for a type its union."""
    for position, step in enumerate(route[:-1]):
        if step in LISTS and isinstance(route[position + 1], int):
            return route[: position + 1]
    if isinstance(route[-1], int) or (route[-1] == "type" and route[-2:-1] and route[-2] in PROFILES):
        return route[:-1]
    return route


def nodes(value: Any, route: Route = ()) -> Iterator[Route]:
    """Walk every key and item of plain data."""
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        yield (*route, key)
        yield from nodes(child, (*route, key))


def problems(value: dict[str, Any]) -> set[tuple[str, Route, str]]:
    """Give what the API server has against a pod; a document's pods need not be complete."""
    answer = review(value, version=NEWEST, kind="Pod")
    assert answer.object is not None, "the pod of a document with fixes must be one that can be decoded"
    return {(problem.kind, problem.route, problem.message) for problem in answer.problems} | {
        (error.type, error.route, error.detail) for error in answer.errors
    }


def parsed(text: str) -> dict[str, Any]:
    (document,) = read("pod.yaml", text.encode())
    assert isinstance(document, Document)
    assert isinstance(document.value, dict)
    return document.value


def without_announcements(manifest: str) -> str:
    return re.sub(r" *# (?:error|warning|note): \[[^\]]+\].*$", "", manifest, flags=re.MULTILINE)


def patched(text: str, diff: str) -> str:
    """Apply a diff without line numbers: its hunks, between lines of `@@`, follow each other in the text."""
    lines, at = text.splitlines(), 0
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        marked = hunk.splitlines()
        assert all(line[:1] in ("+", "-", " ") for line in marked), f"no diff:\n{hunk}"
        old = [line[1:] for line in marked if line[0] != "+"]
        new = [line[1:] for line in marked if line[0] != "-"]
        while lines[at : at + len(old)] != old:
            assert at < len(lines), f"the diff does not apply to the pod:\n{hunk}"
            at += 1
        lines[at : at + len(old)] = new
        at += len(new)
    return "\n".join(lines) + "\n"


def can_fix(module: Path) -> bool:
    """Say whether a check's module, or a helper of the room that it uses, makes fixes."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {name.name for node in imports for name in node.names}
    if names & {"Fix", "set_value", "remove_value"}:
        return True
    helpers = [node.module for node in imports if node.level == 1 and (node.module or "").startswith("_")]
    return any(can_fix(module.parent / f"{helper}.py") for helper in helpers)
