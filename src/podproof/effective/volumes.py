"""fsGroup and what it does to each volume of the pod."""

from functools import lru_cache

from ..kube.pod import Volume
from .container_in_pod import ContainerInPod
from .context import VolumeOwnership
from .users import MAX_ID, refuse_id
from .value import Field, Origin

__all__ = ["name_volume_source", "resolve_fs_group", "resolve_volumes"]

_CHANGED = frozenset(("empty_dir", "secret", "config_map", "downward_api", "projected"))
_NEVER = frozenset(("host_path", "nfs", "image"))
"""Source: kubernetes pkg/volume, SetUp of each plugin; spec §1.7."""

_NAMES = {
    "aws_elastic_block_store": "awsElasticBlockStore", "downward_api": "downwardAPI", "scale_io": "scaleIO",
}  # fmt: skip

_NO_GROUP: Field[int | None] = Field(None, Origin("kubernetes", (), "not set"))
_UNCHANGED = Origin("kubernetes", (), "fsGroup is not set")


def resolve_fs_group(placed: ContainerInPod) -> Field[int | None]:
    """Take the pod's fsGroup; it is also a supplementary group of every process."""
    if placed.pod_context.fs_group is None:
        return _NO_GROUP
    group = placed.pod_context.fs_group
    known = 0 <= group <= MAX_ID
    return Field(group if known else refuse_id(group, "fsGroup"), placed.in_pod("fsGroup"))


def name_volume_source(volume: Volume) -> str:
    """Name the volume's source as the struct does (`host_path`); a volume without one is an emptyDir."""
    for name in volume.__struct_fields__:
        if name != "name" and getattr(volume, name) is not None:
            return name
    return "empty_dir"


def resolve_volumes(placed: ContainerInPod) -> Field[tuple[VolumeOwnership, ...]]:
    """Say for every volume of the pod whose group it gets."""
    group = placed.pod_context.fs_group
    if group is not None and not 0 <= group <= MAX_ID:
        return Field(refuse_id(group, "fsGroup"), placed.in_pod("fsGroup"))
    owned = tuple(_owned(volume, group) for volume in placed.spec.volumes or ())
    return Field(owned, placed.in_pod("fsGroup") if group is not None else _UNCHANGED)


@lru_cache(maxsize=1024)
def _owned(volume: Volume, group: int | None) -> VolumeOwnership:
    source = name_volume_source(volume)
    words = source.split("_")
    name = _NAMES.get(source, words[0] + "".join(word.capitalize() for word in words[1:]))
    if source in _NEVER:
        return VolumeOwnership(
            volume.name or "", name, None, "never changed: keeps the owner it has on the node"
        )
    if group is None:
        text = (
            "root:root 0777, anyone may write" if source == "empty_dir" else "root:root, nothing is changed"
        )
        return VolumeOwnership(volume.name or "", name, None, text)
    if source in _CHANGED:
        return VolumeOwnership(
            volume.name or "", name, group, f"group {group} may read and write, set-group-ID folders"
        )
    return VolumeOwnership(
        volume.name or "", name, None, "not known: the driver decides whether fsGroup applies"
    )
