"""volumes: which kinds of volumes pods may have; an empty list means none, `*` all.

Host paths, FlexVolumes and CSI volumes of an allowed kind are then judged by their own strategies. `secret`
also allows a projected volume that holds nothing but a service account's kit.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, util/util.go.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...kube.field_error import Errors, invalid
from ...manifest.route import Route
from . import allowed_csi_drivers, allowed_flex_volumes, allowed_host_paths
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy

# the key of the pod's API to the policy's word, in the order in which upstream looks for the source
VOLUME_WORDS = {
    "hostPath": "hostPath",
    "emptyDir": "emptyDir",
    "gcePersistentDisk": "gcePersistentDisk",
    "awsElasticBlockStore": "awsElasticBlockStore",
    "gitRepo": "gitRepo",
    "secret": "secret",
    "nfs": "nfs",
    "iscsi": "iscsi",
    "glusterfs": "glusterfs",
    "persistentVolumeClaim": "persistentVolumeClaim",
    "rbd": "rbd",
    "flexVolume": "flexVolume",
    "cinder": "cinder",
    "cephfs": "cephFS",
    "flocker": "flocker",
    "downwardAPI": "downwardAPI",
    "fc": "fc",
    "azureFile": "azureFile",
    "configMap": "configMap",
    "vsphereVolume": "vsphereVolume",
    "quobyte": "quobyte",
    "azureDisk": "azureDisk",
    "photonPersistentDisk": "photonPersistentDisk",
    "storageos": "storageos",
    "projected": "projected",
    "portworxVolume": "portworxVolume",
    "scaleIO": "scaleIO",
    "csi": "csi",
    "ephemeral": "ephemeral",
    "image": "image",
}

_SourceJudge = Callable[[Errors, PodSecurityPolicy, PodMutator, Mapping[str, Any], Route], None]
_JUDGES: dict[str, _SourceJudge] = {
    "hostPath": allowed_host_paths.judge_volume,
    "flexVolume": allowed_flex_volumes.judge_volume,
    "csi": allowed_csi_drivers.judge_volume,
}


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge each volume: first its kind, then its source."""
    allowed = policy.spec.volumes
    for index, volume in enumerate(mutator.spec.get("volumes") or ()):
        route: Route = ("spec", "volumes", index)
        key = _source(volume)
        if key is None:
            # upstream prints the whole Go struct after the colon
            invalid(errors, route, "", f"unknown volume type for volume: {volume.get('name') or ''}")
            continue
        word = VOLUME_WORDS[key]
        if (
            "*" not in allowed
            and word not in allowed
            and not (
                word == "projected" and "secret" in allowed and _is_account_token_kit(volume["projected"])
            )
        ):
            invalid(errors, route, word, f"{word} volumes are not allowed to be used")
        elif key in _JUDGES:
            _JUDGES[key](errors, policy, mutator, volume, route)


def _source(volume: Mapping[str, Any]) -> str | None:
    """Find the source that upstream finds first, where there is more than one; None: there is none."""
    return next((key for key in VOLUME_WORDS if volume.get(key) is not None), None)


def _is_account_token_kit(projected: Mapping[str, Any]) -> bool:
    """Say whether a projected volume holds only what the service account plugin mounts (1.21 and later)."""
    for source in projected.get("sources") or ():
        token, config, downward = (
            source.get(key) for key in ("serviceAccountToken", "configMap", "downwardAPI")
        )
        if token is None and config is None and downward is None:
            return False
        if token is not None and ((token.get("path") or "") != "token" or token.get("audience")):
            return False
        if config is not None and config.get("name") != "kube-root-ca.crt":
            return False
        for item in (downward or {}).get("items") or ():
            field = item.get("fieldRef") or {}
            if (
                item.get("path") != "namespace"
                or field.get("apiVersion") != "v1"
                or field.get("fieldPath") != "metadata.namespace"
            ):
                return False
    return True
