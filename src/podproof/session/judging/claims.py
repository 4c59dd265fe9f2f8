"""Keeps what a run needs to judge pods by the storage objects of the same input, which may follow them.

Objects come in one by one; at the end, those that have to be judged again go out, with the storage that is
known by then. Nothing is kept of pods that no storage object could say anything about.
"""

from typing import Any

from ...inputs.input import InputObject
from ...kube.storage import Storage, collect_storage, is_storage

__all__ = ["Claims"]

_ASKING = (b"fsGroup", b"hostUsers")
_CLAIMING = (b"persistentVolumeClaim", b"csi", b"ephemeral")


class Claims:
    """The storage objects of one run, and the objects whose pods ask what lies behind a claim."""

    def __init__(self) -> None:
        self._storage: list[Any] = []
        self._waiting: list[tuple[int, InputObject]] = []
        self._text: bytes | None = None
        self._asks = False

    def add(self, page: int, item: InputObject, data: bytes, *, has_pods: bool) -> None:
        """Take an object with the number of its page; `data` are the bytes of its file."""
        if has_pods:
            if self._may_ask(data):
                self._waiting.append((page, item))
        elif is_storage(item.value):
            self._storage.append(item.value)

    def _may_ask(self, data: bytes) -> bool:
        """Look through a file once, however many objects it has."""
        if data is not self._text:
            self._text = data
            self._asks = any(word in data for word in _ASKING) and any(word in data for word in _CLAIMING)
        return self._asks

    def again(self) -> tuple[Storage, tuple[tuple[int, InputObject], ...]]:
        """Give the storage, and with their pages the objects to judge again; none without storage."""
        storage = collect_storage(self._storage)
        return storage, tuple(self._waiting) if storage else ()
