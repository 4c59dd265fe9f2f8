"""The group in an image's USER is lost under Kubernetes.

`USER 1000:2000` runs with group 2000 under Docker. The kubelet hands only the user on; the group then comes
from the image's /etc/passwd, and is 0, root's, where that does not have the user. Files of group 2000 are
then out of reach, and those of group root within it.

**Fields:** `runAsGroup` absent in container and pod, with an image whose USER names a group that the process
does not get; images that are not known are not judged. **Source:** kubernetes
pkg/kubelet/kuberuntime/helpers.go, getImageUser; recorded with containerd 1.6.20 and 2.3.7.
"""

import re
from collections.abc import Iterator

from ..effective.container_in_pod import ContainerInPod
from ..effective.image import parse_image_user, parse_integer
from ..effective.predicted import PredictedContext
from ..effective.value import known
from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import LOCKED_IMAGES


def _find(running: Running) -> Iterator[Finding]:
    for placed, effective in linux_containers(running):
        yield from _lost(placed, effective)


def _lost(placed: ContainerInPod, effective: PredictedContext) -> Iterator[Finding]:
    image = placed.image
    if image is None or not image.user:
        return
    if placed.context.run_as_group is not None or placed.pod_context.run_as_group is not None:
        return
    lost = parse_image_user(image.user).lost_group
    # another user than the image's is not meant to have the image's group
    if not lost or effective.uid.origin.kind != "image":
        return
    gid = known(effective.gid.value)
    wanted = _number(lost, image.group)
    if gid is None or wanted == gid:
        return
    write = f"runAsGroup: {wanted}" if wanted is not None else f"runAsGroup with the number of group {lost}"
    yield warn(
        CHECK,
        placed,
        ("image",),
        f"{who(placed.container)} runs with group {gid}, because Kubernetes drops the group of its image's "
        f"USER {image.user}: set {write} in its securityContext",
        label=f"group {lost} is dropped",
    )


def _number(name: str, group: str | None) -> int | None:
    """Give the gid of a number or of a name in /etc/group; None when it is not known."""
    number = parse_integer(name)
    if number is not None or group is None:
        return number
    entry = re.search(rf"^{re.escape(name)}:[^:\n]*:([0-9]{{1,10}})(?::|$)", group, re.MULTILINE)
    return int(entry[1]) if entry else None


CHECK = EffectCheck(
    id="image-group-lost",
    summary="images whose group Kubernetes drops",
    severity=Severity.WARNING,
    find=_find,
    when=LOCKED_IMAGES,
)
