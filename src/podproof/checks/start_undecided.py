"""Whether a container starts depends on something unknown: an image's user, or what a node has.

With `runAsNonRoot: true` and no `runAsUser`, the image's user decides whether the container starts, and a
profile helps only on a node that has it. With `hostUsers: false`, the file system of each volume has to
support idmapped mounts, which disks and memory do and NFS does not. A mount inside a read-only one needs a
folder there (or a file, for a file), since the runtime cannot make it; in secrets, configMaps and their like
the kubelet makes a folder, which no file can cover. Nothing is guessed: each note names what decides, and
how to tell it. What most pods leave open, such as which user an image has where nobody forbids root, is not
noted.

**Fields:** `runAsNonRoot: true` where the image decides about the user, an image with a user by name whose
/etc/passwd is not known, `seccompProfile` of type Localhost, `appArmorProfile` of type RuntimeDefault or
Localhost, `hostUsers: false` with claims and CSI volumes, volumeMounts inside read-only ones, and what needs
a feature that a node declares only if its runtime has it: `hostUsers: false` with `hostNetwork: true`, and
`bindMountOptions`, where feature gates allow them. **To decide:** `podproof images lock PATH...` writes
down what images contain, and `podproof-images.yaml` or `--images FILE` is read; `--node FILE` says what the
node has. (Sysctls that are not safe are decided: a kubelet refuses them unless it allows them, which
`unsafe_sysctls` in the node file says.)

**Source:** kubernetes pkg/kubelet/kuberuntime/security_context_others.go and helpers_linux.go;
pkg/security/apparmor/validate.go; kubernetes.io, User Namespaces; runc libcontainer/rootfs_linux.go.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ..effective.container_in_pod import ContainerInPod
from ..effective.value import Unknown
from ..findings import Finding, Route, Severity
from ..kubelet.container_start import Question, open_questions
from ..kubelet.declared_features import find_unknown_feature
from ._linux import linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import UNCERTAIN_START

_LOCK = "record what the image contains (podproof images lock, --images FILE)"

_REMEDIES: dict[Question, str] = {
    "runAsNonRoot": f"set runAsUser to a number other than 0, or {_LOCK}",
    "user": _LOCK,
    "appArmorProfile": "say what the node has (--node FILE, apparmor: true or false)",
    "seccompProfile": "say what the node has (--node FILE, seccomp_profiles: [NAME])",
    "hostUsers": "use a volume on a disk or in memory, or remove hostUsers: false",
    "volumeMounts": "create it in the volume, or mount outside of it",
}

_DECLARED = "say what the node's status has (--node FILE, declared_features: [NAME])"

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
    unknown = find_unknown_feature(running.pod, running.containers[0].setting)
    if unknown is not None:
        yield _feature_note(*unknown)
        return
    for placed, _ in linux_containers(running):
        if placed.route not in open_ones:
            continue
        for question, reason, route in open_questions(placed):
            if question == "user" and (placed.image is None or placed.image.user is None):
                continue  # nobody forbids root here: whatever the user is, it starts
            yield _note(placed, question, reason, route)


def _feature_note(unknown: Unknown, route: Route) -> Finding:
    message = f"pod may not start: it is {unknown.reason}: {_DECLARED}"
    return replace(warn(CHECK, None, route, message, label="the node is not known"), advice=True)


def _note(placed: ContainerInPod, question: Question, reason: str, route: Route) -> Finding:
    remedy = _REMEDIES[question]
    if question == "appArmorProfile" and "AppArmor profile" in reason:
        remedy = "load the profile on every node that may run it"
    why = f"it is {reason}" if reason.startswith("not known") else reason
    if question == "volumeMounts" and "the kubelet makes a folder" in reason:
        remedy = "mount it elsewhere if it is a file"
    if question == "runAsNonRoot":
        why = f"runAsNonRoot is true, but {reason}"
    message = f"{who(placed.container)} may not start: {why}: {remedy}"
    finding = warn(CHECK, placed, (), message, label=_LABELS[question])
    # the question counts its route from the pod; nothing is wrong with the line, so that it need not be shown
    return replace(finding, route=route, advice=True)


CHECK = EffectCheck(
    id="start-undecided",
    summary="containers that may not start, because the image, the node or a volume is not known",
    severity=Severity.NOTE,
    find=_find,
    when=UNCERTAIN_START,
)
