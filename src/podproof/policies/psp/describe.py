"""What a PodSecurityPolicy allows, in words: a policy comes in, a statement on each matter goes out.

Nothing is judged here; the words say what pods may ask for and what is written into them.
"""

from collections.abc import Iterable

from . import app_armor, seccomp
from .policy import GroupStrategy, IDRange, PodSecurityPolicy, PolicySpec

__all__ = ["describe"]


def describe(policy: PodSecurityPolicy) -> tuple[tuple[str, str], ...]:
    """Name each matter and say what the policy allows; nothing of one that is broken, which admits no pod."""
    if policy.broken:
        return ()
    spec = policy.spec
    return (
        ("privileged containers", _privileged(spec)),
        ("host namespaces", _listed(_namespaces(spec))),
        ("host ports", _listed(map(str, spec.host_ports))),
        ("volumes", _volumes(spec)),
        ("capabilities", _capabilities(spec)),
        ("privilege escalation", _escalation(spec)),
        ("users", _user(spec)),
        ("groups", _group(spec.run_as_group)),
        ("supplementalGroups", _group(spec.supplemental_groups)),
        ("fsGroup", _group(spec.fs_group)),
        ("root file system", "read-only" if spec.read_only_root_filesystem else "writable or read-only"),
        ("SELinux", _selinux(spec)),
        ("seccomp", _profiles(policy, seccomp.ALLOWED, seccomp.DEFAULT, "none may be set")),
        ("AppArmor", _profiles(policy, app_armor.ALLOWED, app_armor.DEFAULT, "any")),
        ("unsafe sysctls", _listed(spec.allowed_unsafe_sysctls)),
        ("procMount", _listed(spec.allowed_proc_mount_types or ("Default",))),
    )


def _yes(allowed: bool) -> str:
    return "allowed" if allowed else "not allowed"


def _privileged(spec: PolicySpec) -> str:
    if spec.privileged and not spec.allow_privilege_escalation:
        return "none can be, since allowPrivilegeEscalation: false is written into them"
    return _yes(spec.privileged)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _namespaces(spec: PolicySpec) -> list[str]:
    namespaces = (("network", spec.host_network), ("PID", spec.host_pid), ("IPC", spec.host_ipc))
    return [name for name, allowed in namespaces if allowed]


def _volumes(spec: PolicySpec) -> str:
    if "*" not in spec.volumes and "hostPath" not in spec.volumes:
        return _listed(spec.volumes)
    paths = [
        f"{path.path_prefix}{' read-only' if path.read_only else ''}" for path in spec.allowed_host_paths
    ]
    where = f"host paths below {', '.join(paths)}" if paths else "any host path"
    kinds = "of every kind" if "*" in spec.volumes else ", ".join(spec.volumes)
    return f"{kinds}, {where}"


def _capabilities(spec: PolicySpec) -> str:
    added = "any" if "*" in spec.allowed_capabilities else _listed(spec.allowed_capabilities)
    parts = ["adds none" if added == "none" else f"may add {added}"]
    if spec.default_add_capabilities:
        parts.append(f"gets {_listed(spec.default_add_capabilities)}")
    if spec.required_drop_capabilities:
        parts.append(f"drops {_listed(spec.required_drop_capabilities)}")
    return ", ".join(parts)


def _escalation(spec: PolicySpec) -> str:
    default = spec.default_allow_privilege_escalation
    unset = "" if default is None else f", {str(default).lower()} where it is not set"
    return f"{_yes(spec.allow_privilege_escalation)}{unset}"


def _user(spec: PolicySpec) -> str:
    strategy = spec.run_as_user
    if strategy.rule == "MustRunAsNonRoot":
        return "any but root"
    if strategy.rule != "MustRunAs":
        return "any, root included"
    return f"{_ranges(strategy.ranges)}; {strategy.ranges[0].min} where none is set"


def _group(strategy: GroupStrategy | None) -> str:
    if strategy is None or strategy.rule == "RunAsAny":
        return "any"
    if strategy.rule == "MayRunAs":
        return f"none, or {_ranges(strategy.ranges)}"
    return f"{_ranges(strategy.ranges)}; {strategy.ranges[0].min} where none is set"


def _ranges(ranges: tuple[IDRange, ...]) -> str:
    return ", ".join(str(ids.min) if ids.min == ids.max else f"{ids.min} to {ids.max}" for ids in ranges)


def _selinux(spec: PolicySpec) -> str:
    if spec.se_linux.rule != "MustRunAs":
        return "any"
    options = spec.se_linux.se_linux_options or {}
    return ", ".join(f"{key} {value}" for key, value in options.items()) or "no options"


def _profiles(policy: PodSecurityPolicy, allowed: str, default: str, absent: str) -> str:
    text = policy.annotations.get(allowed)
    known = absent if text is None else "any" if "*" in text.split(",") else _listed(text.split(","))
    given = policy.annotations.get(default)
    return f"{known}; {given} where none is set" if given else known
