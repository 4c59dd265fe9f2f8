"""fsGroup adds group read to the files of secrets, configMaps, downwardAPI and projected volumes.

A private key with `defaultMode: 0400` is 0440 in a pod that has an fsGroup, and ssh and many databases refuse
a key that a group may read. The kubelet adds 0440 to the mode of every file, and takes nothing away; the
files stay root's, and nobody may write them. Without fsGroup, 0400 is for root alone.

To have a key that is the process's own and 0400, let an init container that runs as the same user copy it
into an emptyDir and change its mode there, or remove fsGroup where no volume needs it.

**Fields:** `spec.volumes[*].secret.defaultMode`, `.secret.items[*].mode`, likewise for configMap, downwardAPI
and projected, where `spec.securityContext.fsGroup` is set and the mode has no group read.

**Source:** kubernetes pkg/volume/volume_linux.go, changeFilePermission; recorded with containerd 1.6.20 and
2.3.7.
"""

from collections.abc import Iterator

from ..effective.file_modes import octal
from ..effective.users import MAX_ID
from ..effective.value import known
from ..findings import Finding
from ._file_modes import written_modes
from ._linux import linux_containers
from .model.advice import AdviceCheck, advise
from .model.effect import Running
from .model.facts import FILE_MODES


def _find(running: Running) -> Iterator[Finding]:
    containers = linux_containers(running)
    spec = running.pod.spec
    if not containers or spec is None or not spec.volumes:
        return
    group = known(containers[0][1].fs_group.value)
    if group is None or not 0 <= group <= MAX_ID:
        return
    for name, route, mode in written_modes(spec):
        if mode & 0o040 or not 0 <= mode <= 0o777:
            continue
        wider = octal(mode | 0o440)
        # a mode that lets others in is none that ssh takes, whatever fsGroup does
        refused = "" if mode & 0o077 else " and ssh refuses them as keys"
        yield advise(
            CHECK,
            None,
            route,
            f'volume "{name}" has files of mode {octal(mode)}, which fsGroup: {group} makes {wider}, '
            f"so that group {group} may read them{refused}: let an init container copy "
            f"them into an emptyDir with mode {octal(mode)}, or remove fsGroup if no volume needs it",
            label=f"{wider} in the containers",
        )


CHECK = AdviceCheck(
    id="file-mode-widened",
    summary="modes of secrets and other files that fsGroup makes readable for its group",
    find=_find,
    when=FILE_MODES,
)
