"""How a pod resolves names: dnsPolicy, dnsConfig, hostAliases, and its own hostname.

A pod spec comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateDNSPolicy, validatePodDNSConfig,
ValidateHostAliases, validatePodHostName.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid, not_supported, required, too_long
from ..go_format import json_value, quote
from .formats import byte_length, dns_subdomain, dns_subdomain_with_underscore, matcher

if TYPE_CHECKING:
    import ipaddress

DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_MAX_NAMESERVERS = 3
_MAX_SEARCHES = 32
_MAX_SEARCH_CHARACTERS = 2048


def validate_dns_policy(errors: Errors, policy: str, route: Route) -> None:
    """Judge dnsPolicy alone."""
    if not policy:
        required(errors, route)
    elif policy not in DNS_POLICIES:
        not_supported(errors, route, policy, DNS_POLICIES)


def _is_strict(errors: Errors) -> bool:
    return errors.gates.enabled("StrictIPCIDRValidation")


def address_faults(text: str, *, strict: bool = True) -> tuple[str, ...]:
    """Say what is wrong with an IP address in a field older than the `strict` rules, default since 1.36."""
    address = _parse(text)
    if address is None:
        # zeros before a number were allowed, as many as one liked
        lenient = matcher(r"(^|[.:])0+(?=[0-9A-Fa-f])").sub(r"\1", text)
        if lenient == text or _parse(lenient) is None:
            return (_NO_ADDRESS,)
        return ("must not have leading 0s",) if strict else ()
    if strict and address.version == 6 and address.ipv4_mapped is not None:
        return ("must not be an IPv4-mapped IPv6 address",)
    return ()


def _parse(text: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    """Read an address without a zone; None when it is none."""
    import ipaddress  # few pods write addresses: late

    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None


def warn_of_addresses(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    """Warn of IPv6 addresses that are written in an odd way; `route` is the pod spec's.

    Source: kubernetes 1.37.2 apimachinery pkg/util/validation/ip.go, GetWarningsForIP.
    """
    servers = (spec.get("dnsConfig") or {}).get("nameservers") or ()
    written = [(server, (*route, "dnsConfig", "nameservers", index)) for index, server in enumerate(servers)]
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        written.append((alias.get("ip") or "", (*route, "hostAliases", index, "ip")))
    for text, at in written:
        address = _parse(text)
        if address is not None and address.version == 6 and str(address) != text:
            yield (
                f"{format_route(at)}: IPv6 address {quote(text)} should be in RFC 5952 canonical format "
                f"({quote(str(address))})"
            )


def validate_dns_config(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge dnsConfig, which dnsPolicy None demands."""
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            required(errors, route, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not config.get("nameservers"):
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            required(errors, (*route, "nameservers"), detail)
            return
    if config is None:
        return
    servers, searches = config.get("nameservers") or (), config.get("searches") or ()
    if len(servers) > _MAX_NAMESERVERS:
        detail = f"must not have more than {_MAX_NAMESERVERS} nameservers"
        invalid(errors, (*route, "nameservers"), json_value(servers), detail)
    for index, server in enumerate(servers):
        for fault in address_faults(server, strict=_is_strict(errors)):
            invalid(errors, (*route, "nameservers", index), server, fault)
    if len(searches) > _MAX_SEARCHES:
        detail = f"must not have more than {_MAX_SEARCHES} search paths"
        invalid(errors, (*route, "searches"), json_value(searches), detail)
    if byte_length(" ".join(searches)) > _MAX_SEARCH_CHARACTERS:
        limit = f"{_MAX_SEARCH_CHARACTERS} characters (including spaces)"
        detail = f"must not have more than {limit} in the search list"
        invalid(errors, (*route, "searches"), json_value(searches), detail)
    relaxed = errors.gates.enabled("RelaxedDNSSearchValidation")
    faults_of = dns_subdomain_with_underscore if relaxed else dns_subdomain
    for index, search in enumerate(searches):
        if search != "." or not relaxed:
            name = search.removesuffix(".")
            for fault in faults_of(name):
                invalid(errors, (*route, "searches", index), name, fault)
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            required(errors, (*route, "options", index), "must not be empty")


def validate_host_aliases(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge hostAliases."""
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        address = alias.get("ip") or ""
        for fault in address_faults(address, strict=_is_strict(errors)):
            invalid(errors, (*route, index, "ip"), address, fault)
        for position, name in enumerate(alias.get("hostnames") or ()):
            for fault in dns_subdomain(name):
                invalid(errors, (*route, index, "hostnames", position), name, fault)


def validate_hostname_override(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge hostnameOverride; `route` is the pod spec's."""
    name = spec.get("hostnameOverride")
    if name is None:
        return
    at = (*route, "hostnameOverride")
    if spec.get("setHostnameAsFQDN"):
        forbidden(errors, at, "may not be specified when setHostnameAsFQDN is true")
    if spec.get("hostNetwork"):
        forbidden(errors, at, "may not be specified when hostNetwork is true")
    if byte_length(name) > 64:
        too_long(errors, at, 64)
    for fault in dns_subdomain(name):
        invalid(errors, at, name, fault)
