"""The certificate that the server shows, from files: loaded at the start, and again when they change.

The paths of a certificate, its key and, where clients are to show a certificate, of their authorities come
in; what a server needs goes out. Files that do not fit together change nothing, and the log says so.
"""

import asyncio
import ssl
from datetime import datetime

from ..errors import UsageError
from .certificates import AuthorityError, TlsContext
from .decision_log import DecisionLog
from .metrics import Metrics
from .packages import cryptography  # noqa: F401 - says what is missing, before the line below fails
from .watched_files import FILE_SECONDS, FilesError, WatchedFiles, read_given

from cryptography import x509  # isort: skip

__all__ = ["FileCertificates"]


class FileCertificates:
    """A certificate with its key, and authorities of clients, in the files that were named."""

    def __init__(self, certificate: str, key: str, client_ca: str | None = None) -> None:
        """Load the files; with `client_ca`, clients have to show a certificate of an authority in it.

        Raises UsageError: they cannot be read, or do not fit together.
        """
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._tls = TlsContext(asks_clients=client_ca is not None)
        self._files = WatchedFiles(*(path for path in (certificate, key, client_ca) if path is not None))
        try:
            self.expires = self._load()
        except FilesError as error:
            raise UsageError(str(error)) from error

    @property
    def context(self) -> ssl.SSLContext:
        """The context of a server."""
        return self._tls.front

    def unready(self) -> str:
        """Say nothing: without a certificate there is no server."""
        return ""

    async def watch(self, log: DecisionLog, metrics: Metrics, seconds: float = FILE_SECONDS) -> None:
        """Load the files again whenever they change, until this is cancelled."""
        metrics.certificate_expiry.set(self.expires.timestamp())
        while True:
            await asyncio.sleep(seconds)
            if not self._files.have_changed():
                continue
            try:
                self.expires = self._load()
            except FilesError as error:
                metrics.certificate_failures.inc()
                log.warning("certificate not loaded", files=error.files, reason=error.reason)
                continue
            metrics.certificate_expiry.set(self.expires.timestamp())
            log.info("certificate loaded", file=self._certificate, expires=self.expires.isoformat())

    def _load(self) -> datetime:
        """Serve what the files have, once it is known to fit; gives when the certificate expires.

        Raises FilesError: they cannot be read, or do not fit.
        """
        key, certificate = read_given("--tls-key", self._key), read_given("--tls-cert", self._certificate)
        authorities = None
        if self._client_ca is not None:
            authorities = read_given("--client-ca-file", self._client_ca)
        try:
            self._tls.use(certificate, key, authorities)
            (leaf, *_) = x509.load_pem_x509_certificates(certificate)
        except AuthorityError as error:
            raise FilesError(f"--client-ca-file {self._client_ca}", str(error)) from error
        except ValueError as error:
            raise FilesError(
                f"--tls-cert {self._certificate} and --tls-key {self._key}", str(error)
            ) from error
        expires: datetime = leaf.not_valid_after_utc
        return expires
