"""What the replays of recorded stories share: reading them, applying patches, and comparing messages.

A story is a namespace's life on a real server: requests in order, with what was answered.
"""

import json
import lzma
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_BY_NAME = ("containers", "initContainers", "ephemeralContainers")


def recorded(name: str) -> list[dict[str, Any]]:
    """Read the stories of a folder of recorded data."""
    with lzma.open(DATA / name / "stories.jsonl.xz", "rt") as lines:
        return [json.loads(line) for line in lines]


def texts(headers: list[str]) -> list[str]:
    """Take the texts out of Warning headers."""
    return [json.loads(header.removeprefix("299 - ")) for header in headers]


def merge(target: Any, patch: Any, *, strategic: bool) -> Any:
    """Apply a JSON merge patch, or a strategic one, whose containers are matched by name."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif strategic and key in _BY_NAME:
            merged[key] = _merge_named(merged.get(key) or [], value)
        else:
            merged[key] = merge(merged.get(key), value, strategic=strategic)
    return merged


def _merge_named(items: list[Any], patches: list[Any]) -> list[Any]:
    merged = list(items)
    for patch in patches:
        for index, item in enumerate(merged):
            if item.get("name") == patch.get("name"):
                merged[index] = merge(item, patch, strategic=True)
                break
        else:
            merged.append(patch)
    return merged


def resource_of(path: str) -> tuple[str, str, str, str]:
    """Split a request's path: API group, resource, name and subresource."""
    parts = path.partition("?")[0].strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    rest += ["", ""]
    return group, rest[0], rest[1], rest[2]
