"""A process can be made to run whatever it can write, and what it writes there is lost with the container.

With `readOnlyRootFilesystem: true` an intruder can neither change programs nor drop new ones beside them.
What a container really writes (caches, sockets, /tmp) belongs into volumes, an emptyDir for most of it. It
exists on containers only, and no Pod Security level asks for it.

**Fields:** `securityContext.readOnlyRootFilesystem` of containers, absent or false. Ephemeral containers,
made to look around, are not advised. **Source:** the text the project started from, "Read-Only file system";
kubernetes API reference, SecurityContext.
"""

from collections.abc import Iterator

from ..findings import Finding
from ._linux import linux_containers
from ._text import who
from .model.advice import AdviceCheck, advise
from .model.effect import Running


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        if context.read_only_root.value is not False or placed.kind == "ephemeral":
            continue
        yield advise(
            CHECK,
            placed,
            ("securityContext", "readOnlyRootFilesystem"),
            f"{who(placed.container)} can write its root file system: set readOnlyRootFilesystem: true",
            label="the root file system is writable",
        )


CHECK = AdviceCheck(
    id="writable-root-filesystem",
    summary="containers that can write their root file system",
    find=_find,
    covered_by=("no-security-context",),
)
