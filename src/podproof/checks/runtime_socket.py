"""Whoever reaches the socket of the container runtime is root on the node.

One request to it starts a privileged container with the node's root mounted. `readOnly: true` does not help:
connecting to a socket writes no file. Tools that list containers or images have other ways (the kubelet's
API, a CSI or CRI agent of their own); builds have rootless builders.

**Fields:** `hostPath` volumes that a container mounts, where the path is the socket of a runtime, or a folder
that holds one. A folder is not reported for a container whose user is known not to be root, since sockets are
open to root and its group only, nor for a privileged one, which needs no socket to be root on the node.
**Source:** kubernetes.io, "Container Runtimes", for the paths; unix(7), "Pathname socket ownership and
permissions".
"""

from collections.abc import Iterator

from ..effective.value import known
from ..findings import Finding
from ._host_path import host_mounts, sockets_below
from ._linux import linux_containers
from ._text import who
from .model.advice import AdviceCheck, advise
from .model.effect import Running
from .model.facts import HOST_PATHS

_FEW = 2


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        uid = known(context.uid.value)
        for mounted in host_mounts(placed):
            runtimes = sockets_below(mounted.path)
            itself = mounted.path.endswith(".sock")
            if not runtimes or (not itself and (uid or placed.privileged)):
                continue
            names = " and ".join(runtimes) if len(runtimes) <= _FEW else "container runtimes"
            what = f"the socket of {names}; whoever reaches it"
            remedy = "mount it only if that is intended"
            if not itself:
                what = f"which contains the sockets of {names}; whoever reaches one"
                remedy = "mount only the folder that is needed"
            yield advise(
                CHECK,
                placed,
                ("volumeMounts", mounted.index),
                f"{who(placed.container)} mounts {mounted.path} of the node, {what} is root "
                f"on the node: {remedy}",
                label="readOnly is no protection" if mounted.mount.read_only else "root on the node",
                related=(("spec", "volumes", mounted.volume, "hostPath"),),
            )


CHECK = AdviceCheck(
    id="runtime-socket",
    summary="sockets of the node's container runtime in a container",
    find=_find,
    when=HOST_PATHS,
)
