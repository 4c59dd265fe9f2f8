"""A cluster in memory for certificates that manage themselves: versions, conflicts, and others who write.

Each request of a process waits for its turn, so that a test decides who comes next and who ends where.
"""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from podproof.session.serve.api_errors import ApiServerError
from podproof.session.serve.self_managed import CertificateKeeper, SecretVersion
from podproof.session.serve.self_managed_pairs import Lifetimes
from podproof.session.serve.self_managed_state import PublishedBundles

NAMES = ("podproof-webhook.podproof.svc", "127.0.0.1")
SHORT = Lifetimes(
    authority=timedelta(hours=24),
    leaf=timedelta(hours=3),
    skew=timedelta(minutes=1),
    settling=timedelta(minutes=5),
)


class SilentLog:
    """Keeps lines of a log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def info(self, event: str, **members: Any) -> None:
        self.lines.append(("info", event, members))

    def warning(self, event: str, **members: Any) -> None:
        self.lines.append(("warning", event, members))


class CertificateCluster:
    """What an API server stores, and its clock."""

    def __init__(self, configurations: int = 2) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)
        self.secret: SecretVersion | None = None
        self.published = [
            PublishedBundles(kind, "podproof-webhook", "0", ("one", "two"), (b"", b""))
            for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")[:configurations]
        ]
        self.writes = 0

    def version(self) -> str:
        self.writes += 1
        return str(self.writes)

    def conflict(self) -> ApiServerError:
        return ApiServerError("somebody was faster", "conflict", 409)


class _Turn:
    """Lets others go first."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class MemoryStore:
    """A process's way to the cluster."""

    def __init__(self, cluster: CertificateCluster) -> None:
        self._cluster = cluster

    def now(self) -> datetime:
        return self._cluster.moment

    async def read_published(self) -> tuple[PublishedBundles, ...]:
        await _Turn()
        return tuple(self._cluster.published)

    async def read_secret(self) -> SecretVersion | None:
        await _Turn()
        return self._cluster.secret

    async def write_secret(self, data: dict[str, bytes], before: SecretVersion | None) -> None:
        await _Turn()
        stored = self._cluster.secret
        if before is not None and stored is None:
            raise ApiServerError("there is none", "missing", 404)
        if (stored and stored.version) != (before and before.version):
            raise self._cluster.conflict()
        self._cluster.secret = SecretVersion(self._cluster.version(), data)

    async def publish(self, configuration: PublishedBundles, bundle: bytes) -> None:
        await _Turn()
        for place, each in enumerate(self._cluster.published):
            if each.kind == configuration.kind:
                if each.version != configuration.version:
                    raise self._cluster.conflict()
                bundles = tuple(bundle for _ in each.webhooks)
                self._cluster.published[place] = msgspec.structs.replace(
                    each, version=self._cluster.version(), bundles=bundles
                )

    async def watch_changes(self, wake: Callable[[], None], failed: Callable[[str], None]) -> None:
        raise NotImplementedError


class SimulatedProcess:
    """A process that looks at the cluster again and again, one request at a time; it may lead or not."""

    def __init__(self, cluster: CertificateCluster, *, leads: bool) -> None:
        self.leads = leads
        self.log = SilentLog()
        self._cluster = cluster
        self.keeper = CertificateKeeper(MemoryStore(cluster), NAMES, SHORT, self.log)
        self._round: Any = None

    def proceed(self) -> bool:
        """Let one request happen; whether a look at the cluster has come to its end with it."""
        if self._round is None:
            self._round = self.keeper.reconcile(lambda: self.leads)
        try:
            self._round.send(None)
        except StopIteration:
            self._round = None
            return True
        return False

    def look(self) -> None:
        """Look at the cluster until nothing more is to be done now."""
        while not self.proceed():
            pass

    def die(self) -> None:
        """End where it is; whoever comes next knows only what is stored."""
        if self._round is not None:
            self._round.close()
            self._round = None
