"""Which of several processes does what only one should do: the one that holds a Lease of the cluster.

What a Lease has and a monotonic clock come in, whether this process holds it goes out. Times that others
wrote are never compared with a clock of one's own: what counts is for how long one has seen nobody renew it.
A holder that has lost touch stops before anybody else may begin.
Source: client-go v0.37.2, tools/leaderelection.
"""

import contextlib
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from .api_errors import ApiServerError

__all__ = ["Lease", "LeaseElector", "LeaseStore", "LeaseTimes"]


class LeaseTimes(msgspec.Struct, frozen=True):
    """In seconds; those of client-go, with fewer requests while all is well."""

    duration: int = 15
    """For so long a holder that is not seen to renew keeps the Lease."""
    deadline: float = 10.0
    """After so long without a renewal, the holder itself stops."""
    retry: float = 4.0
    """Between two looks at the Lease, or two renewals."""


class Lease(msgspec.Struct, frozen=True):
    """A Lease as it is stored; `version` is its resourceVersion, and times are in its holder's words."""

    holder: str
    duration: int
    transitions: int = 0
    acquired: str = ""
    renewed: str = ""
    version: str = ""


class LeaseStore(Protocol):
    """Where a Lease is. Both raise ApiServerError, writing with "conflict" when somebody was faster."""

    async def read_lease(self) -> Lease | None:
        """Read it; None: there is none."""
        ...

    async def write_lease(self, lease: Lease) -> Lease:
        """Write it where its version is that which is stored, or make it where it has none."""
        ...


class LeaseElector:
    """Tries for a Lease, and keeps it; `leading` says whether this process holds it."""

    def __init__(self, store: LeaseStore, identity: str, times: LeaseTimes) -> None:
        self.leading = False
        self._store, self._identity, self._times = store, identity, times
        self._seen: Lease | None = None
        self._seen_at = 0.0
        self._renewed_at = 0.0

    async def tick(self, monotonic: float, now: datetime) -> None:
        """Look at the Lease once, and renew or take it where that may be. `now` is only written, for people.

        Raises ApiServerError: it cannot be read or written; `leading` ends when that has lasted too long.
        """
        try:
            await self._try(monotonic, now)
        except ApiServerError as error:
            if monotonic >= self._renewed_at + self._times.deadline:
                self.leading = False
            vanished = error.failing == "missing" and self._seen is not None
            if error.failing != "conflict" and not vanished:
                raise

    async def _try(self, monotonic: float, now: datetime) -> None:
        lease = await self._store.read_lease()
        if lease != self._seen:
            self._seen, self._seen_at = lease, monotonic
        mine = lease is not None and lease.holder == self._identity
        if lease is not None and lease.holder and not mine:
            self.leading = False
            if monotonic < self._seen_at + lease.duration:
                return
        moment = _write_time(now)
        self._seen = await self._store.write_lease(
            Lease(
                holder=self._identity,
                duration=self._times.duration,
                transitions=0 if lease is None else lease.transitions + (not mine),
                acquired=lease.acquired if lease is not None and mine else moment,
                renewed=moment,
                version="" if lease is None else lease.version,
            )
        )
        self._seen_at = self._renewed_at = monotonic
        self.leading = True

    async def release(self, now: datetime) -> None:
        """Let others have it at once, as far as they can be told; used when this process ends."""
        if not self.leading or self._seen is None:
            return
        self.leading = False
        with contextlib.suppress(ApiServerError):
            await self._store.write_lease(
                msgspec.structs.replace(self._seen, holder="", duration=1, renewed=_write_time(now))
            )


def _write_time(moment: datetime) -> str:
    """Write a MicroTime. Source: apimachinery v0.37.2 pkg/apis/meta/v1/micro_time.go."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
