"""configMap: its keys as files; also a projected volume's source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....kubelet.environment import config_map_data
from ....kubelet.objects import namespace_of
from .context import VolumeContext
from .items import chosen, data_or_empty
from .payload import PayloadFile, write_payload

__all__ = ["payload", "set_up"]


def set_up(folder: Path, source: Mapping[str, Any], context: VolumeContext, now: float) -> bool:
    """Write the keys; read-only, as every volume of this kind."""
    folder.chmod(0o777)
    write_payload(folder, payload(source, context, source.get("defaultMode")), now)
    return True


def payload(
    source: Mapping[str, Any], context: VolumeContext, default_mode: int | None
) -> dict[str, PayloadFile]:
    """Give the files. Raises VolumeProblem: the ConfigMap or a key is missing and not optional."""
    name = source.get("name") or ""
    config_map = context.objects.find("ConfigMap", namespace_of(context.pod), name)
    data = data_or_empty(config_map, "configmap", name, source, config_map_data)
    return chosen(data, source, default_mode, "configmap references non-existent config key: {}")
