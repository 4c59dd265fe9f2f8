"""Whoever can write files of the node can become root there.

A log file, a plug-in folder, a cron table: whatever the node reads or runs from a writable hostPath is in
the container's hands. Most mounts only have to be read.

**Fields:** `volumeMounts[*].readOnly` of containers, absent or false, where the volume is a hostPath. Where
readOnly stops nobody there is no advice: devices and sockets (`/dev`, hostPath types `Socket`, `CharDevice`
and `BlockDevice`, names in `.sock`) are used without a write to the file system, and a privileged container
can mount again as it likes. **Source:** kubernetes.io, "Volumes", hostPath; Pod Security Standards, hostPath
Volumes; mount(2), MS_REMOUNT.
"""

from collections.abc import Iterator

from ..findings import Finding
from ._host_path import HostMount, host_mounts
from ._linux import linux_containers
from ._text import who
from .model.advice import AdviceCheck, advise
from .model.effect import Running
from .model.facts import HOST_PATHS


def _find(running: Running) -> Iterator[Finding]:
    for placed, _ in linux_containers(running):
        if placed.privileged:
            continue
        for mounted in host_mounts(placed):
            if mounted.mount.read_only or _unaffected(mounted):
                continue
            yield advise(
                CHECK,
                placed,
                ("volumeMounts", mounted.index),
                f"{who(placed.container)} can write {mounted.path} of the node: "
                "mount it with readOnly: true, unless it has to write there",
                label="readOnly is not set" if mounted.mount.read_only is None else "readOnly is false",
                related=(("spec", "volumes", mounted.volume, "hostPath"),),
            )


def _unaffected(mounted: HostMount) -> bool:
    """Tell whether readOnly would change nothing. Source: mount(8), ro: device and socket inodes are not
    written by using them."""
    if mounted.type in ("Socket", "CharDevice", "BlockDevice") or mounted.path.endswith(".sock"):
        return True
    return mounted.path == "/dev" or mounted.path.startswith("/dev/")


CHECK = AdviceCheck(
    id="writable-host-path",
    summary="files of the node that a container can write",
    find=_find,
    when=HOST_PATHS,
    covered_by=("host-path-volumes", "restricted-volumes"),
)
