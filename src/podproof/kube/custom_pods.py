"""Makes the pods of a custom resource by the catalogue: an object comes in, pods with their routes go out.

Each field of a pod keeps the route where it was written, whether beside the containers or apart from them.
Nothing is validated here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from ..manifest.route import Route
from ..registry import members
from .custom_kind import Containers, CustomKind, CustomProject, Field, Path, PodSource
from .template import Template

__all__ = ["all_projects", "custom_kind", "custom_templates", "walk"]

Prefixes = list[tuple[Route, Route]]

_NEUTRAL: dict[str, Any] = {
    "image": "controller",
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}
"""A container that does its own part for every level, so that only what is written around it is judged."""

_LABELS = ("labels", "annotations")


@cache
def all_projects() -> tuple[CustomProject, ...]:
    """Return the whole catalogue, sorted by module name."""
    from . import custom

    return members(custom, "PROJECT", CustomProject)


@cache
def _catalogue() -> dict[tuple[str, str], tuple[CustomKind, ...]]:
    """Map group and kind to what the catalogue says of them."""
    kinds: dict[tuple[str, str], tuple[CustomKind, ...]] = {}
    for project in all_projects():
        for entry in project.kinds:
            for kind in entry.kinds:
                kinds[entry.group, kind] = (*kinds.get((entry.group, kind), ()), entry)
    return kinds


def custom_kind(api_version: str, kind: str) -> CustomKind | None:
    """Look a kind up; None: the catalogue does not have it in this version."""
    group, _, version = api_version.rpartition("/")
    known = _catalogue()
    for entry in known.get((group, kind)) or known.get((group, "*"), ()):
        if not entry.versions or version in entry.versions:
            return entry
    return None


def custom_templates(
    value: dict[str, Any], kind: CustomKind, find: Callable[[dict[str, Any]], Iterable[Template]]
) -> Iterator[Template]:
    """Make the pods of an object, source by source; a source that says nothing of a pod makes none.

    `find` finds the pods of a whole object that stands inside of this one.
    """
    for source in kind.pods:
        for route, holder in walk(value, source.path):
            if not isinstance(holder, dict):
                continue
            if source.form == "object":
                for inside in find(holder):
                    yield _embedded(inside, route, kind.placeholder)
                continue
            template = _PodMaker(value, source, holder, route).make()
            if template is not None:
                yield msgspec.structs.replace(template, placeholder=kind.placeholder)


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


def _embedded(template: Template, route: Route, placeholder: str) -> Template:
    """Count a pod's routes from the object around the one that makes it."""
    return Template(
        template.pod,
        route + template.route,
        tuple((inner, route + outer) for inner, outer in template.prefixes),
        (*(route + outer for outer in template.read), route + template.route),
        template.filled_in,
        placeholder,
    )


class _PodMaker:
    """Puts one pod together, and notes where each part of it was written."""

    def __init__(self, value: dict[str, Any], source: PodSource, holder: dict[str, Any], at: Route) -> None:
        self.value = value
        self.source = source
        self.holder = holder
        self.at = at
        self.spec: dict[str, Any] = {}
        self.prefixes: Prefixes = []
        self.read: list[Route] = []
        self.filled_in: list[str] = []
        self.neutral = _NEUTRAL
        self.places: dict[str, Route] = {}
        """Where each field of the spec that lies apart is, or would be."""

    def make(self) -> Template | None:
        """Make the pod; None: nothing is said about one here."""
        source, route = self.source, self.at
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
        self.prefixes.append(((), self.at))
        self.prefixes.sort(key=lambda pair: -len(pair[0]))
        return Template(pod, self.at, tuple(self.prefixes), tuple(self.read), tuple(self.filled_in))

    def _add_parts(self) -> None:
        for part in self.source.containers:
            self._add_containers(part)
        for field in self.source.fields:
            self._add_field(field, self.holder, self.at)
        for field in self.source.shared:
            self._add_field(field, self.value, ())

    def _finish(self) -> bool:
        """Fill in what the controller writes; false when there is no pod to speak of."""
        if self.source.written:
            if not self.spec:
                return False
            self._fill_in()
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
        for at, found in walk(self.holder, (*part.path, "*") if part.many else part.path, self.at):
            if not isinstance(found, dict) or (part.not_if and found.get(part.not_if)):
                continue
            container = {
                key: item
                for key, item in found.items()
                if (key in part.only if part.only else key not in part.own_fields)
            }
            if part.only and not container and not part.always:
                continue
            where: Route = ("spec", part.to, len(containers))
            if part.name:
                container.setdefault("name", part.name.format(len(containers)))
            self.prefixes.append((where, at))
            self.read += [(*at, key) for key in container] if part.only else [at]
            if part.defaults is not None:
                value, base = (self.value, ()) if part.shared_defaults else (self.holder, self.at)
                for beside, defaults in walk(value, part.defaults, base):
                    if isinstance(defaults, dict):
                        if part.only:
                            defaults = {key: held for key, held in defaults.items() if key in part.only}
                        self.read += [(*beside, key) for key in defaults]
                        container = self._merged(defaults, container, where, beside)
            containers.append(container)
        if containers:
            self.spec[part.to] = containers

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
                self._join(found, [(*at, index) for index in range(len(found))])
            elif "." in name:
                outer, _, inner = name.partition(".")
                self.spec[outer] = {inner: found, **self.spec.get(outer, {})}
                self.prefixes.append((("spec", outer, inner), at))
            elif self.spec.get(name) is None:
                self.spec[name] = found
                self.places[name] = at

    def _join(self, volumes: list[Any], at: list[Route]) -> None:
        known = self.spec.get("volumes")
        joined = list(known) if isinstance(known, list) else []
        for volume, route in zip(volumes, at, strict=True):
            self.prefixes.append((("spec", "volumes", len(joined)), route))
            joined.append(volume)
        self.spec["volumes"] = joined

    def _volume_names(self) -> set[Any]:
        volumes = self.spec.get("volumes")
        return {
            volume["name"]
            for volume in (volumes if isinstance(volumes, list) else ())
            if isinstance(volume, dict) and isinstance(volume.get("name"), str)
        }

    def _add_claims(self, path: Path) -> None:
        """Add the volume that the controller makes for each claim template, unless one has its name."""
        taken = self._volume_names()
        for at, claim in walk(self.value, (*path, "*")):
            metadata = claim.get("metadata") if isinstance(claim, dict) else None
            name = metadata.get("name") if isinstance(metadata, dict) else None
            if isinstance(name, str) and name not in taken:
                taken.add(name)
                self._join([{"name": name, "persistentVolumeClaim": {"claimName": name}}], [at])

    def _containers(self) -> Iterator[dict[str, Any]]:
        for name in ("initContainers", "containers"):
            containers = self.spec.get(name)
            for container in containers if isinstance(containers, list) else ():
                if isinstance(container, dict):
                    yield container

    def _add_volumes(self) -> None:
        """Add an empty volume for each mount whose volume the controller adds."""
        taken = self._volume_names()
        missing: dict[str, None] = {}
        for container in self._containers():
            mounts = container.get("volumeMounts")
            for mount in mounts if isinstance(mounts, list) else ():
                name = mount.get("name") if isinstance(mount, dict) else None
                if isinstance(name, str) and name not in taken:
                    missing[name] = None
        if missing:
            self._join([{"name": name, "emptyDir": {}} for name in missing], [self.at] * len(missing))

    def _fill_in(self) -> None:
        """Give neutral values to the containers whose image the controller writes."""
        if self.source.context and self.spec.get("securityContext") is not None:
            self.neutral = {**_NEUTRAL, "securityContext": dict(self.source.context)}
        for name in ("initContainers", "containers"):
            containers = self.spec.get(name)
            if isinstance(containers, list):
                self.spec[name] = [self._filled_in(container) for container in containers]
        if not self.spec.get("containers"):
            name = self.source.written[0]
            self.spec["containers"] = [{"name": name, **self.neutral}]
            self.filled_in.append(name)

    def _filled_in(self, container: Any) -> Any:
        if not isinstance(container, dict) or container.get("image") is not None:
            return container
        name = container.get("name")
        self.filled_in.append(name if isinstance(name, str) else self.source.written[0])
        neutral = {**self.neutral, "name": self.filled_in[-1]}
        context = container.get("securityContext")
        if isinstance(context, dict):
            container = {**container, "securityContext": _over_neutral(context, self.neutral)}
        return {**neutral, **{key: held for key, held in container.items() if held is not None}}


def _over_neutral(context: dict[str, Any], neutral: dict[str, Any]) -> dict[str, Any]:
    """Lay what is written of a security context over the neutral one, without making it contradict itself."""
    over: dict[str, Any] = {**neutral["securityContext"], **context}
    capabilities = context.get("capabilities")
    added = None
    if isinstance(capabilities, dict):
        over["capabilities"] = {**neutral["securityContext"]["capabilities"], **capabilities}
        added = capabilities.get("add")
    # The API server refuses these two together with allowPrivilegeEscalation: false.
    contradicts = context.get("privileged") or (isinstance(added, list) and "CAP_SYS_ADMIN" in added)
    if contradicts and "allowPrivilegeEscalation" not in context:
        del over["allowPrivilegeEscalation"]
    return over
