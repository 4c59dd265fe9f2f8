"""Will one container start in a pod whose sandbox stands: the steps of the kubelet, the runtime and runc.

A container in its pod and the facts about its image go in; a StartPrediction goes out, in their words.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import msgspec

from ..effective.apparmor import requested_apparmor
from ..effective.capabilities import granted, ignored_names, missing_on_node
from ..effective.container_in_pod import POD_CONTEXT, ContainerInPod
from ..effective.seccomp import requested_seccomp
from ..effective.users import MAX_ID, Requested, requested_user, resolve_user, written_user
from ..effective.value import Unknown
from ..kube.go_format import quote
from ..manifest.route import Route
from .mounts import find_nested_mount, find_unmappable_mount
from .non_root import verify_run_as_non_root
from .sandbox import MAPPED_IDS
from .security_contexts import SECCOMP_ROOT
from .start_prediction import StartPrediction, WarningEvent

__all__ = [
    "Question",
    "open_questions",
    "profile_name_problem",
    "start_container",
    "stays_open",
    "stops_with",
]


class _StartError(msgspec.Struct, frozen=True, gc=False):
    """Why a step fails: the status' reason and message; `route` is the field, counted from the Pod object."""

    reason: str
    message: str
    route: Route


class _OpenQuestion(msgspec.Struct, frozen=True, gc=False):
    """A step that needs what is not known; `route` is the field it is about, counted from the Pod object."""

    unknown: Unknown
    route: Route


Step = Callable[[ContainerInPod], "_StartError | _OpenQuestion | None"]


_OF_THE_POD = {
    "runAsUser": "run_as_user",
    "seccompProfile": "seccomp_profile",
}
"""Fields that a container takes from its pod where it has none of its own, and that are wrong there.

Not runAsNonRoot: what breaks it is the image of one container.
"""


def _image(placed: ContainerInPod) -> Route:
    return (*placed.route, "image")


def _field(placed: ContainerInPod, name: str) -> Route:
    """Give the route of a field where it was written: in the container, else in its pod."""
    ours = _OF_THE_POD.get(name)
    if ours and getattr(placed.context, ours) is None and getattr(placed.pod_context, ours) is not None:
        return (*POD_CONTEXT, name)
    return (*placed.route, "securityContext", name)


def start_container(placed: ContainerInPod) -> StartPrediction:
    """Say whether one container starts in a pod whose sandbox stands.

    The steps come in the order in which the kubelet, then the runtime, then runc take them; the first that
    fails gives the words. An undecided step leaves the answer open unless a later one fails for certain.
    """
    question: _OpenQuestion | None = None
    for step in _asked(_subjects_of(placed)):
        outcome = step(placed)
        if isinstance(outcome, _OpenQuestion):
            question = question or outcome
        elif outcome is not None:
            # after a question it fails for certain too, but which of the two is reported first is not known
            missing = () if question is None else (question.unknown.reason,)
            return _fails(placed, outcome, missing)
    if question is not None:
        missing = (question.unknown.reason,)
        return stays_open(placed, question.unknown, missing=missing, route=question.route)
    return StartPrediction(placed.container.name or "", placed.kind, True)


def _fails(placed: ContainerInPod, error: _StartError, missing: tuple[str, ...]) -> StartPrediction:
    event = WarningEvent("Failed", f"Error: {error.message}", error.route)
    return stops_with(placed, error.reason, error.message, event, missing=missing, route=error.route)


def _recursive_read_only(placed: ContainerInPod) -> _StartError | None:
    """Refuse mounts that the runtime cannot make. Source: pkg/kubelet/kubelet_pods.go, makeMounts."""
    if placed.setting.recursive_read_only:
        return None
    for index, mount in enumerate(placed.container.volume_mounts or ()):
        if mount.recursive_read_only == "Enabled":
            text = (
                f"failed to resolve recursive read-only mode: volume {quote(mount.name or '')} requested "
                "recursive read-only mode, but it is not supported by the runtime"
            )
            route = (*placed.route, "volumeMounts", index, "recursiveReadOnly")
            return _StartError("CreateContainerConfigError", text, route)
    return None


def _non_root(placed: ContainerInPod) -> _StartError | _OpenQuestion | None:
    outcome = verify_run_as_non_root(placed)
    if isinstance(outcome, Unknown):
        return _OpenQuestion(outcome, _image(placed))
    if outcome is None:
        return None
    return _StartError("CreateContainerConfigError", outcome.message, _field(placed, outcome.field))


_SECCOMP_TYPES = ("Unconfined", "RuntimeDefault", "Localhost")


_TYPES_NAMED_SINCE = 38
"""The first kubelet that refuses other types, which earlier ones take for Unconfined.

Source: kubernetes 1.37.2 and 1.38.0-beta.0 pkg/kubelet/kuberuntime/helpers.go, fieldSeccompProfile.
"""


def profile_name_problem(placed: ContainerInPod) -> str | None:
    """Say why the kubelet cannot ask for the seccomp profile; None when it can."""
    profile, _ = requested_seccomp(placed)
    recent = placed.setting.version >= _TYPES_NAMED_SINCE
    if profile.type == "Localhost" and not profile.localhost_profile:
        return f"localhostProfile must be set if seccompProfile type is Localhost{'' if recent else '.'}"
    if recent and profile.type not in _SECCOMP_TYPES:
        supported = ", ".join(_SECCOMP_TYPES)
        return f"unsupported seccompProfile type {quote(profile.type or '')} (supported: {supported})"
    return None


def _profile_names(placed: ContainerInPod) -> _StartError | None:
    problem = profile_name_problem(placed)
    if problem is None:
        return None
    return _StartError("CreateContainerConfigError", problem, _field(placed, "seccompProfile"))


def _command(placed: ContainerInPod) -> _StartError | None:
    container, image = placed.container, placed.image
    if container.command or container.args or image is None:
        return None
    if image.entrypoint == () and image.command == ():
        return _StartError("CreateContainerError", placed.setting.runtime.no_command_error, _image(placed))
    return None


def _capability_names(placed: ContainerInPod) -> _StartError | None:
    """Refuse an unknown name in `add`, written with its prefix; names in `drop` are not looked at.

    Source: cri-o internal/factory/container, SpecSetupCapabilities, toCAPPrefixed.
    """
    if not placed.setting.runtime.unknown_capability_fails or placed.privileged:
        return None
    add = (placed.context.capabilities.add if placed.context.capabilities else None) or ()
    ignored = set(ignored_names(placed))
    for name in add:
        if name in ignored:
            prefixed = name if name.lower().startswith("cap_") else f"CAP_{name.upper()}"
            message = placed.setting.runtime.create_error.format(
                f"unknown capability {quote(prefixed)} to add"
            )
            return _StartError("CreateContainerError", message, _field(placed, "capabilities"))
    return None


def _user(placed: ContainerInPod) -> _StartError | _OpenQuestion | None:
    # Only a name needs a look-up that can fail: a number that is not in the image's files runs as it is.
    written = written_user(placed)
    if written is not None and 0 <= written <= MAX_ID:
        return None
    requested = requested_user(placed)
    if isinstance(requested.uid, int) and 0 <= requested.uid <= MAX_ID:
        return None
    if isinstance(requested.uid, Unknown) and placed.reported is None:
        return _OpenQuestion(requested.uid, _image(placed))
    user = resolve_user(placed, requested)
    if user.problem:
        message = placed.setting.runtime.user_error.format(user.problem)
        return _StartError("CreateContainerError", message, _user_route(placed, requested))
    return _OpenQuestion(user.uid.value, _image(placed)) if isinstance(user.uid.value, Unknown) else None


def _user_route(placed: ContainerInPod, requested: Requested) -> Route:
    return _image(placed) if requested.origin.kind == "image" else _field(placed, "runAsUser")


def _seccomp_file(placed: ContainerInPod) -> _StartError | _OpenQuestion | None:
    profile, _ = requested_seccomp(placed)
    if profile.type != "Localhost" or placed.privileged:
        return None
    name = profile.localhost_profile or ""
    if placed.setting.node.seccomp_profiles is None:
        unknown = Unknown(f"not known whether the node has the seccomp profile {name}")
        return _OpenQuestion(unknown, _field(placed, "seccompProfile"))
    if name in placed.setting.node.seccomp_profiles:
        return None
    path = f"{SECCOMP_ROOT}/{name}"
    text = f"cannot load seccomp profile {quote(path)}: open {path}: no such file or directory"
    message = placed.setting.runtime.create_error.format(text)
    return _StartError("CreateContainerError", message, _field(placed, "seccompProfile"))


def _localhost_apparmor(placed: ContainerInPod) -> _StartError | _OpenQuestion | None:
    requested = requested_apparmor(placed)
    if requested is None or requested[0].type == "Unconfined":
        return None
    if requested[0].type == "Localhost":
        name, loaded = requested[0].localhost_profile or "", placed.setting.node.apparmor_profiles
        if loaded is not None and name in loaded:
            return None
        if loaded is not None and placed.setting.runtime.apparmor_error:
            message = placed.setting.runtime.apparmor_error.format(name)
            return _StartError("CreateContainerError", message, requested[1].route)
        if loaded is not None:
            runtime = placed.setting.runtime.name
            problem = f"the node does not have the AppArmor profile {name}, and what {runtime} does then"
            return _OpenQuestion(Unknown(f"not known: {problem}"), requested[1].route)
        what = f"the AppArmor profile {name}"
    elif placed.setting.node.apparmor is None:
        what = "AppArmor"
    else:
        return None
    return _OpenQuestion(Unknown(f"not known whether the node has {what}"), requested[1].route)


def _node_capabilities(placed: ContainerInPod) -> _StartError | None:
    if placed.setting.node.capabilities is not None and granted(placed) and missing_on_node(placed):
        return _StartError(
            "RunContainerError", placed.setting.runtime.capability_error, _field(placed, "capabilities")
        )
    return None


def _mapped_user(placed: ContainerInPod) -> _StartError | None:
    if placed.spec.host_users is not False:
        return None
    requested = requested_user(placed)
    if not isinstance(requested.uid, int) or requested.uid < MAPPED_IDS:
        return None
    text = f"unable to setup user: cannot setuid to unmapped uid {requested.uid} in user namespace"
    return _StartError(
        "RunContainerError", placed.setting.runtime.runc_error.format(text), _user_route(placed, requested)
    )


def _nested_mount(placed: ContainerInPod) -> _OpenQuestion | None:
    problem = find_nested_mount(placed)
    if problem is None or problem.unknown is None:
        return None
    return _OpenQuestion(problem.unknown, (*placed.route, "volumeMounts", problem.index))


def _mapped_mounts(placed: ContainerInPod) -> _StartError | _OpenQuestion | None:
    problem = find_unmappable_mount(placed)
    if problem is None:
        return None
    route = (*placed.route, "volumeMounts", problem.index)
    if problem.unknown is not None:
        return _OpenQuestion(problem.unknown, route)
    runtime = placed.setting.runtime
    return _StartError(runtime.idmap_reason, runtime.idmap_error.format(problem.path), route)


_USER, _NON_ROOT, _SECCOMP, _APPARMOR, _CAPABILITIES, _NODE_CAPABILITIES, _IMAGE, _MOUNTS, _OWN_USERS = (
    1 << bit for bit in range(9)
)
"""What steps are about, as bits. Few containers have all of it; a step without its subject says nothing."""

_STEPS: tuple[tuple[Step, int], ...] = (
    (_recursive_read_only, _MOUNTS),
    (_non_root, _NON_ROOT),
    (_profile_names, _SECCOMP),
    (_command, _IMAGE),
    (_capability_names, _CAPABILITIES),
    (_user, _USER),
    (_localhost_apparmor, _APPARMOR),
    (_seccomp_file, _SECCOMP),
    (_mapped_mounts, _OWN_USERS),
    (_nested_mount, _MOUNTS),
    (_node_capabilities, _NODE_CAPABILITIES),
    (_mapped_user, _OWN_USERS),
)


def _subjects_of(placed: ContainerInPod) -> int:
    """Tell what there is of a container that a step may be about."""
    context, pod_context, metadata = placed.context, placed.pod_context, placed.pod.metadata
    subjects = _USER
    if context.run_as_non_root or pod_context.run_as_non_root:
        subjects |= _NON_ROOT
    if context.seccomp_profile is not None or pod_context.seccomp_profile is not None:
        subjects |= _SECCOMP
    annotated = metadata is not None and metadata.annotations
    if context.app_armor_profile is not None or pod_context.app_armor_profile is not None or annotated:
        subjects |= _APPARMOR
    if context.capabilities is not None:
        subjects |= _CAPABILITIES
    if placed.setting.node.capabilities is not None:
        subjects |= _NODE_CAPABILITIES
    if placed.image is not None:
        subjects |= _IMAGE
    if placed.container.volume_mounts:
        subjects |= _MOUNTS
    if placed.spec.host_users is False:
        subjects |= _OWN_USERS
    return subjects


@lru_cache(maxsize=512)
def _asked(subjects: int) -> tuple[Step, ...]:
    return tuple(step for step, subject in _STEPS if subject & subjects)


Question = Literal["runAsNonRoot", "user", "appArmorProfile", "seccompProfile", "hostUsers", "volumeMounts"]
"""What decides about a start and may not be known: whether the user is root, and whether it exists; whether
the node has the profile; whether a volume can be mapped to a user namespace, or holds a mount point."""


_QUESTIONS: tuple[tuple[Question, Step], ...] = (
    ("runAsNonRoot", _non_root),
    ("user", _user),
    ("appArmorProfile", _localhost_apparmor),
    ("seccompProfile", _seccomp_file),
    ("hostUsers", _mapped_mounts),
    ("volumeMounts", _nested_mount),
)


def open_questions(placed: ContainerInPod) -> tuple[tuple[Question, str, Route], ...]:
    """List every question whose answer is not known, with the reason and the field that it is about.

    `start_container` tells only of one. Routes are counted from the Pod object.
    """
    questions: list[tuple[Question, str, Route]] = []
    for name, step in _QUESTIONS:
        outcome = step(placed)
        if isinstance(outcome, _OpenQuestion):
            questions.append((name, outcome.unknown.reason, outcome.route))
    return tuple(questions)


def stops_with(
    placed: ContainerInPod,
    reason: str,
    message: str = "",
    event: WarningEvent | None = None,
    *,
    missing: tuple[str, ...] = (),
    route: Route = (),
) -> StartPrediction:
    """Predict that a container does not run, with the reason and message of its status."""
    name = placed.container.name or ""
    return StartPrediction(name, placed.kind, False, reason, message, event, missing, route)


def stays_open(
    placed: ContainerInPod, unknown: Unknown, *, missing: tuple[str, ...] = (), route: Route = ()
) -> StartPrediction:
    """Predict nothing about a container, for want of what is `missing`."""
    name = placed.container.name or ""
    return StartPrediction(name, placed.kind, unknown, missing=missing, route=route)
