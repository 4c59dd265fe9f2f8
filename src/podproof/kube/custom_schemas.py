"""Learns from CustomResourceDefinitions where their kinds have pods: definitions come in, kinds go out.

A schema that embeds a PodSpec, a PodTemplateSpec or a Container repeats their fields, and is recognised by
them. A schema is read when an object of its kind is met, not before.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .custom_kind import Containers, CustomKind, Field, Path, PodSource
from .fragment import CONTAINER_FIELDS, POD_SPEC_FIELDS
from .names_inside import names_inside
from .workload import group_of

__all__ = ["CustomSchemas", "is_definition", "kinds_defined"]

_OF_CONTAINER = frozenset(("privileged", "allowPrivilegeEscalation", "capabilities"))
_OF_POD = frozenset(("fsGroup", "supplementalGroups", "sysctls"))
_DEEPEST = 100
"""Levels of a schema whose names are looked at before anything else."""
_LISTS = frozenset(("containers", "initContainers", "ephemeralContainers"))


def is_definition(value: Any) -> bool:
    """Tell a CustomResourceDefinition."""
    return (
        isinstance(value, dict)
        and value.get("kind") == "CustomResourceDefinition"
        and group_of(value.get("apiVersion")) == "apiextensions.k8s.io"
    )


class CustomSchemas(Mapping[tuple[str, str], CustomKind]):
    """What definitions say of kinds, by `apiVersion` and kind; kinds whose schema has no pods are absent."""

    def __init__(self) -> None:
        self._schemas: dict[tuple[str, str], Any] = {}
        self._kinds: dict[tuple[str, str], CustomKind | None] = {}

    def add(self, definition: Any) -> None:
        """Take a definition; what has not the shape of one is left out."""
        self._schemas.update(_schemas_in(definition))

    def __getitem__(self, key: tuple[str, str]) -> CustomKind:
        """Give the kind; raises KeyError: no definition says where it has pods."""
        if key not in self._kinds:
            sources = tuple(_sources(self._schemas[key]))
            self._kinds[key] = CustomKind(group_of(key[0]), (key[1],), sources) if sources else None
        kind = self._kinds[key]
        if kind is None:
            raise KeyError(key)
        return kind

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Give the kinds that have pods."""
        return (key for key in self._schemas if key in self)

    def __len__(self) -> int:
        """Count the kinds that have pods."""
        return sum(1 for _ in self)


def kinds_defined(definition: Any) -> Iterator[tuple[str, str]]:
    """Give the `apiVersion` and kind of what a definition says something of."""
    return (key for key, _ in _schemas_in(definition))


def _schemas_in(definition: Any) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    spec = _mapping(_mapping(definition).get("spec"))
    group, kind = spec.get("group"), _mapping(spec.get("names")).get("kind")
    versions = spec.get("versions")
    # apiextensions.k8s.io/v1beta1 has one schema for all versions, or its one version in `version`
    shared = _mapping(spec.get("validation"))
    entries = versions if isinstance(versions, list) else [{"name": spec.get("version")}]
    for version in entries:
        name = _mapping(version).get("name")
        schema = _mapping(_mapping(version).get("schema") or shared).get("openAPIV3Schema")
        if isinstance(kind, str) and isinstance(schema, dict):
            yield (f"{group}/{name}", kind), schema


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _properties(schema: Any) -> dict[str, Any]:
    return _mapping(_mapping(schema).get("properties"))


def _sources(schema: dict[str, Any]) -> Iterator[PodSource]:
    """Walk over a schema; what is a pod or a container is not entered."""
    names = names_inside((schema,), _DEEPEST)
    if names is not None and "image" not in names:
        return  # no container is without one
    stack: list[tuple[Path, Any]] = [
        ((name,), part)
        for name, part in _properties(schema).items()
        if name not in ("apiVersion", "kind", "metadata", "status")
    ]
    while stack:
        path, node = stack.pop()
        if not isinstance(node, dict):
            continue
        source = _source(path, node)
        entered = _properties(node)
        if source is not None:
            yield source[0]
            entered = {name: part for name, part in entered.items() if name not in source[1]}
        stack.extend(((*path, name), part) for name, part in entered.items())
        stack.extend(((*path, "*"), node[name]) for name in ("items", "additionalProperties") if name in node)


def _source(path: Path, node: dict[str, Any]) -> tuple[PodSource, frozenset[str]] | None:
    """Recognise what makes a pod; gives with it the fields that belong to the pod."""
    properties = _properties(node)
    if _is_pod_spec(_properties(properties.get("spec"))):
        own = tuple(name for name in _properties(properties["spec"]) if name not in POD_SPEC_FIELDS)
        return PodSource(path, own_fields=own), frozenset(("metadata", "spec"))
    if _is_pod_spec(properties):
        own = tuple(name for name in properties if name not in POD_SPEC_FIELDS)
        return PodSource(path, form="spec", own_fields=own), frozenset(properties)
    containers = tuple(_containers(properties))
    if not containers:
        return None
    fields = tuple(_pod_fields(properties, itself=containers[0].path == ()))
    names = {container.path[0] for container in containers if container.path} | {
        field[1][0] for field in fields
    }
    if containers[0].path == ():
        names |= CONTAINER_FIELDS
    return PodSource(path, form="parts", containers=containers, fields=fields), frozenset(names)


def _is_pod_spec(properties: dict[str, Any]) -> bool:
    """Tell a PodSpec: it has containers, and most of its fields are those of a PodSpec."""
    containers = _properties(_mapping(properties.get("containers")).get("items"))
    known = sum(name in POD_SPEC_FIELDS for name in properties)
    return "image" in containers and known >= 3 and known * 4 >= len(properties) * 3


def _is_container(schema: Any) -> bool:
    properties = _properties(schema)
    context = _properties(properties.get("securityContext"))
    return "image" in properties and not _OF_CONTAINER.isdisjoint(context)


def _containers(properties: dict[str, Any]) -> Iterator[Containers]:
    """Give the containers among the fields of a type; the type itself may be one, with fields of its own."""
    if _is_container({"properties": properties}):
        yield Containers((), only=tuple(sorted(CONTAINER_FIELDS)), name="container")
    for name, part in properties.items():
        many = _mapping(part).get("items")
        schema = part if many is None else many
        if _is_container(schema):
            own = tuple(field for field in _properties(schema) if field not in CONTAINER_FIELDS)
            yield Containers(
                (name,),
                many=many is not None,
                to="initContainers" if name.lower().startswith("init") else "containers",
                name="container" if many is None else "container-{}",
                own_fields=own,
            )


def _pod_fields(properties: dict[str, Any], *, itself: bool) -> Iterator[Field]:
    """Give the pod's fields among those of a type; `itself`: the type is its container too."""
    for name, part in properties.items():
        if name[-15:].lower() == "securitycontext":
            if not _OF_POD.isdisjoint(_properties(part)):
                yield "securityContext", (name,)
        elif name in POD_SPEC_FIELDS and name not in _LISTS and not (itself and name in CONTAINER_FIELDS):
            yield name, (name,)
