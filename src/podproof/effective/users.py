"""User, group and supplementary groups of the process: who decided, and what the image's files add.

The kubelet hands the runtime a number or the image's name, never the image's group; the runtime looks the
rest up in the image's /etc/passwd and /etc/group.
"""

import msgspec

from ..kube.reported_user import ReportedUser
from .container_in_pod import POD_CONTEXT, ContainerInPod
from .image import (
    ImageUser,
    PasswdEntry,
    find_groups,
    find_passwd_by_name,
    find_passwd_by_uid,
    parse_image_user,
)
from .value import Field, Origin, Unknown

__all__ = [
    "MAX_ID",
    "ProcessUser",
    "Requested",
    "refuse_id",
    "requested_user",
    "resolve_run_as_non_root",
    "resolve_user",
    "written_user",
]

MAX_ID = 2**31 - 1
"""The largest uid or gid. Source: kubernetes apimachinery validation, IsValidUserID."""

_LAST_ID = 2**32 - 2
"""The largest id of the kernel, where -1 means none. Source: credentials(7), user_namespaces(7)."""

_NOT_SET: Field[bool | None] = Field(None, Origin("kubernetes", (), "not set"))


class Requested(msgspec.Struct, frozen=True, gc=False):
    """What the kubelet asks the runtime for: a uid or a name (or Unknown), and a group or None.

    A group comes with its origin.
    """

    uid: int | Unknown | None
    name: str
    origin: Origin
    group: tuple[int, Origin] | None


class ProcessUser(msgspec.Struct, frozen=True, gc=False):
    """The resolved user; `problem` is the runtime's complaint when it cannot be resolved ("" when it can)."""

    uid: Field[int]
    gid: Field[int]
    groups: Field[tuple[int, ...]]
    problem: str = ""


def resolve_run_as_non_root(placed: ContainerInPod) -> Field[bool | None]:
    """Take the container's word over the pod's; an explicit false overrides a pod's true."""
    if placed.context.run_as_non_root is not None:
        return Field(placed.context.run_as_non_root, placed.in_container("runAsNonRoot"))
    if placed.pod_context.run_as_non_root is not None:
        return Field(placed.pod_context.run_as_non_root, placed.in_pod("runAsNonRoot"))
    return _NOT_SET


def written_user(placed: ContainerInPod) -> int | None:
    """Give the uid that the manifest has for the container; None: the image decides.

    It is the uid of `requested_user`, for those to whom its origin does not matter.
    """
    own = placed.context.run_as_user
    return placed.pod_context.run_as_user if own is None else own


def requested_user(placed: ContainerInPod) -> Requested:
    """Merge user and group, each on its own: container over pod over image.

    Source: kubernetes pkg/securitycontext/util.go; pkg/kubelet/kuberuntime/security_context.go.
    """
    group = _requested_group(placed)
    if placed.context.run_as_user is not None:
        origin = placed.in_container("runAsUser")
        return Requested(placed.context.run_as_user, "", origin, group)
    if placed.pod_context.run_as_user is not None:
        return Requested(placed.pod_context.run_as_user, "", placed.in_pod("runAsUser"), group)
    user = _image_user(placed)
    image = _image(placed)
    if user is None and placed.reported is not None:
        return Requested(placed.reported.uid, "", _by_status(placed.reported), group)
    if user is None:
        reason = f"runAsUser is not set and the user of {image} is not known"
        return Requested(Unknown(reason), "", Origin("image", (), image), group)
    text = f"{image} has USER {placed.image.user}" if placed.image and placed.image.user else (
        f"{image} has no USER"
    )  # fmt: skip
    return Requested(user.uid, user.name, Origin("image", (), text), group)


def _requested_group(placed: ContainerInPod) -> tuple[int, Origin] | None:
    if placed.context.run_as_group is not None:
        return placed.context.run_as_group, placed.in_container("runAsGroup")
    if placed.pod_context.run_as_group is not None:
        return placed.pod_context.run_as_group, placed.in_pod("runAsGroup")
    return None


def _image_user(placed: ContainerInPod) -> ImageUser | None:
    if placed.image is None or placed.image.user is None:
        return None
    return parse_image_user(placed.image.user)


def resolve_user(placed: ContainerInPod, requested: Requested) -> ProcessUser:
    """Do the runtime's look-ups: uid of a name, gid of a uid, groups by member name.

    What the manifest and the image leave open is as the pod's status reports it, if it does.
    Source: containerd pkg/oci, WithUser and WithAdditionalGIDs; spec §5.3.
    """
    user = _looked_up(placed, requested)
    reported = placed.reported
    if reported is None or user.problem:
        return user
    origin = _by_status(reported)
    return ProcessUser(
        Field(reported.uid, origin) if isinstance(user.uid.value, Unknown) else user.uid,
        Field(reported.gid, origin) if isinstance(user.gid.value, Unknown) else user.gid,
        Field(reported.groups, origin) if isinstance(user.groups.value, Unknown) else user.groups,
    )


def _by_status(reported: ReportedUser) -> Origin:
    return Origin("runtime", reported.route, "the node reports it of the running container")


def _looked_up(placed: ContainerInPod, requested: Requested) -> ProcessUser:
    passwd = placed.image.passwd if placed.image else None
    if isinstance(requested.uid, Unknown):
        return _unknown_user(placed, requested, requested.uid)
    if requested.uid is not None and not 0 <= requested.uid <= MAX_ID:
        return _out_of_range(placed, requested, requested.uid)
    if requested.uid is None:
        if passwd is None:
            return _unknown_user(placed, requested, Unknown(f"/etc/passwd of {_image(placed)} is not known"))
        entry = find_passwd_by_name(passwd, requested.name)
        if entry is None:
            return _no_such_user(requested)
        if not _is_id(entry.uid):
            return _unknown_user(placed, requested, _no_id(placed, entry, entry.uid))
        uid = entry.uid
    else:
        uid = requested.uid
        entry = find_passwd_by_uid(passwd, uid) if passwd is not None else None
    gid = _gid(placed, requested, entry, passwd is not None)
    return ProcessUser(Field(uid, requested.origin), gid, _groups(placed, requested, entry, passwd, gid))


def _gid(placed: ContainerInPod, requested: Requested, entry: PasswdEntry | None, read: bool) -> Field[int]:
    if requested.group is not None:
        return _asked(requested.group)
    if not read:
        reason = f"runAsGroup is not set and /etc/passwd of {_image(placed)} is not known"
        return Field(Unknown(reason), Origin("image", (), _image(placed)))
    if entry is None:
        text = f"uid {requested.uid} is not in /etc/passwd of {_image(placed)}: group 0"
        return Field(0, placed.by_runtime(text))
    gid = entry.gid if _is_id(entry.gid) else _no_id(placed, entry, entry.gid)
    text = f"/etc/passwd of {_image(placed)} gives {entry.name} this group"
    return Field(gid, Origin("image", (), text))


def refuse_id(number: int, field: str) -> Unknown:
    """Say that a manifest has an id that the API server refuses: what comes of it is not guessed."""
    return Unknown(f"{field} must be between 0 and {MAX_ID}, has {number}")


def _asked(group: tuple[int, Origin]) -> Field[int]:
    number, origin = group
    return Field(number if 0 <= number <= MAX_ID else refuse_id(number, "runAsGroup"), origin)


def _is_id(number: int) -> bool:
    return 0 <= number <= _LAST_ID


def _no_id(placed: ContainerInPod, entry: PasswdEntry, number: int) -> Unknown:
    """Say that a number is none that the kernel has: what a runtime makes of it is not guessed."""
    return Unknown(f"/etc/passwd of {_image(placed)} gives {entry.name} the id {number}, which is none")


def _groups(
    placed: ContainerInPod,
    requested: Requested,
    entry: PasswdEntry | None,
    passwd: str | None,
    gid: Field[int],
) -> Field[tuple[int, ...]]:
    context = placed.pod_context
    asked = [*(context.supplemental_groups or ())]
    if context.fs_group is not None:
        asked.append(context.fs_group)
    origin = _groups_origin(placed)
    for number in asked:
        if not 0 <= number <= MAX_ID:
            field = "fsGroup" if number == context.fs_group else "supplementalGroups"
            return Field(refuse_id(number, field), origin)
    if isinstance(gid.value, Unknown):
        return Field(gid.value, origin)
    of_image: tuple[int, ...] = ()
    if context.supplemental_groups_policy != "Strict" or not placed.setting.strict_groups:
        if passwd is None:
            return Field(
                Unknown(f"/etc/passwd of {_image(placed)} is not known, nor the groups it gives"), origin
            )
        if entry is not None:
            group = placed.image.group if placed.image else None
            if group is None:
                return Field(Unknown(f"/etc/group of {_image(placed)} is not known"), origin)
            of_image = find_groups(group, entry.name if requested.uid is not None else requested.name)
            if not all(_is_id(number) for number in of_image):
                reason = f"/etc/group of {_image(placed)} gives {entry.name} a group whose id is none"
                return Field(Unknown(reason), origin)
    return Field(tuple(sorted({gid.value, *of_image, *asked})), origin)


def _groups_origin(placed: ContainerInPod) -> Origin:
    dropped = placed.dropped((*POD_CONTEXT, "supplementalGroupsPolicy"))
    if dropped is not None:
        return msgspec.structs.replace(dropped, text=f"as Merge does it: the policy was {dropped.text}")
    context = placed.pod_context
    strict = context.supplemental_groups_policy == "Strict"
    if not (context.supplemental_groups or context.fs_group is not None or strict):
        return Origin("image", (), f"the group, and those that /etc/group of {_image(placed)} gives the user")
    others = ["the group"]
    if context.supplemental_groups and context.fs_group is not None:
        others.append("fsGroup")
    if not strict or not placed.setting.runtime.strict_groups:
        others.append("the image's groups")
    text = f"with {', '.join(others[:-1])}{' and ' if others[1:] else ''}{others[-1]}"
    if strict:
        obeyed = placed.setting.runtime.strict_groups
        text += (
            "; Strict: none of the image's" if obeyed else f"; {placed.setting.runtime.name} ignores Strict"
        )
    if context.supplemental_groups:
        return placed.in_pod("supplementalGroups", text=text)
    if context.fs_group is not None:
        return placed.in_pod("fsGroup", text=text)
    if strict and placed.setting.runtime.strict_groups:
        return placed.in_pod("supplementalGroupsPolicy", text="the group; Strict: none of the image's")
    return Origin("image", (), f"the group, and those that /etc/group of {_image(placed)} gives the user")


def _unknown_user(placed: ContainerInPod, requested: Requested, reason: Unknown) -> ProcessUser:
    gid: Field[int] = Field(reason, requested.origin) if requested.group is None else _asked(requested.group)
    groups: Field[tuple[int, ...]] = Field(reason, _groups_origin(placed))
    strict = placed.pod_context.supplemental_groups_policy == "Strict" and placed.setting.strict_groups
    if strict and not isinstance(gid.value, Unknown):
        groups = _groups(placed, requested, None, "", gid)
    return ProcessUser(Field(reason, requested.origin), gid, groups)


def _broken_user(requested: Requested, problem: str) -> ProcessUser:
    reason = Unknown(f"the container is not created: {problem}")
    return ProcessUser(
        Field(reason, requested.origin),
        Field(reason, requested.origin),
        Field(reason, requested.origin),
        problem,
    )


def _no_such_user(requested: Requested) -> ProcessUser:
    return _broken_user(requested, "no users found")


def _out_of_range(placed: ContainerInPod, requested: Requested, uid: int) -> ProcessUser:
    if not placed.setting.runtime.range_checked_users:
        # older containerd takes such a number for a name, which /etc/passwd does not have
        return _no_such_user(requested)
    user = str(uid) if requested.group is None else f"{uid}:{requested.group[0]}"
    return _broken_user(requested, f'invalid USER value "{user}": uid out of range')


def _image(placed: ContainerInPod) -> str:
    return f"image {placed.container.image}" if placed.container.image else "the image"
