"""Makes the pods of a custom resource by the catalogue: an object comes in, pods with their routes go out.

Each field of a pod keeps the route where it was written, whether beside the containers or apart from them.
Nothing is validated here.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from ..manifest.route import Route
from ..registry import members
from .custom_kind import Containers, CustomKind, CustomProject, Path, PodSource
from .template import Template

__all__ = ["custom_kind", "custom_templates"]

Prefixes = list[tuple[Route, Route]]

_JOINED = ("volumes",)
"""Lists of a pod's spec to which every level adds."""


@cache
def _catalogue() -> dict[tuple[str, str], tuple[CustomKind, ...]]:
    """Map group and kind to what the catalogue says of them."""
    from . import custom

    kinds: dict[tuple[str, str], tuple[CustomKind, ...]] = {}
    for project in members(custom, "PROJECT", CustomProject):
        for entry in project.kinds:
            for kind in entry.kinds:
                kinds[entry.group, kind] = (*kinds.get((entry.group, kind), ()), entry)
    return kinds


def custom_kind(api_version: str, kind: str) -> CustomKind | None:
    """Look a kind up; None: the catalogue does not have it in this version."""
    group, _, version = api_version.rpartition("/")
    for entry in _catalogue().get((group, kind), ()):
        if not entry.versions or version in entry.versions:
            return entry
    return None


def custom_templates(value: dict[str, Any], kind: CustomKind) -> Iterator[Template]:
    """Make the pods of an object, in the order of the text; a source without containers makes none."""
    for source in kind.pods:
        for route, holder in walk(value, source.path):
            if isinstance(holder, dict):
                template = _template(value, source, holder, route)
                if template is not None:
                    yield template


def walk(value: Any, path: Path, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Follow a path; gives every place where it leads, with its route."""
    if not path:
        yield route, value
        return
    step, rest = path[0], path[1:]
    if step == "*":
        items = (
            enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
        )
        for key, item in items:
            yield from walk(item, rest, (*route, key))
    elif isinstance(value, dict) and step in value:
        yield from walk(value[step], rest, (*route, step))


def _template(
    value: dict[str, Any], source: PodSource, holder: dict[str, Any], route: Route
) -> Template | None:
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}
    prefixes: Prefixes = []
    metadata = next((found for _, found in walk(holder, source.metadata)), None)
    if isinstance(metadata, dict):
        pod["metadata"] = metadata
        prefixes.append((("metadata",), (*route, *source.metadata)))
    spec: Any
    if source.form == "parts":
        spec = {}
        _add_containers(spec, source.containers, holder, route, prefixes)
        if "containers" not in spec:
            return None
    else:
        where = (*route, "spec") if source.form == "template" else route
        found = holder.get("spec") if source.form == "template" else holder
        spec = dict(found) if isinstance(found, dict) else found
        if isinstance(spec, dict) and "containers" not in spec:
            return None
    if isinstance(spec, dict):
        for name, path in source.fields.items():
            _add(spec, name, holder, path, route, prefixes)
        for name, path in source.shared.items():
            _add(spec, name, value, path, (), prefixes)
        if source.claims is not None:
            _add_claims(spec, value, source.claims, prefixes)
    if source.form != "parts":
        prefixes.append((("spec",), where))
    pod["spec"] = spec
    prefixes.append(((), route))
    prefixes.sort(key=lambda pair: -len(pair[0]))
    return Template(pod, route, tuple(prefixes))


def _add_containers(
    spec: dict[str, Any],
    parts: tuple[Containers, ...],
    holder: dict[str, Any],
    route: Route,
    prefixes: Prefixes,
) -> None:
    for part in parts:
        for at, found in walk(holder, (*part.path, "*") if part.many else part.path, route):
            if not isinstance(found, dict):
                continue
            container = {key: item for key, item in found.items() if key not in part.own_fields}
            if part.name:
                container.setdefault("name", part.name)
            containers = spec.setdefault(part.to, [])
            prefixes.append((("spec", part.to, len(containers)), at))
            containers.append(container)


def _add(spec: dict[str, Any], name: str, value: Any, path: Path, base: Route, prefixes: Prefixes) -> None:
    """Put a field that lies apart into the spec, unless the spec has it; lists of volumes are joined."""
    for at, found in walk(value, path, base):
        if found is None:
            continue
        if name in _JOINED and isinstance(found, list):
            _join(spec, name, found, at, prefixes)
        elif spec.get(name) is None:
            spec[name] = found
            prefixes.append((("spec", name), at))


def _join(spec: dict[str, Any], name: str, items: list[Any], at: Route, prefixes: Prefixes) -> None:
    joined = spec.get(name)
    joined = list(joined) if isinstance(joined, list) else []
    for index, item in enumerate(items):
        prefixes.append((("spec", name, len(joined)), (*at, index)))
        joined.append(item)
    spec[name] = joined


def _add_claims(spec: dict[str, Any], value: Any, path: Path, prefixes: Prefixes) -> None:
    """Add the volume that a controller makes for each claim template, unless one has its name."""
    volumes = spec.get("volumes")
    taken = {volume.get("name") for volume in volumes or () if isinstance(volume, dict)}
    for at, claim in walk(value, (*path, "*")):
        metadata = claim.get("metadata") if isinstance(claim, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if isinstance(name, str) and name not in taken:
            _join(
                spec, "volumes", [{"name": name, "persistentVolumeClaim": {"claimName": name}}], at[:-1], []
            )
            prefixes.append((("spec", "volumes", len(spec["volumes"]) - 1), at))
