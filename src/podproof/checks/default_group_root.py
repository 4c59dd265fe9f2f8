"""Without runAsGroup, a user that is not in the image gets group 0, root's group.

The UID looks harmless, and yet every file that group root may read or write is open to the process, in the
image and in volumes, and all containers like it share that group.

**Fields:** `runAsGroup` absent in container and pod, where the user is not root and, by the /etc/passwd of an
image that is known, gets group 0. An explicit `runAsGroup: 0` is taken as deliberate; a pod with a user
namespace (`hostUsers: false`) has a root group of its own. **Source:** containerd pkg/oci, WithUser; recorded
with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator

from ..effective.value import known
from ..findings import Finding
from ._linux import linux_containers
from ._text import who
from .model.advice import AdviceCheck, advise
from .model.effect import Running


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        uid = known(context.uid.value)
        if not uid or context.gid.value != 0 or context.user_namespace.value == "own":
            continue
        if context.gid.origin.kind in ("container", "pod", "policy"):
            continue
        yield advise(
            CHECK,
            placed,
            ("securityContext", "runAsGroup"),
            f"{who(placed.container)} runs as user {uid} with group 0, root's group: set runAsGroup to "
            "another group",
            label=context.gid.origin.text,
        )


CHECK = AdviceCheck(
    id="default-group-root",
    summary="users other than root that get root's group by default",
    find=_find,
    covered_by=("image-group-lost",),
)
