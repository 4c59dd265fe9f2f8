"""PodSecurityPolicies as objects: what the API server of 1.24 and earlier refuses, and what it completes.

A decoded policy comes in, what is wrong is added in upstream's order and words, odd paths included. What a
policy then means for pods is the business of `policies`.
Source: kubernetes 1.24.17 pkg/apis/policy/validation/validation.go, pkg/apis/policy/v1beta1/defaults.go.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, FieldError, duplicate, forbidden, invalid, not_supported, required
from ..go_format import Printed, quote
from .formats import byte_length, dns_subdomain, matcher
from .metadata import validate_metadata
from .paths import validate_descending

_SECCOMP = "seccomp.security.alpha.kubernetes.io/"
_APPARMOR = "apparmor.security.beta.kubernetes.io/"
_PATTERN = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?\.)*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]"
_MAX_SYSCTL = 253
_MAX_DRIVER = 63
_VOLUMES = (
    "*",
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephFS",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
)
_OWN_VOLUMES = tuple(sorted((*_VOLUMES, "image")))
"""Since there are no policies of the API server's any more, pods have got one more kind of volumes."""

MODES = ("audit", "enforce", "warn")
"""Where a policy of Podproof's own kind counts; unset, it is enforced."""

DEPRECATED = "policy/v1beta1 PodSecurityPolicy is deprecated in v1.21+, unavailable in v1.25+"
"""The warning that every request for a policy gets, from 1.21 on."""


def default_policy(policy: dict[str, Any], *, own: bool = False) -> None:
    """Complete a policy in place, and drop what a server drops.

    Whether escalation is allowed was added late, and so is true when unset. allowedProcMountTypes goes, since
    its feature (ProcMountType) was off as long as there were policies; `own` says that the policy is one of
    Podproof's own kind, of today, and keeps it.
    """
    spec = policy.setdefault("spec", {})
    if spec.get("allowPrivilegeEscalation") is None:
        spec["allowPrivilegeEscalation"] = True
    if not own:
        spec.pop("allowedProcMountTypes", None)
    runtime_class = spec.get("runtimeClass")
    if runtime_class is not None and not runtime_class.get("allowedRuntimeClassNames"):
        runtime_class["allowedRuntimeClassNames"] = None  # storage does not keep empty lists


def validate_policy(policy: Mapping[str, Any], *, own: bool = False) -> list[FieldError]:
    """Judge a decoded and defaulted policy; `own` says that it is one of Podproof's own kind."""
    errors = Errors()
    metadata, spec = policy.get("metadata") or {}, policy.get("spec") or {}
    validate_metadata(errors, metadata)
    _validate_annotations(errors, metadata.get("annotations") or {})
    _validate_strategies(errors, spec)
    _validate_volumes(errors, spec, _OWN_VOLUMES if own else _VOLUMES)
    _validate_capabilities(errors, spec)
    _validate_escalation(errors, spec)
    _validate_lists(errors, spec)
    _validate_sysctls(errors, spec)
    _validate_runtime_class(errors, spec)
    if own:
        _validate_modes(errors, policy.get("modes"))
    return errors


def _validate_annotations(errors: Errors, annotations: Mapping[str, str]) -> None:
    route: Route = ("metadata", "annotations")

    for key, names in (
        (f"{_APPARMOR}defaultProfileName", None),
        (f"{_APPARMOR}allowedProfileNames", ","),
    ):
        text = annotations.get(key) or ""
        if not text:
            continue
        where = (*route, key)
        for name in text.split(names) if names else (text,):
            if name not in ("", "runtime/default", "unconfined") and not name.startswith("localhost/"):
                invalid(errors, where, text, f"invalid AppArmor profile name: {quote(name)}")
    for key, names in ((f"{_SECCOMP}defaultProfileName", None), (f"{_SECCOMP}allowedProfileNames", ",")):
        text = annotations.get(key) or ""
        if not text:
            continue
        where = (*route, key)
        for name in text.split(names) if names else (text,):
            if names and name == "*":
                continue
            if name in ("runtime/default", "docker/default", "unconfined"):
                continue
            if name.startswith("localhost/"):
                validate_descending(errors, name.removeprefix("localhost/"), where)
            else:
                invalid(errors, where, name, "must be a valid seccomp profile")


def _validate_strategies(errors: Errors, spec: Mapping[str, Any]) -> None:
    route: Route = ("spec",)
    user = spec.get("runAsUser") or {}
    _validate_rule(errors, user, ("MustRunAs", "MustRunAsNonRoot", "RunAsAny"), (*route, "runAsUser"))
    _validate_ranges(errors, user.get("ranges"), (*route, "runAsUser", "ranges"))
    if spec.get("runAsGroup") is not None:
        _validate_run_as_group(errors, spec["runAsGroup"], (*route, "runAsGroup"))
    _validate_rule(errors, spec.get("seLinux") or {}, ("MustRunAs", "RunAsAny"), (*route, "seLinux"))
    for key in ("supplementalGroups", "fsGroup"):
        strategy = spec.get(key) or {}
        _validate_rule(errors, strategy, ("MayRunAs", "MustRunAs", "RunAsAny"), (*route, key))
        _validate_ranges(errors, strategy.get("ranges"), (*route, key, "ranges"))


def _validate_rule(errors: Errors, strategy: Mapping[str, Any], rules: Sequence[str], route: Route) -> None:
    rule = strategy.get("rule") or ""
    if rule not in rules:
        not_supported(errors, (*route, "rule"), rule, rules)


def _validate_run_as_group(errors: Errors, strategy: Mapping[str, Any], route: Route) -> None:
    rule, ranges = strategy.get("rule") or "", strategy.get("ranges")
    shown = _go_ranges(ranges)
    if rule == "RunAsAny":
        if ranges:
            invalid(errors, (*route, "ranges"), shown, "Ranges must be empty")
    elif rule in ("MustRunAs", "MayRunAs"):
        if not ranges:
            invalid(errors, (*route, "ranges"), shown, "must provide at least one range")
        _validate_ranges(errors, ranges, (*route, "ranges"))
    else:
        not_supported(errors, (*route, "rule"), rule, ("MustRunAs", "RunAsAny", "MayRunAs"))


def _go_ranges(ranges: Sequence[Mapping[str, int]] | None) -> Printed:
    """Print ranges in Go's syntax, as messages before 1.34 have values of structs."""
    if ranges is None:
        return Printed("[]policy.IDRange(nil)")
    items = (f"policy.IDRange{{Min:{r.get('min') or 0}, Max:{r.get('max') or 0}}}" for r in ranges)
    return Printed(f"[]policy.IDRange{{{', '.join(items)}}}")


def _validate_ranges(errors: Errors, ranges: Sequence[Mapping[str, int]] | None, route: Route) -> None:
    for index, range_ in enumerate(ranges or ()):
        at = (*route, index)
        low, high = range_.get("min") or 0, range_.get("max") or 0
        if low < 0:
            invalid(errors, (*at, "min"), low, "min cannot be negative")
        if high < 0:
            invalid(errors, (*at, "max"), high, "max cannot be negative")
        if low > high:
            invalid(errors, (*at, "min"), low, "min cannot be greater than max")


def _validate_volumes(errors: Errors, spec: Mapping[str, Any], known: Sequence[str]) -> None:
    for word in spec.get("volumes") or ():
        if word not in known:
            not_supported(errors, ("spec", "volumes"), word, known)


def _validate_modes(errors: Errors, modes: Sequence[str] | None) -> None:
    if modes is not None and not modes:
        required(errors, ("modes",), f"must name one of {', '.join(MODES)}")
    seen: set[str] = set()
    for index, mode in enumerate(modes or ()):
        if mode not in MODES:
            not_supported(errors, ("modes", index), mode, MODES)
        elif mode in seen:
            duplicate(errors, ("modes", index), mode)
        seen.add(mode)


def _validate_capabilities(errors: Errors, spec: Mapping[str, Any]) -> None:
    """Judge the three lists against each other; upstream's paths lack `spec`."""
    drops, allowed = spec.get("requiredDropCapabilities") or (), spec.get("allowedCapabilities") or ()
    if drops and "*" in allowed:
        shown = Printed(f"[]core.Capability{{{', '.join(map(quote, drops))}}}")
        detail = "must be empty when all capabilities are allowed by a wildcard"
        key = "requiredDropCapabilities"
        invalid(errors, ("spec", key), shown, detail, field=key)
    for key in ("defaultAddCapabilities", "allowedCapabilities"):
        for name in spec.get(key) or ():
            if name in drops:
                detail = f"capability is listed in {key} and requiredDropCapabilities"
                invalid(errors, ("spec", key), name, detail, field=key)


def _validate_escalation(errors: Errors, spec: Mapping[str, Any]) -> None:
    if spec.get("defaultAllowPrivilegeEscalation") and not spec.get("allowPrivilegeEscalation"):
        detail = (
            "Cannot set DefaultAllowPrivilegeEscalation to true without also setting "
            "AllowPrivilegeEscalation to true"
        )
        invalid(errors, ("spec", "defaultAllowPrivilegeEscalation"), True, detail)


def _validate_lists(errors: Errors, spec: Mapping[str, Any]) -> None:
    for index, allowed in enumerate(spec.get("allowedHostPaths") or ()):
        prefix, at = allowed.get("pathPrefix") or "", ("spec", "allowedHostPaths", index)
        if not prefix:
            required(errors, at, "is required")
            break  # upstream looks no further
        if ".." in prefix.split("/"):
            invalid(errors, at, prefix, "must not contain '..'")
    for index, volume in enumerate(spec.get("allowedFlexVolumes") or ()):
        if not volume.get("driver"):
            field = f"spec.allowedFlexVolumes.allowedFlexVolumes[{index}].driver"
            required(
                errors, ("spec", "allowedFlexVolumes", index, "driver"), "must specify a driver", field=field
            )
    for index, driver in enumerate(spec.get("allowedCSIDrivers") or ()):
        _validate_driver(errors, driver.get("name") or "", index)


def _validate_driver(errors: Errors, name: str, index: int) -> None:
    at: Route = ("spec", "allowedCSIDrivers", index, "name")
    field = f"spec.allowedCSIDrivers.allowedCSIDriver[{index}].name"
    if not name:
        required(errors, at, field=field)
    if byte_length(name) > _MAX_DRIVER:
        errors.append(FieldError("Too long", at, None, f"must have at most {_MAX_DRIVER} bytes", field))
    for fault in dns_subdomain(name.lower()):
        invalid(errors, at, name, fault, field=field)


def _validate_sysctls(errors: Errors, spec: Mapping[str, Any]) -> None:
    for key in ("allowedUnsafeSysctls", "forbiddenSysctls"):
        names = spec.get(key) or ()
        covers_all = False
        for index, name in enumerate(names):
            at: Route = ("spec", key, index)
            if not name:
                invalid(errors, at, name, "empty sysctl not allowed")
            elif byte_length(name) > _MAX_SYSCTL or not matcher(_PATTERN).fullmatch(name):
                detail = f"must have at most {_MAX_SYSCTL} characters and match regex {_PATTERN}"
                invalid(errors, at, name, detail)
            elif name.startswith("*"):
                covers_all = True
        if covers_all and len(names) > 1:
            detail = "if '*' is present, must not specify other sysctls"
            forbidden(errors, ("spec", key, "items"), detail)
    _validate_overlap(errors, spec.get("allowedUnsafeSysctls") or (), spec.get("forbiddenSysctls") or ())


def _validate_overlap(errors: Errors, allowed: Sequence[str], forbidden_: Sequence[str]) -> None:
    for index, one in enumerate(allowed):
        for position, other in enumerate(forbidden_):
            blames_allowed = _covers(other, one)
            # a pattern that is covered is blamed; of two equal ones, the allowed
            if blames_allowed:
                at: Route = ("spec", "allowedUnsafeSysctls", index)
                invalid(errors, at, one, f"sysctl overlaps with {other}")
            elif _covers(one, other):
                at = ("spec", "forbiddenSysctls", position)
                invalid(errors, at, other, f"sysctl overlaps with {one}")


def _covers(pattern: str, name: str) -> bool:
    """Say whether a pattern matches all that a name or a narrower pattern matches."""
    if pattern.endswith("*"):
        return name.removesuffix("*").startswith(pattern[:-1])
    return pattern == name


def _validate_runtime_class(errors: Errors, spec: Mapping[str, Any]) -> None:
    strategy = spec.get("runtimeClass")
    if strategy is None:
        return
    route: Route = ("spec", "runtimeClass")
    names, default = strategy.get("allowedRuntimeClassNames") or (), strategy.get("defaultRuntimeClassName")
    seen: set[str] = set()
    for index, name in enumerate(names):
        at = (*route, "allowedRuntimeClassNames", index)
        if name != "*":
            for fault in dns_subdomain(name):
                invalid(errors, at, name, fault)
        if name in seen:
            duplicate(errors, at, name)
        seen.add(name)
    if default is not None:
        for fault in dns_subdomain(default):
            invalid(errors, (*route, "defaultRuntimeClassName"), default, fault)
        if default not in seen and "*" not in seen:
            detail = f"default {quote(default)} must be allowed"
            required(errors, (*route, "allowedRuntimeClassNames"), detail)
    if "*" in seen and len(names) > 1:
        shown = Printed(f"[]string{{{', '.join(map(quote, names))}}}")
        detail = "if '*' is present, must not specify other RuntimeClass names"
        invalid(errors, (*route, "allowedRuntimeClassNames"), shown, detail)
