"""Keeps what a run needs to judge pods by the storage objects of the same input, which may follow them.

Objects come in one by one; at the end, those that have to be judged again go out, with the storage that is
known by then. Nothing is kept of pods that no storage object could say anything about. The claims that a
StatefulSet's controller makes are known with the StatefulSet.
"""

from typing import Any

import msgspec

from ...admission.controllers import controller_claims
from ...effective.setting import Setting
from ...inputs.input import InputObject
from ...kube.pod import Pod
from ...kube.storage import Storage, collect_storage, is_storage

__all__ = ["Claims", "with_made_claims"]

_ASKING = (b"fsGroup", b"hostUsers")
_CLAIMING = (b"persistentVolumeClaim", b"csi", b"ephemeral", b"volumeClaimTemplates")


def with_made_claims(setting: Setting, value: Any, pod: Pod) -> Setting:
    """Add to the storage the claims that the controller of an object makes for this pod of it."""
    if not isinstance(value, dict) or value.get("kind") != "StatefulSet":
        return setting
    namespace = pod.metadata.namespace if pod.metadata is not None else None
    claims = controller_claims(value, namespace or "default", setting.gates.minor)
    if not claims:
        return setting
    return msgspec.structs.replace(setting, storage=setting.storage.with_claims(claims))


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
