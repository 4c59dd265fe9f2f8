"""A container's environment, command and arguments: the spec and the objects it refers to go in.

Source: kubernetes pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables; pkg/kubelet/container/helpers.go.
"""

from base64 import b64decode
from collections import ChainMap
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..kube.go_format import quote
from .expansion import MAX_EXPANDED, ConfigProblem, expand, expand_with
from .fields import DownwardValues, FieldProblem, field_value, resource_value
from .objects import Objects, namespace_of

__all__ = ["ConfigProblem", "config_map_data", "environment", "expand_all", "expand_sub_path", "secret_data"]


def secret_data(secret: Mapping[str, Any]) -> dict[str, bytes]:
    """Decode a Secret's `data`, with `stringData` over it as the API server writes it."""
    data = {key: b64decode(value or "") for key, value in (secret.get("data") or {}).items()}
    for key, value in (secret.get("stringData") or {}).items():
        data[key] = (value or "").encode()
    return data


def config_map_data(config_map: Mapping[str, Any]) -> dict[str, bytes]:
    """Give a ConfigMap's files: `data` as UTF-8, `binaryData` decoded."""
    data = {key: (value or "").encode() for key, value in (config_map.get("data") or {}).items()}
    for key, value in (config_map.get("binaryData") or {}).items():
        data[key] = b64decode(value or "")
    return data


def environment(
    container: Mapping[str, Any],
    pod: Mapping[str, Any],
    objects: Objects,
    downward: DownwardValues,
    services: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Build the variables: envFrom first, then env in its order, which sees what stands before it.

    `services` are the variables of Services, which come last and replace none.
    Raises ConfigProblem: an object or a key that is not optional is missing; or all values together have more
    than `MAX_EXPANDED` characters.
    """
    namespace = namespace_of(pod)
    variables: dict[str, str] = {}
    known = ChainMap(variables, dict(services))
    size = 0
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        for key, text in _all_of(source, namespace, objects).items():
            variables[prefix + key] = text
            size = _add_up(size, prefix + text, "environment variables have")
    for variable in container.get("env") or ():
        value = _value(variable, container, pod, objects, downward, known)
        if value is not None:
            variables[str(variable.get("name") or "")] = value
            size = _add_up(size, value, "environment variables have")
    for name, value in services.items():
        variables.setdefault(name, value)
    return variables


def _add_up(size: int, text: str, who: str) -> int:
    size += len(text)
    if size > MAX_EXPANDED:
        raise ConfigProblem(f"{who} more than {MAX_EXPANDED} characters, which no runtime takes")
    return size


def _value(
    variable: Mapping[str, Any],
    container: Mapping[str, Any],
    pod: Mapping[str, Any],
    objects: Objects,
    downward: DownwardValues,
    variables: Mapping[str, str],
) -> str | None:
    written = variable.get("value") or ""
    source = variable.get("valueFrom")
    if written or not source:
        return expand(written, variables)
    try:
        if source.get("fieldRef"):
            return field_value(source["fieldRef"].get("fieldPath") or "", pod, downward)
        if source.get("resourceFieldRef"):
            return resource_value(source["resourceFieldRef"], container, pod, downward)
    except FieldProblem as problem:
        raise ConfigProblem(str(problem)) from problem
    for field, kind, read in (
        ("configMapKeyRef", "ConfigMap", _config_map_text),
        ("secretKeyRef", "Secret", _secret_text),
    ):
        reference = source.get(field)
        if reference is None:
            continue
        namespace, name = namespace_of(pod), reference.get("name") or ""
        key, optional = reference.get("key") or "", reference.get("optional") is True
        referenced = objects.find(kind, namespace, name)
        if referenced is None:
            if optional:
                return None
            raise ConfigProblem(_not_found(kind, name))
        data = read(_only(referenced, key))
        if key in data:
            return data[key]
        if optional:
            return None
        raise ConfigProblem(f"couldn't find key {key} in {kind} {namespace}/{name}")
    return ""


def _only(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Leave one key of a ConfigMap or Secret: thousands of variables may each be one key of a large one."""
    fields = ((field, value.get(field) or {}) for field in ("data", "stringData"))
    return {field: {key: entries[key]} for field, entries in fields if key in entries}


def _all_of(source: Mapping[str, Any], namespace: str, objects: Objects) -> dict[str, str]:
    for field, kind, read in (
        ("configMapRef", "ConfigMap", _config_map_text),
        ("secretRef", "Secret", _secret_text),
    ):
        reference = source.get(field)
        if reference is None:
            continue
        name = reference.get("name") or ""
        referenced = objects.find(kind, namespace, name)
        if referenced is not None:
            return read(referenced)
        if reference.get("optional") is not True:
            raise ConfigProblem(_not_found(kind, name))
    return {}


def _config_map_text(config_map: Mapping[str, Any]) -> dict[str, str]:
    return {key: value or "" for key, value in (config_map.get("data") or {}).items()}


def _secret_text(secret: Mapping[str, Any]) -> dict[str, str]:
    return {key: value.decode("utf-8", "surrogateescape") for key, value in secret_data(secret).items()}


def _not_found(kind: str, name: str) -> str:
    return f"{kind.lower()} {quote(name)} not found"


def expand_all(words: Iterable[str | None], variables: Mapping[str, str]) -> tuple[str, ...]:
    """Expand a command or its arguments. Raises ConfigProblem: they get longer than `MAX_EXPANDED`."""
    expanded: list[str] = []
    size = 0
    for word in words:
        expanded.append(expand(word or "", variables))
        size = _add_up(size, expanded[-1], "command and arguments have")
    return tuple(expanded)


def expand_sub_path(text: str, variables: Mapping[str, str]) -> str:
    """Expand a subPathExpr, whose variables must all have a value. Raises ConfigProblem naming the others."""
    missing: set[str] = set()

    def value_of(name: str) -> str:
        value = variables.get(name, "")
        if not value:
            missing.add(name)
        return value

    expanded = expand_with(text, value_of)
    if missing:
        raise ConfigProblem(f"missing value for {', '.join(sorted(missing))}")
    return expanded
