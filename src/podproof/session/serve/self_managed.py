"""Keeps the webhook's certificates: makes them where this process leads, and shows what may be shown.

What a store has and its changes come in; writes to the store, the certificate to show, and lines of a log go
out. Every process shows, one of them writes: which one, a Lease says. That is for calm only, since each write
names the version that it is based on, and two that write disturb nobody.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from .api_errors import ApiServerError
from .lease import LeaseElector
from .self_managed_pairs import CertificatePair, Lifetimes, write_certificates
from .self_managed_plan import NextStep, choose_shown, plan
from .self_managed_state import PublishedBundles, StoredCertificates, read_stored, write_stored

__all__ = [
    "CertificateKeeper",
    "CertificateLog",
    "CertificateStore",
    "SecretVersion",
    "SelfManagedCertificates",
]

RESYNC = timedelta(seconds=60)
"""After so long everything is read again even if nothing is known to have changed."""
MOST_STEPS = 20
"""At once; a rotation takes five."""
AFTER_CONFLICTS = timedelta(seconds=1)
"""Until the next attempt when somebody else was faster each time."""
SECONDS_TO_RELEASE = 2.0
LONGEST_PAUSE = 30.0
"""Seconds before another attempt when the API server could not be asked."""


class CertificateLog(Protocol):
    """Takes lines of a log."""

    def info(self, event: str, **members: Any) -> None:
        """Take a line about something usual."""
        ...

    def warning(self, event: str, **members: Any) -> None:
        """Take a line about something that somebody should look at."""
        ...


class SecretVersion(msgspec.Struct, frozen=True):
    """The data of a Secret, which no text about this value has, its resourceVersion, and the whole of it."""

    version: str
    data: dict[str, bytes]
    object: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"SecretVersion({self.version!r})"


class CertificateStore(Protocol):
    """Where certificates are: a Secret and webhook configurations.

    All that is asynchronous raises ApiServerError; with "conflict" where somebody else was faster.
    """

    def now(self) -> datetime:
        """Return the time by the clock of the one that checks certificates, which is the API server."""
        ...

    async def read_published(self) -> tuple[PublishedBundles, ...]:
        """Read the configurations that there are."""
        ...

    async def read_secret(self) -> SecretVersion | None:
        """Read the Secret; None: there is none."""
        ...

    async def write_secret(self, data: dict[str, bytes], before: SecretVersion | None) -> None:
        """Write the Secret where it is still as it was `before`, or make it for None."""
        ...

    async def publish(self, configuration: PublishedBundles, bundle: bytes) -> None:
        """Write the bundle of a configuration that has the version given, and nothing else of it."""
        ...

    async def watch_changes(self, wake: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Call `wake` whenever something may have changed, and `failed` with words or "", until cancelled."""
        ...


class CertificateKeeper:
    """Looks at what is stored, and makes one step after the other where this process leads."""

    def __init__(
        self,
        store: CertificateStore,
        names: tuple[str, ...],
        lifetimes: Lifetimes,
        log: CertificateLog,
    ) -> None:
        self.shown: CertificatePair | None = None
        self.stored: StoredCertificates | None = None
        self.published: tuple[PublishedBundles, ...] = ()
        self.unready = "the Secret and the webhook configurations have not been read yet"
        self.steps: list[str] = []
        """What has been done, for whoever counts it and then clears this."""
        self._store, self._names, self._lifetimes, self._log = store, names, lifetimes, log
        self._trusted: tuple[bytes, datetime] | None = None
        """Since when which newest authority has been seen to be trusted everywhere."""

    async def reconcile(self, leading: Callable[[], bool]) -> datetime | None:
        """Take note of what is stored, and do what is to be done; returns when there may be more to do.

        Raises ApiServerError: the store cannot be read or written.
        """
        for _ in range(MOST_STEPS):
            secret = await self._read()
            if not leading():
                return None
            now = self._store.now()
            step = plan(now, self.stored, self.published, self._names, self._settled(now), self._lifetimes)
            if step.store is None and not step.publish:
                return step.due
            try:
                await self._carry_out(step, secret)
            except ApiServerError as error:
                vanished = error.failing == "missing" and (secret is not None or bool(step.configurations))
                if error.failing != "conflict" and not vanished:
                    raise
        return self._store.now() + AFTER_CONFLICTS

    async def _read(self) -> SecretVersion | None:
        """Read everything, and return the Secret.

        Configurations come first: what a Secret has is then at least as new, and a bundle that somebody has
        published since cannot be overwritten by one that is older.
        """
        self.published = await self._store.read_published()
        secret = await self._store.read_secret()
        self.stored = None if secret is None else read_stored(secret.data)
        choice = choose_shown(self._store.now(), self.shown, self.stored, self.published)
        self.shown, self.unready = choice.leaf, choice.unready
        return secret

    def _settled(self, now: datetime) -> datetime | None:
        authorities = self.stored.authorities if self.stored is not None else ()
        if not authorities or not all(each.has(authorities) for each in self.published):
            self._trusted = None
            return None
        newest = write_certificates(authorities[:1])
        if self._trusted is None or self._trusted[0] != newest:
            self._trusted = (newest, now)
        return self._trusted[1] + self._lifetimes.settling

    async def _carry_out(self, step: NextStep, before: SecretVersion | None) -> None:
        if step.store is not None:
            await self._store.write_secret(write_stored(step.store), before)
            self._tell(step, step.what)
        for each in step.configurations:
            await self._store.publish(each, write_certificates(step.publish))
            self._tell(step, step.what, configuration=f"{each.kind}/{each.name}")

    def _tell(self, step: NextStep, what: str, **members: str) -> None:
        self.steps.append(what)
        stored = self.stored
        unusable = stored is None or stored.authority is None or bool(stored.problem)
        damaged = step.store is not None and self.shown is not None and unusable
        (self._log.warning if damaged else self._log.info)(what, reason=step.reason, **members)


class SelfManagedCertificates:
    """The certificates of one process, from its start to its end."""

    def __init__(
        self,
        keeper: CertificateKeeper,
        store: CertificateStore,
        elector: LeaseElector,
        retry: float,
        log: CertificateLog,
        changed: Callable[[], None],
    ) -> None:
        """Call `changed` after every look at what is stored; look at the Lease every `retry` seconds."""
        self._keeper, self._store, self._elector = keeper, store, elector
        self._retry, self._log, self._changed = retry, log, changed
        self._woken = asyncio.Event()
        self._said: dict[str, str] = {}

    async def run(self) -> None:
        """Keep the certificates until this is cancelled, then leave the Lease to others."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._store.watch_changes(self._woken.set, self._say_unwatched))
                group.create_task(self._lead())
                group.create_task(self._keep())
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._elector.release(self._store.now()), SECONDS_TO_RELEASE)

    async def _lead(self) -> None:
        while True:
            before = self._elector.leading
            try:
                await self._elector.tick(time.monotonic(), self._store.now())
                self._say("Lease not usable", "")
            except ApiServerError as error:
                self._say("Lease not usable", str(error))
            if self._elector.leading != before:
                self._log.info("leading" if self._elector.leading else "not leading")
                self._woken.set()
                self._changed()
            await asyncio.sleep(self._retry)

    async def _keep(self) -> None:
        failures = 0
        while True:
            self._woken.clear()
            due = None
            try:
                due = await self._keeper.reconcile(lambda: self._elector.leading)
                failures = 0
                self._say("certificates not kept", "")
                self._say_missing()
            except ApiServerError as error:
                failures += 1
                self._say("certificates not kept", str(error))
                if self._keeper.shown is None:
                    self._keeper.unready = str(error)
            self._changed()
            if failures:
                await asyncio.sleep(min(LONGEST_PAUSE, 0.5 * 2**failures))
                continue
            wait = RESYNC if due is None else min(RESYNC, due - self._store.now())
            try:
                await asyncio.wait_for(self._woken.wait(), max(0.05, wait.total_seconds()))
            except TimeoutError:
                continue

    def _say_unwatched(self, reason: str) -> None:
        self._say("certificates not watched", reason)

    def _say_missing(self) -> None:
        reason = ""
        if not self._keeper.published:
            reason = "no API server asks this webhook: neither of its webhook configurations exists"
        self._say("no webhook configuration", reason)

    def _say(self, event: str, reason: str) -> None:
        """Write a line when a reason is new, and another when it is over."""
        before = self._said.get(event, "")
        if reason == before:
            return
        self._said[event] = reason
        if reason:
            self._log.warning(event, reason=reason)
        else:
            self._log.info(f"{event}: over")
