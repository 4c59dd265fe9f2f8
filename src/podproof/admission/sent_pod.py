"""A pod in a review that was read typed, and is read as plain data only when somebody asks for that.

The body of a review and the name of a member come in with the typed pod; a mapping goes out that behaves as
the plain one would. Nothing is decided here.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from ..kube.null_items import without_nulls
from ..kube.pod import Pod
from ..kube.versions import NEWEST, Minor
from ..kube.whole_pod import pod_with_nulls, whole_pod_of_text

__all__ = ["SentPod"]


class _WrittenObjects(msgspec.Struct, frozen=True, gc=False):
    """The objects of a request as they are written."""

    object: msgspec.Raw = msgspec.Raw()
    oldObject: msgspec.Raw = msgspec.Raw()


class _WrittenBody(msgspec.Struct, frozen=True, gc=False):
    request: _WrittenObjects


_parts_of = msgspec.json.Decoder(_WrittenBody).decode


@cache
def _decoder(minor: Minor) -> Callable[[msgspec.Raw], Pod]:
    return msgspec.json.Decoder(whole_pod_of_text(minor)).decode


@cache
def _decoder_of_nulls(minor: Minor) -> Callable[[msgspec.Raw], Pod]:
    return msgspec.json.Decoder(pod_with_nulls(minor)).decode


class SentPod(Mapping[str, Any]):
    """The `member` (`object`, `oldObject`) of the request in a body; `typed` is the pod that it is."""

    __slots__ = ("_body", "_member", "_plain", "typed")

    def __init__(self, typed: Pod, body: bytes, member: str) -> None:
        self.typed = typed
        self._body, self._member = body, member
        self._plain: dict[str, Any] | None = None

    def typed_at(self, minor: Minor) -> Pod | None:
        """Read the typed pod as Kubernetes 1.`minor` does; None: that is for its exact decoder.

        Whatever holds of the newest version's pod was proved before this one was made.
        """
        if minor == NEWEST:
            return self.typed
        text = getattr(_parts_of(self._body).request, self._member)
        try:
            return _decoder(minor)(text)
        except msgspec.ValidationError:
            pass  # there may be nulls in its lists
        try:
            return without_nulls(_decoder_of_nulls(minor)(text))
        except msgspec.ValidationError:
            return None

    @property
    def plain(self) -> dict[str, Any]:
        """The pod as plain data."""
        if self._plain is None:
            plain: dict[str, Any] = msgspec.json.decode(self._body)["request"][self._member]
            self._plain = plain
        return self._plain

    def __getitem__(self, key: str) -> Any:
        return self.plain[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain)

    def __len__(self) -> int:
        return len(self.plain)
