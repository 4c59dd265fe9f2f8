"""Clients that say nothing, and a keeper of workers that is killed: neither leaves anything behind."""

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from waiting import PATIENCE, wait_until

from .conftest import review
from .served import Served, post, serving

_SILENT = 1000
_HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
"""The start of a record with a ClientHello. Source: RFC 8446, 4.1.2 and 5.1."""


def _silent_clients(served: Served, stack: contextlib.ExitStack) -> list[socket.socket]:
    clients = []
    for number in range(_SILENT):
        client = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
        clients.append(stack.enter_context(client))
        if number % 2:
            client.sendall(_HALF_A_HELLO)
    return clients


def test_a_thousand_clients_without_a_handshake_hold_nobody_up(folder: Path) -> None:
    seconds = 5.0
    with (
        serving(folder, limits={"seconds_for_handshake": seconds}) as served,
        contextlib.ExitStack() as stack,
        contextlib.closing(served.connect()) as connection,
    ):
        started = time.monotonic()
        clients = _silent_clients(served, stack)
        answered = 0
        while not answered or time.monotonic() < started + seconds / 2:
            assert post(connection, "/validate", review("baseline"))[0] == 200
            with contextlib.closing(served.connect()) as another:
                assert post(another, "/validate", review("restricted"))[1]["allowed"] is False
            answered += 2
        print(f"{answered} reviews answered beside {_SILENT} silent clients")
        for client in clients:
            with contextlib.suppress(ConnectionError):
                assert client.recv(1) == b""
        # nothing is told of time: a busy machine is slower
        assert time.monotonic() - started >= seconds * 0.9
        assert post(connection, "/validate", review("baseline"))[0] == 200
        descriptors = Path(f"/proc/{served.process.pid}/fd")
        wait_until(lambda: len(list(descriptors.iterdir())) < 100, "the end of the connections")


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_workers_end_with_the_one_that_looks_after_them(folder: Path, name: str) -> None:
    with serving(folder, "--workers", "2") as served:
        served.wait_for("serving", 2)
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        workers = [int(worker) for worker in children.read_text().split()]
        assert len(workers) == 2
        os.kill(served.process.pid, signal.Signals[name])
        served.process.wait(PATIENCE)
        for worker in workers:
            wait_until(lambda worker=worker: _has_ended(worker), f"the end of worker {worker}")
        assert [line["event"] for line in served.lines].count("stopped") == 2


def _has_ended(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(") ")[2][0] == "Z"  # nobody asks for its exit code
