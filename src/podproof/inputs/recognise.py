"""Recognises texts that are not Kubernetes objects, so that they are skipped with the right reason.

In: a document's value and its file's name, or the text of a broken one. Out: the reason to skip it, or None.
Never reads files except a chart's or a kustomization's own description beside the file.
"""

import os
from collections.abc import Iterator
from typing import Any

from ..manifest.route import Route
from ..pattern import pattern

HELM_FILES = ("Chart.yaml", "Chart.yml")
_KUSTOMIZE = "kustomize.config.k8s.io"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_OPENS = pattern(r"\{\{-?\s{0,9}(?:if|range|with|define|end|else|include)\b")

_STRING_OR_COMMENT = pattern(r""""(?:[^"\\]|\\.)*+(?:"|$)|'[^']*+(?:'|$)|(?:^|(?<=\s))#.*""")
_ACTION = pattern(r"""\{\{-?\s{0,9}(?:[.$("'`]|/\*|[A-Za-z_]\w{0,99}(?=[\s.|(}\[-]))""")
_WHOLE_ACTION = pattern(r"\{\{[^{}]*\}\}")
_BLOCK = pattern(r"(?:^|.*\s)[|>][-+0-9]{0,2}$")
"""The end of a line after which a block of text stands."""

_JSON_FILES = {
    "package.json": "a package description of npm",
    "package-lock.json": "a lock file of npm",
    "tsconfig.json": "a configuration of TypeScript",
    "composer.json": "a package description of Composer",
    "renovate.json": "a configuration of Renovate",
}


def chart_of(file: str) -> str | None:
    """Give the chart's folder when the file lies under the `templates` of a Helm chart."""
    parts = file.replace(os.sep, "/").split("/")
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "templates":
            folder = "/".join(parts[:i]) or ("/" if file.startswith("/") else ".")
            if any(os.path.isfile(os.path.join(folder, name)) for name in HELM_FILES):
                return folder
    return None


def has_template(text: str) -> bool:
    """Tell whether template actions `{{ ... }}` stand outside comments."""
    if "{{" not in text:
        return False
    # by lines and plain searches: one pattern over a long line of brackets would take quadratic time
    for line in text.splitlines():
        start = line.find("{{")
        if start >= 0 and "#" not in line[:start] and ("}}" in line[start:] or _OPENS.match(line, start)):
            return True
    return False


def has_actions(text: str) -> bool:
    """Tell whether template actions `{{ ... }}` stand where YAML has neither a string nor a comment.

    In a quoted string or a block of text they are mere text, of an alert or of another tool.
    """
    if "{{" not in text:
        return False
    block: int | None = None  # the indentation of the key whose block of text is open
    for line in text.splitlines():
        bare = line.lstrip(" ")
        indentation = len(line) - len(bare)
        if block is not None:
            if not bare or indentation > block:
                continue
            block = None
        plain = _STRING_OR_COMMENT.sub("", line) if "{{" in line or "#" in line else line
        action = _ACTION.search(plain)
        if action is not None and ("}}" in plain[action.end() :] or _OPENS.match(plain, action.start())):
            return True
        if _BLOCK.match(plain.rstrip()[-4:]):
            block = indentation
    return False


def without_actions(text: str) -> str:
    """Write other words in place of template actions, and blanks where a line has nothing else."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if "{{" in line:
            fill = "x" if _WHOLE_ACTION.sub("", line).strip() else " "
            parts = _WHOLE_ACTION.split(line)
            lengths = [len(action) for action in _WHOLE_ACTION.findall(line)]
            fills = [fill * length for length in lengths]
            lines[number] = "".join(part for pair in zip(parts, [*fills, ""], strict=True) for part in pair)
    return "\n".join(lines)


def template_reason(file: str) -> str:
    """Say how to render a template."""
    chart = chart_of(file)
    if chart is not None:
        return f"Helm template: render the chart first (helm template {chart} | podproof check -)"
    return "a template with {{ }}, not yet YAML: render it first (helm template CHART | podproof check -)"


def recognise(value: Any, file: str) -> str | None:
    """Give the reason why a document is no Kubernetes object; None when it is one or a piece of one."""
    if isinstance(value, dict):
        version = value.get("apiVersion")
        if version.__class__ is str and version and value.get("kind") and not version.startswith(_KUSTOMIZE):
            return None  # nearly every document
        return _mapping(value, file, os.path.basename(file))
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and "op" in item and "path" in item for item in value):
            return "a JSON patch (as Kustomize uses): not an object: check the result (kustomize build)"
        from ..kube.workload import find_workload

        if find_workload(value) is not None:
            return None
        return (
            "a list at the top level, not a Kubernetes object: separate objects with ---, or use kind: List"
        )
    if value is None:
        return "an empty document"
    return "plain text, not a Kubernetes object (there is no mapping at the top level)"


def is_kustomization(value: Any, file: str) -> bool:
    """Tell a kustomization, which kustomize reads without apiVersion and kind by its file's name."""
    if not isinstance(value, dict):
        return False
    version, kind = value.get("apiVersion"), value.get("kind")
    group = version.partition("/")[0] if isinstance(version, str) else ""
    named = os.path.basename(file) in KUSTOMIZATIONS
    return group == _KUSTOMIZE or (named and not (version and kind))


def is_whole(value: Any) -> bool:
    """Tell an object with apiVersion and kind."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("apiVersion"), str)
        and isinstance(value.get("kind"), str)
    )


def whole_workloads(value: Any) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Give the whole workloads, and Lists, that stand somewhere in YAML that is no object, with their routes.

    Tools take manifests as values of their own: extra objects of a chart, tasks of a playbook, resources of a
    plan. What is in a workload is not looked at again.
    """
    from ..kube.workload import Workload, find_workload, is_list

    stack: list[tuple[Route, Any]] = [((), value)]
    while stack:
        route, node = stack.pop()
        if isinstance(node, dict):
            if route and is_whole(node) and (is_list(node) or isinstance(find_workload(node), Workload)):
                yield route, node
                continue
            stack.extend(((*route, str(key)), node[key]) for key in reversed(node) if node[key])
        elif isinstance(node, list):
            stack.extend(((*route, index), node[index]) for index in range(len(node) - 1, -1, -1))


def holds_manifest(text: str) -> bool:
    """Tell a text in which a manifest stands: in quotes, in a block, behind what is a comment elsewhere."""
    return all(pattern.search(text) for pattern in _KEYS_OF_MANIFEST)


_KEYS_OF_MANIFEST = tuple(pattern(rf"{key}[\"']?\s{{0,9}}:") for key in ("apiVersion", "kind"))

TEXT_OF_MANIFEST = "a manifest that is read as plain text: remove what makes it text (quotes, |, // or /* */)"


def _mapping(value: dict[str, Any], file: str, name: str) -> str | None:
    version, kind = value.get("apiVersion"), value.get("kind")
    if is_kustomization(value, file):
        folder = os.path.dirname(file) or "."
        return f"Kustomization: build it first (kustomize build {folder} | podproof check -)"
    if kind is not None and version is not None:
        return None
    if version is not None and name in HELM_FILES and "name" in value:
        return "the description of a Helm chart: render the chart (helm template CHART | podproof check -)"
    if not value:
        return "an empty mapping, not a Kubernetes object"
    from ..kube.workload import find_workload

    beside = os.path.dirname(file) or "."
    in_chart = any(os.path.isfile(os.path.join(beside, chart)) for chart in HELM_FILES)
    if in_chart and name.startswith("values") and kind is None:
        return "the values of a Helm chart: render the chart (helm template CHART | podproof check -)"
    if find_workload(value) is not None or kind is not None:
        return None
    if name.endswith(".json"):
        known = _JSON_FILES.get(name) or (
            "a JSON schema" if "$schema" in value or "$ref" in value else "JSON without apiVersion and kind"
        )
        return f"{known}: not a Kubernetes object"
    if in_chart and name in ("requirements.yaml", "requirements.lock", "Chart.lock"):
        return "the dependencies of a Helm chart: render the chart (helm template CHART | podproof check -)"
    if "services" in value and ("version" in value or "compose" in name):
        return "a Compose file: not a Kubernetes object"
    if "jobs" in value and ("on" in value or "true" in value):
        return "a GitHub workflow: not a Kubernetes object"
    if name.startswith("values"):
        return "no apiVersion and kind: probably the values of a Helm chart, not a Kubernetes object"
    return "no apiVersion and kind: YAML, but not a Kubernetes object"
