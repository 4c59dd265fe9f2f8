"""A pod in a review that was read typed, and is read as plain data only when somebody asks for that.

The body of a review and the name of a member come in with the typed pod; a mapping goes out that behaves as
the plain one would. Nothing is decided here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ..kube.pod import Pod

__all__ = ["SentPod"]


class SentPod(Mapping[str, Any]):
    """The `member` (`object`, `oldObject`) of the request in a body; `typed` is the pod that it is."""

    __slots__ = ("_body", "_member", "_plain", "typed")

    def __init__(self, typed: Pod, body: bytes, member: str) -> None:
        self.typed = typed
        self._body, self._member = body, member
        self._plain: dict[str, Any] | None = None

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
