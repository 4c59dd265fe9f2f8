"""Workers are killed and certificates replaced while reviews come in: no verdict is wrong, none is lost."""

import contextlib
import http.client
import os
import shutil
import signal
import ssl
import threading
from collections import Counter
from pathlib import Path

import pytest
from waiting import wait_until

from .conftest import review
from .served import Served, post, serving, write_certificate

_BROKEN = (http.client.HTTPException, OSError)


class _Client(threading.Thread):
    """Sends reviews on a connection until it is told to stop; a connection that breaks is made anew."""

    def __init__(self, served: Served, context: ssl.SSLContext) -> None:
        super().__init__(daemon=True)
        self._served, self._context = served, context
        self.stopped = threading.Event()
        self.tally: Counter[str] = Counter()

    def run(self) -> None:
        connection = None
        while not self.stopped.is_set():
            namespace = ("baseline", "restricted")[self.tally["sent"] % 2]
            self.tally["sent"] += 1
            try:
                if connection is None:
                    connection = self._served.connect(self._context)
                    self.tally["connections"] += 1
                status, response = post(
                    connection, "/validate", review(namespace, uid=str(self.tally["sent"]))
                )
            except _BROKEN:
                self.tally["broken"] += 1
                connection = None
                continue
            right = (status, response["allowed"]) == (200, namespace == "baseline")
            self.tally["right" if right and response["uid"] == str(self.tally["sent"]) else "wrong"] += 1
        if connection is not None:
            connection.close()


def _trusting(*certificates: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for certificate in certificates:
        context.load_verify_locations(certificate)
    return context


def _answered(clients: list[_Client], number: int) -> None:
    wait_until(lambda: all(client.tally["right"] > number for client in clients), f"{number} answers")


@pytest.mark.slow
def test_no_verdict_is_wrong(folder: Path, tmp_path: Path) -> None:
    others = []
    for number in range(3):
        (tmp_path / f"other{number}").mkdir()
        others.append(write_certificate(tmp_path / f"other{number}"))
    with serving(folder, "--workers", "2") as served:
        served.wait_for("serving", 2)
        trusted = _trusting(served.certificate, *(certificate for certificate, _ in others))
        clients = [_Client(served, trusted) for _ in range(4)]
        for client in clients:
            client.start()
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        for number, (certificate, key) in enumerate(others):
            _answered(clients, 20 * (number + 1))
            os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
            served.wait_for("serving", 3 + number)
            shutil.copy(certificate, served.certificate)
            os.replace(key, served.certificate.with_suffix(".key"))
            served.wait_for("certificate loaded", number + 1)
        for client in clients:
            client.stopped.set()
            client.join()
        tally = sum((client.tally for client in clients), Counter())
        print(dict(tally))
        assert tally["wrong"] == 0
        assert tally["right"] + tally["broken"] == tally["sent"]
        assert tally["broken"] <= 3 * len(clients)  # those whose worker was killed
        with contextlib.closing(served.connect(trusted)) as connection:
            assert post(connection, "/validate", review("baseline"))[1]["allowed"] is True
