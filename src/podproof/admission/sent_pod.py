"""A pod in a review, which is read typed, or as plain data, only when somebody asks for that.

The body of a review and the name of a member come in with the typed pod or the outline that it is in; a
mapping goes out that behaves as the plain one would. Nothing is decided here.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from ..kube.decode import Problem, find_fatal
from ..kube.null_items import without_nulls
from ..kube.outlined_pod import outlined_pod_reader
from ..kube.pod import Pod
from ..kube.types import Type
from ..kube.versions import NEWEST, Minor
from ..kube.whole_pod import ReadFields, pod_of_outline, pod_with_nulls, whole_pod_of_text
from ..manifest.route import Route
from ..policies.read_fields import READ_FIELDS

__all__ = ["Fault", "SentPod", "outline_decoder"]

Fault = tuple[Route, bytes]
"""A value of a wrong type: its route, and what stands there (see `podproof_reader.Outline`)."""


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


@cache
def _outlined(minor: Minor) -> Callable[[bytes], Pod | None] | None:
    return outlined_pod_reader(READ_FIELDS, minor)


def outline_decoder(member: str, read: ReadFields) -> Callable[[bytes], Pod]:
    """Make what reads a pod, with what is read of it, of the outline of a review that has it as `member`."""
    request: Any = msgspec.defstruct("_Outlined", [(member, pod_of_outline(read))], gc=False)
    review: Any = msgspec.defstruct("_Outline", [("request", request)], gc=False)
    decode = msgspec.json.Decoder(review).decode

    def read_pod(outline: bytes) -> Pod:
        pod: Pod = getattr(decode(outline).request, member)
        return pod

    return read_pod


@cache
def _decoder_of(member: str) -> Callable[[bytes], Pod]:
    return outline_decoder(member, READ_FIELDS)


class SentPod(Mapping[str, Any]):
    """The `member` (`object`, `oldObject`) of the request in a body, which was read as 1.`minor` reads it.

    `typed` is the pod that it is; None: it is read of `outline` when it is asked for. `shape` is the outline
    of the review with what nearly every verdict rests on (see `ShapedPod`); None: nobody made it.
    `was_read` tells whether anything but the shape has been asked for. `faults` None: each field has its
    type. If there are some, or none because nobody looked for them, there is no typed pod; then `api_version`
    is what it states.
    """

    __slots__ = (
        "_body",
        "_member",
        "_minor",
        "_outline",
        "_plain",
        "_shape",
        "_typed",
        "api_version",
        "faults",
        "was_read",
    )

    def __init__(
        self,
        body: bytes,
        member: str,
        typed: Pod | None,
        minor: Minor = NEWEST,
        *,
        outline: bytes = b"",
        shape: bytes | None = None,
    ) -> None:
        self._body, self._member, self._minor = body, member, minor
        self._typed, self._outline, self._shape = typed, outline, shape
        self._plain: dict[str, Any] | None = None
        self.was_read = False
        self.faults: tuple[Fault, ...] | None = None
        self.api_version: str | None = None

    def find_fatal(self, type_: Type) -> Problem | None:
        """Find the fault for which a server refuses a pod of this type; None: the exact decoder knows."""
        return find_fatal(type_, [(route, json.loads(text)) for route, text in self.faults or ()])

    @property
    def typed(self) -> Pod:
        """The typed pod."""
        self.was_read = True
        if self._typed is None:
            self._typed = _decoder_of(self._member)(self._outline)
        return self._typed

    def shape_at(self, minor: Minor) -> bytes | None:
        """Return the shape if the pod was read as Kubernetes 1.`minor` does."""
        return self._shape if minor == self._minor else None

    def typed_at(self, minor: Minor) -> Pod | None:
        """Read the typed pod as Kubernetes 1.`minor` does; None: that is for its exact decoder.

        Whatever holds of the newest version's pod was proved before this one was made.
        """
        if self.faults is not None:
            self.was_read = True
            return None
        if minor == self._minor:
            return self.typed
        self.was_read = True
        text = getattr(_parts_of(self._body).request, self._member)
        outlined = _outlined(minor)
        pod = None if outlined is None else outlined(bytes(text))
        if isinstance(pod, Pod):
            return pod
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
        self.was_read = True
        if self._plain is None:
            from .review_text import value_of  # most reviews are decided about without: late

            plain: dict[str, Any] = value_of(self._body)["request"][self._member]
            self._plain = plain
        return self._plain

    def __getitem__(self, key: str) -> Any:
        return self.plain[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain)

    def __len__(self) -> int:
        return len(self.plain)
