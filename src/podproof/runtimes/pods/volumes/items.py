"""What configMap and secret have in common: the object or nothing, all keys or the chosen ones."""

from collections.abc import Callable, Mapping
from typing import Any

from .payload import PayloadFile
from .problem import VolumeProblem

__all__ = ["DEFAULT_MODE", "chosen", "data_or_empty"]

DEFAULT_MODE = 0o644
"""Source: k8s.io/api core/v1, ConfigMapVolumeSourceDefaultMode."""


def data_or_empty(
    value: Mapping[str, Any] | None,
    kind: str,
    name: str,
    source: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], dict[str, bytes]],
) -> dict[str, bytes]:
    """Read the object; nothing when it is missing and optional."""
    if value is not None:
        return read(value)
    if source.get("optional") is True:
        return {}
    raise VolumeProblem(f'{kind} "{name}" not found')


def chosen(
    data: Mapping[str, bytes], source: Mapping[str, Any], default_mode: int | None, missing: str
) -> dict[str, PayloadFile]:
    """Give every key as a file, or the chosen items under their paths and with their modes."""
    mode = DEFAULT_MODE if default_mode is None else default_mode
    items = source.get("items")
    if not items:
        return {key: PayloadFile(value, mode) for key, value in data.items()}
    files: dict[str, PayloadFile] = {}
    for item in items:
        key = item.get("key") or ""
        if key not in data:
            if source.get("optional") is True:
                continue
            raise VolumeProblem(missing.format(key))
        own = item.get("mode")
        files[item.get("path") or ""] = PayloadFile(data[key], mode if own is None else own)
    return files
