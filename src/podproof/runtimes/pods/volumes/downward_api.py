"""downwardAPI: what the pod knows of itself, as files in memory; also a projected volume's source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....kubelet.fields import FieldProblem, field_value, resource_value
from .. import kernel
from .context import VolumeContext
from .items import DEFAULT_MODE
from .payload import PayloadFile, write_payload
from .problem import VolumeProblem

__all__ = ["payload", "set_up"]


def set_up(folder: Path, source: Mapping[str, Any], context: VolumeContext, now: float) -> bool:
    """Write the files once: nothing changes a pod's labels here."""
    files = payload(source, context, source.get("defaultMode"))
    kernel.tmpfs(folder)
    folder.chmod(0o777)
    write_payload(folder, files, now)
    return True


def payload(
    source: Mapping[str, Any], context: VolumeContext, default_mode: int | None
) -> dict[str, PayloadFile]:
    """Give the files. Raises VolumeProblem: a field has no value."""
    files: dict[str, PayloadFile] = {}
    for item in source.get("items") or ():
        try:
            if item.get("fieldRef"):
                text = field_value(item["fieldRef"].get("fieldPath") or "", context.pod, context.downward)
            else:
                text = resource_value(item.get("resourceFieldRef") or {}, {}, context.pod, context.downward)
        except FieldProblem as problem:
            raise VolumeProblem(str(problem)) from problem
        own, mode = item.get("mode"), DEFAULT_MODE if default_mode is None else default_mode
        files[item.get("path") or ""] = PayloadFile(text.encode(), mode if own is None else own)
    return files
