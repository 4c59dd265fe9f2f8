"""The certificate that the server shows, from files: loaded at the start, and again when they change.

The paths of a certificate, its key and, where clients are to show a certificate, of their authorities come
in; what a server needs goes out. Files that do not fit together change nothing, and the log says so.
"""

import asyncio
import os
import ssl
from datetime import datetime

from ..errors import UsageError
from .certificates import AuthorityError, TlsContext
from .decision_log import DecisionLog
from .metrics import Metrics
from .packages import cryptography  # noqa: F401 - says what is missing, before the line below fails

from cryptography import x509  # isort: skip

__all__ = ["CERTIFICATE_SECONDS", "FileCertificates"]

CERTIFICATE_SECONDS = 2.0
"""How often the files are looked at; a kubelet takes up to a minute to write a changed Secret."""

_State = tuple[tuple[int, int, int], ...]


class FileCertificates:
    """A certificate with its key, and authorities of clients, in the files that were named."""

    def __init__(self, certificate: str, key: str, client_ca: str | None = None) -> None:
        """Load the files; with `client_ca`, clients have to show a certificate of an authority in it.

        Raises UsageError: they cannot be read, or do not fit together.
        """
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._tls = TlsContext(asks_clients=client_ca is not None)
        self._state = self._look()
        try:
            self.expires = self._load()
        except _Unusable as error:
            raise UsageError(str(error)) from error

    @property
    def context(self) -> ssl.SSLContext:
        """The context of a server."""
        return self._tls.front

    def unready(self) -> str:
        """Say nothing: without a certificate there is no server."""
        return ""

    async def watch(self, log: DecisionLog, metrics: Metrics, seconds: float = CERTIFICATE_SECONDS) -> None:
        """Load the files again whenever they change, until this is cancelled."""
        metrics.certificate_expiry.set(self.expires.timestamp())
        while True:
            await asyncio.sleep(seconds)
            state = self._look()
            if state == self._state:
                continue
            self._state = state
            try:
                self.expires = self._load()
            except _Unusable as error:
                metrics.certificate_failures.inc()
                log.warning("certificate not loaded", files=error.files, reason=error.reason)
                continue
            metrics.certificate_expiry.set(self.expires.timestamp())
            log.info("certificate loaded", file=self._certificate, expires=self.expires.isoformat())

    def _look(self) -> _State:
        """Tell one state of the files from another; a Secret's are links to a folder that is replaced."""
        found = []
        for path in (self._certificate, self._key, self._client_ca):
            if path is None:
                continue
            try:
                status = os.stat(path)
            except OSError:
                return ()  # as it can be for a moment while files are replaced
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(found)

    def _load(self) -> datetime:
        """Serve what the files have, once it is known to fit; gives when the certificate expires.

        Raises _Unusable: they cannot be read, or do not fit.
        """
        key, certificate = _read("--tls-key", self._key), _read("--tls-cert", self._certificate)
        authorities = None
        if self._client_ca is not None:
            authorities = _read("--client-ca-file", self._client_ca)
        try:
            self._tls.use(certificate, key, authorities)
            (leaf, *_) = x509.load_pem_x509_certificates(certificate)
        except AuthorityError as error:
            raise _Unusable(f"--client-ca-file {self._client_ca}", str(error)) from error
        except ValueError as error:
            raise _Unusable(
                f"--tls-cert {self._certificate} and --tls-key {self._key}", str(error)
            ) from error
        expires: datetime = leaf.not_valid_after_utc
        return expires


class _Unusable(Exception):
    """Says of files, by the options that name them, that they cannot be served, and why."""

    def __init__(self, files: str, reason: str) -> None:
        super().__init__(f"{files}: {reason}")
        self.files, self.reason = files, reason


def _read(option: str, path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _Unusable(f"{option} {path}", str(error.strerror)) from error
