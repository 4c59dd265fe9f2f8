"""secret: its keys as files in memory; also a projected volume's source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....kubelet.environment import secret_data
from ....kubelet.objects import namespace_of
from .. import kernel
from .context import VolumeContext
from .items import chosen, data_or_empty
from .payload import PayloadFile, write_payload

__all__ = ["payload", "set_up"]


def set_up(folder: Path, source: Mapping[str, Any], context: VolumeContext, now: float) -> bool:
    """Write the keys into a tmpfs, so that they never reach a disk."""
    files = payload({**source, "name": source.get("secretName")}, context, source.get("defaultMode"))
    kernel.tmpfs(folder)
    folder.chmod(0o777)
    write_payload(folder, files, now)
    return True


def payload(
    source: Mapping[str, Any], context: VolumeContext, default_mode: int | None
) -> dict[str, PayloadFile]:
    """Give the files. Raises VolumeProblem: the Secret or a key is missing and not optional."""
    name = source.get("name") or ""
    secret = context.objects.find("Secret", namespace_of(context.pod), name)
    data = data_or_empty(secret, "secret", name, source, secret_data)
    return chosen(data, source, default_mode, "references non-existent secret key: {}")
