"""Builds small image archives: layers from mappings, layouts and `docker save` files from layers."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Entries = dict[str, "bytes | str | None"]
"""Path to content; a str is a symbolic link's target (`hard:TARGET` a hard link), None a folder."""


def layer(entries: Entries) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in entries.items():
            info = tarfile.TarInfo(path)
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, bytes):
                info.size = len(content)
            elif content.startswith("hard:"):
                info.type, info.linkname = tarfile.LNKTYPE, content.removeprefix("hard:")
            else:
                info.type, info.linkname = tarfile.SYMTYPE, content
            tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config(layers: list[bytes], **settings: Any) -> bytes:
    architecture = settings.pop("architecture", "amd64")
    rootfs = {"type": "layers", "diff_ids": [digest(data) for data in layers]}
    return json.dumps(
        {"os": "linux", "architecture": architecture, "config": settings, "rootfs": rootfs}
    ).encode()


def gzip_packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def layout_files(
    name: str,
    layers: list[bytes],
    *,
    compress: bool = True,
    pack: Callable[[bytes], bytes] = gzip_packed,
    **settings: Any,
) -> dict[str, bytes]:
    blobs = [pack(data) if compress else data for data in layers]
    image = config(layers, **settings)
    manifest = json.dumps(
        {"config": {"digest": digest(image)}, "layers": [{"digest": digest(blob)} for blob in blobs]}
    ).encode()
    index = json.dumps(
        {
            "manifests": [
                {
                    "digest": digest(manifest),
                    "annotations": {
                        "io.containerd.image.name": name,
                        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
                    },
                }
            ]
        }
    ).encode()
    files = {f"blobs/sha256/{digest(data)[7:]}": data for data in (*blobs, image, manifest)}
    return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index, **files}


def docker_files(name: str, layers: list[bytes], **settings: Any) -> dict[str, bytes]:
    image = config(layers, **settings)
    names = [f"{digest(data)[7:]}/layer.tar" for data in layers]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [name], "Layers": names}]).encode()
    return {
        "manifest.json": manifest,
        "config.json": image,
        **dict(zip(names, layers, strict=True)),
    }


def write_folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def write_tar(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]  # the mode is a variable here
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path
