"""The typed PodSecurityPolicy: a decoded and defaulted policy comes in as a mapping, frozen values go out.

Whether the API server would take the policy is API validation's business (`kube`), not decided here.
Source: k8s.io/api v0.24.17 policy/v1beta1/types.go.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = [
    "AllowedHostPath",
    "GroupStrategy",
    "HostPortRange",
    "IDRange",
    "PodSecurityPolicy",
    "PolicySpec",
    "RuntimeClassStrategy",
    "SELinuxStrategy",
    "UserStrategy",
    "read_policy",
]


class _Value(msgspec.Struct, frozen=True, rename="camel"):
    """Base of all values: camelCase on the wire, immutable."""


class IDRange(_Value, frozen=True):
    """A range of user or group ids, both ends included; written as Go prints the struct."""

    min: int = 0
    max: int = 0

    def __contains__(self, id_: int) -> bool:
        return self.min <= id_ <= self.max

    def __str__(self) -> str:
        return f"{{{self.min} {self.max}}}"


class UserStrategy(_Value, frozen=True):
    """`rule` is RunAsAny, MustRunAs or MustRunAsNonRoot."""

    rule: str = ""
    ranges: tuple[IDRange, ...] = ()


class GroupStrategy(_Value, frozen=True):
    """`rule` is RunAsAny, MayRunAs or MustRunAs."""

    rule: str = ""
    ranges: tuple[IDRange, ...] = ()


class SELinuxStrategy(_Value, frozen=True):
    """`rule` is RunAsAny or MustRunAs; `se_linux_options` is the plain mapping that is written to pods."""

    rule: str = ""
    se_linux_options: dict[str, str] | None = None


class HostPortRange(_Value, frozen=True):
    """A range of host ports, both ends included; written as messages have it."""

    min: int = 0
    max: int = 0

    def __contains__(self, port: int) -> bool:
        return self.min <= port <= self.max

    def __str__(self) -> str:
        return str(self.min) if self.min == self.max else f"{self.min}-{self.max}"


class AllowedHostPath(_Value, frozen=True):
    """A prefix that hostPath volumes may have; with `read_only`, only if mounted read-only."""

    path_prefix: str = ""
    read_only: bool = False


class AllowedFlexVolume(_Value, frozen=True):
    """The name of a FlexVolume driver that pods may use."""

    driver: str = ""


class AllowedCSIDriver(_Value, frozen=True):
    """The name of a CSI driver that inline volumes may use."""

    name: str = ""


class RuntimeClassStrategy(_Value, frozen=True):
    """`*` among the allowed names allows every class; the default is written where a pod names none."""

    allowed_runtime_class_names: tuple[str, ...] = ()
    default_runtime_class_name: str | None = None


class PolicySpec(_Value, frozen=True):
    """Every field of the spec.

    What is absent allows nothing, except `allow_privilege_escalation`, which defaulting makes true, and
    `run_as_group` and `runtime_class`, whose None allows anything.
    """

    privileged: bool = False
    default_add_capabilities: tuple[str, ...] = ()
    required_drop_capabilities: tuple[str, ...] = ()
    allowed_capabilities: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    host_network: bool = False
    host_ports: tuple[HostPortRange, ...] = ()
    host_pid: bool = msgspec.field(default=False, name="hostPID")
    host_ipc: bool = msgspec.field(default=False, name="hostIPC")
    se_linux: SELinuxStrategy = SELinuxStrategy()
    run_as_user: UserStrategy = UserStrategy()
    run_as_group: GroupStrategy | None = None
    supplemental_groups: GroupStrategy = GroupStrategy()
    fs_group: GroupStrategy = GroupStrategy()
    read_only_root_filesystem: bool = False
    default_allow_privilege_escalation: bool | None = None
    allow_privilege_escalation: bool = True
    allowed_host_paths: tuple[AllowedHostPath, ...] = ()
    allowed_flex_volumes: tuple[AllowedFlexVolume, ...] = ()
    allowed_csi_drivers: tuple[AllowedCSIDriver, ...] = msgspec.field(default=(), name="allowedCSIDrivers")
    allowed_unsafe_sysctls: tuple[str, ...] = ()
    forbidden_sysctls: tuple[str, ...] = ()
    allowed_proc_mount_types: tuple[str, ...] = ()
    runtime_class: RuntimeClassStrategy | None = None


class PodSecurityPolicy(msgspec.Struct, frozen=True):
    """A policy: its name, its annotations (seccomp and AppArmor live there) and its spec.

    `modes` say where one of Podproof's own kind counts.
    """

    name: str
    annotations: dict[str, str]
    spec: PolicySpec
    modes: frozenset[str] = frozenset(("enforce",))

    @property
    def broken(self) -> tuple[str, ...]:
        """Why no pod can be judged by this policy, in upstream's words; empty when all is well.

        The API server accepts such a policy, and its admission plugin then goes on as if it did not exist.
        """
        spec = self.spec
        faults = []
        if spec.run_as_user.rule == "MustRunAs" and not spec.run_as_user.ranges:
            faults.append("MustRunAs requires at least one range")
        for group in (spec.run_as_group, spec.fs_group, spec.supplemental_groups):
            if group is not None and group.rule in ("MustRunAs", "MayRunAs") and not group.ranges:
                faults.append(f"ranges must be supplied for {group.rule}")
        if spec.se_linux.rule == "MustRunAs" and spec.se_linux.se_linux_options is None:
            faults.append("MustRunAs requires SELinuxOptions")
        return tuple(dict.fromkeys(faults))


def read_policy(raw: Mapping[str, Any]) -> PodSecurityPolicy:
    """Make the typed policy of a decoded mapping.

    Raises msgspec.ValidationError: a field has a type that the API server would refuse.
    """
    metadata = raw.get("metadata") or {}
    annotations = {key: value or "" for key, value in (metadata.get("annotations") or {}).items()}
    spec = msgspec.convert(_without_nulls(raw.get("spec") or {}), PolicySpec)
    modes = raw.get("modes")
    name = metadata.get("name") or ""
    if modes is None:
        return PodSecurityPolicy(name, annotations, spec)
    return PodSecurityPolicy(name, annotations, spec, frozenset(modes))


def _without_nulls(value: Any) -> Any:
    """Drop null members, which mean absent ones."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value]
    return value
