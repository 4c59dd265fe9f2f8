"""Images of a run from their registries: fetched and verified here, and imported into the embedded engine.

A reference and a pod's credentials come in, the engine's image goes out, or an error in the words that the
engine has when it pulls itself.
"""

import hashlib
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from ...errors import PodproofError
from ...images.archive import OtherPlatform, read_archive
from ...images.build import machine_platform
from ...images.content import ContentStore
from ...images.distribution.client import Repository
from ...images.distribution.errors import NotThere, PullError, RefusedPlace
from ...images.distribution.fetching import fetch_image
from ...images.distribution.logins import Login, LoginFiles
from ...images.distribution.resolving import RemoteImage, resolve
from ...images.distribution.settings import RegistrySettings
from ...images.distribution.transport import Transport
from ...images.errors import ImageError
from ...images.limits import check_room
from ...images.store import BROKEN, blob_path
from ...kube.image_name import ImageNameError
from ...kubelet.cri import AuthConfig
from ...runtimes.embedded import EmbeddedEngine
from ...runtimes.engine import EngineError, ImageRecord

__all__ = ["ImageFetcher"]

_PIECE = 2**20


class ImageFetcher:
    """Pulls for the embedded engine. `limit`: bytes that an image may unpack to."""

    def __init__(self, engine: EmbeddedEngine, settings: RegistrySettings, limit: int) -> None:
        self._engine, self._limit = engine, limit
        self._second = not engine.features().version.startswith("1.")
        # as this containerd has it: loopback addresses need no certificate
        plain = replace(settings, plain_loopback="fallback" if self._second else "first")
        self._transport = Transport(plain)
        self._logins = LoginFiles.from_environment() if settings.own_logins else None
        self._platform = machine_platform()
        self._store = ContentStore(engine.places.root)
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def stop(self) -> None:
        """End every pull that is under way, and let none begin."""
        self._transport.stop()

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        """Give the image that a reference names now; what the engine has already is not fetched again.

        `credentials` are for the reference's own registry; without them the settings decide about the logins
        of podman and docker. Raises EngineError.
        """
        given = Login(credentials.username, credentials.password) if credentials is not None else None

        def find(host: str, path: str) -> Login | None:
            if given is not None:
                return given if host == repository.registry else None
            return self._logins.find(host, path) if self._logins is not None else None

        try:
            repository = Repository(reference, self._transport, find)
        except ImageNameError as error:
            raise EngineError("InvalidArgument", f"failed to parse image reference: {error}") from error
        with self._lock:
            turn = self._turns.setdefault(repository.name, threading.Lock())
        # pods of one run mostly have the same image
        with turn:
            image = self._resolved(repository)
            if isinstance(image, ImageRecord):
                return image
            return self._fetched(repository, image)

    def _resolved(self, repository: Repository) -> RemoteImage | ImageRecord:
        name = repository.name
        present = self._engine.image(name)
        failed = f'failed to pull and unpack image "{name}": '
        at = "failed to resolve image: " if self._second else f'failed to resolve reference "{name}": '
        try:
            digest = repository.head()
            if present is not None and digest is not None and present.digest == digest:
                return present
            image = resolve(repository, digest or repository.object, self._platform)
        except RefusedPlace as error:
            raise EngineError("Unknown", str(error)) from error
        except NotThere as error:
            raise EngineError("NotFound", f"{failed}{at}{error}") from error
        except OtherPlatform as error:
            raise EngineError("NotFound", f"{failed}no match for platform in manifest: {error}") from error
        except ImageError as error:
            raise EngineError("Unknown", f"{failed}{at}{error}") from error
        return present if present is not None and present.id == image.config.digest else image

    def _fetched(self, repository: Repository, image: RemoteImage) -> ImageRecord:
        name = repository.name
        archive = self._engine.session.directory / f"pulled-{uuid.uuid4().hex}.tar"
        failed = f'failed to pull and unpack image "{name}": '
        try:
            fetch_image(repository, image, archive, limit=self._limit, known=self._known)
            self._measure(archive, repository.reference)
            self._engine.import_archive(archive)
        except RefusedPlace as error:
            raise EngineError("Unknown", str(error)) from error
        except PullError as error:
            raise EngineError("Unknown", f"{failed}failed to copy: {error}") from error
        except EngineError:
            raise
        except PodproofError as error:
            raise EngineError("Unknown", f"{failed}{error}") from error
        finally:
            archive.unlink(missing_ok=True)
        record = self._engine.image(name)
        if record is None:
            raise EngineError("NotFound", f"image {name} was pulled and is gone")
        return record

    def _measure(self, archive: Path, reference: str) -> None:
        """Read what the engine is about to unpack. Raises ImageError: it is too large, or corrupt."""
        try:
            images = read_archive(archive, platform=self._platform, limit=self._limit)
        except ImageError as error:
            raise ImageError(str(error).replace(str(archive), reference)) from error
        size = sum(image.added for image in images)
        check_room(archive.stat().st_size + size, self._engine.places.root, reference)

    def _known(self, digest: str) -> Iterator[bytes] | None:
        """Give a layer that the engine has from another image, unless it was changed there."""
        with suppress(*BROKEN, ImageError):
            name = blob_path(digest, digest)
            if not self._store.exists(name):
                return None
            with self._store.open(name) as file:
                hashed = hashlib.sha256()
                while piece := file.read(_PIECE):
                    hashed.update(piece)
            if f"sha256:{hashed.hexdigest()}" == digest:
                return self._pieces(name)
        return None

    def _pieces(self, name: str) -> Iterator[bytes]:
        with self._store.open(name) as file:
            while piece := file.read(_PIECE):
                yield piece
