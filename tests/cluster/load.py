"""Clients that create pods at an API server all the time, and know what each answer should be."""

import contextlib
import http.client
import threading
from collections import Counter
from collections.abc import Iterator

from waiting import wait_until

from .api_server import ApiServer, Reply
from .guarded import is_denied, pod

_PATH = "/api/v1/namespaces/restricted/pods?dryRun=All"
_GOOD, _BAD = pod("good"), pod("bad", {"privileged": True})
_UNREADY = ("not yet ready to handle request", "timed out waiting for webhook")


def verdict(reply: Reply, *, bad: bool) -> str:
    """Say what an answer about a pod is.

    `right`; `refused`, where the server could not ask or be asked and refuses everything; `allowed`, where it
    lets a bad pod in; or else `wrong`.
    """
    if reply.status == 201:
        return "allowed" if bad else "right"
    if bad and is_denied(reply, 'pods "bad" is forbidden: violates PodSecurity "restricted:latest": '):
        return "right"
    if "failed calling webhook" in (reply.message or "") or reply.status in (429, 500, 503, 504):
        return "refused"
    if any(text in (reply.message or "") for text in _UNREADY):
        return "refused"
    return f"wrong: {reply.status} {reply.message}"


class _Client(threading.Thread):
    """Creates good and bad pods in turn, on a connection that is made anew when it breaks."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(daemon=True)
        self._api = server.client()
        self.stopped = threading.Event()
        self.tally: Counter[str] = Counter()

    def run(self) -> None:
        """Go on until it is told to stop."""
        while not self.stopped.is_set():
            bad = self.tally["sent"] % 2 == 1
            self.tally["sent"] += 1
            try:
                reply = self._api.request("POST", _PATH, _BAD if bad else _GOOD)
            except (OSError, http.client.HTTPException):
                self.tally["broken"] += 1
                self.stopped.wait(0.05)  # the server is down: not as fast as the machine can
                continue
            self.tally[verdict(reply, bad=bad)] += 1
        self._api.close()


class Load:
    """So many clients at once."""

    def __init__(self, clients: list[_Client]) -> None:
        self._clients = clients

    def wait_for_answers(self, number: int = 6) -> None:
        """Wait until each client has got so many right answers more."""
        wanted = [client.tally["right"] + number for client in self._clients]
        wait_until(
            lambda: all(
                client.tally["right"] >= least for client, least in zip(self._clients, wanted, strict=True)
            ),
            f"{number} right answers for each client, of {[dict(client.tally) for client in self._clients]}",
        )

    def tally(self) -> Counter[str]:
        """Stop, and give the answers of all clients."""
        for client in self._clients:
            client.stopped.set()
        for client in self._clients:
            client.join()
        return sum((client.tally for client in self._clients), Counter())


@contextlib.contextmanager
def load(server: ApiServer, clients: int = 4) -> Iterator[Load]:
    """Run clients until the end of the block."""
    running = [_Client(server) for _ in range(clients)]
    for client in running:
        client.start()
    try:
        yield Load(running)
    finally:
        for client in running:
            client.stopped.set()
