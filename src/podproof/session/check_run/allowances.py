"""Shares out accepted findings among segments: what each found of them comes in, what each may take goes out.

Segments are judged beside each other, each as if it were the only one. Where they took more of a subject than
is accepted, the first in order have it and the others are to be judged again with less.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ...results.accepted import Accepted

__all__ = ["share_list", "share_out"]

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


def share_list(broken: Sequence[tuple[_Place, int]], most: int) -> dict[_Place, tuple[int, int]]:
    """Give the share of each stretch of a file in a list of `most` documents, where it took another one.

    `broken` counts the broken documents of each that has any, in order, of which each took up to `most`. A
    share says how many it lists, and of how many others of the file it tells: the last one tells of all.
    """
    left, shares = most, []
    for place, count in broken:
        shares.append((place, count, min(count, left)))
        left -= min(count, left)
    beyond = sum(count for _, count in broken) - most
    last = max((index for index, share in enumerate(shares) if share[2]), default=0)
    found = {}
    for index, (place, count, listed) in enumerate(shares):
        told = beyond if index == last and beyond > 0 else 0
        if (listed, told) != (min(count, most), max(0, count - most)):
            found[place] = listed, told
    return found
