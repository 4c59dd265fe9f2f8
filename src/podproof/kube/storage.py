"""What lies behind claims: PersistentVolumes, claims, StorageClasses and CSIDrivers in, one look-up out.

Objects of these kinds come in as plain values; what does not have the API's types is left out, so that the
claims which lead to it stay unknown. Nothing here decides what fsGroup or a user namespace makes of a volume.
Source: k8s.io/api core/v1 and storage/v1 types, v0.37.2.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from .pod import ApiValue, Driver, PersistentVolumeClaimSpec, Present

__all__ = ["NO_STORAGE", "ClaimedVolume", "Storage", "collect_storage", "is_storage"]

_KINDS = frozenset(("PersistentVolume", "PersistentVolumeClaim", "StorageClass", "CSIDriver"))

_T = TypeVar("_T")
_Key = tuple[str, str]


class _ClaimReference(ApiValue, frozen=True):
    namespace: str | None = None
    name: str | None = None


class _PersistentVolume(ApiValue, frozen=True):
    """The spec of a PersistentVolume: the sources that are told apart here, and whose claim it is."""

    nfs: Present | None = None
    host_path: Present | None = None
    local: Present | None = None
    iscsi: Present | None = None
    fc: Present | None = None
    azure_file: Present | None = None
    csi: Driver | None = None
    access_modes: tuple[str, ...] | None = None
    mount_options: tuple[str, ...] | None = None
    claim_ref: _ClaimReference | None = None


class _Class(ApiValue, frozen=True):
    provisioner: str | None = None
    parameters: dict[str, str] | None = None
    mount_options: tuple[str, ...] | None = None


class _CSIDriver(ApiValue, frozen=True):
    fs_group_policy: str | None = None


class ClaimedVolume(msgspec.Struct, frozen=True):
    """What lies behind a claim.

    `source` is a volume source as manifests name it, "" where it is not known; `reason` then says why.
    `where` names the object that tells. `fs_type` None: not known, "" not set. `access_modes` are the
    volume's. `read_only`: it is mounted with the option `ro`. `attached_read_only`: its CSI driver is told to
    attach it read-only, and decides what that means. The kubelet does not look at the `readOnly` of other
    PersistentVolumes, only at that of the pod's volume.
    Source: kubernetes 1.37.2 pkg/volume: getVolumeSource of each plugin, Spec.ReadOnly; csi/csi_attacher.go.
    """

    source: str = ""
    reason: str = ""
    where: str = ""
    driver: str = ""
    fs_type: str | None = None
    access_modes: tuple[str, ...] = ()
    read_only: bool = False
    attached_read_only: bool = False


class Storage(msgspec.Struct, frozen=True):
    """The storage objects that are known; an object that is absent may still be in the cluster."""

    volumes: Mapping[str, _PersistentVolume] = {}
    claims: Mapping[_Key, PersistentVolumeClaimSpec] = {}
    bound: Mapping[_Key, str] = {}
    classes: Mapping[str, _Class] = {}
    drivers: Mapping[str, _CSIDriver] = {}

    def __bool__(self) -> bool:
        """Say whether anything is known."""
        return bool(self.volumes or self.claims or self.classes or self.drivers)

    def with_claims(self, claims: Iterable[Any]) -> "Storage":
        """Add claims that a controller makes unless there are claims of their names."""
        made = collect_storage(claims).claims
        return msgspec.structs.replace(self, claims={**made, **self.claims})

    def fs_group_policy(self, driver: str) -> str | None:
        """Give the fsGroupPolicy of a CSI driver, with the API server's default; None: not known."""
        known = self.drivers.get(driver)
        return None if known is None else known.fs_group_policy or "ReadWriteOnceWithFSType"

    def find(self, namespace: str, name: str) -> ClaimedVolume:
        """Follow a claim to what lies behind it. An object without a namespace is in `default`."""
        key = (namespace or "default", name)
        claim = self.claims.get(key)
        if claim is not None and claim.volume_name:
            return self._volume(claim.volume_name)
        if key in self.bound:
            return self._volume(self.bound[key])
        if claim is None:
            return ClaimedVolume(reason=f"claim {name} is not in the input")
        return self.provisioned(claim, f"claim {name}")

    def provisioned(self, claim: PersistentVolumeClaimSpec, who: str) -> ClaimedVolume:
        """Say what a provisioner makes for a claim that has no volume yet; `who` names the claim."""
        if not claim.storage_class_name:
            return ClaimedVolume(reason=f"{who} names neither a volume nor a storage class")
        known = self.classes.get(claim.storage_class_name)
        if known is None:
            return ClaimedVolume(reason=f"StorageClass {claim.storage_class_name} is not in the input")
        if not known.provisioner or known.provisioner.startswith("kubernetes.io/"):
            reason = f"provisioner {known.provisioner} of StorageClass {claim.storage_class_name} decides"
            return ClaimedVolume(reason=reason)
        parameters = known.parameters or {}
        return ClaimedVolume(
            source="csi",
            where=f"StorageClass {claim.storage_class_name}",
            driver=known.provisioner,
            fs_type=parameters.get("csi.storage.k8s.io/fstype") or parameters.get("fsType"),
            access_modes=claim.access_modes or (),
            read_only=_has_ro(known.mount_options),
        )

    def _volume(self, name: str) -> ClaimedVolume:
        volume = self.volumes.get(name)
        if volume is None:
            return ClaimedVolume(reason=f"PersistentVolume {name} is not in the input")
        where, modes = f"PersistentVolume {name}", volume.access_modes or ()
        read_only = _has_ro(volume.mount_options)
        if volume.csi is not None:
            return ClaimedVolume(
                source="csi",
                where=where,
                driver=volume.csi.driver or "",
                fs_type=volume.csi.fs_type or "",
                access_modes=modes,
                read_only=read_only,
                attached_read_only=volume.csi.read_only is True,
            )
        if volume.host_path is not None or volume.local is not None:
            source = "local" if volume.host_path is None else "hostPath"
            return ClaimedVolume(source=source, where=where, access_modes=modes, read_only=read_only)
        for source in ("nfs", "iscsi", "fc", "azure_file"):
            if getattr(volume, source) is not None:
                source = "azureFile" if source == "azure_file" else source
                return ClaimedVolume(source=source, where=where, access_modes=modes, read_only=read_only)
        return ClaimedVolume(reason=f"the driver of {where} decides")


NO_STORAGE = Storage()


def is_storage(value: Any) -> bool:
    """Say whether a value is an object that `collect_storage` takes."""
    kind = value.get("kind") if isinstance(value, dict) else None
    return isinstance(kind, str) and kind in _KINDS


def collect_storage(objects: Iterable[Any]) -> Storage:
    """Take the storage objects out of plain values; the last of two with one name counts."""
    volumes: dict[str, _PersistentVolume] = {}
    claims: dict[_Key, PersistentVolumeClaimSpec] = {}
    classes: dict[str, _Class] = {}
    drivers: dict[str, _CSIDriver] = {}
    for value in objects:
        if not is_storage(value):
            continue
        kind, namespace, name = _identity(value)
        if not name:
            continue
        spec = value.get("spec")
        if kind == "PersistentVolume" and (volume := _typed(spec, _PersistentVolume)):
            volumes[name] = volume
        elif kind == "PersistentVolumeClaim" and (claim := _typed(spec, PersistentVolumeClaimSpec)):
            claims[namespace or "default", name] = claim
        elif kind == "StorageClass" and (storage_class := _typed(value, _Class)):
            classes[name] = storage_class
        elif kind == "CSIDriver" and (driver := _typed(spec, _CSIDriver)):
            drivers[name] = driver
    bound = {
        (volume.claim_ref.namespace or "default", volume.claim_ref.name): name
        for name, volume in volumes.items()
        if volume.claim_ref is not None and volume.claim_ref.name
    }
    return Storage(volumes, claims, bound, classes, drivers)


def _identity(value: Any) -> tuple[str, str, str]:
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    namespace, name = metadata.get("namespace"), metadata.get("name")
    return (
        value["kind"],
        namespace if isinstance(namespace, str) else "",
        name if isinstance(name, str) else "",
    )


def _has_ro(options: tuple[str, ...] | None) -> bool:
    """Say whether mount options make a mount read-only; the last of `ro` and `rw` counts."""
    words = [word for option in options or () for word in option.split(",") if word in ("ro", "rw")]
    return bool(words) and words[-1] == "ro"


def _typed(value: Any, type_: type[_T]) -> _T | None:
    try:
        return msgspec.convert(value if value is not None else {}, type_)
    except msgspec.ValidationError:
        return None
