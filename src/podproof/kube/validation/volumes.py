"""Volumes: one source each, unique names, and the rules of every kind of source.

A pod's volumes come in; what is wrong is added, and the volumes without fault go out by name, since mounts
may only name those.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidateVolumes, validateVolumeSource and what they call.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, duplicate, forbidden, invalid, keyed, not_supported, required
from ..go_format import json_value, quote
from .formats import between, byte_length, dns_label, dns_subdomain
from .paths import validate_descending, validate_no_backsteps
from .projected_volumes import (
    validate_downward_api_volume,
    validate_items,
    validate_mode,
    validate_projected_volume,
)
from .right_parts import RightParts

_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)

Source = Mapping[str, Any]

_right_volumes = RightParts()


def validate_volumes(
    errors: Errors, volumes: Sequence[Mapping[str, Any]] | None, pod_name: str, route: Route
) -> dict[str, Mapping[str, Any]]:
    """Judge volumes; `pod_name` is "" for templates. Returns the volumes without fault by name."""
    if not volumes:
        return {}
    part = _right_volumes.key(volumes, pod_name, errors.gates)
    if part is None:
        return {volume["name"]: volume for volume in volumes}
    before = len(errors)
    valid = _validate_volumes(errors, volumes, pod_name, route)
    if len(errors) == before:
        _right_volumes.add(part)
    return valid


def _validate_volumes(
    errors: Errors, volumes: Sequence[Mapping[str, Any]], pod_name: str, route: Route
) -> dict[str, Mapping[str, Any]]:
    valid: dict[str, Mapping[str, Any]] = {}
    created: set[str] = set()
    if pod_name:
        created = {
            f"{pod_name}-{volume.get('name') or ''}"
            for volume in volumes
            if volume.get("ephemeral") is not None
        }
    for index, volume in enumerate(volumes):
        at, name, own = (*route, index), volume.get("name") or "", len(errors)
        _validate_source(errors, volume, name, pod_name, at)
        if not name:
            required(errors, (*at, "name"))
        else:
            for fault in dns_label(name):
                invalid(errors, (*at, "name"), name, fault)
        if name in valid:
            duplicate(errors, (*at, "name"), name)
        if len(errors) == own:
            valid[name] = volume
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName") if created else ""
        if claim and claim in created:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            invalid(errors, (*at, "persistentVolumeClaim", "claimName"), claim, detail)
    return valid


def _validate_source(errors: Errors, volume: Source, name: str, pod_name: str, route: Route) -> None:
    chosen = False
    keys = [key for key, source in volume.items() if source is not None and key in _SOURCES]
    if len(keys) > 1:
        keys = [key for key in _SOURCES if key in keys]  # judged in the server's order
    for key in keys:
        source, judge, at = volume[key], _SOURCES[key], (*route, key)
        if chosen:
            odd = _SECOND.get(key)
            field = f"{format_route(route)}.{odd}" if odd else None
            forbidden(errors, at, "may not specify more than 1 volume type", field=field)
        else:
            chosen = True
            judge(errors, source, at)
            if key == "ephemeral" and pod_name and name:
                claim = f"{pod_name}-{name}"
                for fault in dns_subdomain(claim):
                    invalid(errors, (*route, "name"), name, f"PVC name {quote(claim)}: {fault}")
        if key == "iscsi":
            _refuse_long_portal(errors, source, name, route)
    if not chosen:
        required(errors, route, "must specify a volume type")


def _refuse_long_portal(errors: Errors, source: Source, name: str, route: Route) -> None:
    portal = f"{name}:{source.get('targetPortal') or ''}"
    if source.get("initiatorName") is not None and byte_length(portal) > 64:
        detail = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
            "if iscsi.initiatorName is specified."
        )
        invalid(errors, (*route, "name"), name, detail)


def _demand(*keys: str) -> Callable[[Errors, Source, Route], None]:
    """Make a judge that asks for the given fields and nothing else."""

    def judge(errors: Errors, source: Source, route: Route) -> None:
        for key in keys:
            if not source.get(key):
                required(errors, (*route, key))

    return judge


def _empty_dir(errors: Errors, source: Source, route: Route) -> None:
    limit = source.get("sizeLimit")
    if limit is None:
        return
    from ..quantity import parse_quantity  # drags in fractions and decimal: late

    quantity = parse_quantity(limit)
    if quantity is not None and quantity.value < 0:
        forbidden(errors, (*route, "sizeLimit"), "SizeLimit field must be a valid resource quantity")


def _host_path(errors: Errors, source: Source, route: Route) -> None:
    path, kind = source.get("path") or "", source.get("type")
    if not path:
        required(errors, (*route, "path"))
        return
    validate_no_backsteps(errors, path, (*route, "path"))
    if kind is not None and kind not in _HOST_PATH_TYPES:
        not_supported(errors, (*route, "type"), kind, _HOST_PATH_TYPES)


def _git_repo(errors: Errors, source: Source, route: Route) -> None:
    if not source.get("repository"):
        required(errors, (*route, "repository"))
    validate_descending(errors, source.get("directory") or "", (*route, "directory"))


def _disk(key: str) -> Callable[[Errors, Source, Route], None]:
    def judge(errors: Errors, source: Source, route: Route) -> None:
        # the path of a GCE disk's faults is not the field's name
        base = "persistentDisk" if key == "pdName" else route[-1]
        prefix = format_route((*route[:-1], base))
        if not source.get(key):
            required(errors, (*route, key), field=f"{prefix}.{key}")
        partition = source.get("partition") or 0
        if not 0 <= partition <= 255:
            invalid(errors, (*route, "partition"), partition, between(1, 255), field=f"{prefix}.partition")

    return judge


def _secret(errors: Errors, source: Source, route: Route) -> None:
    if not source.get("secretName"):
        required(errors, (*route, "secretName"))
    validate_mode(errors, source.get("defaultMode"), (*route, "defaultMode"))
    validate_items(errors, source.get("items"), (*route, "items"))


def _config_map(errors: Errors, source: Source, route: Route) -> None:
    if not source.get("name"):
        required(errors, (*route, "name"))
    validate_mode(errors, source.get("defaultMode"), (*route, "defaultMode"))
    validate_items(errors, source.get("items"), (*route, "items"))


def _nfs(errors: Errors, source: Source, route: Route) -> None:
    path = source.get("path") or ""
    _demand("server", "path")(errors, source, route)
    if not path.startswith("/"):
        invalid(errors, (*route, "path"), path, "must be an absolute path")


def _iscsi_name_is_valid(name: str) -> bool:
    from .formats import matcher

    if name.startswith("iqn"):
        return (
            matcher(r"iqn\.[0-9]{4}-[0-9]{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\t\n\f\r ]+)\Z").search(name)
            is not None
        )
    return matcher(r"eui.[0-9A-Za-z]{16}|naa.[0-9A-Za-z]{32}").fullmatch(name) is not None


def _iscsi(errors: Errors, source: Source, route: Route) -> None:
    if not source.get("targetPortal"):
        required(errors, (*route, "targetPortal"))
    iqn = source.get("iqn") or ""
    if not iqn:
        required(errors, (*route, "iqn"))
    elif not iqn.startswith(("iqn", "eui", "naa")):
        invalid(errors, (*route, "iqn"), iqn, "must be valid format starting with iqn, eui, or naa")
    elif not _iscsi_name_is_valid(iqn):
        invalid(errors, (*route, "iqn"), iqn, "must be valid format")
    lun = source.get("lun") or 0
    if not 0 <= lun <= 255:
        invalid(errors, (*route, "lun"), lun, between(0, 255))
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        required(errors, (*route, "secretRef"))
    initiator = source.get("initiatorName")
    if initiator is None:
        return
    field = f"{format_route(route)}.initiatorname"
    at = (*route, "initiatorName")
    if not initiator.startswith(("iqn", "eui", "naa")):
        invalid(errors, at, initiator, "must be valid format starting with iqn, eui, or naa", field=field)
    elif not _iscsi_name_is_valid(initiator):
        invalid(errors, at, initiator, "must be valid format", field=field)


def _fc(errors: Errors, source: Source, route: Route) -> None:
    targets, ids, lun = source.get("targetWWNs"), source.get("wwids"), source.get("lun")
    if not targets and not ids:
        required(errors, (*route, "targetWWNs"), "must specify either targetWWNs or wwids, but not both")
    if targets and ids:
        detail = "targetWWNs and wwids can not be specified simultaneously"
        invalid(errors, (*route, "targetWWNs"), json_value(targets), detail)
    if targets:
        if lun is None:
            required(errors, (*route, "lun"), "lun is required if targetWWNs is specified")
        elif not 0 <= lun <= 255:
            invalid(errors, (*route, "lun"), lun, between(0, 255))


def _flocker(errors: Errors, source: Source, route: Route) -> None:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    if not name and not uuid:
        required(errors, route, "one of datasetName and datasetUUID is required")
    if name and uuid:
        invalid(errors, route, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        invalid(errors, (*route, "datasetName"), name, "must not contain '/'")


def _splits_as_host_port(text: str) -> bool:
    """Say whether Go's net.SplitHostPort takes the text."""
    if text.startswith("["):
        host, mark, rest = text[1:].partition("]")
        return (
            bool(mark) and rest.startswith(":") and not any(c in "[]:" for c in rest[1:]) and "[" not in host
        )
    return text.count(":") == 1 and "[" not in text and "]" not in text


def _quobyte(errors: Errors, source: Source, route: Route) -> None:
    registry = source.get("registry") or ""
    detail = "must be a host:port pair or multiple pairs separated by commas"
    if not registry:
        required(errors, (*route, "registry"), detail)
    elif byte_length(source.get("tenant") or "") >= 65:
        required(errors, (*route, "tenant"), "must be a UUID and may not exceed a length of 64 characters")
    else:
        for pair in registry.split(","):
            if not _splits_as_host_port(pair):
                invalid(errors, (*route, "registry"), registry, detail)
    _demand("volume")(errors, source, route)


def _cinder(errors: Errors, source: Source, route: Route) -> None:
    _demand("volumeID")(errors, source, route)
    _secret_reference(errors, source, route)


def _secret_reference(errors: Errors, source: Source, route: Route) -> None:
    if source.get("secretRef") is not None and not source["secretRef"].get("name"):
        required(errors, (*route, "secretRef", "name"))


def _flex_volume(errors: Errors, source: Source, route: Route) -> None:
    _demand("driver")(errors, source, route)
    for key in sorted(source.get("options") or ()):
        namespace = "." + key.partition("/")[0].lower()
        if namespace.endswith((".kubernetes.io", ".k8s.io")):
            options = (*route, "options")
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            invalid(errors, (*options, key), key, detail, field=keyed(options, key))


def _azure_disk(errors: Errors, source: Source, route: Route) -> None:
    uri, kind, caching = source.get("diskURI") or "", source.get("kind"), source.get("cachingMode")
    _demand("diskName", "diskURI")(errors, source, route)
    if caching is not None and caching not in ("None", "ReadOnly", "ReadWrite"):
        not_supported(errors, (*route, "cachingMode"), caching, ("None", "ReadOnly", "ReadWrite"))
    if kind is not None and kind not in ("Dedicated", "Managed", "Shared"):
        not_supported(errors, (*route, "kind"), kind, ("Dedicated", "Managed", "Shared"))
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        form = (
            "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
        )
        not_supported(errors, (*route, "diskURI"), uri, (form,))
    if kind is not None and kind != "Managed" and not uri.startswith("https://"):
        form = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
        not_supported(errors, (*route, "diskURI"), uri, (form,))


def _storage_os(errors: Errors, source: Source, route: Route) -> None:
    name, namespace = source.get("volumeName") or "", source.get("volumeNamespace") or ""
    if not name:
        required(errors, (*route, "volumeName"))
    for key, value in (("volumeName", name), ("volumeNamespace", namespace)):
        for fault in dns_label(value) if value else ():
            invalid(errors, (*route, key), value, fault)
    _secret_reference(errors, source, route)


def _csi(errors: Errors, source: Source, route: Route) -> None:
    from ..field_error import too_long

    driver = source.get("driver") or ""
    if not driver:
        required(errors, (*route, "driver"))
    else:
        if byte_length(driver) > 63:
            too_long(errors, (*route, "driver"), 63)
        for fault in dns_subdomain(driver.lower()):
            invalid(errors, (*route, "driver"), driver, fault)
    reference = source.get("nodePublishSecretRef")
    if reference is not None:
        name = reference.get("name") or ""
        if not name:
            required(errors, (*route, "nodePublishSecretRef", "name"))
        for fault in dns_subdomain(name) if name else ():
            # upstream names the CSI volume's `name`, which does not exist
            field = f"{format_route(route)}.name"
            invalid(errors, (*route, "nodePublishSecretRef", "name"), name, fault, field=field)


def _ephemeral(errors: Errors, source: Source, route: Route) -> None:
    template, at = source.get("volumeClaimTemplate"), (*route, "volumeClaimTemplate")
    if template is None:
        required(errors, at)
        return
    from .volume_claims import validate_claim_template  # few pods have one: late

    validate_claim_template(errors, template, at)


def _image(errors: Errors, source: Source, route: Route) -> None:
    from .containers import validate_pull_policy

    if not source.get("reference"):
        required(errors, (*route, "reference"))
    validate_pull_policy(errors, source.get("pullPolicy") or "", (*route, "pullPolicy"))


_SECOND = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}  # upstream's spelling of a second source's path

# in the API server's order, which decides which of two sources is the surplus one
_SOURCES: dict[str, Callable[[Errors, Source, Route], None]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": _git_repo,
    "gcePersistentDisk": _disk("pdName"),
    "awsElasticBlockStore": _disk("volumeID"),
    "secret": _secret,
    "nfs": _nfs,
    "iscsi": _iscsi,
    "glusterfs": _demand("endpoints", "path"),
    "flocker": _flocker,
    "persistentVolumeClaim": _demand("claimName"),
    "rbd": _demand("monitors", "image"),
    "cinder": _cinder,
    "cephfs": _demand("monitors"),
    "quobyte": _quobyte,
    "downwardAPI": validate_downward_api_volume,
    "fc": _fc,
    "flexVolume": _flex_volume,
    "configMap": _config_map,
    "azureFile": _demand("secretName", "shareName"),
    "vsphereVolume": _demand("volumePath"),
    "photonPersistentDisk": _demand("pdID"),
    "portworxVolume": _demand("volumeID"),
    "azureDisk": _azure_disk,
    "storageos": _storage_os,
    "projected": validate_projected_volume,
    "scaleIO": _demand("gateway", "system", "volumeName"),
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
