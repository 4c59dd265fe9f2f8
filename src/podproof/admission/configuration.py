"""The configuration of PodSecurity admission: defaults and exemptions, from its file's content.

A PodSecurityConfiguration (v1alpha1, v1beta1, v1), or an AdmissionConfiguration that holds one, comes in as a
plain mapping; a PodSecurityConfiguration goes out, or the words with which a server would refuse to start.
Files are read elsewhere.
Source: k8s.io/pod-security-admission v0.37.2 admission/api; recorded starts of a server.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from ..errors import UsageError
from ..kube.field_error import Errors, FieldError, aggregate
from ..kube.go_format import quote
from ..kube.validation.formats import dns_label, dns_subdomain
from ..policies.levels import LEVEL_DETAIL, Level, LevelVersion, is_level, minor_of
from .labels import Policy

__all__ = ["ConfigurationError", "PodSecurityConfiguration", "is_configuration", "read_configuration"]

GROUP = "pod-security.admission.config.k8s.io"
_VERSIONS = ("v1alpha1", "v1beta1", "v1")
_ADMISSION_GROUPS = (
    "apiserver.config.k8s.io/v1",
    "apiserver.config.k8s.io/v1alpha1",
    "apiserver.k8s.io/v1alpha1",
)
_MODES = ("enforce", "warn", "audit")
_EXEMPTIONS = ("namespaces", "runtimeClasses", "usernames")


class ConfigurationError(UsageError):
    """Says, as the API server would when it refuses to start, what is wrong with the configuration."""


class PodSecurityConfiguration(msgspec.Struct, frozen=True):
    """Defaults for namespaces without labels, and who is exempt; nothing and nobody unless said."""

    defaults: Policy = Policy()
    users: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    runtime_classes: frozenset[str] = frozenset()


def is_configuration(object_: Mapping[str, Any]) -> bool:
    """Say whether an object is one of the two kinds that are read here."""
    return object_.get("kind") in ("PodSecurityConfiguration", "AdmissionConfiguration")


def read_configuration(raw: Mapping[str, Any]) -> PodSecurityConfiguration:
    """Read and validate a configuration.

    Raises ConfigurationError: of another kind or version, with unknown fields, or with wrong values; the
    message begins as the server's does.
    """
    if raw.get("kind") == "AdmissionConfiguration":
        raw = _embedded(raw)
    version = raw.get("apiVersion")
    if raw.get("kind") != "PodSecurityConfiguration" or version not in [f"{GROUP}/{v}" for v in _VERSIONS]:
        kind = quote(str(raw.get("kind") or ""))
        text = f"no kind {kind} is registered for version {quote(str(version or ''))}"
        raise ConfigurationError(f'couldn\'t init admission plugin "PodSecurity": {text} in scheme')
    _refuse_unknown(raw)
    defaults = _member(raw, "defaults")
    exemptions = {key: _texts(_member(raw, "exemptions"), key) for key in _EXEMPTIONS}
    policy = _policy(defaults)
    errors = Errors()
    _validate_names(errors, "namespaces", exemptions["namespaces"], dns_label)
    _validate_names(errors, "runtimeClasses", exemptions["runtimeClasses"], dns_subdomain)
    _validate_names(errors, "usernames", exemptions["usernames"], _user_faults)
    if errors:
        raise ConfigurationError(f"PodSecurity invalid: {aggregate(errors)}")
    return PodSecurityConfiguration(
        policy,
        users=frozenset(exemptions["usernames"]),
        namespaces=frozenset(exemptions["namespaces"]),
        runtime_classes=frozenset(exemptions["runtimeClasses"]),
    )


def _embedded(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the PodSecurity plugin's own configuration; one of defaults when the plugin is not named."""
    if raw.get("apiVersion") not in _ADMISSION_GROUPS:
        raise ConfigurationError(
            f"apiVersion {quote(str(raw.get('apiVersion') or ''))} of the AdmissionConfiguration is unknown; "
            f"write {_ADMISSION_GROUPS[0]}"
        )
    configurations: list[Mapping[str, Any]] = []
    plugins = raw.get("plugins") or ()
    if not isinstance(plugins, list | tuple):
        raise ConfigurationError("plugins of the AdmissionConfiguration must be a list")
    for plugin in plugins:
        if not isinstance(plugin, Mapping):
            raise ConfigurationError("a plugin of the AdmissionConfiguration is not an object")
        if plugin.get("name") == "PodSecurity":
            configuration = plugin.get("configuration")
            if configuration is None and plugin.get("path"):
                raise ConfigurationError(
                    f"the PodSecurity configuration is in another file, {plugin['path']}; pass that file"
                )
            configurations.append(configuration if isinstance(configuration, Mapping) else {})
    if not configurations or not configurations[0]:
        return {"kind": "PodSecurityConfiguration", "apiVersion": f"{GROUP}/v1"}
    return configurations[0]


def _refuse_unknown(raw: Mapping[str, Any]) -> None:
    unknown = [key for key in raw if key not in ("apiVersion", "kind", "defaults", "exemptions")]
    known_defaults = {name for mode in _MODES for name in (mode, f"{mode}-version")}
    unknown += [f"defaults.{key}" for key in _member(raw, "defaults") if key not in known_defaults]
    unknown += [f"exemptions.{key}" for key in _member(raw, "exemptions") if key not in _EXEMPTIONS]
    if unknown:
        fields = ", ".join(f"unknown field {quote(key)}" for key in unknown)
        raise ConfigurationError(
            f'couldn\'t init admission plugin "PodSecurity": strict decoding error: {fields}'
        )


def _member(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigurationError(f'couldn\'t init admission plugin "PodSecurity": {key} must be an object')
    return value


def _texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = raw.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        text = f"exemptions.{key} must be a list of strings"
        raise ConfigurationError(f'couldn\'t init admission plugin "PodSecurity": {text}')
    return tuple(value)


def _policy(defaults: Mapping[str, Any]) -> Policy:
    """Read the defaults; the first wrong one is told, without `defaults.` and without its value."""
    errors, modes = [], {}
    for mode in ("enforce", "audit", "warn"):
        level, version = defaults.get(mode) or "privileged", defaults.get(f"{mode}-version") or "latest"
        for key, value in ((mode, level), (f"{mode}-version", version)):
            if not isinstance(value, str):
                text = f"defaults.{key} must be a string"
                raise ConfigurationError(f'couldn\'t init admission plugin "PodSecurity": {text}')
        if not is_level(level):
            errors.append(f"{mode}: {LEVEL_DETAIL}")
        try:
            minor_of(version)
        except ValueError as error:
            errors.append(f"{mode}-version: {error}")
        modes[mode] = LevelVersion(cast("Level", level), version)
    if errors:
        text = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        raise ConfigurationError(f"PodSecurity configuration error: {text}")
    return Policy(**modes)


def _user_faults(name: str) -> tuple[str, ...]:
    return () if name else ("username must not be empty",)


def _validate_names(errors: Errors, key: str, names: Sequence[str], faults_of: Any) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        route = ("exemptions", key, index)
        faults = faults_of(name)
        if faults:
            errors.append(FieldError("Invalid value", route, name, ", ".join(faults)))
        elif name in seen:
            errors.append(FieldError("Duplicate value", route, name))
        else:
            seen.add(name)
