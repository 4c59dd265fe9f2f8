"""What the API server accepts but warns about in volumes: old sources, sizes of claims, paths that overlap.

Volumes come in, the bare texts of the warnings go out.
Source: kubernetes 1.37.2 pkg/api/pod/warnings.go, pkg/api/persistentvolumeclaim/util.go.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from ...manifest.route import Route, format_route
from ..go_format import quote

_SOURCES = (  # in the API server's order within one volume: key, path, text
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("ephemeral", "", ""),
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
)
_WARNED = frozenset(key for key, _, _ in _SOURCES)
_WITH_PATHS = frozenset(("configMap", "secret", "downwardAPI", "projected"))

_MAX_OVERLAPS = 4096
"""So many overlaps of one volume are told. A server sends fewer: its warnings have 4096 characters in all."""


def warn_of_volumes(volumes: Sequence[Mapping[str, Any]], route: Route) -> Iterator[str]:
    """Warn of volumes; `route` is that of the list."""
    for index, volume in enumerate(volumes):
        if _WARNED.isdisjoint(volume):
            continue
        for key, shown, text in _SOURCES:
            if volume.get(key) is None:
                continue
            if key != "ephemeral":
                yield f"{format_route((*route, index, shown))}: {text}"
                continue
            template = volume[key].get("volumeClaimTemplate")
            if template is not None:
                at = (*route, index, key, "volumeClaimTemplate", "spec")
                yield from warn_of_claim(template.get("spec") or {}, at)
    for volume in volumes:
        if not _WITH_PATHS.isdisjoint(volume):
            yield from islice(_warn_of_paths(volume), _MAX_OVERLAPS)


def warn_of_claim(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    """Warn of sizes that are not a whole number of bytes; `route` is that of the claim's spec."""
    resources = spec.get("resources") or {}
    for side in ("requests", "limits"):
        if "storage" not in (resources.get(side) or ()):
            continue
        from .resources import quote_fractional_bytes  # drags in fractions and decimal: late

        text = quote_fractional_bytes(resources[side]["storage"])
        if text:
            path = format_route((*route, "resources", side))
            yield f"{path}[storage]: fractional byte value {text} is invalid, must be an integer"


class _File(msgspec.Struct, frozen=True):
    """A path in a volume; `source` says what it comes from, "" when that is plain."""

    path: str
    source: str

    def __str__(self) -> str:
        return f"{quote(self.path)} ({self.source})" if self.source else quote(self.path)


class _Folder:
    """A place in the tree of a volume's paths, with the files that end here, by their number."""

    __slots__ = ("files", "members")

    def __init__(self) -> None:
        self.files: dict[int, _File] = {}
        self.members: dict[str, _Folder] = {}

    def walk(self) -> Iterator[tuple[int, _File]]:
        """Give the files here and below."""
        folders = [self]
        while folders:
            folder = folders.pop()
            yield from folder.files.items()
            folders += folder.members.values()


class _Overlaps:
    """Finds the files that have the path of an earlier one, or lie above or below it."""

    def __init__(self) -> None:
        self.root = _Folder()
        self.count = 0

    def of(self, file: _File) -> Iterator[str]:
        """Say which earlier files the path overlaps, in their order."""
        if not file.path:
            return
        folder, overlaps = self.root, dict[int, _File]()
        for part in file.path.split("/"):
            folder = folder.members.setdefault(part, _Folder())
            overlaps |= folder.files
        overlaps |= dict(islice(folder.walk(), _MAX_OVERLAPS))
        for other in sorted(overlaps):
            yield f"{file} with {overlaps[other]}"
        folder.files[self.count] = file
        self.count += 1


def _warn_of_paths(volume: Mapping[str, Any]) -> Iterator[str]:
    name = quote(volume.get("name") or "")
    for key, described in (("configMap", "ConfigMap"), ("secret", "Secret"), ("downwardAPI", "DownwardAPI")):
        source = volume.get(key)
        if source is None:
            continue
        own = source.get("secretName" if key == "secret" else "name") or ""
        whole = described if key == "downwardAPI" else f"{described} {quote(own)}"
        overlaps = _Overlaps()
        for file in _files(source, ""):
            for text in overlaps.of(file):
                yield f"volume {name} ({whole}): overlapping paths: {text}"
    projected = volume.get("projected")
    if projected is None:
        return
    overlaps = _Overlaps()
    for source in projected.get("sources") or ():
        if all(part is None for part in source.values()):
            yield f"volume {name} (Projected) has no sources provided"
        for file in _projected_files(source):
            for text in overlaps.of(file):
                yield f"volume {name} (Projected): overlapping paths: {text}"


def _files(source: Mapping[str, Any], shown: str) -> list[_File]:
    return [_File((item.get("path") or "").rstrip("/"), shown) for item in source.get("items") or ()]


def _projected_files(source: Mapping[str, Any]) -> list[_File]:
    for key, shown in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if (source.get(key) or {}).get("items") is not None:
            return _files(source[key], f"{shown} {quote(source[key].get('name') or '')}")
    if (source.get("downwardAPI") or {}).get("items") is not None:
        return _files(source["downwardAPI"], "DownwardAPI")
    token, bundle, certificate = (
        source.get(key) for key in ("serviceAccountToken", "clusterTrustBundle", "podCertificate")
    )
    if token is not None:
        return [_File((token.get("path") or "").rstrip("/"), "ServiceAccountToken")]
    if bundle is not None:
        name = bundle.get("name")
        shown = quote(bundle.get("signerName") or "" if name is None else name)
        return [_File((bundle.get("path") or "").rstrip("/"), f"ClusterTrustBundle {shown}")]
    if certificate is None:
        return []
    parts = (
        ("certificateChainPath", "chain"),
        ("keyPath", "key"),
        ("credentialBundlePath", "credential bundle"),
    )
    return [
        _File(certificate[key].rstrip("/"), f"PodCertificate {shown}")
        for key, shown in parts
        if certificate.get(key)
    ]
