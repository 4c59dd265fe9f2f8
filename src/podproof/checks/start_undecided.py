"""Whether a container starts depends on something unknown: an image's user, or what a node has.

With `runAsNonRoot: true` and no `runAsUser`, the image's user decides whether the container starts, and a
profile helps only on a node that has it. With `hostUsers: false`, the file system of each volume has to
support idmapped mounts, which disks and memory do and NFS does not. A mount inside a read-only one needs a
folder there, for the runtime cannot make it. Nothing is guessed: each note names what decides, and how to
tell it. What most pods leave open, such as which user an image has where nobody forbids root, is not noted.

**Fields:** `runAsNonRoot: true` where the image decides about the user, an image with a user by name whose
/etc/passwd is not known, `seccompProfile` of type Localhost, `appArmorProfile` of type RuntimeDefault or
Localhost, `hostUsers: false` with claims and CSI volumes, and volumeMounts inside read-only ones. **To
decide:** `podproof images lock ARCHIVE...` writes down what images contain, and `podproof-images.yaml` or
`--images FILE` is read; `--node FILE` says what the node has. (Sysctls that are not safe are decided: a
kubelet refuses them unless it allows them, which `unsafe_sysctls` in the node file says.)

**Source:** kubernetes pkg/kubelet/kuberuntime/security_context_others.go and helpers_linux.go;
pkg/security/apparmor/validate.go; kubernetes.io, User Namespaces; runc libcontainer/rootfs_linux.go.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ..effective.container_in_pod import ContainerInPod
from ..effective.value import Unknown
from ..findings import Finding, Route, Severity
from ..kubelet.mounts import find_nested_mount, find_unmappable_mount
from ..kubelet.start import Question, open_questions
from ._linux import linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn

_LOCK = "record what the image contains (podproof images lock, --images FILE)"

_REMEDIES: dict[Question, str] = {
    "runAsNonRoot": f"set runAsUser to a number other than 0, or {_LOCK}",
    "user": _LOCK,
    "appArmorProfile": "say what the node has (--node FILE, apparmor: true or false)",
    "seccompProfile": "say what the node has (--node FILE, seccomp_profiles: [NAME])",
    "hostUsers": "use a volume on a disk or in memory, or remove hostUsers: false",
    "volumeMounts": "make that folder in the volume, or mount outside of it",
}

_LABELS: dict[Question, str] = {
    "runAsNonRoot": "its user is not known",
    "user": "its /etc/passwd is not known",
    "appArmorProfile": "the node is not known",
    "seccompProfile": "the node is not known",
    "hostUsers": "its file system is not known",
    "volumeMounts": "its mount point may be missing",
}


def _find(running: Running) -> Iterator[Finding]:
    if running.start.event is not None:
        return  # the pod as a whole does not start, which will-not-start tells
    open_ones = {
        placed.route
        for placed, prediction in zip(running.containers, running.start.containers, strict=True)
        if isinstance(prediction.starts, Unknown)
    }
    if not open_ones:
        return
    for placed, _ in linux_containers(running):
        if placed.route not in open_ones:
            continue
        for question, reason in open_questions(placed):
            if question == "user" and (placed.image is None or placed.image.user is None):
                continue  # nobody forbids root here: whatever the user is, it starts
            yield from _note(placed, question, reason)


def _note(placed: ContainerInPod, question: Question, reason: str) -> Iterator[Finding]:
    remedy = _REMEDIES[question]
    if question == "appArmorProfile" and "AppArmor profile" in reason:
        remedy = "load the profile on every node that may run it"
    why = f"it is {reason}" if reason.startswith("not known") else reason
    if question == "runAsNonRoot":
        why = f"runAsNonRoot is true, but {reason}"
    message = f"{who(placed.container)} may not start: {why}: {remedy}"
    finding = warn(CHECK, placed, _route(placed, question), message, label=_LABELS[question])
    # nothing is wrong with the line, so that it need not be shown
    yield replace(finding, advice=True)


def _route(placed: ContainerInPod, question: Question) -> Route:
    if question in ("runAsNonRoot", "user"):
        return ("image",)
    if question in ("hostUsers", "volumeMounts"):
        mounts = find_unmappable_mount if question == "hostUsers" else find_nested_mount
        problem = mounts(placed)
        return ("image",) if problem is None else ("volumeMounts", problem.index)
    context = placed.context
    own = context.seccomp_profile if question == "seccompProfile" else context.app_armor_profile
    return ("securityContext", question) if own is not None else ("image",)


CHECK = EffectCheck(
    id="start-undecided",
    summary="containers that may not start, because the image, the node or a volume is not known",
    severity=Severity.NOTE,
    find=_find,
)
