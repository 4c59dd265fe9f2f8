"""Makes the sandbox image in memory: one static program that holds a pod's namespaces, as an OCI archive."""

import gzip
import hashlib
import io
import json
import platform
import struct
import tarfile
from pathlib import Path
from typing import Any

from ...errors import StateError

__all__ = ["pause_archive", "pause_name"]

_MACHINES = {"x86_64": (62, "amd64"), "aarch64": (183, "arm64")}
"""Machine to its number in ELF and its name in Go. Source: elf(5); OCI image specification, config.md."""

_ADDRESS = 0x400000


def pause_name(machine: str | None = None) -> str:
    """Name the image by what is in it, so that another version of it is another image."""
    return f"podproof.local/pause:{hashlib.sha256(pause_program(machine)).hexdigest()[:12]}"


def pause_program(machine: str | None = None) -> bytes:
    """Build the executable: headers of one readable and executable segment, then the code.

    Raises UsageError: there is no code for this kind of machine.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise StateError(f"pods run on {' and '.join(_MACHINES)}; this machine is {machine}")
    code = bytes.fromhex(Path(__file__).with_name("pause").joinpath(f"pause-{machine}.hex").read_text())
    start = 64 + 56
    size = start + len(code)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01", 2, _MACHINES[machine][0], 1, _ADDRESS + start, 64, 0, 0, 64, 56, 1, 0, 0, 0,
    )  # fmt: skip
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _ADDRESS, _ADDRESS, size, size, 0x1000)
    return header + segment + code


def pause_archive(machine: str | None = None) -> bytes:
    """Build a tar of an OCI layout whose one image is `pause_name`; the same bytes each time."""
    program = pause_program(machine)
    layer = _tar({"pause": (program, 0o755)})
    config = _json(
        {
            "architecture": _MACHINES[machine or platform.machine()][1],
            "os": "linux",
            "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    packed = gzip.compress(layer, mtime=0)
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": _descriptor("application/vnd.oci.image.config.v1+json", config),
            "layers": [_descriptor("application/vnd.oci.image.layer.v1.tar+gzip", packed)],
        }
    )
    entry = _descriptor("application/vnd.oci.image.manifest.v1+json", manifest)
    entry["annotations"] = {"io.containerd.image.name": pause_name(machine)}
    blobs = {f"blobs/sha256/{_digest(blob)[7:]}": (blob, 0o644) for blob in (config, packed, manifest)}
    return _tar(
        {
            "oci-layout": (_json({"imageLayoutVersion": "1.0.0"}), 0o644),
            "index.json": (_json({"schemaVersion": 2, "manifests": [entry]}), 0o644),
            **blobs,
        }
    )


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (content, mode) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _descriptor(kind: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(blob), "size": len(blob)}
