"""fsGroup changes the group of some kinds of volumes only; on others it does nothing.

A hostPath keeps the owner it has on the node, an NFS share the one on its server, an image volume the one in
the image. Where a pod mounts nothing else but the service account's token, fsGroup is only one more group of
its processes (and that of the token), and a process that counts on it cannot write. Volumes whose driver
decides (claims, CSI) are given the benefit of the doubt, unless the PersistentVolume, StorageClass or
CSIDriver is among the manifests and shows that nobody changes them.

**Fields:** `spec.securityContext.fsGroup` with volumes `hostPath`, `nfs`, `image`, claims that are bound to
such a PersistentVolume, and CSI drivers with `fsGroupPolicy: None`. **Source:** kubernetes pkg/volume, SetUp
of each plugin; csi/csi_mounter.go, supportsFSGroup.
"""

from collections.abc import Iterator

from ..effective.context import VolumeOwnership
from ..effective.value import known
from ..effective.volumes import TOKEN_PATH
from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import plural
from .model.effect import EffectCheck, Running, warn
from .model.facts import FS_GROUP


def _find(running: Running) -> Iterator[Finding]:
    containers = linux_containers(running)
    if not containers:
        return
    first = containers[0][1]
    group = known(first.fs_group.value)
    if group is None:
        return
    volumes = {v.name: v for v in known(first.volumes.value) or ()}
    mounted: dict[str, VolumeOwnership] = {}
    for placed, _ in containers:
        for mount in placed.container.volume_mounts or ():
            if mount.mount_path == TOKEN_PATH:
                continue
            volume = volumes.get(mount.name or "")
            # what mounts a volume that is not listed is refused, which others report
            if volume is None or volume.changed is not False:
                return
            mounted[volume.name] = volume
    if not mounted:
        return
    names = ", ".join(
        f'"{v.name}" ({v.source}{f", {v.behind}" if v.behind else ""})' for v in mounted.values()
    )
    which = f"{plural(len(mounted), 'volume', 'volumes')} {names}"
    yield warn(
        CHECK,
        None,
        ("spec", "securityContext", "fsGroup"),
        f"pod has fsGroup: {group}, which does not change {which}: "
        f"if the processes only need the group, set supplementalGroups: [{group}], "
        "and change the group of the files where they are stored",
        label="changes no volume that is mounted",
    )


CHECK = EffectCheck(
    id="fs-group-without-effect",
    summary="fsGroup where no mounted volume honours it",
    severity=Severity.WARNING,
    find=_find,
    when=FS_GROUP,
)
