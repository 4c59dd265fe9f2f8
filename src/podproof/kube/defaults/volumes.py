"""Defaults of volumes.

A plain volume comes in and is completed in place.
Source: kubernetes 1.37.2 pkg/apis/core/v1/defaults.go (SetDefaults_Volume and the sources' functions).
"""

from typing import Any

from ..image_name import image_tag
from .downward_api import default_selectors
from .quantities import default_quantities

_MODE = 0o644  # of files in secret, configMap, downwardAPI and projected volumes

_FIXED: dict[str, tuple[tuple[str, Any], ...]] = {
    "iscsi": (("iscsiInterface", "default"),),
    "rbd": (("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")),
    "scaleIO": (("storageMode", "ThinProvisioned"), ("fsType", "xfs")),
}
_POINTERS: dict[str, tuple[tuple[str, Any], ...]] = {
    "hostPath": (("type", ""),),
    "secret": (("defaultMode", _MODE),),
    "configMap": (("defaultMode", _MODE),),
    "downwardAPI": (("defaultMode", _MODE),),
    "projected": (("defaultMode", _MODE),),
    "azureDisk": (("cachingMode", "ReadWrite"), ("fsType", "ext4"), ("readOnly", False), ("kind", "Shared")),
}


def default_volume(volume: dict[str, Any]) -> None:
    """Complete a volume; one without any source becomes an emptyDir."""
    if len(volume) == 2 and volume.get("emptyDir") == {} and "name" in volume:
        return  # has no defaults
    if not any(value is not None for key, value in volume.items() if key != "name"):
        volume["emptyDir"] = {}
        return
    for key, source in volume.items():
        if not isinstance(source, dict):
            continue
        for name, value in _FIXED.get(key, ()):
            if not source.get(name):
                source[name] = value
        for name, value in _POINTERS.get(key, ()):
            if source.get(name) is None:
                source[name] = value
    if (volume.get("emptyDir") or {}).get("sizeLimit") is not None:
        from ..quantity import parse_quantity  # drags in fractions and decimal: late

        quantity = parse_quantity(volume["emptyDir"]["sizeLimit"])
        if quantity is not None:
            volume["emptyDir"]["sizeLimit"] = str(quantity)
    image = volume.get("image")
    if image is not None and not image.get("pullPolicy"):
        image["pullPolicy"] = (
            "Always" if image_tag(image.get("reference") or "") == "latest" else "IfNotPresent"
        )
    if volume.get("downwardAPI") is not None:
        _default_items(volume["downwardAPI"])
    for source in (volume.get("projected") or {}).get("sources") or ():
        if source.get("downwardAPI") is not None:
            _default_items(source["downwardAPI"])
        token = source.get("serviceAccountToken")
        if token is not None and token.get("expirationSeconds") is None:
            token["expirationSeconds"] = 3600
    template = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if template is not None:
        default_claim(template)


def default_claim(claim: dict[str, Any]) -> None:
    """Complete a claim, or the template of one."""
    spec = claim.setdefault("spec", {})
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    for side in ("limits", "requests"):
        default_quantities((spec.get("resources") or {}).get(side))


def _default_items(source: dict[str, Any]) -> None:
    for item in source.get("items") or ():
        default_selectors(item)
