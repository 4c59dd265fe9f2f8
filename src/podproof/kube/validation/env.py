"""Environment variables and where their values come from.

Variables come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidateEnv, ValidateEnvFrom, validateFileKeyRefVolumes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, invalid, not_found, required
from ..visit import visit_mappings
from .downward_api import ENV_FIELDS, validate_field_selector, validate_resource_selector
from .formats import (
    config_map_key,
    dns_label,
    dns_subdomain,
    environment_name,
    name_prefix,
    strict_environment_name,
    valid_environment_names,
)
from .paths import validate_no_backsteps

_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def validate_env(errors: Errors, variables: Sequence[Mapping[str, Any]] | None, route: Route) -> None:
    """Judge `env`."""
    faults_of = _name_rule(errors)
    valid: Collection[str | None] = valid_environment_names if faults_of is environment_name else ()
    for index, variable in enumerate(variables or ()):
        name = variable.get("name")
        if name in valid:
            pass
        elif not name:
            required(errors, (*route, index, "name"))
        else:
            for fault in faults_of(name):
                invalid(errors, (*route, index, "name"), name, fault)
        if "valueFrom" in variable and variable["valueFrom"] is not None:
            _validate_value_from(errors, variable, (*route, index, "valueFrom"))


def _name_rule(errors: Errors) -> Callable[[str], tuple[str, ...]]:
    relaxed = errors.gates.enabled("RelaxedEnvironmentVariableValidation")
    return environment_name if relaxed else strict_environment_name


def _validate_value_from(errors: Errors, variable: Mapping[str, Any], route: Route) -> None:
    source = variable["valueFrom"]
    count = sum(source.get(key) is not None for key in _SOURCES)
    if source.get("fieldRef") is not None:
        validate_field_selector(errors, source["fieldRef"], ENV_FIELDS, (*route, "fieldRef"))
    if source.get("resourceFieldRef") is not None:
        validate_resource_selector(
            errors, source["resourceFieldRef"], (*route, "resourceFieldRef"), in_volume=False
        )
    for key in ("configMapKeyRef", "secretKeyRef"):
        if source.get(key) is not None:
            _validate_key_selector(errors, source[key], (*route, key))
    if source.get("fileKeyRef") is not None:
        _validate_file_key_selector(errors, source["fileKeyRef"], (*route, "fileKeyRef"))
    if count == 0:
        known = _SOURCES if errors.gates.enabled("EnvFiles") else _SOURCES[:-1]
        choices = ", ".join(f"`{key}`" for key in known[:-1])
        invalid(errors, route, "", f"must specify one of: {choices} or `{known[-1]}`")
    elif variable.get("value"):
        invalid(errors, route, "", "may not be specified when `value` is not empty")
    elif count > 1:
        invalid(errors, route, "", "may not have more than one field specified at a time")


def _validate_key_selector(errors: Errors, selector: Mapping[str, Any], route: Route) -> None:
    name, key = selector.get("name") or "", selector.get("key") or ""
    for fault in dns_subdomain(name):
        invalid(errors, (*route, "name"), name, fault)
    if not key:
        required(errors, (*route, "key"))
    else:
        for fault in config_map_key(key):
            invalid(errors, (*route, "key"), key, fault)


def _validate_file_key_selector(errors: Errors, selector: Mapping[str, Any], route: Route) -> None:
    key, volume, path = (selector.get(name) or "" for name in ("key", "volumeName", "path"))
    if not key:
        required(errors, (*route, "key"))
    else:
        for fault in environment_name(key):
            invalid(errors, (*route, "key"), key, fault)
    if not volume:
        required(errors, (*route, "volumeName"))
    else:
        for fault in dns_label(volume):
            invalid(errors, (*route, "volumeName"), volume, fault)
    if not path:
        required(errors, (*route, "path"))
    else:
        validate_no_backsteps(errors, path, (*route, "path"))


def validate_env_from(errors: Errors, sources: Sequence[Mapping[str, Any]] | None, route: Route) -> None:
    """Judge `envFrom`."""
    for index, source in enumerate(sources or ()):
        prefix, at = source.get("prefix"), (*route, index)
        if prefix:
            for fault in _name_rule(errors)(prefix):
                invalid(errors, (*at, "prefix"), prefix, fault)
        count = 0
        for key in ("configMapRef", "secretRef"):
            if source.get(key) is None:
                continue
            count += 1
            name = source[key].get("name") or ""
            if not name:
                required(errors, (*at, key, "name"))
            else:
                for fault in dns_subdomain(name_prefix(name)):
                    invalid(errors, (*at, key, "name"), name, fault)
        if count == 0:
            invalid(errors, route, "", "must specify one of: `configMapRef` or `secretRef`")
        elif count > 1:
            invalid(errors, route, "", "may not have more than one field specified at a time")


def validate_file_key_volumes(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Demand that a fileKeyRef names an emptyDir of the pod."""
    volumes: dict[str, Mapping[str, Any]] | None = None
    for _, container, where in visit_mappings(spec, route):
        for index, variable in enumerate(container.get("env") or ()):
            source = variable.get("valueFrom")
            selector = source.get("fileKeyRef") if source else None
            if selector is None:
                continue
            if volumes is None:
                volumes = {volume.get("name") or "": volume for volume in spec.get("volumes") or ()}
            name = selector.get("volumeName") or ""
            at = (*where, "env", index, "valueFrom", "fileKeyRef", "volumeName")
            if name not in volumes:
                not_found(errors, at, name)
            elif volumes[name].get("emptyDir") is None:
                invalid(errors, at, name, "referenced volume must be of type emptyDir")
