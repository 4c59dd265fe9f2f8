"""What a plugin is shown of a request: who asks for what, the object as it is by now, and the one before it.

A request comes in with what decodes its object; Attributes go out, which mutating plugins change by edits.
Nothing is decided here.
Source: kubernetes 1.37.2, apiserver pkg/admission/interfaces.go, Attributes.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from ..edits.apply import apply_edits
from ..edits.edit import Edit
from ..kube.pod import Pod
from .decoded_object import DecodedObject, typed_pod
from .request import AdmissionRequest

__all__ = ["WARN_BEFORE", "Attributes", "Clock", "Decode", "Moment"]

WARN_BEFORE = 7 * 24 * 3600.0
"""Seconds before its end at which an exemption is told of, unless somebody says otherwise."""


class Moment(msgspec.Struct, frozen=True):
    """When a request is answered, in seconds since 1970, and how long before its end an exemption is told."""

    time: float
    warn_before: float = 0


Clock = Callable[[], float]
"""Gives seconds; only differences count."""
Decode = Callable[[Mapping[str, Any] | None], DecodedObject]
"""Decodes and completes a request's object; raises UndecodableObject."""


def _nothing(_: Mapping[str, Any] | None) -> DecodedObject:
    return DecodedObject(None)


class Attributes:
    """A request on its way through the plugins.

    `sent` is its object as mutating plugins have made it by now, None when there is none.
    `service_account` is the account of a new pod that names none. `mutated` says that
    the ServiceAccount plugin has seen the object already, as it has when a webhook is asked. `clock` bounds
    the look at a namespace's pods; None: nothing does. `moment` None: nobody knows what time it is.
    """

    __slots__ = (
        "_decode",
        "_decoded",
        "_old",
        "_typed",
        "clock",
        "moment",
        "mutated",
        "request",
        "sent",
        "service_account",
    )

    def __init__(
        self,
        request: AdmissionRequest,
        *,
        service_account: str = "default",
        mutated: bool = False,
        clock: Clock | None = None,
        moment: Moment | None = None,
    ) -> None:
        self.request = request
        self.sent = request.object
        self.service_account, self.mutated = service_account, mutated
        self.clock, self.moment = clock, moment
        self._decode: Decode = _nothing
        self._decoded: DecodedObject | None = None
        self._old: Callable[[], dict[str, Any] | None] | dict[str, Any] | None = None
        self._typed: tuple[Pod | None, Pod | None] | None = None

    @property
    def decoded(self) -> DecodedObject:
        """The object decoded and completed, and what decoding warned about; decoded when first asked for.

        Raises UndecodableObject.
        """
        if self._decoded is None:
            self._decoded = self._decode(self.sent)
        return self._decoded

    @property
    def object(self) -> dict[str, Any] | None:
        """The object decoded and completed; None: the request has none. Raises UndecodableObject."""
        return self.decoded.object

    @property
    def old(self) -> dict[str, Any] | None:
        """The object before an update, decoded and completed; None: the request has none."""
        if callable(self._old):
            self._old = self._old()
        return self._old

    @property
    def pod(self) -> Pod | None:
        """The object as a typed pod with the defaults that checks see. Raises UndecodableObject."""
        return typed_pod(self.object) if self._typed is None else self._typed[0]

    @property
    def old_pod(self) -> Pod | None:
        """The object before an update as such a pod."""
        return typed_pod(self.old) if self._typed is None else self._typed[1]

    def decoded_by(self, decode: Decode) -> "Attributes":
        """Return the attributes with what decodes the object; until then there is none."""
        changed = self._copy()
        changed._decode = decode
        return changed

    def with_objects(self, object_: dict[str, Any] | None, old: dict[str, Any] | None) -> "Attributes":
        """Return the attributes with a decoded object, and the one before it."""
        changed = self._copy()
        changed._decoded, changed._old, changed._typed = DecodedObject(object_), old, None
        return changed

    def take_pods(
        self, pod: Pod, old_pod: Pod | None, decode_old: Callable[[], dict[str, Any] | None]
    ) -> None:
        """Take typed pods, so that nothing is decoded unless a plugin asks for more."""
        self._typed, self._old = (pod, old_pod), decode_old

    def with_edits(self, edits: Iterable[Edit]) -> "Attributes":
        """Return the attributes with edits made to the object as it was sent and, once decoded, to that."""
        changed = self._copy()
        changed._typed = None
        if self.sent is not None:
            changed.sent = apply_edits(self.sent, edits)
        if self._decoded is not None and self._decoded.object is not None:
            edited = apply_edits(self._decoded.object, edits)
            changed._decoded = DecodedObject(edited, self._decoded.warnings)
        return changed

    def _copy(self) -> "Attributes":
        copied = Attributes.__new__(Attributes)
        copied.request, copied.sent, copied._old, copied._typed = (
            self.request,
            self.sent,
            self._old,
            self._typed,
        )
        copied.service_account, copied.mutated = self.service_account, self.mutated
        copied.clock, copied.moment = self.clock, self.moment
        copied._decode, copied._decoded = self._decode, self._decoded
        return copied
