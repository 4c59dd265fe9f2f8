"""The JSON of a review: bytes come in, plain data goes out of which is proved that no key stands twice.

What cannot be proved is for the exact reader, and a key that does stand twice is refused. Nothing of a review
is known here.
"""

from typing import Any

import msgspec

from ..errors import InputError
from ..manifest.json_proofs import lost_colons, nests_deeper, with_plain_colons
from ..manifest.json_repeats import first_repeat
from ..manifest.native_json import MAX_DEPTH
from ..manifest.route import Route, format_route

__all__ = ["MAX_DEPTH", "REVIEW_VERSIONS", "ReviewError", "proven_value", "set_twice"]

REVIEW_VERSIONS = ("admission.k8s.io/v1", "admission.k8s.io/v1beta1")
"""The API versions of AdmissionReview, the newest first."""


class ReviewError(InputError):
    """Says what in an AdmissionReview cannot be read; `version` is the API version to answer with."""

    def __init__(self, message: str, *, version: str = REVIEW_VERSIONS[0]) -> None:
        super().__init__(message)
        self.version = version


def proven_value(text: bytes) -> Any:
    """Read JSON; None: it is null, too deep, or it cannot be told what stands twice.

    Raises ReviewError: a key stands twice. msgspec.MsgspecError, ValueError, OverflowError,
    RecursionError: it cannot be read so fast.
    """
    text = with_plain_colons(text)
    value = msgspec.json.decode(text)
    lost = lost_colons(text, value)
    if nests_deeper(text, MAX_DEPTH):
        return None
    if not lost:
        return value
    route = first_repeat(text, value, lost)
    if route is not None:
        raise set_twice(route)
    return None


def set_twice(route: Route) -> ReviewError:
    """Make the error about a key that stands twice."""
    return ReviewError(f"{format_route(route)} is set twice, which contradicts itself")
