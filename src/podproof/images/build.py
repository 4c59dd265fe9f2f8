"""Images without a registry: packages or files come in, an archive that every runtime imports goes out.

The same inputs give the same bytes: times are SOURCE_DATE_EPOCH's (else 1970), entries are sorted. Nothing
runs as part of a build but the packages' own scripts, and nothing is pushed anywhere.
"""

import json
import os
import platform
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..errors import UsageError
from ..kube.image_name import ImageNameError, full_name, parse_image_name
from .debian import check_packages, debian_rootfs
from .layer_writer import LayerEntry, copy_layer, write_layer
from .layout import Image, ImageSettings, write_archive
from .workspace import workspace

__all__ = [
    "DEBIAN_PATH",
    "BuiltImage",
    "Debian",
    "build_image",
    "machine_platform",
    "parse_command",
    "source_epoch",
]

DEBIAN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""PATH of images from packages, unless --env sets one: as Debian's own images have it."""

_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm",
    "riscv64": "riscv64",
    "ppc64le": "ppc64le",
}
"""The kernel's word to Go's, which images use."""


class Debian(msgspec.Struct, frozen=True):
    """What to install; see `debian_rootfs`."""

    packages: tuple[str, ...]
    suite: str | None = None
    sources: tuple[str, ...] = ()
    files_only: bool = False


class BuiltImage(msgspec.Struct, frozen=True):
    """An archive: the reference that runtimes know the image by, its manifest's digest, the file's bytes."""

    reference: str
    digest: str
    size: int


def build_image(
    name: str,
    output: Path,
    *,
    settings: ImageSettings,
    debian: Debian | None = None,
    additions: Sequence[LayerEntry] = (),
    epoch: int = 0,
) -> BuiltImage:
    """Build one image: the packages' layer if any, then the additions'.

    Raises UsageError: the name is not a reference, or a package's name is none; ImageError: the packages
    cannot be installed, a file cannot be read; OutputError: the archive cannot be written.
    """
    short, full = _names(name)
    if debian is not None:
        check_packages(debian.packages)
    layers: list[Path] = []
    with workspace() as work:
        if debian is not None:
            rootfs = debian_rootfs(
                debian.packages,
                work,
                suite=debian.suite,
                sources=debian.sources,
                files_only=debian.files_only,
                epoch=epoch,
            )
            layers.append(work.path / "packages.tar")
            with layers[-1].open("wb") as file:
                copy_layer(rootfs, file, epoch=epoch)
            rootfs.unlink()
        if additions or not layers:
            layers.append(work.path / "additions.tar")
            with layers[-1].open("wb") as file:
                write_layer(file, additions, epoch=epoch)
        image = Image(full, short, tuple(layers), settings)
        digest = write_archive(output, [image], epoch=epoch)[0]
    return BuiltImage(full, digest, output.stat().st_size)


def _names(name: str) -> tuple[str, str]:
    try:
        parsed = parse_image_name(name)
    except ImageNameError as error:
        raise UsageError(f"{name!r} is not an image name: {error}") from error
    if parsed.digest:
        raise UsageError(
            f"{name!r} must not have a digest, which is the result of building: write {parsed.name}:TAG"
        )
    short = name if parsed.tagged else f"{name}:{parsed.tag}"
    return short, full_name(name)


def machine_platform() -> str:
    """Name this machine as images do: `linux/amd64`."""
    machine = platform.machine()
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"


def source_epoch() -> int:
    """Read SOURCE_DATE_EPOCH, in seconds; 0 when it is not set. Raises UsageError: it is not a number."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise UsageError(f"SOURCE_DATE_EPOCH must be a number of seconds, has {text!r}")
    return int(text)


def parse_command(option: str, text: str) -> tuple[str, ...]:
    """Read a command: a JSON list of strings, or words as a shell splits them.

    Raises UsageError: it starts like a JSON list but is not one, or a quote is not closed.
    """
    if not text.lstrip().startswith("["):
        try:
            return tuple(shlex.split(text))
        except ValueError as error:
            raise UsageError(f"{option} {text!r}: {str(error).lower()}") from error
    try:
        words = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not JSON: {error}") from error
    if not all(isinstance(word, str) for word in words):
        raise UsageError(f"{option} {text!r} must be a list of strings")
    return tuple(words)
