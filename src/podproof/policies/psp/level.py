"""Which Pod Security level a policy keeps to: a PodSecurityPolicy comes in, its level and gaps go out.

For every field, a pod that uses what the field allows is put to the judge of the levels; what a level forbids
there, the policy falls short of. So the words, and the border, are those of the levels themselves.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy; pod-security-admission v0.37.2.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from ...manifest.route import Route
from ..pod_security import evaluate
from . import app_armor, seccomp
from .policy import PodSecurityPolicy
from .volumes import VOLUME_WORDS

__all__ = ["UNLIMITED", "UNLIMITED_TODAY", "Gap", "LevelAssessment", "assess_level"]

Level = Literal["privileged", "baseline"]

UNLIMITED = ("windowsOptions.hostProcess", "host of probes and lifecycle hooks")
"""What the levels control and no field of a PodSecurityPolicy can limit."""

UNLIMITED_TODAY = ("host of probes and lifecycle hooks",)
"""The same for policies of Podproof's own kind, whose `privileged` counts for host processes, too."""

_EVERY_CAPABILITY = "SYS_ADMIN"
"""Stands for all capabilities where `*` allows them."""


class Gap(msgspec.Struct, frozen=True):
    """What a policy lets in and a level forbids.

    `level` is the lowest level that forbids it, `route` the field of the policy that allows it (it may be
    absent), `allows` what pods may do by it, `reason` the level's own word for that, `words` the same with
    its detail.
    """

    level: Literal["baseline", "restricted"]
    route: Route
    allows: str
    reason: str
    words: str


class LevelAssessment(msgspec.Struct, frozen=True):
    """`level` is the strictest whose rules every pod of the policy keeps, as far as policies know them.

    It is never restricted: no policy makes a pod that names its user say `runAsNonRoot: true`.
    """

    level: Level
    gaps: tuple[Gap, ...]


def assess_level(policy: PodSecurityPolicy) -> LevelAssessment:
    """Compare a policy with the levels at their newest version."""
    gaps: dict[tuple[Route, str], Gap] = {}
    for route, allows, pod in _probes(policy):
        for level in ("baseline", "restricted"):
            verdict = evaluate(pod, level)
            if not verdict.allowed:
                gap = Gap(level, route, allows, verdict.reason, verdict.detail)
                gaps.setdefault((route, level), gap)
                break
    kept: Level = "privileged" if any(gap.level == "baseline" for gap in gaps.values()) else "baseline"
    return LevelAssessment(kept, tuple(sorted(gaps.values(), key=lambda gap: gap.level)))


def _pod(
    context: Mapping[str, Any] | None = None,
    *,
    without: tuple[str, ...] = (),
    annotations: Mapping[str, str] | None = None,
    ports: list[dict[str, int]] | None = None,
    pod_context: Mapping[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """Make a pod that keeps to restricted but for what is given."""
    security_context: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    } | dict(context or {})
    container: dict[str, Any] = {"name": "container"}
    container["securityContext"] = {
        key: value for key, value in security_context.items() if key not in without
    }
    if ports:
        container["ports"] = ports
    return {
        "metadata": {"annotations": dict(annotations or {})},
        "spec": {"containers": [container], "securityContext": dict(pod_context or {}), **spec},
    }


def _with(fields: Mapping[str, Any]) -> dict[str, Any]:
    pod = _pod()
    pod["spec"].update(fields)
    return pod


_Probe = tuple[Route, str, dict[str, Any]]
"""A field, what it lets a pod do, and a pod that does."""


def _probes(policy: PodSecurityPolicy) -> Iterator[_Probe]:
    """Make, for each field, the pods that use what it allows, one thing at a time."""
    spec = policy.spec
    # without privilege escalation the policy writes false into every container, and no API server takes
    # allowPrivilegeEscalation: false of a privileged one
    if spec.privileged and spec.allow_privilege_escalation:
        pod = _pod({"privileged": True}, without=("allowPrivilegeEscalation",))
        yield ("spec", "privileged"), "privileged containers", pod
    for allowed, field, what in (
        (spec.host_network, "hostNetwork", "the node's network"),
        (spec.host_pid, "hostPID", "the node's processes"),
        (spec.host_ipc, "hostIPC", "the node's IPC"),
    ):
        if allowed:
            yield ("spec", field), what, _with({field: True})
    for index, ports in enumerate(spec.host_ports):
        if ports.max > 0:
            port = max(ports.min, 1)
            pod = _pod(ports=[{"hostPort": port}])
            yield ("spec", "hostPorts", index), f"host ports {ports}", pod
    yield from _volumes(policy)
    yield from _capabilities(policy)
    yield from _users(policy)
    yield from _profiles(policy)
    if spec.allow_privilege_escalation:
        pod = _pod({"allowPrivilegeEscalation": True})
        yield ("spec", "allowPrivilegeEscalation"), "privilege escalation", pod
    for index, kind in enumerate(spec.allowed_proc_mount_types):
        yield ("spec", "allowedProcMountTypes", index), f"procMount {kind}", _pod({"procMount": kind})
    for index, name in enumerate(spec.allowed_unsafe_sysctls):
        shown = {"sysctls": [{"name": name.replace("*", "any")}]}
        yield ("spec", "allowedUnsafeSysctls", index), f"sysctls {name}", _pod(pod_context=shown)


def _volumes(policy: PodSecurityPolicy) -> Iterator[_Probe]:
    for index, word in enumerate(policy.spec.volumes):
        for key, name in VOLUME_WORDS.items():
            if word in ("*", name):
                volume: dict[str, Any] = {key: {}}
                what = f"{name} volumes" if word == name else f"volumes of every kind, {name} among them"
                yield ("spec", "volumes", index), what, _pod(volumes=[volume])


def _capabilities(policy: PodSecurityPolicy) -> Iterator[_Probe]:
    spec = policy.spec
    for field, what, names in (
        ("defaultAddCapabilities", "is added where a pod does not drop it", spec.default_add_capabilities),
        ("allowedCapabilities", "may be added", spec.allowed_capabilities),
    ):
        for index, name in enumerate(names):
            added, shown = (_EVERY_CAPABILITY, "every capability") if name == "*" else (name, name)
            pod = _pod({"capabilities": {"add": [added], "drop": ["ALL"]}})
            yield ("spec", field, index), f"{shown} {what}", pod
    pod = _pod({"capabilities": {"drop": spec.required_drop_capabilities}})
    yield ("spec", "requiredDropCapabilities"), "capabilities of the runtime's default set are kept", pod


def _users(policy: PodSecurityPolicy) -> Iterator[_Probe]:
    strategy = policy.spec.run_as_user
    route: Route = ("spec", "runAsUser", "rule")
    if strategy.rule == "MustRunAs":
        for index, ids in enumerate(strategy.ranges):
            user = _pod({"runAsUser": ids.min}, without=("runAsNonRoot",))
            what = "user 0, which is root" if ids.min == 0 else "a runAsUser without runAsNonRoot: true"
            yield ("spec", "runAsUser", "ranges", index), what, user
    elif strategy.rule == "MustRunAsNonRoot":
        # a pod that names a user is let in as it is: nobody writes the runAsNonRoot that restricted asks for
        yield route, "a runAsUser without runAsNonRoot: true", _pod(without=("runAsNonRoot",))
    else:
        yield route, "any user, root included", _pod({"runAsUser": 0}, without=("runAsNonRoot",))


def _profiles(policy: PodSecurityPolicy) -> Iterator[_Probe]:
    linux = policy.spec.se_linux
    options, what = {"type": "spc_t"}, "any SELinux options, e.g. the type spc_t"
    if linux.rule == "MustRunAs":
        options, what = dict(linux.se_linux_options or {}), "these SELinux options"
    yield ("spec", "seLinux", "rule"), what, _pod({"seLinuxOptions": options})
    text = policy.annotations.get(app_armor.ALLOWED)
    for profile in ("unconfined",) if text is None else text.split(","):
        annotation = {f"{app_armor.CONTAINER}container": profile}
        what = "any AppArmor profile, e.g. unconfined" if text is None else f"the AppArmor profile {profile}"
        yield ("metadata", "annotations", app_armor.ALLOWED), what, _pod(annotations=annotation)
    names = policy.annotations.get(seccomp.ALLOWED, "").split(",")
    unconfined = _pod({"seccompProfile": {"type": "Unconfined"}})
    if "*" in names or "unconfined" in names:
        yield ("metadata", "annotations", seccomp.ALLOWED), "the seccomp profile Unconfined", unconfined
    route: Route = ("metadata", "annotations", seccomp.DEFAULT)
    default = policy.annotations.get(seccomp.DEFAULT, "")
    if not {"*", default} & set(names):
        # what the policy leaves or writes where a pod names no profile, it then refuses
        return
    if not default:
        yield route, "containers without a seccomp profile", _pod(without=("seccompProfile",))
    elif default == "unconfined":
        yield route, "the seccomp profile Unconfined, written where none is set", unconfined
