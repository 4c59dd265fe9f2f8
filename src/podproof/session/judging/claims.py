"""Tells which pods the storage objects of the same input may concern, which may follow them.

The claims that a StatefulSet's controller makes are known with the StatefulSet.
"""

from typing import Any

import msgspec

from ...admission.controllers import controller_claims
from ...effective.setting import Setting
from ...kube.pod import Pod

__all__ = ["may_ask", "with_made_claims"]

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


def may_ask(data: bytes) -> bool:
    """Say whether storage objects could change what is said of the pods in a text."""
    return (b"fsGroup" in data or b"hostUsers" in data) and any(word in data for word in _CLAIMING)
