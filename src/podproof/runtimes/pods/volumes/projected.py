"""projected: several sources in one folder. A service account's token is left out: no server gives one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import kernel
from . import config_map, downward_api, secret
from .context import VolumeContext
from .payload import PayloadFile, write_payload

__all__ = ["has_token", "set_up"]


def set_up(folder: Path, source: Mapping[str, Any], context: VolumeContext, now: float) -> bool:
    """Write all sources' files; a later source wins over an earlier one's path."""
    mode = source.get("defaultMode")
    files: dict[str, PayloadFile] = {}
    for projection in source.get("sources") or ():
        if projection.get("configMap"):
            files |= config_map.payload(projection["configMap"], context, mode)
        if projection.get("secret"):
            files |= secret.payload(projection["secret"], context, mode)
        if projection.get("downwardAPI"):
            files |= downward_api.payload(projection["downwardAPI"], context, mode)
    kernel.tmpfs(folder)
    folder.chmod(0o777)
    write_payload(folder, files, now)
    return True


def has_token(source: Mapping[str, Any]) -> bool:
    """Tell whether a source is a service account's token."""
    return any(projection.get("serviceAccountToken") for projection in source.get("sources") or ())
