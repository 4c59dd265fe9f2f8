"""Who leads, by a Lease: nobody compares clocks, and no two lead at once as long as they look at it."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from podproof.session.serve.api_errors import ApiServerError
from podproof.session.serve.lease import Lease, LeaseElector, LeaseTimes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = LeaseTimes(duration=15, deadline=10.0, retry=4.0)


class MemoryLease:
    """A Lease in memory; `before_write` is somebody who is faster."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self.writes = 0
        self.broken = self.vanishes = False
        self.before_write: LeaseElector | None = None

    async def read_lease(self) -> Lease | None:
        if self.broken:
            raise ApiServerError("nobody answers", "unreachable")
        return self.lease

    async def write_lease(self, lease: Lease) -> Lease:
        faster, self.before_write = self.before_write, None
        if faster is not None:
            await faster.tick(0, NOW)
        if self.vanishes:
            self.vanishes, self.lease = False, None
            raise ApiServerError("there is none", "missing", 404)
        if lease.version != (self.lease.version if self.lease else ""):
            raise ApiServerError("somebody was faster", "conflict", 409)
        self.writes += 1
        self.lease = msgspec.structs.replace(lease, version=str(self.writes))
        return self.lease


class Candidate:
    """A process whose clock is wrong by some hours."""

    def __init__(self, store: MemoryLease, name: str, hours: float = 0) -> None:
        self.elector = LeaseElector(store, name, TIMES)
        self._wrong = timedelta(hours=hours)

    def tick(self, seconds: float) -> bool:
        """Look at the Lease at a time of the monotonic clock; whether it leads then."""
        asyncio.run(self.elector.tick(seconds, NOW + timedelta(seconds=seconds) + self._wrong))
        return self.elector.leading

    def release(self) -> None:
        asyncio.run(self.elector.release(NOW))


@pytest.mark.parametrize("hours", [-30, 0, 30])
def test_another_takes_over_after_it_has_seen_no_renewal_for_the_whole_duration(hours: float) -> None:
    store = MemoryLease()
    one, other = Candidate(store, "one"), Candidate(store, "other", hours)
    assert one.tick(0)
    assert not other.tick(1)
    assert one.tick(4)
    assert not other.tick(5)  # from here on, nothing is heard of the first
    assert not other.tick(19.9)
    assert other.tick(20)
    assert store.lease is not None
    assert (store.lease.holder, store.lease.transitions) == ("other", 1)
    assert not one.tick(21)
    assert not one.tick(35.9)
    assert one.tick(36)


def test_a_holder_renews_and_keeps_when_it_began() -> None:
    store = MemoryLease()
    one = Candidate(store, "one")
    assert all(one.tick(seconds) for seconds in (0, 4, 8))
    assert store.lease == Lease(
        "one", 15, 0, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:08.000000Z", "3"
    )


def test_a_holder_that_cannot_renew_stops_before_others_begin() -> None:
    store = MemoryLease()
    one, other = Candidate(store, "one"), Candidate(store, "other")
    assert one.tick(0)
    assert not other.tick(0)
    store.broken = True
    for seconds, leads in ((4, True), (9.9, True), (10, False)):
        with pytest.raises(ApiServerError):
            one.tick(seconds)
        assert one.elector.leading == leads
    store.broken = False
    assert not other.tick(14.9)
    assert other.tick(15)


def test_of_two_that_write_at_once_one_leads() -> None:
    store = MemoryLease()
    one, other = Candidate(store, "one"), Candidate(store, "other")
    store.before_write = other.elector
    assert not one.tick(0)
    assert other.elector.leading
    assert not one.tick(4)


def test_a_lease_that_is_given_back_or_empty_is_taken_at_once() -> None:
    store = MemoryLease()
    store.lease = Lease("", 0, version="0")
    one, other = Candidate(store, "one"), Candidate(store, "other")
    assert one.tick(0)
    assert not other.tick(1)
    one.release()
    assert other.tick(2)
    one.release()  # it has nothing to give back any more
    assert store.lease.holder == "other"


def test_a_lease_that_somebody_deletes_is_made_anew() -> None:
    store = MemoryLease()
    one = Candidate(store, "one")
    assert one.tick(0)
    store.lease = None
    assert one.tick(4)
    store.vanishes = True
    assert one.tick(8)
    assert one.tick(12)
    assert store.lease is not None


def test_a_namespace_that_is_missing_is_said() -> None:
    store = MemoryLease()
    store.vanishes = True
    with pytest.raises(ApiServerError):
        Candidate(store, "one").tick(0)
