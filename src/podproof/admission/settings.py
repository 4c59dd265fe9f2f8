"""What admission is told to do: a configuration of any kind comes in, settings of all plugins go out.

Podproof's own kind, PodproofConfiguration, says of each of its plugins whether it is in force. It is read
strictly: an error names the place, and the name that was meant. The API server's own kinds say nothing of
Podproof's policies and exemptions, so that none are in force. Files are read elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ..errors import UsageError
from ..kube.own_kinds import GROUP, OWN_VERSION
from ..kube.validation.formats import dns_label, dns_subdomain
from ..manifest.route import Route, format_route
from ..manifest.type_name import type_name
from .configuration import GROUP as POD_SECURITY_GROUP
from .configuration import ConfigurationError, PodSecurityConfiguration, is_configuration, read_configuration

__all__ = ["AdmissionSettings", "PolicySettings", "SettingsError", "are_settings", "read_settings"]

KIND = "PodproofConfiguration"
_SCALAR: dict[str, Any] = {}
_MODES = {f"{mode}{suffix}": _SCALAR for mode in ("enforce", "audit", "warn") for suffix in ("", "-version")}
_KNOWN: dict[str, Any] = {
    "apiVersion": _SCALAR,
    "kind": _SCALAR,
    "metadata": {"name": _SCALAR},
    "podSecurity": {
        "defaults": _MODES,
        "exemptions": dict.fromkeys(("usernames", "namespaces", "runtimeClasses"), _SCALAR),
    },
    "podSecurityPolicy": dict.fromkeys(("enabled", "grantGroups", "exemptNamespaces"), _SCALAR),
    "podSecurityExemption": {"enabled": _SCALAR},
}
"""Every field of the own kind."""


class SettingsError(UsageError):
    """Says what in a PodproofConfiguration is wrong; `route` is its place, which may be absent."""

    def __init__(self, message: str, route: Route = ()) -> None:
        super().__init__(message)
        self.route = route


class PolicySettings(msgspec.Struct, frozen=True):
    """How policies of Podproof's own kind are in force.

    `grant_groups` are the API groups whose grants to `use` them count; pods of `exempt_namespaces` need none.
    """

    grant_groups: tuple[str, ...] = (GROUP,)
    exempt_namespaces: frozenset[str] = frozenset()


class AdmissionSettings(msgspec.Struct, frozen=True):
    """Settings of all plugins. `policies` None, and `exemptions` False: those objects have no effect."""

    pod_security: PodSecurityConfiguration = PodSecurityConfiguration()
    policies: PolicySettings | None = None
    exemptions: bool = False


def are_settings(object_: Mapping[str, Any]) -> bool:
    """Say whether an object is one of the three kinds that are read here."""
    return is_configuration(object_) or object_.get("kind") == KIND


def read_settings(raw: Mapping[str, Any]) -> AdmissionSettings:
    """Read a configuration of any kind.

    Raises ConfigurationError: one of the API server's kinds is wrong. Raises SettingsError: the own one is.
    """
    if raw.get("kind") != KIND:
        return AdmissionSettings(read_configuration(raw))
    if raw.get("apiVersion") != OWN_VERSION:
        version = raw.get("apiVersion")
        raise SettingsError(
            f'apiVersion of {KIND} must be {OWN_VERSION}, is "{version or ""}"', ("apiVersion",)
        )
    _refuse_unknown(raw, _KNOWN, ())
    pod_security = _member(raw, ("podSecurity",))
    try:
        configured = read_configuration(
            {"kind": "PodSecurityConfiguration", "apiVersion": f"{POD_SECURITY_GROUP}/v1", **pod_security}
        )
    except ConfigurationError as error:
        raise SettingsError(f"podSecurity: {error}", ("podSecurity",)) from error
    exempts = _flag(raw, ("podSecurityExemption", "enabled"))
    return AdmissionSettings(configured, _policies(raw), exempts)


def _policies(raw: Mapping[str, Any]) -> PolicySettings | None:
    at: Route = ("podSecurityPolicy",)
    groups = _texts(raw, (*at, "grantGroups"))
    namespaces = _texts(raw, (*at, "exemptNamespaces"))
    for index, name in enumerate(groups):
        for fault in dns_subdomain(name):
            raise SettingsError(f'grantGroups has "{name}": {fault}', (*at, "grantGroups", index))
    for index, name in enumerate(namespaces):
        for fault in dns_label(name):
            raise SettingsError(f'exemptNamespaces has "{name}": {fault}', (*at, "exemptNamespaces", index))
    if not _flag(raw, (*at, "enabled")):
        return None
    return PolicySettings(tuple(groups) or (GROUP,), frozenset(namespaces))


def _refuse_unknown(value: Mapping[str, Any], known: Mapping[str, Any], at: Route) -> None:
    for key, inner in value.items():
        if key not in known:
            where = format_route((*at, str(key)))
            raise SettingsError(f'unknown field "{where}"; {_meant(str(key), tuple(known))}', (*at, key))
        if known[key] and isinstance(inner, Mapping):
            _refuse_unknown(inner, known[key], (*at, key))


def _meant(key: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # costs 10 ms to import: only for a message

    near = get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _value(raw: Mapping[str, Any], route: Route) -> Any:
    *above, key = route
    return _member(raw, tuple(above)).get(str(key))


def _member(raw: Mapping[str, Any], route: Route) -> Mapping[str, Any]:
    value: Any = raw
    for depth, key in enumerate(route, 1):
        value = value.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            where = format_route(route[:depth])
            raise SettingsError(f"{where} must be a mapping, is {type_name(value)}", route[:depth])
    return value  # type: ignore[no-any-return]  # seen to be one


def _flag(raw: Mapping[str, Any], route: Route) -> bool:
    value = _value(raw, route)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise SettingsError(f"{format_route(route)} must be true or false, is {type_name(value)}", route)
    return value


def _texts(raw: Mapping[str, Any], route: Route) -> Sequence[str]:
    value = _value(raw, route)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{format_route(route)} must be a list of strings", route)
    return value
