"""persistentVolumeClaim: a folder that the pods of one run share and that ends with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....kubelet.objects import namespace_of
from .context import VolumeContext
from .problem import VolumeProblem

__all__ = ["resolve"]


def resolve(source: Mapping[str, Any], context: VolumeContext) -> tuple[Path, bool]:
    """Give the claim's folder, root:root 0755 as a fresh file system's, and whether it is read-only.

    Raises VolumeProblem: the manifests have no such claim.
    """
    namespace, name = namespace_of(context.pod), source.get("claimName") or ""
    if context.objects.find("PersistentVolumeClaim", namespace, name) is None:
        raise VolumeProblem(f'persistentvolumeclaim "{name}" not found')
    if "/" in namespace + name or name in ("", ".", ".."):
        raise VolumeProblem(f'persistentvolumeclaim "{name}" has an impossible name')
    folder = context.claims / f"{namespace}_{name}"
    # the folder of all claims is root's alone; what is in it has the modes that containers see
    context.claims.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder, source.get("readOnly") is True
