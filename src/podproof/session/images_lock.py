"""All of one `images lock`: archives and manifests come in, the text of a lock file goes out.

Images that manifests name and no archive has are read from their registries, several at once; what an earlier
lock file says of them stays, unless everything is to be read anew. Of an image that cannot be read, it stays
all the same; without it, the image is left out.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ..effective.image import ImageConfig
from ..errors import InputError
from ..images.distribution.settings import RegistrySettings
from ..images.errors import ImageError
from ..images.known_layers import KnownLayers
from ..images.limits import MAX_IMAGE_BYTES
from ..images.lock import read_archived, write_lock
from ..inputs.files import SUFFIXES
from ..kube.image_name import ImageNameError
from .explain import references_in
from .facts import read_images
from .sources import collect

__all__ = [
    "LockRequest",
    "LockedImages",
    "ReadImage",
    "cache_folder",
    "earlier_lock",
    "lock_paths",
    "registry_reader",
]

_AT_ONCE = 4

ReadImage = Callable[[str], ImageConfig]
"""Reads an image by its reference. Raises ImageError."""


class LockRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to lock. `paths` are archives, and manifests whose images may be read from registries.

    `manifests` limit what is locked, and are read from archives only. `earlier` is what a lock file says now;
    `update` reads every image anew. `platform` is os/architecture.
    """

    paths: Sequence[str]
    manifests: Sequence[str] = ()
    platform: str = "linux/amd64"
    earlier: Mapping[str, ImageConfig] = {}
    update: bool = False


class LockedImages(msgspec.Struct, frozen=True):
    """The lock file's text, and the references that could not be read, with the reason; "" without one.

    `used` False: the manifests name no image. `kept` counts images that an earlier lock file knew and that
    were not asked for. `stayed` are those that could not be read, of which it still says what it said.
    """

    text: str
    missing: Mapping[str, str]
    used: bool
    read: int = 0
    kept: int = 0
    stayed: frozenset[str] = frozenset()


def lock_paths(request: LockRequest, read: ReadImage) -> LockedImages:
    """Lock images; `read` is for those that no archive has. Raises InputError: a path cannot be read."""
    archives = [path for path in request.paths if not _is_manifest(path)]
    manifests = [path for path in request.paths if _is_manifest(path)]
    facts = read_archived(archives, platform=request.platform)
    fetched = _references(manifests)
    named = [*fetched, *_references(request.manifests)]
    if not manifests and not request.manifests:
        named = list(facts.named)
    known: dict[str, ImageConfig] = {}
    reasons: dict[str, str] = {}
    pending: list[str] = []
    kept = 0
    for reference in dict.fromkeys(named):
        config = facts.find(reference)
        if config is None and not request.update and reference in request.earlier:
            config, kept = request.earlier[reference], kept + 1
        if config is not None:
            known[reference] = config
        elif reference in fetched:
            pending.append(reference)
        else:
            reasons[reference] = ""
    stayed: set[str] = set()
    for reference, result in _read_all(pending, read):
        if isinstance(result, ImageConfig):
            known[reference] = result
            continue
        reasons[reference] = result
        if reference in request.earlier:
            known[reference] = request.earlier[reference]
            stayed.add(reference)
    missing = {reference: reasons[reference] for reference in named if reference in reasons}
    used = bool(named) or not (manifests or request.manifests)
    return LockedImages(
        write_lock(known), missing, used, len(pending) - len(missing), kept, frozenset(stayed)
    )


@contextmanager
def registry_reader(
    settings: RegistrySettings, *, platform: str, cache: Path | None, limit: int = MAX_IMAGE_BYTES
) -> Iterator[ReadImage]:
    """Make the function that reads images from registries, with the logins of podman and docker.

    What layers contain is kept in the folder `cache`, None for nowhere. Afterwards nothing is under way.
    """
    from ..images.distribution.client import Repository
    from ..images.distribution.logins import LoginFiles
    from ..images.distribution.reading import read_remote_image
    from ..images.distribution.transport import Transport

    transport, logins, layers = Transport(settings), LoginFiles.from_environment(), KnownLayers(cache)

    def read(reference: str) -> ImageConfig:
        try:
            repository = Repository(reference, transport, logins.find)
        except ImageNameError as error:
            raise ImageError(str(error)) from error
        return read_remote_image(repository, platform=platform, limit=limit, layers=layers).config

    try:
        yield read
    finally:
        transport.stop()


def cache_folder() -> Path:
    """Name the folder in which listings of layers are kept. Source: XDG Base Directory Specification."""
    named = os.environ.get("XDG_CACHE_HOME") or ""
    base = Path(named) if named.startswith("/") else Path(os.path.expanduser("~")) / ".cache"
    return base / "podproof" / "layers"


def earlier_lock(path: str | None) -> Mapping[str, ImageConfig]:
    """Read the lock file that is about to be written again; empty where there is none.

    Raises ImageError: it is something else, which is not overwritten.
    """
    if path is None or not os.path.isfile(path) or not os.path.getsize(path):
        return {}
    return read_images(path)


def _is_manifest(path: str) -> bool:
    """Tell manifests from archives by their names; a folder is an archive if it is an image's layout."""
    if os.path.isdir(path):
        return not any(os.path.exists(os.path.join(path, name)) for name in ("index.json", "manifest.json"))
    return path == "-" or path.endswith(SUFFIXES)


def _references(paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    references, problems = references_in(collect(paths))
    if problems:
        raise InputError(problems[0])
    return references


def _read_all(references: Iterable[str], read: ReadImage) -> list[tuple[str, ImageConfig | str]]:
    def attempt(reference: str) -> tuple[str, ImageConfig | str]:
        try:
            return reference, read(reference)
        except ImageError as error:
            return reference, str(error)

    pending = list(references)
    if not pending:
        return []
    pool = ThreadPoolExecutor(min(_AT_ONCE, len(pending)))
    try:
        return list(pool.map(attempt, pending))
    finally:
        # after Ctrl-C nobody waits here: who made `read` ends what is under way
        pool.shutdown(wait=False, cancel_futures=True)
