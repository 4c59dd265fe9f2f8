"""Containers that write to one volume as different users lock each other out.

A file belongs to the user who made it, and others may at most read it. Whoever wants to share files gives
the containers one UID, or the pod an fsGroup: a group that all of its processes have, and that the volume is
given to.

**Fields:** `volumeMounts` that are not read-only in two containers (or sidecars) of a pod whose users are
known to differ, with neither `fsGroup`, `supplementalGroups` nor the same `runAsGroup`. Root, who mostly
ignores permissions, is not counted. hostPath and NFS ignore fsGroup: there one UID is the way. **Source:**
the text the project started from, "you should assign them the same UID"; kubernetes pkg/volume.
"""

from collections.abc import Iterator

from ..effective.container_in_pod import ContainerInPod
from ..effective.value import known
from ..effective.volumes import name_volume_source
from ..findings import Finding, Route
from ._linux import linux_containers
from .model.advice import AdviceCheck, advise
from .model.effect import Running
from .model.facts import SEVERAL_CONTAINERS

_READ_ONLY = frozenset(("secret", "config_map", "downward_api", "projected", "image"))
"""Mounted read-only whatever the mount says."""

_NO_FS_GROUP = frozenset(("host_path", "nfs"))

_Writer = tuple[ContainerInPod, int]
"""A container and its uid."""


def _find(running: Running) -> Iterator[Finding]:
    writers = _writers(running)
    if not writers:
        return
    sources = {
        v.name: (n, name_volume_source(v)) for n, v in enumerate(running.containers[0].spec.volumes or ())
    }
    for (name, _), users in writers.items():
        first = users[0]
        other = next((w for w in users if w[1] != first[1] and not _one_group(w[0], first[0])), None)
        if other is None or name not in sources or sources[name][1] in _READ_ONLY:
            continue
        number, source = sources[name]
        route: Route = ("spec", "volumes", number)
        one_user = "give both the same runAsUser"
        remedy = one_user if source in _NO_FS_GROUP else f"set fsGroup on the pod, or {one_user}"
        yield advise(
            CHECK,
            None,
            route,
            f'containers "{first[0].container.name}" (user {first[1]}) and "{other[0].container.name}" (user '
            f'{other[1]}) write to volume "{name}", and no field gives them a group in common: {remedy}',
            label="written by different users",
        )


def _writers(running: Running) -> dict[tuple[str, str], list[_Writer]]:
    """Map each volume (and path in it) to the containers that can write it as a known user but root."""
    writers: dict[tuple[str, str], list[_Writer]] = {}
    for placed, context in linux_containers(running):
        uid = known(context.uid.value)
        pod = placed.pod_context
        if pod.fs_group is not None or pod.supplemental_groups:
            return {}
        if not uid or placed.kind not in ("container", "sidecar"):
            continue
        for mount in placed.container.volume_mounts or ():
            if not mount.read_only and not mount.sub_path_expr:
                key = mount.name or "", mount.sub_path or ""
                writers.setdefault(key, []).append((placed, uid))
    return writers


def _one_group(one: ContainerInPod, other: ContainerInPod) -> bool:
    return _group(one) is not None and _group(one) == _group(other)


def _group(placed: ContainerInPod) -> int | None:
    own = placed.context.run_as_group
    return own if own is not None else placed.pod_context.run_as_group


CHECK = AdviceCheck(
    id="shared-volume-different-users",
    summary="volumes that containers write as different users",
    find=_find,
    when=SEVERAL_CONTAINERS,
)
