"""Lays one pod template over another: two values with their routes come in, one with both's places goes out.

Mappings are merged field by field; lists by position, or by the names of their items. Nothing is validated.
Source: apache/flink-kubernetes-operator utils/FlinkUtils.java, mergePodTemplates.
"""

from collections.abc import Iterator
from typing import Any

from ..manifest.route import Route

__all__ = ["layer"]

Placed = tuple[Any, Route]
"""A value and where it was written."""


def layer(
    base: Placed, over: Placed, inner: Route, prefixes: list[tuple[Route, Route]], *, by_name: bool
) -> Any:
    """Merge `over` into `base`; notes in `prefixes` where what stands at `inner` and below it was written."""
    (beneath, from_base), (above, from_over) = base, over
    if above is None:
        prefixes.append((inner, from_base))
        return beneath
    prefixes.append((inner, from_over))
    if isinstance(beneath, dict) and isinstance(above, dict):
        return {
            key: layer(
                (beneath.get(key), (*from_base, key)),
                (above.get(key), (*from_over, key)),
                (*inner, key),
                prefixes,
                by_name=by_name,
            )
            for key in (*beneath, *(key for key in above if key not in beneath))
        }
    if isinstance(beneath, list) and isinstance(above, list):
        pairs = _pairs_by_name(beneath, above) if by_name else _pairs(len(beneath), len(above))
        return [
            layer(
                (None if low is None else beneath[low], (*from_base, low or 0)),
                (None if high is None else above[high], (*from_over, high or 0)),
                (*inner, index),
                prefixes,
                by_name=by_name,
            )
            for index, (low, high) in enumerate(pairs)
        ]
    return above


def _pairs(low: int, high: int) -> Iterator[tuple[int | None, int | None]]:
    for index in range(max(low, high)):
        yield index if index < low else None, index if index < high else None


def _pairs_by_name(base: list[Any], over: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Pair the items of both by their names; items without one are paired by position."""
    names = [
        [item.get("name") if isinstance(item, dict) else None for item in items] for items in (base, over)
    ]
    if not all(isinstance(name, str) for both in names for name in both):
        yield from _pairs(len(base), len(over))
        return
    low, high = ({name: index for index, name in enumerate(both)} for both in names)
    for name in (*low, *(name for name in high if name not in low)):
        yield low.get(name), high.get(name)
