"""The ServiceAccount plugin: which account a new pod runs as, and the token that it is given.

A pod as it was sent and the service accounts that are known come in; edits that the plugin makes, or its
refusal, go out. It comes before every policy.
Source: kubernetes 1.24.17 and 1.37.2 plugin/pkg/admission/serviceaccount/admission.go.
"""

from collections.abc import Mapping
from typing import Any

from ..edits.edit import Edit
from ..kube.visit import WITHOUT_EPHEMERAL, visit_written

__all__ = ["fill_in", "missing_account"]

DEFAULT = "default"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_MIRROR = "kubernetes.io/config.mirror"
_PROJECTED_SINCE = 21
"""The first version that projects a bound token; older ones mount the secret of the account."""
_SUFFIX = "xxxxx"
"""Stands for the five random letters of the volume's name."""


def missing_account(namespace: str, name: str) -> str:
    """Say why a pod whose account does not exist is forbidden."""
    missing = f'serviceaccount "{name}" not found'
    return f"error looking up service account {namespace}/{name}: {missing}"


def fill_in(
    pod: Mapping[str, Any], account: Mapping[str, Any] | None, *, name: str, minor: int, token: bool
) -> tuple[Edit, ...]:
    """Return what the plugin changes in a new pod: its account, and with `token` the token's volume.

    `name` is the account of a pod that names none; `account` is the object of the pod's account, None when
    it is not known, which then says nothing about tokens. A mirror pod is left alone.
    """
    spec, metadata = _mapping(pod.get("spec")), _mapping(pod.get("metadata"))
    if _MIRROR in _mapping(metadata.get("annotations")):
        return ()
    edits: list[Edit] = []
    named = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if not named:
        edits.append(Edit(("spec", "serviceAccountName"), "set", name))
    wanted = spec.get("automountServiceAccountToken")
    if wanted is None:
        wanted = (account or {}).get("automountServiceAccountToken")
    if token and wanted is not False:
        edits += _token(spec, named if isinstance(named, str) and named else name, minor)
    return tuple(edits)


def _token(spec: Mapping[str, Any], account: str, minor: int) -> list[Edit]:
    volumes = _list(spec.get("volumes"))
    prefix = "kube-api-access-" if minor >= _PROJECTED_SINCE else f"{account}-token-"
    present = [name for name in (_mapping(v).get("name") for v in volumes) if isinstance(name, str)]
    held = next((name for name in present if name.startswith(prefix)), None)
    volume = held or prefix + _SUFFIX
    mount = {"name": volume, "readOnly": True, "mountPath": MOUNT_PATH}
    edits: list[Edit] = []
    for _, container, where in visit_written(spec, fields=WITHOUT_EPHEMERAL):
        mounts = _list(container.get("volumeMounts"))
        if all(_mapping(m).get("mountPath") != MOUNT_PATH for m in mounts):
            edits.append(Edit((*where, "volumeMounts"), "set", [*mounts, mount]))
    if edits and held is None:
        source = _projected() if minor >= _PROJECTED_SINCE else {"secret": {"secretName": volume}}
        edits.append(Edit(("spec", "volumes"), "set", [*volumes, {"name": volume, **source}]))
    return edits


def _projected() -> dict[str, Any]:
    """Make the source of the token's volume. Source: TokenVolumeSource; 3607 s and mode 0644 stand there."""
    certificate = {"key": "ca.crt", "path": "ca.crt"}
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return {
        "projected": {
            "defaultMode": 420,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [certificate]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
            ],
        }
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
