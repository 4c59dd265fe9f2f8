"""The images of a run: archives are imported into the engine, and the facts of its images are looked up.

Archives that cannot be imported are reported before any is imported. Facts that nothing tells stay unknown.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from ...effective.image import ImageConfig
from ...errors import InputError
from ...images.archive import OtherPlatform, read_archive
from ...images.build import machine_platform
from ...images.catalog import Catalog
from ...images.content import image_by_id
from ...images.errors import ImageError
from ...images.reference import normalize
from ...runtimes.embedded import EmbeddedEngine
from ...runtimes.engine import Engine, EngineError

__all__ = ["image_facts", "import_archives", "served_names"]


def import_archives(engine: Engine, paths: Iterable[str | Path]) -> Catalog:
    """Import OCI layouts and `docker save` archives; what they say of their images is returned, by reference.

    Every archive is read before the first is imported. Raises ImageError: an archive cannot be read, is for
    another machine, or names no image; InputError: the engine does not take it.
    """
    platform = machine_platform()
    configs: dict[str, ImageConfig] = {}
    archives = [Path(path) for path in paths]
    for path in archives:
        configs |= _read(path, platform)
    for path in archives:
        try:
            engine.import_archive(path)
        except EngineError as error:
            raise InputError(f"{path}: cannot be imported: {error.detail}") from error
    return Catalog(configs)


def served_names(catalog: Catalog) -> frozenset[str]:
    """Give the full names of imported images, for which an archive stands in for a registry."""
    return frozenset(normalize(reference) for reference in catalog)


def image_facts(engine: Engine, imported: Catalog | None = None) -> Callable[[str], ImageConfig | None]:
    """Make the function that knows an image's facts, passwd and group among them, by its reference.

    They are looked up in what was imported, then in the embedded engine's store. None: the engine has no such
    image, or does not let its store be read. The function raises EngineError: the engine is gone.
    """
    root = engine.places.root if isinstance(engine, EmbeddedEngine) else None
    platform = machine_platform()

    def facts(reference: str) -> ImageConfig | None:
        if imported is not None and reference in imported:
            return imported[reference]
        record = engine.image(reference) if root is not None else None
        if root is None or record is None:
            return None
        try:
            return image_by_id(root, record.id, platform=platform)
        except ImageError:
            # facts that the store cannot give stay unknown
            return None

    return facts


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
