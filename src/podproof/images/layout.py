"""Images as one file: layers and settings come in, an OCI layout in a tar goes out; docker loads it too.

The same layers and settings give the same bytes: layers stay uncompressed, as what a compressor writes
changes with its version. Nothing is read but the layers' files.
Source: OCI image-spec v1.1, image-layout.md, config.md, annotations.md.
"""

import datetime
import glob
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..errors import OutputError

__all__ = ["Image", "ImageSettings", "write_archive"]

_CONFIG = "application/vnd.oci.image.config.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class ImageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the image's configuration says; empty values are left out. `platform` is os/architecture."""

    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_directory: str = ""
    environment: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    platform: str = "linux/amd64"


class Image(msgspec.Struct, frozen=True):
    """One image of an archive.

    `name` is the full reference, under which containerd imports it, and `short` the one that people write;
    `layers` are tar files, the lowest first.
    """

    name: str
    short: str
    layers: tuple[Path, ...]
    settings: ImageSettings


def write_archive(output: Path, images: Sequence[Image], *, epoch: int) -> tuple[str, ...]:
    """Write the archive whole or not at all; the manifests' digests are returned, in the images' order.

    Raises OutputError: the file cannot be written.
    """
    files: dict[str, bytes | Path] = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
    descriptors: list[dict[str, Any]] = []
    # docker before 25 reads only this, and finds the layers wherever it says
    docker: list[dict[str, Any]] = []
    digests = {layer: _digest_of(layer) for image in images for layer in image.layers}
    for image in images:
        layers = [digests[layer] for layer in image.layers]
        files |= {_blob(digests[layer]): layer for layer in image.layers}
        config = _json(_config(image.settings, layers, epoch))
        manifest = _json(_manifest(config, image.layers, layers))
        files |= {_blob(_digest(config)): config, _blob(_digest(manifest)): manifest}
        descriptors.append(_descriptor(_MANIFEST, manifest) | _naming(image))
        docker.append(
            {
                "Config": _blob(_digest(config)),
                "RepoTags": [image.short],
                "Layers": [_blob(layer) for layer in layers],
            }
        )
    files["index.json"] = _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": descriptors})
    files["manifest.json"] = _json(docker)
    _write(output, files, epoch)
    return tuple(descriptor["digest"] for descriptor in descriptors)


def _manifest(config: bytes, paths: Sequence[Path], digests: Sequence[str]) -> dict[str, Any]:
    layers = [
        {"mediaType": _LAYER, "digest": digest, "size": path.stat().st_size}
        for path, digest in zip(paths, digests, strict=True)
    ]
    return {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _descriptor(_CONFIG, config),
        "layers": layers,
    }


def _naming(image: Image) -> dict[str, Any]:
    system, _, architecture = image.settings.platform.partition("/")
    return {
        "platform": {"architecture": architecture, "os": system},
        "annotations": {
            "io.containerd.image.name": image.name,
            "org.opencontainers.image.ref.name": image.name.rpartition(":")[2],
        },
    }


def _config(settings: ImageSettings, diff_ids: list[str], epoch: int) -> dict[str, Any]:
    system, _, architecture = settings.platform.partition("/")
    created = datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inner = {
        "User": settings.user,
        "Env": list(settings.environment),
        "Entrypoint": list(settings.entrypoint),
        "Cmd": list(settings.command),
        "WorkingDir": settings.working_directory,
        "Labels": dict(sorted(settings.labels.items())),
    }
    return {
        "created": created,
        "architecture": architecture,
        "os": system,
        "config": {key: value for key, value in inner.items() if value},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created": created, "created_by": "podproof images build"} for _ in diff_ids],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _blob(digest: str) -> str:
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def _descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}


def _write(output: Path, files: Mapping[str, bytes | Path], epoch: int) -> None:
    output = output.resolve()  # a link stays one, and its target gets the image
    if output.exists() and not output.is_file():
        # renaming over a device or a pipe would take it away from the whole machine
        raise OutputError(f"cannot write {output}: it is not a regular file, name another")
    _reap(output)
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        try:
            with (
                temporary.open("xb") as file,
                tarfile.open(fileobj=file, mode="w") as tar,
            ):
                for folder in ("blobs", "blobs/sha256"):
                    info = tarfile.TarInfo(folder)
                    info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, epoch
                    tar.addfile(info)
                for name in sorted(files):
                    _add(tar, name, files[name], epoch)
            temporary.replace(output)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error.strerror or error}") from error


def _reap(output: Path) -> None:
    """Remove what killed builds of the same file left beside it."""
    for path in output.parent.glob(f".{glob.escape(output.name)}.*.tmp"):
        process = path.name.removesuffix(".tmp").rpartition(".")[2]
        if process.isdigit() and not Path("/proc", process).exists():
            path.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, content: bytes | Path, epoch: int) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.mtime = 0o644, epoch
    if isinstance(content, bytes):
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
        return
    with content.open("rb") as file:
        info.size = content.stat().st_size
        tar.addfile(info, file)
