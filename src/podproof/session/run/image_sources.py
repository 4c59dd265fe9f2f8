"""The images of a run: archives are imported into the engine, and the facts of its images are looked up.

Archives that cannot be imported are reported before any is imported. Facts that nothing tells stay unknown.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from ...effective.image import ImageConfig
from ...errors import InputError
from ...images.archive import ArchivedImage, OtherPlatform
from ...images.build import machine_platform
from ...images.catalog import Catalog
from ...images.content import image_by_id
from ...images.errors import ImageError
from ...images.known_archives import KnownArchives, identity_of
from ...images.limits import MAX_IMAGE_BYTES, check_room
from ...images.reference import normalize
from ...runtimes.embedded import EmbeddedEngine
from ...runtimes.engine import Engine, EngineError

__all__ = ["image_facts", "import_archives", "served_names"]


def import_archives(engine: Engine, paths: Iterable[str | Path], *, limit: int = MAX_IMAGE_BYTES) -> Catalog:
    """Import OCI layouts and `docker save` archives; what they say of their images is returned, by reference.

    Every archive is read before the first is imported; one whose images the engine has is not imported again.
    `limit`: bytes that an image may unpack to. Raises ImageError: an archive cannot be read, is for another
    machine, names no image, or is larger than the limit or the free disk; InputError: the engine does not
    take it, or it changed meanwhile.
    """
    platform = machine_platform()
    root = engine.places.root if isinstance(engine, EmbeddedEngine) else None
    known = KnownArchives(root.parent / "archives" if root is not None else None)
    configs: dict[str, ImageConfig] = {}
    missing = []
    for path in map(Path, paths):
        identity = identity_of(path)
        images = _read(known, path, platform, limit)
        configs |= {reference: image.config for image in images for reference in image.references}
        if not all(_has(engine, image) for image in images):
            missing.append((path, identity, sum(image.added for image in images)))
    if root is not None:
        for path, _, size in missing:
            # the engine keeps the archive's blobs beside what it unpacks
            check_room(path.stat().st_size + size, root, str(path))
    for path, identity, _ in missing:
        try:
            if identity_of(path) == identity:
                engine.import_archive(path)
            if identity_of(path) != identity:
                raise InputError(f"{path}: changed while it was read")
        except EngineError as error:
            raise InputError(f"{path}: cannot be imported: {error.detail}") from error
    return Catalog(configs)


def _has(engine: Engine, image: ArchivedImage) -> bool:
    """Tell whether the engine has an image under all its names; one without a name is not looked for."""
    records = [engine.image(reference) for reference in image.references]
    return bool(records) and all(record is not None and record.id == image.id for record in records)


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


def _read(known: KnownArchives, path: Path, platform: str, limit: int) -> tuple[ArchivedImage, ...]:
    try:
        images = known.read(path, platform=platform, limit=limit)
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
    return images
