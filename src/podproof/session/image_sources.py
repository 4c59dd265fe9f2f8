"""Archives named on the command line come in and are in the engine afterwards; what cannot be is said."""

from collections.abc import Iterable
from pathlib import Path

from ..effective.image import ImageConfig
from ..errors import InputError
from ..images.archive import OtherPlatform, read_archive
from ..images.build import machine_platform
from ..images.catalog import Catalog
from ..images.errors import ImageError
from ..runtimes.engine import Engine, EngineError

__all__ = ["import_archives"]


def import_archives(engine: Engine, paths: Iterable[str | Path]) -> Catalog:
    """Import OCI layouts and `docker save` archives; what they say of their images is returned, by reference.

    Every archive is read before the first is imported. Raises ImageError: an archive cannot be read, is for
    another machine, or names no image; InputError: the engine does not take it.
    """
    platform = machine_platform()
    found: dict[str, ImageConfig] = {}
    archives = [Path(path) for path in paths]
    for path in archives:
        found |= _read(path, platform)
    for path in archives:
        try:
            engine.import_archive(path)
        except EngineError as error:
            raise InputError(f"{path}: cannot be imported: {error.detail}") from error
    return Catalog(found)


def _read(path: Path, platform: str) -> dict[str, ImageConfig]:
    try:
        images = read_archive(path, platform=platform)
    except OtherPlatform as error:
        if not error.platforms:
            raise
        raise ImageError(
            f"{path}: image for {', '.join(error.platforms)}, this machine is {platform}"
        ) from error
    if not any(image.references for image in images):
        raise ImageError(
            f"{path}: names no image, so that no manifest can use it: save it with a name and tag"
        )
    return {reference: image.config for image in images for reference in image.references}
