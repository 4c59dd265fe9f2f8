"""Shares out accepted findings among segments: what each found of them comes in, what each may take goes out.

Segments are judged beside each other, each as if it were the only one. Where they took more of a subject than
is accepted, the first in order have it and the others are to be judged again with less.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ...results.accepted import Accepted

__all__ = ["share_out"]

_Place = TypeVar("_Place")


def share_out(
    accepted: Accepted, wanted: Iterable[tuple[_Place, Mapping[str, int]]]
) -> dict[_Place, dict[str, int]]:
    """Give the allowance of each segment that took too much; `wanted` has what each found, in order."""
    segments = list(wanted)
    total: Counter[str] = Counter()
    for _, found in segments:
        total.update(found)
    left = {
        fingerprint: accepted.count(fingerprint)
        for fingerprint, count in total.items()
        if count > accepted.count(fingerprint)
    }
    allowances: dict[_Place, dict[str, int]] = {}
    for place, found in segments:
        allowance = {}
        for fingerprint in found.keys() & left.keys():
            allowed = min(found[fingerprint], left[fingerprint])
            left[fingerprint] -= allowed
            if allowed < min(found[fingerprint], accepted.count(fingerprint)):
                allowance[fingerprint] = allowed
        if allowance:
            allowances[place] = allowance
    return allowances
