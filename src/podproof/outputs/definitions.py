"""Writes objects for `kubectl apply -f -`: plain values and a format come in, YAML or JSON goes out."""

import json
from collections.abc import Sequence
from typing import Any

from .yaml_text import write_yaml

__all__ = ["write_definitions"]

_WIDTH = 110


def write_definitions(objects: Sequence[dict[str, Any]], format_: str) -> str:
    """Write objects as YAML documents, or, for `json`, as one List."""
    if format_ == "json":
        items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        return json.dumps(items, indent=2, ensure_ascii=False) + "\n"
    # a value that stands in two places is written twice: not every reader takes aliases
    plain: list[Any] = [json.loads(json.dumps(one)) for one in objects]
    return write_yaml(plain, sort_keys=False, width=_WIDTH)
