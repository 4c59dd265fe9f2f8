"""Makes the pods of a custom resource by the catalogue: an object comes in, pods with their routes go out.

Each field of a pod keeps the route where it was written, whether beside the containers or apart from them.
Nothing is validated here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import msgspec

from ..manifest.route import Route
from ..registry import members
from .custom_kind import Chosen, Containers, CustomKind, CustomProject, Field, Path, PodSource
from .custom_paths import walk
from .layered import layer
from .template import Template
from .written_containers import fill_in

__all__ = ["all_projects", "custom_kind", "custom_templates", "embedded"]

Prefixes = list[tuple[Route, Route]]

_LABELS = ("labels", "annotations")


@cache
def all_projects() -> tuple[CustomProject, ...]:
    """Return the whole catalogue, sorted by module name."""
    from . import custom

    return members(custom, "PROJECT", CustomProject)


@cache
def _of_group(group: str) -> dict[str, tuple[CustomKind, ...]]:
    """Map the kinds of an API group to what the catalogue says of them; only its own files are loaded."""
    from . import custom

    kinds: dict[str, tuple[CustomKind, ...]] = {}
    for name in custom.GROUPS.get(group, ()):
        project: CustomProject = import_module(f"{custom.__name__}.{name}").PROJECT
        for entry in project.kinds:
            for kind in entry.kinds if entry.group == group else ():
                kinds[kind] = (*kinds.get(kind, ()), entry)
    return kinds


def custom_kind(api_version: str, kind: str) -> CustomKind | None:
    """Look a kind up; None: the catalogue does not have it in this version."""
    group, _, version = api_version.rpartition("/")
    kinds = _of_group(group)
    for entry in kinds.get(kind) or kinds.get("*", ()):
        if not entry.versions or version in entry.versions:
            return entry
    return None


def custom_templates(
    value: dict[str, Any], kind: CustomKind, find: Callable[[dict[str, Any]], Iterable[Template]]
) -> Iterator[Template]:
    """Make the pods of an object, source by source; a source that says nothing of a pod makes none.

    `find` finds the pods of a whole object that stands inside of this one.
    """
    shared = _Shared(value)
    for source in kind.pods:
        for route, holder in _holders(value, source):
            if not isinstance(holder, dict):
                continue
            if source.form == "object":
                for inside in find(holder):
                    yield embedded(inside, route, kind.placeholder)
                continue
            template = _PodMaker(shared, source, holder, route).make()
            if template is not None:
                yield msgspec.structs.replace(template, placeholder=kind.placeholder)


def _holders(value: Any, source: PodSource) -> Iterator[tuple[Route, Any]]:
    """Give the places of a source; where it has none, its base counts alone."""
    found = False
    for route, holder in walk(value, source.path):
        found = found or isinstance(holder, dict)
        yield route, holder
    if not found and source.base is not None:
        yield from walk(value, source.base)


def embedded(template: Template, route: Route, placeholder: str = "") -> Template:
    """Count a pod's routes from the object around the one that makes it."""
    return Template(
        template.pod,
        route + template.route,
        tuple((inner, route + outer) for inner, outer in template.prefixes),
        tuple(route + outer for outer in template.read or (template.route,)),
        template.filled_in,
        placeholder or template.placeholder,
    )


class _Shared:
    """An object, and what its pods take from it by name: looked up once for all of them."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self._named: dict[Path, dict[str, tuple[Route, Any]]] = {}

    def named(self, path: Path, *name: str) -> dict[str, tuple[Route, Any]]:
        """Map the names of a list's items, at `name` of each, to their routes and themselves."""
        if path not in self._named:
            known = self._named[path] = {}
            for at, item in walk(self.value, (*path, "*")):
                for _, found in walk(item, name):
                    if isinstance(found, str):
                        known.setdefault(found, (at, item))
        return self._named[path]


class _PodMaker:
    """Puts one pod together, and notes where each part of it was written."""

    def __init__(self, shared: "_Shared", source: PodSource, holder: dict[str, Any], at: Route) -> None:
        self.named = shared.named
        self.value = shared.value
        self.source = source
        self.holder = holder
        self.at = at
        self.spec: dict[str, Any] = {}
        self.prefixes: Prefixes = []
        self.read: list[Route] = []
        self.filled_in: list[str] = []
        self.own_volumes = False
        self.places: dict[str, Route] = {}
        """Where each field of the spec that lies apart is, or would be."""

    def make(self) -> Template | None:
        """Make the pod; None: nothing is said about one here."""
        source, route = self.source, self.at
        if source.base is not None:
            self._lay_over(source.base)
        pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}
        self._metadata(pod)
        spec: Any = self.spec
        if source.form != "parts":
            route = (*route, "spec") if source.form == "template" else route
            written = self.holder.get("spec") if source.form == "template" else self.holder
            if isinstance(written, dict):
                self.spec.update((key, held) for key, held in written.items() if key not in source.own_fields)
            elif written is not None:
                spec = written
            self.read.append(route)
            self.prefixes.append((("spec",), route))
        self._add_parts()
        if isinstance(spec, dict) and not self._finish():
            return None
        pod["spec"] = spec
        apart = (name for name in self.places if name != "volumes")
        self.prefixes += [(("spec", name), self.places[name]) for name in apart]
        if source.form == "template":
            self.prefixes.append(((), self.at))
        self.prefixes.sort(key=lambda pair: -len(pair[0]))
        return Template(pod, self.at, tuple(self.prefixes), tuple(self.read), tuple(self.filled_in))

    def _lay_over(self, path: Path) -> None:
        """Lay the template over the one that the object has for several pods."""
        by_name = any(flag in (True, "true") for _, flag in walk(self.value, self.source.by_name or ("",)))
        for at, base in walk(self.value, path):
            if at != self.at and isinstance(base, dict):
                over = (self.holder, self.at)
                self.holder = layer((base, at), over, (), self.prefixes, by_name=by_name)
                self.prefixes.remove(((), self.at))
                self.read += [(*at, name) for name in ("metadata", "spec")]

    def _add_parts(self) -> None:
        for part in self.source.containers:
            self._add_containers(part)
        if self.source.chosen is not None:
            self._add_chosen(self.source.chosen)
        for field in self.source.fields:
            self._add_field(field, self.holder, self.at)
        for field in self.source.shared:
            if field[0] == "volumes" and self.source.if_mounted:
                self._add_mounted(field[1])
            else:
                self._add_field(field, self.value, ())

    def _add_chosen(self, chosen: Chosen) -> None:
        """Take fields from the item of a list that names what the pod is for."""
        around: Any = self.value
        for step in self.at[:-1]:
            around = around[step]
        name = _name_of(around)
        for at, item in walk(self.value, (*chosen.path, "*")):
            if not isinstance(item, dict) or not name or item.get(chosen.key) != name:
                continue
            for field in chosen.fields:
                for _, found in walk(item, field[1]):
                    if found is not False:
                        self._add_field(field, item, at)

    def _add_mounted(self, path: Path) -> None:
        known = self.named(path, "name")
        for name in sorted(self._mounted() - self._volume_names()):
            if name in known:
                at, volume = known[name]
                self._join(volume, at)
                self.read.append(at)

    def _finish(self) -> bool:
        """Fill in what the controller writes; false when there is no pod to speak of."""
        if self.source.written:
            if not self.spec and not self.source.context_is_whole:
                return False
            self.filled_in += fill_in(self.spec, self.source)
        elif not self.spec.get("containers"):
            return False
        if self.source.claims is not None:
            self._add_claims(self.source.claims)
        if self.source.adds_volumes or self.filled_in:
            self._add_volumes()
        return True

    def _metadata(self, pod: dict[str, Any]) -> None:
        source = self.source
        own = next((found for _, found in walk(self.holder, source.metadata)), None)
        if isinstance(own, dict):
            pod["metadata"] = own
            self.prefixes.append((("metadata",), (*self.at, *source.metadata)))
        if source.shared_metadata is None:
            return
        for name in _LABELS:
            for at, shared in walk(self.value, (*source.shared_metadata, name)):
                metadata = pod.get("metadata", {})
                mine = metadata.get(name) or {}
                if not isinstance(shared, dict) or not isinstance(mine, dict):
                    continue
                pod["metadata"] = {**metadata, name: {**shared, **mine}}
                self.prefixes += [(("metadata", name, key), (*at, key)) for key in shared if key not in mine]

    def _add_containers(self, part: Containers) -> None:
        written = self.spec.get(part.to)
        containers = list(written) if isinstance(written, list) else []
        own = {name: index for index, one in enumerate(containers) if (name := _name_of(one))}
        value, base = (self.value, ()) if part.shared else (self.holder, self.at)
        for at, found in walk(value, (*part.path, "*") if part.many else part.path, base):
            if not isinstance(found, dict) or (part.not_if and found.get(part.not_if)):
                continue
            container = {
                key: item
                for key, item in found.items()
                if (key in part.only if part.only else key not in part.own_fields)
            }
            if part.only and not container and not part.always:
                continue
            self.read += [(*at, key) for key in container] if part.only else [at]
            index = own.get(_name_of(container)) if part.same_name else None
            if index is not None:
                if part.same_name == "fills":
                    containers[index] = self._filled(containers[index], container, (part.to, index), at)
                continue
            where: Route = ("spec", part.to, len(containers))
            if part.prefix and (name := _name_of(container)):
                container["name"] = part.prefix + name
            if part.name:
                container.setdefault("name", part.name.format(len(containers)))
            self.prefixes.append((where, at))
            containers.append(self._with_defaults(part, container, where))
        if containers:
            self.spec[part.to] = containers

    def _with_defaults(self, part: Containers, container: dict[str, Any], where: Route) -> dict[str, Any]:
        """Merge a container over its defaults, wherever they stand."""
        if part.defaults is None:
            return container
        value, base = (self.value, ()) if part.shared_defaults else (self.holder, self.at)
        kept = part.default_fields or part.only
        for beside, defaults in walk(value, part.defaults, base):
            if isinstance(defaults, dict):
                if kept:
                    defaults = {key: held for key, held in defaults.items() if key in kept}
                self.read += [(*beside, key) for key in defaults]
                container = self._merged(defaults, container, where, beside)
        return container

    def _filled(
        self, container: dict[str, Any], more: dict[str, Any], inside: tuple[str, int], at: Route
    ) -> dict[str, Any]:
        """Give a container the fields that only another of its name has; lists of mounts are joined."""
        whole = {key: held for key, held in more.items() if not isinstance(container.get(key), dict)}
        return self._merged(whole, container, ("spec", *inside), at)

    def _merged(
        self, base: Mapping[str, Any], over: dict[str, Any], inner: Route, outer: Route
    ) -> dict[str, Any]:
        """Merge mappings; what only the base has keeps its route."""
        merged = dict(over)
        for key, held in base.items():
            mine = over.get(key)
            if mine is None:
                merged[key] = held
                self.prefixes.append(((*inner, key), (*outer, key)))
            elif isinstance(mine, dict) and isinstance(held, dict):
                merged[key] = self._merged(held, mine, (*inner, key), (*outer, key))
            elif key in ("env", "volumeMounts") and isinstance(mine, list) and isinstance(held, list):
                merged[key] = [*mine, *held]
                self.prefixes += [
                    ((*inner, key, len(mine) + index), (*outer, key, index)) for index in range(len(held))
                ]
        return merged

    def _add_field(self, field: Field, value: Any, base: Route) -> None:
        """Put a field that lies apart into the spec, unless the spec has it; lists of volumes are joined."""
        name, path = field
        if "*" not in path and "." not in name and name not in self.spec:
            self.places.setdefault(name, (*base, *path))
        for at, found in walk(value, path, base):
            if found is None:
                continue
            self.read.append(at)
            if name == "volumes" and isinstance(found, list):
                for index, volume in enumerate(found):
                    self._join(volume, (*at, index))
            elif "." in name:
                outer, _, inner = name.partition(".")
                self.spec[outer] = {inner: found, **self.spec.get(outer, {})}
                self.prefixes.append((("spec", outer, inner), at))
            elif self.spec.get(name) is None:
                self.spec[name] = found
                self.places[name] = at

    def _join(self, volume: Any, at: Route) -> None:
        if not self.own_volumes:
            known = self.spec.get("volumes")
            self.own_volumes = True  # a list of the document is never changed
            self.spec["volumes"] = list(known) if isinstance(known, list) else []
        volumes = self.spec["volumes"]
        self.prefixes.append((("spec", "volumes", len(volumes)), at))
        volumes.append(volume)

    def _volume_names(self) -> set[str]:
        volumes = self.spec.get("volumes")
        return {_name_of(volume) for volume in (volumes if isinstance(volumes, list) else ())}

    def _add_claims(self, path: Path) -> None:
        """Add the volume that the controller makes for each claim template that is mounted."""
        known = self.named(path, "metadata", "name")
        for name in sorted(self._mounted() - self._volume_names()):
            if name in known:
                claim = f"{_name_of(self.value.get('metadata'))}-{name}"
                self._join({"name": name, "persistentVolumeClaim": {"claimName": claim}}, known[name][0])

    def _mounted(self) -> frozenset[str]:
        """Give the names of the volumes that containers mount."""
        mounts = [
            mount
            for container in self._containers()
            if isinstance(container.get("volumeMounts"), list)
            for mount in container["volumeMounts"]
        ]
        return frozenset(name for mount in mounts if (name := _name_of(mount)))

    def _containers(self) -> Iterator[dict[str, Any]]:
        for name in ("initContainers", "containers"):
            containers = self.spec.get(name)
            for container in containers if isinstance(containers, list) else ():
                if isinstance(container, dict):
                    yield container

    def _add_volumes(self) -> None:
        """Add an empty volume for each mount whose volume the controller adds."""
        for name in sorted(self._mounted() - self._volume_names()):
            self._join({"name": name, "emptyDir": {}}, self.at)


def _name_of(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""
