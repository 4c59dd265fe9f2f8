"""The head of an HTTP request with a review: what has to be said in it, and how long its client waits.

Query, method and headers come in; what is wrong with them goes out as a refusal. Nothing is judged here.
"""

import re
from collections.abc import Iterable

from ..admission.phases import Phase
from .limits import HttpRefusal, ServerLimits

__all__ = ["PHASES", "check_head", "patience_of"]

PHASES: dict[str, Phase] = {"/validate": "validating", "/mutate": "mutating", "/advise": "advising"}
"""The phases that reviews are asked in, by path."""
_TIMEOUT = re.compile(rb"(?:^|&)timeout=([1-9][0-9]?)s(?:&|$)")
_MOST_PATIENT = 30.0


def patience_of(query: bytes) -> float:
    """Return the seconds that an API server says it waits; those that any server waits where it does not say.

    Source: apiserver v0.37.2 pkg/admission/plugin/webhook: `?timeout=10s`, of 1 to 30.
    """
    said = _TIMEOUT.search(query)
    return float(said[1]) if said else _MOST_PATIENT


def check_head(method: str, headers: Iterable[tuple[bytes, bytes]], limits: ServerLimits) -> int | None:
    """Return the length that a request says its body has; None when it says none.

    The names of `headers` are in lower case. Raises HttpRefusal: it is no request with a review.
    """
    if method != "POST":
        raise HttpRefusal(405, "send reviews with POST")
    length, content_type = None, b""
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            length = int(value)  # the HTTP parser takes digits only
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            raise HttpRefusal(415, "send reviews without content-encoding")
    if content_type != b"application/json" and (
        content_type.partition(b";")[0].strip().lower() != b"application/json"
    ):
        raise HttpRefusal(415, "send reviews as application/json")
    if length is not None and length > limits.body:
        raise HttpRefusal(413, f"a review must not have more than {limits.body} bytes")
    return length
