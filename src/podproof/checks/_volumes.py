"""What the two controls of volumes share: a volume that no container mounts can go."""

from collections.abc import Iterable, Mapping

from ..edits.edit import Edit, Fix
from ..findings import Route
from ..kube.pod import Container, PodSpec


def without_unused(spec: PodSpec, containers: tuple[Container, ...], bad: Iterable[int]) -> Mapping[int, Fix]:
    """Map the indexes of volumes that nobody mounts to the fix that removes all of these.

    There are none where two volumes share a name: the API server refuses the pod, whichever is meant.
    """
    volumes = spec.volumes or ()
    used = {mount.name or "" for c in containers for mount in c.volume_mounts or ()}
    used |= {device.name or "" for c in containers for device in c.volume_devices or ()}
    names = [volume.name or "" for volume in volumes]
    if len(set(names)) < len(names):
        return {}
    gone = [index for index in bad if names[index] not in used]
    every: Route = ("spec", "volumes")
    routes = [every] if len(gone) == len(volumes) else [(*every, index) for index in sorted(gone)[::-1]]
    edits = tuple(Edit(route, "remove") for route in routes)
    return dict.fromkeys(gone, Fix(edits, safe=True))
