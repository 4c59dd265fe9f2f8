"""Will the pod start: the kubelet's admission, the sandbox, then each container in its order.

A pod and the facts about its images go in, a PodStart goes out, with the kubelet's and the runtime's words.
Decided is what bears on security and on the image's user and command, not pulls, volumes or resources.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from ..effective.apparmor import requested_apparmor
from ..effective.capabilities import granted, ignored_names, missing_on_node
from ..effective.image import ImageConfig
from ..effective.node import Node
from ..effective.runtime import DEFAULT_RUNTIME, RUNTIMES, RuntimeProfile
from ..effective.seccomp import requested_seccomp
from ..effective.subject import Provenance, Subject, containers_of, make_subject
from ..effective.users import MAX_ID, requested_user, resolve_user
from ..effective.value import Unknown
from ..kube.go_format import quote
from ..kube.pod import Pod
from ..kube.target_os import is_for_windows
from .admit import reject
from .non_root import verify_run_as_non_root
from .sandbox import MAPPED_IDS, refuse_sandbox
from .verdict import ContainerStart, Event, PodStart

__all__ = ["Question", "open_questions", "predict_start", "start_container", "start_of", "subjects_of"]

Images = Mapping[str, ImageConfig]

_UNKNOWN_NODE = Node()


def subjects_of(
    pod: Pod,
    images: Images,
    *,
    node: Node = _UNKNOWN_NODE,
    runtime: RuntimeProfile = RUNTIMES[DEFAULT_RUNTIME],
    version: int = 37,
    provenance: Provenance | None = None,
) -> tuple[Subject, ...]:
    """Put every container of the pod together with its image, in the order in which they start.

    `provenance` maps routes of the pod that a policy filled in to their origins; None: there are none.
    """
    return tuple(
        make_subject(
            container,
            pod,
            images.get(container.image or ""),
            route=route,
            kind=kind,
            node=node,
            runtime=runtime,
            version=version,
            provenance=provenance,
        )
        for kind, container, route in containers_of(pod)
    )


def predict_start(
    pod: Pod,
    images: Images,
    *,
    node: Node = _UNKNOWN_NODE,
    runtime: RuntimeProfile = RUNTIMES[DEFAULT_RUNTIME],
    version: int = 37,
) -> PodStart:
    """Say whether the pod starts, and if not, what its status and events say.

    `images` maps references as the pod writes them; what is not in it is unknown. `version` is the kubelet's
    minor release. A Windows pod is not decided unless a (Linux) node is told of, which refuses it.
    """
    subjects = subjects_of(pod, images, node=node, runtime=runtime, version=version)
    return start_of(pod, subjects, node=node, runtime=runtime, version=version)


def start_of(
    pod: Pod, subjects: tuple[Subject, ...], *, node: Node, runtime: RuntimeProfile, version: int
) -> PodStart:
    """Say what `predict_start` does, of a pod whose containers are already put together."""
    rejected = reject(pod, subjects, node, version)
    if rejected is not None:
        return _rejected(subjects, rejected)
    if is_for_windows(pod):
        return _undecided(subjects, "a Windows node decides")
    refused = refuse_sandbox(pod, runtime)
    if refused is not None:
        waiting = tuple(
            _start(subject, False, reason="ContainerCreating", event=refused) for subject in subjects
        )
        return PodStart("Pending", None, "", refused, waiting)
    return _in_order(subjects)


def _in_order(subjects: tuple[Subject, ...]) -> PodStart:
    starts: list[ContainerStart] = []
    blocked: bool | Unknown = False
    for subject in subjects:
        if blocked is not False and subject.kind != "ephemeral":
            starts.append(_waits(subject, blocked))
            continue
        start = start_container(subject)
        starts.append(start)
        if subject.kind in ("init", "sidecar") and start.starts is not True:
            blocked = start.starts if isinstance(start.starts, Unknown) else True
    return PodStart(_phase(starts), None, "", None, tuple(starts))


def _phase(starts: list[ContainerStart]) -> Literal["Pending", "Running"] | None:
    if any(start.starts is False and start.reason != "RunContainerError" for start in starts):
        return "Pending"
    if any(isinstance(start.starts, Unknown) for start in starts):
        return None
    return "Running"


def _waits(subject: Subject, blocked: bool | Unknown) -> ContainerStart:
    if isinstance(blocked, Unknown):
        return _start(subject, Unknown(f"an init container before it is undecided: {blocked.reason}"))
    return _start(subject, False, reason="PodInitializing")


def _start(
    subject: Subject,
    starts: bool | Unknown,
    *,
    reason: str | None = None,
    message: str = "",
    event: Event | None = None,
    missing: tuple[str, ...] = (),
) -> ContainerStart:
    return ContainerStart(subject.container.name or "", subject.kind, starts, reason, message, event, missing)


def _rejected(subjects: tuple[Subject, ...], event: Event) -> PodStart:
    message = f"Pod was rejected: {event.message}"
    starts = tuple(
        _start(subject, False, reason=event.reason, message=message, event=event) for subject in subjects
    )
    return PodStart("Failed", event.reason, message, event, starts)


def _undecided(subjects: tuple[Subject, ...], reason: str) -> PodStart:
    starts = tuple(_start(subject, Unknown(reason), missing=("node",)) for subject in subjects)
    return PodStart(None, None, "", None, starts)


Step = Callable[[Subject], "tuple[str, str] | Unknown | None"]


def start_container(subject: Subject) -> ContainerStart:
    """Say whether one container starts in a pod whose sandbox stands.

    The steps come in the order in which the kubelet, then the runtime, then runc take them; the first that
    fails gives the words. An undecided step leaves the answer open unless a later one fails for certain.
    """
    unknown: Unknown | None = None
    for step in _STEPS:
        outcome = step(subject)
        if isinstance(outcome, Unknown):
            unknown = unknown or outcome
        elif outcome is not None and unknown is None:
            reason, message = outcome
            return _start(
                subject, False, reason=reason, message=message, event=Event("Failed", f"Error: {message}")
            )
        elif outcome is not None:
            # it fails for certain, but which of the two is reported first is not known
            return _start(
                subject,
                False,
                reason=outcome[0],
                message=outcome[1],
                event=Event("Failed", f"Error: {outcome[1]}"),
                missing=(unknown.reason if unknown else "",),
            )
    if unknown is not None:
        return _start(subject, unknown, missing=(unknown.reason,))
    return _start(subject, True)


def _non_root(subject: Subject) -> tuple[str, str] | Unknown | None:
    problem = verify_run_as_non_root(subject)
    return ("CreateContainerConfigError", problem) if isinstance(problem, str) else problem


def profile_name_problem(subject: Subject) -> str | None:
    """Say why the kubelet cannot ask for the seccomp profile; None when it can."""
    profile, _ = requested_seccomp(subject)
    if profile.type == "Localhost" and not profile.localhost_profile:
        return "localhostProfile must be set if seccompProfile type is Localhost."
    return None


def _profile_names(subject: Subject) -> tuple[str, str] | None:
    problem = profile_name_problem(subject)
    return None if problem is None else ("CreateContainerConfigError", problem)


def _command(subject: Subject) -> tuple[str, str] | None:
    container, image = subject.container, subject.image
    if container.command or container.args or image is None:
        return None
    if image.entrypoint == () and image.command == ():
        return "CreateContainerError", subject.runtime.no_command_error
    return None


def _capability_names(subject: Subject) -> tuple[str, str] | None:
    """Refuse an unknown name in `add`, written with its prefix; names in `drop` are not looked at.

    Source: cri-o internal/factory/container, SpecSetupCapabilities, toCAPPrefixed.
    """
    if not subject.runtime.unknown_capability_fails or subject.privileged:
        return None
    add = (subject.context.capabilities.add if subject.context.capabilities else None) or ()
    ignored = set(ignored_names(subject))
    for name in add:
        if name in ignored:
            prefixed = name if name.lower().startswith("cap_") else f"CAP_{name.upper()}"
            return "CreateContainerError", subject.runtime.create_error.format(
                f"unknown capability {quote(prefixed)} to add"
            )
    return None


def _user(subject: Subject) -> tuple[str, str] | Unknown | None:
    requested = requested_user(subject)
    # Only a name needs a look-up that can fail: a number that is not in the image's files runs as it is.
    if isinstance(requested.uid, int) and 0 <= requested.uid <= MAX_ID:
        return None
    user = resolve_user(subject, requested)
    if user.problem:
        return "CreateContainerError", subject.runtime.user_error.format(user.problem)
    return user.uid.value if isinstance(user.uid.value, Unknown) else None


def _seccomp_file(subject: Subject) -> tuple[str, str] | Unknown | None:
    profile, _ = requested_seccomp(subject)
    if profile.type != "Localhost" or subject.privileged:
        return None
    name = profile.localhost_profile or ""
    if subject.node.seccomp_profiles is None:
        return Unknown(f"not known whether the node has the seccomp profile {name}")
    if name in subject.node.seccomp_profiles:
        return None
    path = f"<kubelet>/seccomp/{name}"
    text = f"cannot load seccomp profile {quote(path)}: open {path}: no such file or directory"
    return "CreateContainerError", subject.runtime.create_error.format(text)


def _localhost_apparmor(subject: Subject) -> Unknown | None:
    asked = requested_apparmor(subject)
    if asked is None or asked[0].type == "Unconfined":
        return None
    if asked[0].type == "Localhost":
        return Unknown(f"not known whether the node has the AppArmor profile {asked[0].localhost_profile}")
    return Unknown("not known whether the node has AppArmor") if subject.node.apparmor is None else None


def _node_capabilities(subject: Subject) -> tuple[str, str] | None:
    if subject.node.capabilities is not None and granted(subject) and missing_on_node(subject):
        return "RunContainerError", subject.runtime.capability_error
    return None


def _mapped_user(subject: Subject) -> tuple[str, str] | None:
    if subject.spec.host_users is not False:
        return None
    requested = requested_user(subject)
    if not isinstance(requested.uid, int) or requested.uid < MAPPED_IDS:
        return None
    text = f"unable to setup user: cannot setuid to unmapped uid {requested.uid} in user namespace"
    return "RunContainerError", subject.runtime.runc_error.format(text)


_STEPS: tuple[Step, ...] = (
    _non_root,
    _profile_names,
    _command,
    _capability_names,
    _user,
    _localhost_apparmor,
    _seccomp_file,
    _node_capabilities,
    _mapped_user,
)

Question = Literal["runAsNonRoot", "user", "appArmorProfile", "seccompProfile"]
"""What decides about a start and may not be known: whether the user is root, and whether it exists; whether
the node has the profile."""

_QUESTIONS: tuple[tuple[Question, Step], ...] = (
    ("runAsNonRoot", _non_root),
    ("user", _user),
    ("appArmorProfile", _localhost_apparmor),
    ("seccompProfile", _seccomp_file),
)


def open_questions(subject: Subject) -> tuple[tuple[Question, str], ...]:
    """List every question whose answer is not known, with the reason; `start_container` tells only of one."""
    found: list[tuple[Question, str]] = []
    for question, step in _QUESTIONS:
        outcome = step(subject)
        if isinstance(outcome, Unknown):
            found.append((question, outcome.reason))
    return tuple(found)
