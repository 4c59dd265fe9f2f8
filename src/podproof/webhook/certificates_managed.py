"""The certificate that the server shows, from the webhook's own authority.

An access to the API server and names come in, what a server needs goes out. The certificates themselves, and
who makes them when, are `session.serve.self_managed`'s; here they are served, counted and told of.
"""

import asyncio
import os
import socket
import ssl
import uuid
from datetime import datetime

import msgspec

from ..errors import UsageError
from .certificates import AuthorityError, TlsContext, load_authorities
from .decision_log import DecisionLog
from .metrics import Metrics
from .packages import cryptography  # noqa: F401 - says what is missing, before the lines below fail
from .watched_files import FILE_SECONDS, FilesError, WatchedFiles, read_given

from ..session.serve.api_client import ApiClient  # isort: skip
from ..session.serve.lease import LeaseElector, LeaseTimes  # isort: skip
from ..session.serve.self_managed import CertificateKeeper, SelfManagedCertificates  # isort: skip
from ..session.serve.self_managed_pairs import CertificatePair, Lifetimes, write_certificates  # isort: skip
from ..session.serve.self_managed_store import WEBHOOK, ApiCertificateStore  # isort: skip

__all__ = ["ManagedCertificates", "SelfManagement"]


class SelfManagement(msgspec.Struct, frozen=True):
    """How a webhook manages its own certificates: `names` are for whoever reaches it without its Service."""

    names: tuple[str, ...] = ()
    lifetimes: Lifetimes = Lifetimes()
    times: LeaseTimes = LeaseTimes()


class ManagedCertificates:
    """The certificate of one process, which shows nothing until `watch` has found something to show."""

    def __init__(self, client: ApiClient, management: SelfManagement, client_ca: str | None = None) -> None:
        """With `client_ca`, clients have to show a certificate of an authority in that file.

        Raises UsageError: the file cannot be used.
        """
        self._client, self._management, self._client_ca = client, management, client_ca
        self._tls = TlsContext(asks_clients=client_ca is not None)
        self._files = WatchedFiles(*(path for path in (client_ca,) if path is not None))
        self._authorities: bytes | None = None
        try:
            self._read_authorities()
        except FilesError as error:
            raise UsageError(str(error)) from error
        self._served: CertificatePair | None = None
        self._tried: CertificatePair | None = None
        self._unready = "the Secret and the webhook configurations have not been read yet"

    @property
    def context(self) -> ssl.SSLContext:
        """The context of a server."""
        return self._tls.front

    @property
    def expires(self) -> datetime | None:
        """When the certificate that is served ends; None while there is none."""
        return None if self._served is None else self._served.certificate.not_valid_after_utc

    def unready(self) -> str:
        """Say why no connections should be made to this server; "" when they should."""
        reason = self._unready or ("" if self._served is self._tried else "the certificate cannot be loaded")
        return reason and f"certificates: {reason}"

    async def watch(self, log: DecisionLog, metrics: Metrics) -> None:
        """Keep the certificate up to date, and take part in managing it, until this is cancelled."""
        namespace = self._client.access.namespace
        service = (f"{WEBHOOK}.{namespace}.svc", f"{WEBHOOK}.{namespace}.svc.cluster.local")
        async with self._client.open_http() as http:
            store = ApiCertificateStore(self._client, http)
            keeper = CertificateKeeper(
                store, (*service, *self._management.names), self._management.lifetimes, log
            )
            elector = LeaseElector(store, _identity(), self._management.times)

            def changed() -> None:
                self._serve(keeper, log, metrics)
                metrics.certificate_leader.set(elector.leading)

            retry = self._management.times.retry
            managed = SelfManagedCertificates(keeper, store, elector, retry, log, changed)
            async with asyncio.TaskGroup() as group:
                group.create_task(managed.run())
                group.create_task(self._watch_clients(log, metrics))

    async def _watch_clients(self, log: DecisionLog, metrics: Metrics) -> None:
        """Read the authorities of clients again whenever their file changes."""
        while True:
            await asyncio.sleep(FILE_SECONDS)
            if not self._files.have_changed():
                continue
            try:
                self._read_authorities()
            except FilesError as error:
                metrics.certificate_failures.inc()
                log.warning("certificate not loaded", files=error.files, reason=error.reason)
                continue
            if self._served is not None:
                self._load(self._served)
            log.info("certificate loaded", file=self._client_ca)

    def _read_authorities(self) -> None:
        """Read the authorities of clients. Raises FilesError: the file has none that can be used."""
        if self._client_ca is None:
            return
        text = read_given("--client-ca-file", self._client_ca)
        try:
            load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), text)
        except AuthorityError as error:
            raise FilesError(f"--client-ca-file {self._client_ca}", str(error)) from error
        self._authorities = text

    def _load(self, pair: CertificatePair) -> None:
        """Serve a certificate. Raises ValueError: it is of a kind that is refused."""
        self._tls.use(write_certificates((pair.certificate,)), pair.key, self._authorities)

    def _serve(self, keeper: CertificateKeeper, log: DecisionLog, metrics: Metrics) -> None:
        """Serve what is to be shown, and count what has been done."""
        for step in keeper.steps:
            metrics.certificate_changes.labels(step).inc()
        keeper.steps.clear()
        metrics.certificate_configurations.set(len(keeper.published))
        self._unready = keeper.unready
        if keeper.stored is not None and keeper.stored.authority is not None:
            ends = keeper.stored.authority.certificate.not_valid_after_utc
            metrics.certificate_authority_expiry.set(ends.timestamp())
        shown = keeper.shown
        if shown is None or shown == self._tried:
            return
        self._tried = shown
        expires = shown.certificate.not_valid_after_utc
        try:
            self._load(shown)
        except ValueError as error:  # somebody has put another pair in the Secret, of a kind that is refused
            metrics.certificate_failures.inc()
            log.warning("certificate not loaded", reason=str(error))
            return
        self._served = shown
        metrics.certificate_expiry.set(expires.timestamp())
        log.info(
            "certificate loaded",
            serial=f"{shown.certificate.serial_number:x}",
            expires=expires.isoformat(),
        )


def _identity() -> str:
    """Name this process among all that may lead: the pod's name is the host's."""
    return f"{socket.gethostname()}_{os.getpid()}_{uuid.uuid4().hex[:8]}"
