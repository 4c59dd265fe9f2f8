"""Will the pod start: the kubelet's admission, the sandbox, then each container in its order.

A pod and the facts about its images go in; a PodStartPrediction goes out, in the words of the kubelet and the
runtime. It covers security, the image's user and its command, not pulls, volumes or resources.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from ..effective.apparmor import requested_apparmor
from ..effective.capabilities import granted, ignored_names, missing_on_node
from ..effective.image import ImageConfig
from ..effective.node import Node
from ..effective.runtime import DEFAULT_RUNTIME, RUNTIMES, RuntimeProfile
from ..effective.seccomp import requested_seccomp
from ..effective.subject import Provenance, Subject, containers_of, make_subject
from ..effective.users import MAX_ID, Requested, requested_user, resolve_user
from ..effective.value import Unknown
from ..kube.go_format import quote
from ..kube.pod import Pod
from ..kube.target_os import is_for_windows
from ..kube.versions import NEWEST
from ..manifest.route import Route
from .admit import reject
from .non_root import verify_run_as_non_root
from .sandbox import MAPPED_IDS, refuse_sandbox
from .start_prediction import PodStartPrediction, StartPrediction, WarningEvent

__all__ = ["Question", "open_questions", "predict_start", "start_container", "start_of", "subjects_of"]

Images = Mapping[str, ImageConfig]

_UNKNOWN_NODE = Node()


def subjects_of(
    pod: Pod,
    images: Images,
    *,
    node: Node = _UNKNOWN_NODE,
    runtime: RuntimeProfile = RUNTIMES[DEFAULT_RUNTIME],
    version: int = NEWEST,
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
    version: int = NEWEST,
) -> PodStartPrediction:
    """Say whether the pod starts, and if not, what its status and events say.

    `images` maps references as the pod writes them; what is not in it is unknown. `version` is the kubelet's
    minor release. A Windows pod is not decided unless a (Linux) node is told of, which refuses it.
    """
    subjects = subjects_of(pod, images, node=node, runtime=runtime, version=version)
    return start_of(pod, subjects, node=node, runtime=runtime, version=version)


def start_of(
    pod: Pod, subjects: tuple[Subject, ...], *, node: Node, runtime: RuntimeProfile, version: int
) -> PodStartPrediction:
    """Say what `predict_start` does, of a pod whose containers are already put together."""
    rejected = reject(pod, subjects, node, version)
    if rejected is not None:
        return _rejected(subjects, rejected)
    if is_for_windows(pod):
        return _windows_decides(subjects)
    refused = refuse_sandbox(pod, runtime)
    if refused is not None:
        waiting = tuple(
            _stops(subject, "ContainerCreating", "", refused, route=refused.route) for subject in subjects
        )
        return PodStartPrediction("Pending", None, "", refused, waiting)
    return _in_order(subjects)


def _in_order(subjects: tuple[Subject, ...]) -> PodStartPrediction:
    starts: list[StartPrediction] = []
    blocked: bool | Unknown = False
    for subject in subjects:
        if blocked is not False and subject.kind != "ephemeral":
            starts.append(_waits(subject, blocked))
            continue
        start = start_container(subject)
        starts.append(start)
        if subject.kind in ("init", "sidecar") and start.starts is not True:
            blocked = start.starts if isinstance(start.starts, Unknown) else True
    return PodStartPrediction(_phase(starts), None, "", None, tuple(starts))


def _phase(starts: list[StartPrediction]) -> Literal["Pending", "Running"] | None:
    if any(start.starts is False and start.reason != "RunContainerError" for start in starts):
        return "Pending"
    if any(isinstance(start.starts, Unknown) for start in starts):
        return None
    return "Running"


def _waits(subject: Subject, blocked: bool | Unknown) -> StartPrediction:
    if isinstance(blocked, Unknown):
        return _undecided(subject, Unknown(f"an init container before it is undecided: {blocked.reason}"))
    return _stops(subject, "PodInitializing")


def _stops(
    subject: Subject,
    reason: str,
    message: str = "",
    event: WarningEvent | None = None,
    *,
    missing: tuple[str, ...] = (),
    route: Route = (),
) -> StartPrediction:
    name = subject.container.name or ""
    return StartPrediction(name, subject.kind, False, reason, message, event, missing, route)


def _undecided(
    subject: Subject, unknown: Unknown, *, missing: tuple[str, ...] = (), route: Route = ()
) -> StartPrediction:
    name = subject.container.name or ""
    return StartPrediction(name, subject.kind, unknown, missing=missing, route=route)


def _rejected(subjects: tuple[Subject, ...], event: WarningEvent) -> PodStartPrediction:
    message = f"Pod was rejected: {event.message}"
    starts = tuple(_stops(subject, event.reason, message, event, route=event.route) for subject in subjects)
    return PodStartPrediction("Failed", event.reason, message, event, starts)


def _windows_decides(subjects: tuple[Subject, ...]) -> PodStartPrediction:
    unknown = Unknown("a Windows node decides")
    starts = tuple(_undecided(subject, unknown, missing=("node",)) for subject in subjects)
    return PodStartPrediction(None, None, "", None, starts)


class _StartError(msgspec.Struct, frozen=True, gc=False):
    """Why a step fails: the status' reason and message; `route` is the field, counted from the container."""

    reason: str
    message: str
    route: Route


class _OpenQuestion(msgspec.Struct, frozen=True, gc=False):
    """A step that needs what is not known; `route` is the field it is about, counted from the container."""

    unknown: Unknown
    route: Route


Step = Callable[[Subject], "_StartError | _OpenQuestion | None"]

_IMAGE: Route = ("image",)


def _field(name: str) -> Route:
    return ("securityContext", name)


def start_container(subject: Subject) -> StartPrediction:
    """Say whether one container starts in a pod whose sandbox stands.

    The steps come in the order in which the kubelet, then the runtime, then runc take them; the first that
    fails gives the words. An undecided step leaves the answer open unless a later one fails for certain.
    """
    question: _OpenQuestion | None = None
    for step in _STEPS:
        outcome = step(subject)
        if isinstance(outcome, _OpenQuestion):
            question = question or outcome
        elif outcome is not None:
            # after a question it fails for certain too, but which of the two is reported first is not known
            missing = () if question is None else (question.unknown.reason,)
            return _fails(subject, outcome, missing)
    if question is not None:
        route = (*subject.route, *question.route)
        return _undecided(subject, question.unknown, missing=(question.unknown.reason,), route=route)
    return StartPrediction(subject.container.name or "", subject.kind, True)


def _fails(subject: Subject, error: _StartError, missing: tuple[str, ...]) -> StartPrediction:
    route = (*subject.route, *error.route)
    event = WarningEvent("Failed", f"Error: {error.message}", route)
    return _stops(subject, error.reason, error.message, event, missing=missing, route=route)


def _non_root(subject: Subject) -> _StartError | _OpenQuestion | None:
    outcome = verify_run_as_non_root(subject)
    if isinstance(outcome, Unknown):
        return _OpenQuestion(outcome, _IMAGE)
    if outcome is None:
        return None
    return _StartError("CreateContainerConfigError", outcome.message, _field(outcome.field))


def profile_name_problem(subject: Subject) -> str | None:
    """Say why the kubelet cannot ask for the seccomp profile; None when it can."""
    profile, _ = requested_seccomp(subject)
    if profile.type == "Localhost" and not profile.localhost_profile:
        return "localhostProfile must be set if seccompProfile type is Localhost."
    return None


def _profile_names(subject: Subject) -> _StartError | None:
    problem = profile_name_problem(subject)
    if problem is None:
        return None
    return _StartError("CreateContainerConfigError", problem, _field("seccompProfile"))


def _command(subject: Subject) -> _StartError | None:
    container, image = subject.container, subject.image
    if container.command or container.args or image is None:
        return None
    if image.entrypoint == () and image.command == ():
        return _StartError("CreateContainerError", subject.runtime.no_command_error, _IMAGE)
    return None


def _capability_names(subject: Subject) -> _StartError | None:
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
            message = subject.runtime.create_error.format(f"unknown capability {quote(prefixed)} to add")
            return _StartError("CreateContainerError", message, _field("capabilities"))
    return None


def _user(subject: Subject) -> _StartError | _OpenQuestion | None:
    requested = requested_user(subject)
    # Only a name needs a look-up that can fail: a number that is not in the image's files runs as it is.
    if isinstance(requested.uid, int) and 0 <= requested.uid <= MAX_ID:
        return None
    user = resolve_user(subject, requested)
    if user.problem:
        message = subject.runtime.user_error.format(user.problem)
        return _StartError("CreateContainerError", message, _user_route(requested))
    return _OpenQuestion(user.uid.value, _IMAGE) if isinstance(user.uid.value, Unknown) else None


def _user_route(requested: Requested) -> Route:
    return _IMAGE if requested.origin.kind == "image" else _field("runAsUser")


def _seccomp_file(subject: Subject) -> _StartError | _OpenQuestion | None:
    profile, _ = requested_seccomp(subject)
    if profile.type != "Localhost" or subject.privileged:
        return None
    name = profile.localhost_profile or ""
    if subject.node.seccomp_profiles is None:
        unknown = Unknown(f"not known whether the node has the seccomp profile {name}")
        return _OpenQuestion(unknown, _field("seccompProfile"))
    if name in subject.node.seccomp_profiles:
        return None
    path = f"<kubelet>/seccomp/{name}"
    text = f"cannot load seccomp profile {quote(path)}: open {path}: no such file or directory"
    message = subject.runtime.create_error.format(text)
    return _StartError("CreateContainerError", message, _field("seccompProfile"))


def _localhost_apparmor(subject: Subject) -> _OpenQuestion | None:
    requested = requested_apparmor(subject)
    if requested is None or requested[0].type == "Unconfined":
        return None
    if requested[0].type == "Localhost":
        what = f"the AppArmor profile {requested[0].localhost_profile}"
    elif subject.node.apparmor is None:
        what = "AppArmor"
    else:
        return None
    return _OpenQuestion(Unknown(f"not known whether the node has {what}"), _field("appArmorProfile"))


def _node_capabilities(subject: Subject) -> _StartError | None:
    if subject.node.capabilities is not None and granted(subject) and missing_on_node(subject):
        return _StartError("RunContainerError", subject.runtime.capability_error, _field("capabilities"))
    return None


def _mapped_user(subject: Subject) -> _StartError | None:
    if subject.spec.host_users is not False:
        return None
    requested = requested_user(subject)
    if not isinstance(requested.uid, int) or requested.uid < MAPPED_IDS:
        return None
    text = f"unable to setup user: cannot setuid to unmapped uid {requested.uid} in user namespace"
    return _StartError("RunContainerError", subject.runtime.runc_error.format(text), _user_route(requested))


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
    questions: list[tuple[Question, str]] = []
    for name, step in _QUESTIONS:
        outcome = step(subject)
        if isinstance(outcome, _OpenQuestion):
            questions.append((name, outcome.unknown.reason))
    return tuple(questions)
