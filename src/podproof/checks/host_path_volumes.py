"""A hostPath volume puts a piece of the node's file system into the container.

Reading it can disclose credentials of the node and of other pods; writing it, through logs, sockets or
binaries that the node uses, is a way to become root there.

**Restricted fields:** `spec.volumes[*].hostPath`. **Allowed values:** unset.

**Since:** v1.0, baseline; `restricted-volumes` replaces it at restricted. **Source:** Pod Security
Standards; k8s.io/pod-security-admission, policy/check_hostPathVolumes.go.
"""

from collections.abc import Iterator

from ..kube.pod import Container, Pod, PodSpec, Volume
from ._text import plural, quoted
from ._volumes import without_unused
from .model.pod_security import PodSecurityCheck, Spot, Violation, When


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    bad = [(i, v) for i, v in enumerate(spec.volumes or ()) if v.host_path is not None]
    if not bad:
        return None
    return Violation(
        "hostPath volumes",
        f"{plural(len(bad), 'volume', 'volumes')} {quoted([v.name or '' for _, v in bad])}",
        lambda: _spots(spec, containers, bad),
    )


def _spots(spec: PodSpec, containers: tuple[Container, ...], bad: list[tuple[int, Volume]]) -> Iterator[Spot]:
    fixes = without_unused(spec, containers, [i for i, _ in bad])
    for i, v in bad:
        yield Spot(
            None,
            ("spec", "volumes", i, "hostPath"),
            f'volume "{v.name or ""}" must not be a hostPath, has path {_path(v)}',
            "use a volume of another type",
            fixes.get(i),
        )


def _path(volume: Volume) -> str:
    return (volume.host_path.path or "") if volume.host_path is not None else ""


CHECK = PodSecurityCheck(
    id="host-path-volumes",
    upstream_id="hostPathVolumes",
    summary="volumes of the node's file system",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(((Volume, "host_path"),)),
)
