"""The fast way to read a review: that of a pod, in the form in which API servers send it.

The body of a request comes in, and a typed request goes out of which is proved that the exact way
(`review.read_body`, `consistency.read_consistent`) reads the same: no field has a wrong type, no key stands
twice, and the request does not contradict its pod. None: it is for the exact way. Nothing is decided here.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ..kube.go_json import mend
from ..kube.null_items import without_nulls
from ..kube.pod import Pod
from ..kube.versions import NEWEST
from ..kube.whole_pod import has_decodable_parts, managed_fields, pod_with_nulls, whole_pod_of_text
from ..manifest.json_proofs import keeps_all_colons, nests_deeper, value_without_repeats
from .outlined_review import has_outlines, outline_review, read_outlined
from .review_parts import PlainReview, is_about_a_pod, names_in, plain_review, review_decoder
from .review_text import MAX_DEPTH, proven_value
from .sent_pod import SentPod
from .state import ClusterState

__all__ = ["is_usual", "read_plain", "read_typed", "read_without_outlines"]

_DEPTH_OF_FIELDS = 10
"""More than the collections around managed fields."""
_MAX_BYTES = 256 * 1024
"""Bytes up to which a body is usual."""
_POD_KEYS = frozenset(("apiVersion", "kind", "metadata", "spec", "status"))


@cache
def _decoder(nulls: bool) -> Callable[[bytes], Any]:
    """Make the decoder of a review, with `nulls` of one whose pod has nulls in its lists and maps."""
    pod = pod_with_nulls() if nulls else whole_pod_of_text()
    return review_decoder(pod, pod | None)


_write = msgspec.json.Encoder().encode_into


def read_plain(
    body: bytes, versions: tuple[str, ...], state: ClusterState | None = None
) -> PlainReview | None:
    """Read the creation or update of a pod; None: it is another review, or one for the exact way.

    The objects of the request are SentPods, best read as the cluster reads them: `state` is what is known
    of it. `versions` are the API versions of reviews that are known.
    Raises ReviewError: a key stands twice in it.
    """
    if not is_usual(body):
        return None
    minor = NEWEST if state is None else state.minor
    if not has_outlines(minor):
        return read_typed(body, versions)
    outlines = outline_review(body, minor)
    return None if outlines is None else read_outlined(outlines, versions, minor)


def read_without_outlines(body: bytes, versions: tuple[str, ...]) -> PlainReview | None:
    """Read what `read_plain` does of a body without outlines; with the native reader, None."""
    return read_typed(body, versions) if is_usual(body) and not has_outlines(NEWEST) else None


def is_usual(body: bytes) -> bool:
    """Tell whether a body is worth a try: it may be about pods, and is not large."""
    return len(body) <= _MAX_BYTES and b'"pods"' in body


def read_typed(body: bytes, versions: tuple[str, ...]) -> PlainReview | None:
    """Read what `read_plain` does of a usual body by its types, as the newest version reads its objects."""
    has_nulls = False
    try:
        try:
            review = _decoder(nulls=False)(body)
        except msgspec.ValidationError:
            has_nulls, review = True, _decoder(nulls=True)(body)
        except msgspec.DecodeError:
            body.decode()  # only escapes are mended: what is not UTF-8 is refused
            body = mend(body)
            review = _decoder(nulls=False)(body)
        old, pod = review.request.oldObject, review.request.object
        names = names_in(review, pod)
        if not (names.are_sound and is_about_a_pod(review, pod, old, versions) and _is_proven(review, body)):
            return None
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    if has_nulls:
        pod, old = without_nulls(pod), without_nulls(old) if old else None
    sent_old = SentPod(body, "oldObject", old) if old else None
    return plain_review(review, names, SentPod(body, "object", pod), sent_old)


def _is_proven(review: Any, body: bytes) -> bool:
    """Tell whether no key stands twice in a body, nothing in it is too deep, and what was kept is sound.

    What was read and is written again is never longer than its text: a key that stood twice makes it shorter.
    Only what has no type can be deep: unknown fields, and what `_is_sound` looks into.
    """
    request = review.request
    written = bytearray(len(body))
    _write(review, written)
    if len(written) != len(body) - body.endswith(b"\n") and not keeps_all_colons(body, written):
        value = proven_value(body)
        if value is None:
            return False
        plain = value["request"]
        # a server finds apiVersion and kind of an object whatever their case
        if not all(_POD_KEYS.issuperset(plain.get(key) or ()) for key in ("object", "oldObject")):
            return False
    return _is_sound(request.object) and (not request.oldObject or _is_sound(request.oldObject))


def _is_sound(pod: Pod) -> bool:
    """Look into the parts of a pod that were kept as they are written."""
    if not has_decodable_parts(pod):
        return False
    for fields in managed_fields(pod):
        text = bytes(fields)
        if value_without_repeats(text) is None or nests_deeper(text, MAX_DEPTH - _DEPTH_OF_FIELDS):
            return False
    return True
