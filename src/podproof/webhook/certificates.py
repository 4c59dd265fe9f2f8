"""The certificate that the server shows: loaded from files, and again when they change.

Two paths come in, a TLS context goes out that is kept up to date: new connections get the new certificate,
and those that are open stay. Files that do not fit together change nothing, and the log says so.
"""

import asyncio
import os
import ssl
from datetime import datetime

from ..errors import UsageError
from .decision_log import DecisionLog
from .metrics import Metrics
from .packages import cryptography  # noqa: F401 - says what is missing, before the line below fails

from cryptography import x509  # isort: skip

__all__ = ["CERTIFICATE_SECONDS", "Certificates"]

CERTIFICATE_SECONDS = 2.0
"""How often the files are looked at; a kubelet takes up to a minute to write a changed Secret."""

_State = tuple[tuple[int, int, int], ...]


class Certificates:
    """A certificate with its key, in the two files that were named."""

    def __init__(self, certificate: str, key: str, client_ca: str | None = None) -> None:
        """Load the files; with `client_ca`, clients have to show a certificate of that authority.

        Raises UsageError: they cannot be read, or do not fit together.
        """
        self._certificate, self._key = certificate, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._state = self._look()
        try:
            self.expires = self._load()
        except (OSError, ValueError) as error:
            raise UsageError(f"--tls-cert {certificate} and --tls-key {key}: {_words(error)}") from error
        if client_ca is not None:
            try:
                self.context.load_verify_locations(client_ca)
            except (OSError, ValueError) as error:
                words = "has no certificates in PEM" if isinstance(error, ssl.SSLError) else _words(error)
                raise UsageError(f"--client-ca-file {client_ca}: {words}") from error
            self.context.verify_mode = ssl.CERT_REQUIRED

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
            except (OSError, ValueError) as error:
                metrics.certificate_failures.inc()
                log.warning("certificate not loaded", file=self._certificate, reason=_words(error))
                continue
            metrics.certificate_expiry.set(self.expires.timestamp())
            log.info("certificate loaded", file=self._certificate, expires=self.expires.isoformat())

    def _look(self) -> _State:
        """Tell one state of the files from another; a Secret's are links to a folder that is replaced."""
        found = []
        for path in (self._certificate, self._key):
            try:
                status = os.stat(path)
            except OSError:
                return ()  # as it can be for a moment while files are replaced
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(found)

    def _load(self) -> datetime:
        """Load the files into the context once they are known to fit; gives when the certificate expires.

        Raises OSError, ValueError: they do not.
        """
        for path in (self._key, self._certificate):  # ssl does not say which file it cannot read
            with open(path, "rb") as file:
                text = file.read()
        trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trial.load_cert_chain(self._certificate, self._key, _no_password)
        (leaf, *_) = x509.load_pem_x509_certificates(text)
        self.context.load_cert_chain(self._certificate, self._key, _no_password)
        expires: datetime = leaf.not_valid_after_utc
        return expires


def _no_password() -> str:
    raise ValueError("the key is encrypted: write it without a password")


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the key is not that of the certificate"
        return f"they are not a certificate and its key in PEM ({error.reason or error})"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return getattr(error, "strerror", None) or str(error)
