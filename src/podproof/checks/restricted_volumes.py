"""Only volumes that Kubernetes creates or manages are predictable.

The others name servers, disks or paths of the node directly: whoever writes the pod decides what is mounted,
with the credentials of the node, bypassing the claims and classes that administrators control.

**Restricted fields:** `spec.volumes[*]`. **Allowed values:** configMap, csi, downwardAPI, emptyDir,
ephemeral, image, persistentVolumeClaim, projected, secret. A volume without any source is an emptyDir by
defaulting.

**Since:** v1.0, restricted; replaces `host-path-volumes`. **Source:** Pod Security Standards;
k8s.io/pod-security-admission, policy/check_restrictedVolumes.go.
"""

from collections.abc import Iterator

from ..kube.pod import Container, Pod, PodSpec, Volume
from ._text import plural, quoted
from ._volumes import without_unused
from .model.pod_security import PodSecurityCheck, Spot, Violation

_FORBIDDEN = (
    ("host_path", "hostPath"),
    ("gce_persistent_disk", "gcePersistentDisk"),
    ("aws_elastic_block_store", "awsElasticBlockStore"),
    ("git_repo", "gitRepo"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("rbd", "rbd"),
    ("flex_volume", "flexVolume"),
    ("cinder", "cinder"),
    ("cephfs", "cephfs"),
    ("flocker", "flocker"),
    ("fc", "fc"),
    ("azure_file", "azureFile"),
    ("vsphere_volume", "vsphereVolume"),
    ("quobyte", "quobyte"),
    ("azure_disk", "azureDisk"),
    ("photon_persistent_disk", "photonPersistentDisk"),
    ("portworx_volume", "portworxVolume"),
    ("scale_io", "scaleIO"),
    ("storageos", "storageos"),
)
"""Attribute and word of each source that restricted refuses, in the order upstream looks for them."""


def _type(v: Volume) -> str:
    for attribute, word in _FORBIDDEN:
        if getattr(v, attribute) is not None:
            return word
    return "unknown"


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    if not spec.volumes:
        return None
    bad: list[tuple[int, Volume]] = []
    for i, v in enumerate(spec.volumes):
        if (
            v.config_map is None
            and v.secret is None
            and v.empty_dir is None
            and v.projected is None
            and v.persistent_volume_claim is None
            and v.downward_api is None
            and v.csi is None
            and v.ephemeral is None
            and v.image is None
        ):
            bad.append((i, v))
    if not bad:
        return None
    types = [_type(v) for _, v in bad]
    distinct = sorted(set(types))
    return Violation(
        "restricted volume types",
        f"{plural(len(bad), 'volume', 'volumes')} {quoted([v.name or '' for _, v in bad])} "
        f"{plural(len(bad), 'uses', 'use')} "
        f"{plural(len(distinct), 'restricted volume type', 'restricted volume types')} {quoted(distinct)}",
        lambda: _spots(spec, containers, bad, types),
    )


def _spots(
    spec: PodSpec, containers: tuple[Container, ...], bad: list[tuple[int, Volume]], types: list[str]
) -> Iterator[Spot]:
    fixes = without_unused(
        spec, containers, [i for (i, _), word in zip(bad, types, strict=True) if word != "unknown"]
    )
    for (i, v), word in zip(bad, types, strict=True):
        yield Spot(
            None,
            ("spec", "volumes", i) if word == "unknown" else ("spec", "volumes", i, word),
            f'volume "{v.name or ""}" must not be of type {word}',
            "use a persistentVolumeClaim, or another type that restricted allows",
            fixes.get(i),
        )


CHECK = PodSecurityCheck(
    id="restricted-volumes",
    upstream_id="restrictedVolumes",
    summary="volumes that the cluster does not manage",
    level="restricted",
    versions=((0, _evaluate),),
    overrides=("hostPathVolumes",),
)
