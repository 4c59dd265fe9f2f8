"""The object that `kubectl apply` asks for: a manifest merged into the object that is there.

The live object and a manifest come in, the object of the update goes out. What the manifest says counts; what
it said when it was last applied, and says no longer, goes; the rest stays. Lists whose items have a key are
merged item by item. Nothing is decoded or judged.
Source: kubectl v0.37.2 pkg/cmd/apply/patcher.go; the patchMergeKey tags of k8s.io/api v0.37.2.
"""

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["LAST_APPLIED", "apply_manifest"]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "schedulingGates": "name",
    "ownerReferences": "uid",
}
"""Lists that are merged, and the field that tells their items apart; every other list counts whole."""


def apply_manifest(live: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the live object with the manifest applied; equal to `live` when nothing is asked for."""
    last = _last_applied(live)
    modified = _without_note(manifest)
    merged: dict[str, Any] = _merge(live, modified, {} if last is None else last)
    merged.pop("status", None)
    if "status" in live:
        merged["status"] = live["status"]
    if last is None or last != modified:
        metadata = dict(merged.get("metadata") or {})
        note = json.dumps(modified, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        metadata["annotations"] = {**(metadata.get("annotations") or {}), LAST_APPLIED: note}
        merged["metadata"] = metadata
    return merged


def _last_applied(live: Mapping[str, Any]) -> dict[str, Any] | None:
    metadata = live.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    text = annotations.get(LAST_APPLIED) if isinstance(annotations, Mapping) else None
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _without_note(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest as its note holds it: with annotations, but without the note itself."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, Mapping):
        return dict(manifest)
    annotations = metadata.get("annotations")
    kept = (
        {k: v for k, v in annotations.items() if k != LAST_APPLIED}
        if isinstance(annotations, Mapping)
        else {}
    )
    return {**manifest, "metadata": {**metadata, "annotations": kept}}


def _merge(live: Any, wanted: Any, last: Any, key: str = "") -> Any:
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        before = last if isinstance(last, Mapping) else {}
        merged = {k: v for k, v in live.items() if k in wanted or k not in before}
        for name, value in wanted.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = _merge(live.get(name), value, before.get(name), name)
        return merged
    if isinstance(wanted, list) and isinstance(live, list) and key in _KEYS:
        return _merge_items(live, wanted, last if isinstance(last, list) else [], key)
    return wanted


def _merge_items(live: list[Any], wanted: list[Any], last: list[Any], field: str) -> list[Any]:
    """Merge a list by key: the manifest's items in its order, then what others have added."""
    key = _KEYS[field]
    present, before = _by_key(live, key), _by_key(last, key)
    asked = _by_key(wanted, key)
    if present is None or before is None or asked is None:
        return wanted
    merged = [
        _merge(_retained(field, present.get(name), item), item, before.get(name))
        for name, item in asked.items()
    ]
    return merged + [item for name, item in present.items() if name not in asked and name not in before]


def _retained(field: str, live: Any, wanted: Any) -> Any:
    """Leave of a live volume only what the manifest names too: its source may be another one now."""
    if field != "volumes" or not isinstance(live, Mapping):
        return live
    return {key: value for key, value in live.items() if key in wanted}


def _by_key(items: list[Any], key: str) -> dict[Any, Any] | None:
    """Return the items by key; None: one has none, or two have the same, so that they cannot be merged."""
    by_name = {}
    for item in items:
        name = item.get(key) if isinstance(item, Mapping) else None
        if not isinstance(name, str | int) or name in by_name:
            return None
        by_name[name] = item
    return by_name
