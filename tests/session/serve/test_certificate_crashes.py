"""Processes that manage certificates end between any two requests, and run beside each other in any order.

Always, each API server takes every certificate that any process shows: a cluster in memory is asked after
every single request.
"""

import random
from datetime import timedelta

import msgspec
import pytest
from self_managed_cluster import SHORT, CertificateCluster, SimulatedProcess

from podproof.session.serve.self_managed_pairs import write_certificates


def _check(cluster: CertificateCluster, processes: list[SimulatedProcess]) -> None:
    for process in processes:
        shown = process.keeper.shown
        if shown is None or not shown.holds(cluster.moment) or process.keeper.unready:
            continue
        for each in cluster.published:
            assert each.covers(shown.certificate, cluster.moment), (process.keeper.steps, cluster.moment)


def _started(cluster: CertificateCluster) -> list[SimulatedProcess]:
    processes = [SimulatedProcess(cluster, leads=not number) for number in range(3)]
    for process in processes:
        process.look()
        assert process.keeper.unready == ""
    return processes


def _pass(cluster: CertificateCluster, processes: list[SimulatedProcess], hours: float) -> None:
    """Let time pass in steps that are longer than processes take to take note of a change."""
    end = cluster.moment + timedelta(hours=hours)
    while cluster.moment < end:
        cluster.moment += timedelta(minutes=15)
        for process in processes:
            process.look()
            _check(cluster, processes)


def test_everything_is_renewed_and_nothing_is_ever_distrusted() -> None:
    cluster = CertificateCluster()
    processes = _started(cluster)
    _pass(cluster, processes, 24 * 3)
    steps = processes[0].keeper.steps
    # the authority after 16 of 24 hours; the certificate after 2 of 3, and with each new authority
    assert steps.count("authority made") == 1 + 3 * 24 // 16
    assert steps.count("authority forgotten") == 3 * 24 // 16
    assert steps.count("certificate made") >= 3 * 24 / 2.25
    assert all(not process.keeper.steps for process in processes[1:])
    serials = {
        process.keeper.shown and process.keeper.shown.certificate.serial_number for process in processes
    }
    assert len(serials) == 1
    assert len(cluster.published[0].bundles[0].split(b"BEGIN")) == 2


@pytest.mark.parametrize("requests", range(48))
def test_a_leader_may_end_after_any_request(requests: int) -> None:
    cluster = CertificateCluster()
    processes = _started(cluster)
    cluster.moment += timedelta(hours=16, minutes=1)  # authority and certificate are due
    leader, *others = processes
    for number in range(requests):
        if leader.proceed():  # nothing to do until everybody knows the new authority
            cluster.moment += timedelta(minutes=2)
        if number % 3 == 0:
            others[0].look()
        _check(cluster, processes)
    leader.die()
    successor = SimulatedProcess(cluster, leads=True)
    _pass(cluster, [successor, *others], 5)
    for process in (successor, *others):
        assert process.keeper.unready == ""
        assert process.keeper.shown == successor.keeper.shown
    assert len(cluster.published[0].bundles[0].split(b"BEGIN")) == 2


@pytest.mark.parametrize("requests", range(12))
@pytest.mark.parametrize("hours", [0.5, 2])
@pytest.mark.parametrize("deleted", [True, False])
def test_a_leader_that_was_stopped_undoes_nothing(requests: int, hours: float, deleted: bool) -> None:
    """It goes on with what it had read before another one changed everything."""
    cluster = CertificateCluster()
    processes = _started(cluster)
    stopped, *others = processes
    cluster.moment += timedelta(hours=1 if deleted else 16)
    for _ in range(requests):
        stopped.proceed()
    if deleted:
        cluster.secret = None
    others[0].leads = True
    _pass(cluster, others, hours)
    while not stopped.proceed():
        _check(cluster, others)
    _pass(cluster, processes, 1)
    assert all(process.keeper.unready == "" for process in processes)


@pytest.mark.parametrize("seed", range(12))
def test_several_that_lead_disturb_nobody(seed: int) -> None:
    """A process that was stopped for a while takes itself for the leader until it looks at the Lease."""
    random_ = random.Random(seed)
    cluster = CertificateCluster()
    processes = [SimulatedProcess(cluster, leads=True) for _ in range(3)]
    for _ in range(3000):
        process = random_.choice(processes)
        process.proceed()
        _check(cluster, processes)
        if random_.random() < 0.01:
            process.die()
            processes[processes.index(process)] = SimulatedProcess(cluster, leads=random_.random() < 0.8)
        if random_.random() < 0.05:
            cluster.moment += timedelta(minutes=random_.choice([1, 2]))
    for process in processes:
        process.die()
    _pass(cluster, [SimulatedProcess(cluster, leads=True), *processes], 1)
    assert all(process.keeper.unready == "" for process in processes)


@pytest.mark.parametrize("what", ["deleted", "emptied", "garbled", "another's", "half"])
def test_a_damaged_secret_is_made_anew_without_distrust(what: str) -> None:
    cluster = CertificateCluster()
    processes = _started(cluster)
    before = processes[0].keeper.shown
    assert cluster.secret is not None
    data = dict(cluster.secret.data)
    if what == "emptied":
        data = {}
    elif what == "garbled":
        data = dict.fromkeys(data, b"\xff garbage")
    elif what == "another's":
        other = CertificateCluster()
        _started(other)
        assert other.secret is not None
        data = other.secret.data | {"ca.key": b""}
    elif what == "half":
        del data["tls.key"]
    cluster.secret = (
        None if what == "deleted" else msgspec.structs.replace(cluster.secret, version="x", data=data)
    )
    for process in processes:
        process.look()
        _check(cluster, processes)
        assert process.keeper.unready == ""
    _pass(cluster, processes, 1)
    assert all(process.keeper.shown == processes[0].keeper.shown != before for process in processes)
    warned = [event for level, event, _ in processes[0].log.lines if level == "warning"]
    assert warned == ["certificate made" if what == "half" else "authority made"]


def test_a_bundle_that_somebody_takes_away_comes_back() -> None:
    cluster = CertificateCluster()
    processes = _started(cluster)
    for place, each in enumerate(cluster.published):
        cluster.published[place] = msgspec.structs.replace(each, version="x", bundles=(b"", b"x"))
    processes[1].look()
    assert "does not trust" in processes[1].keeper.unready
    processes[0].look()
    processes[1].look()
    assert [process.keeper.unready for process in processes[:2]] == ["", ""]
    authority = processes[0].keeper.stored
    assert authority is not None
    assert cluster.published[1].bundles == (write_certificates(authority.authorities),) * 2


def test_no_configuration_is_waited_for() -> None:
    cluster = CertificateCluster(configurations=0)
    processes = _started(cluster)
    cluster.published = CertificateCluster().published
    for process in processes:
        process.look()
    assert [process.keeper.unready for process in processes] == [""] * 3
    assert SHORT.settling > timedelta()


def test_a_secret_that_vanishes_meanwhile_is_looked_at_again() -> None:
    cluster = CertificateCluster()
    leader, *_ = _started(cluster)
    cluster.moment += timedelta(hours=2)
    for _ in range(3):  # both reads are over, and the write of a new certificate is on its way
        leader.proceed()
    cluster.secret = None
    leader.look()
    assert leader.keeper.steps[-3:] == ["authority made", "bundle published", "bundle published"]
