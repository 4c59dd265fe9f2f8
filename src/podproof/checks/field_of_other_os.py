"""Windows ignores Linux settings, and Linux ignores Windows settings.

A pod that goes to Windows nodes by its node selector may carry a whole Linux security context: the API server
takes it, the kubelet on Windows silently drops it, and the container runs as the image's user with everything
that user may do. The same goes for `windowsOptions` on a Linux node. With `spec.os.name` the API server
refuses such fields, and Pod Security no longer asks for them.

**Fields:** for Windows, `runAsUser`, `runAsGroup`, `capabilities`, `privileged`, `readOnlyRootFilesystem`,
`allowPrivilegeEscalation`, `procMount`, `seccompProfile`, `appArmorProfile` and `seLinuxOptions`, the pod's
`fsGroup`, `fsGroupChangePolicy`, `supplementalGroups`, `supplementalGroupsPolicy`, `sysctls` and
`seLinuxChangePolicy`, and `hostPID`, `hostIPC`, `hostUsers` and `shareProcessNamespace`; for Linux,
`windowsOptions`. `runAsNonRoot` means something to both. **Where:** pods whose `nodeSelector` or required
node affinity has `kubernetes.io/os`; where nothing says which system it is, nothing is reported.

**Source:** kubernetes pkg/apis/core/validation, validateWindows and validateLinux;
pkg/kubelet/kuberuntime/security_context_windows.go.
"""

from collections.abc import Iterator, Sequence

import msgspec

from ..effective.container_in_pod import POD_CONTEXT, ContainerInPod
from ..findings import ContainerRef, Finding, Route, Severity
from ..kube.pod import Pod, PodSpec
from ..kube.target_os import TargetOS, target_os
from ._text import who
from .model.effect import EffectCheck, Running

_CONTEXT = (
    ("run_as_user", "runAsUser"),
    ("run_as_group", "runAsGroup"),
    ("capabilities", "capabilities"),
    ("privileged", "privileged"),
    ("read_only_root_filesystem", "readOnlyRootFilesystem"),
    ("allow_privilege_escalation", "allowPrivilegeEscalation"),
    ("seccomp_profile", "seccompProfile"),
    ("app_armor_profile", "appArmorProfile"),
    ("se_linux_options", "seLinuxOptions"),
    ("supplemental_groups", "supplementalGroups"),
    ("supplemental_groups_policy", "supplementalGroupsPolicy"),
    ("fs_group", "fsGroup"),
    ("fs_group_change_policy", "fsGroupChangePolicy"),
    ("sysctls", "sysctls"),
    ("se_linux_change_policy", "seLinuxChangePolicy"),
)
"""Fields of a security context (the container's or the pod's) that only Linux has."""

_SPEC = (
    ("host_users", "hostUsers"),
    ("host_pid", "hostPID"),
    ("host_ipc", "hostIPC"),
    ("share_process_namespace", "shareProcessNamespace"),
)


def _find(running: Running) -> Iterator[Finding]:
    asked = target_os(running.pod)
    # with spec.os the API server refuses the fields itself
    if asked is None or asked.name not in ("windows", "linux") or asked.route[:2] == ("spec", "os"):
        return
    yield from _of_pod(running.pod, asked)
    for placed in running.containers:
        routes = [("securityContext", name) for name in _set(placed.context, asked)]
        yield from _report(asked, who(placed.container), placed, routes)


def _of_pod(pod: Pod, asked: TargetOS) -> Iterator[Finding]:
    spec = pod.spec or PodSpec()
    routes: list[Route] = [(*POD_CONTEXT, name) for name in _set(spec.security_context, asked)]
    if asked.name == "windows":
        routes += [("spec", name) for attribute, name in _SPEC if getattr(spec, attribute)]
        if spec.host_users is False:
            routes.append(("spec", "hostUsers"))
    yield from _report(asked, "the pod", None, routes)


def _set(context: msgspec.Struct | None, asked: TargetOS) -> Iterator[str]:
    """Name the fields that are set and that the system does not have; procMount Default is filled in."""
    if asked.name == "linux":
        if getattr(context, "windows_options", None) is not None:
            yield "windowsOptions"
        return
    for attribute, name in _CONTEXT:
        if getattr(context, attribute, None) is not None:
            yield name
    if getattr(context, "proc_mount", None) not in (None, "Default"):
        yield "procMount"


def _report(
    asked: TargetOS, owner: str, placed: ContainerInPod | None, routes: Sequence[Route]
) -> Iterator[Finding]:
    if not routes:
        return
    system = "Windows" if asked.name == "windows" else "Linux"
    names = ", ".join(str(route[-1]) for route in routes)
    do = "does" if len(routes) == 1 else "do"
    base: Route = () if placed is None else placed.route
    yield Finding(
        CHECK.id,
        CHECK.severity,
        f"{owner} sets {names}, which {do} nothing on the {system} node that {asked.route[1]} asks for: "
        f"remove {'it' if len(routes) == 1 else 'them'}, and write spec.os.name: {asked.name}",
        (*base, *routes[0]),
        None if placed is None else ContainerRef(placed.container.name or "", placed.kind),
        f"nothing to {system}",
        ("with spec.os the API server refuses what the system does not have",),
        related=(asked.route,),
    )


CHECK = EffectCheck(
    id="field-of-other-os",
    summary="Linux settings in pods for Windows nodes, and the other way round",
    severity=Severity.WARNING,
    find=_find,
)
