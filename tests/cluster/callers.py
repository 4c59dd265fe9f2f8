"""Ask for pods, and connect, all the time: every single answer has to be right."""

import base64
import contextlib
import http.client
import ssl
import threading
import time
from collections import Counter
from typing import Any

from waiting import PATIENCE, wait_until
from webhook.conftest import review

from .api_server import ApiServer
from .guarded import pod
from .self_managing import VALIDATING

PODS = "/api/v1/namespaces/shop/pods?dryRun=All"


class Callers:
    """Ask the API server for pods from several threads, and the webhook itself with what is published."""

    def __init__(self, server: ApiServer, port: int) -> None:
        self.tally: Counter[str] = Counter()
        self.wrong: list[Any] = []
        self._server, self._port = server, port
        self._stopped = threading.Event()
        # what was published a moment ago may not have reached this API server yet
        wait_until(lambda: server.request("POST", PODS, pod("p")).status == 201, "an API server that trusts")
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._create, self._create, self._connect)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and see that every single call had the right answer."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        print(dict(self.tally))
        assert not self.wrong, self.wrong[:3]
        assert self.tally["created"] > 0
        assert self.tally["connected"] > 0

    def wait_for_more(self) -> None:
        """Wait until each of them has begun and ended another call."""
        before = self.tally.copy()
        wait_until(
            lambda: all(self.tally[key] > before[key] + 3 for key in ("created", "connected")), "calls"
        )

    def _create(self) -> None:
        client = self._server.client()
        while not self._stopped.is_set():
            dangerous = self.tally["created"] % 2 == 1
            reply = client.request("POST", PODS, pod("p", hostPID=True) if dangerous else pod("p"))
            self.tally["created"] += 1
            if reply.status != (403 if dangerous else 201):
                self.wrong.append((self.tally.copy(), reply))
        client.close()

    def _connect(self) -> None:
        """Make new connections as an API server would that has just read the configuration."""
        client = self._server.client()
        while not self._stopped.is_set():
            try:
                trusted = bundles_of(client.must("GET", VALIDATING))[0].decode()
                context = ssl.create_default_context(cadata=trusted)
                context.verify_flags |= ssl.VERIFY_X509_STRICT
                self.tally["connected"] += 1
                answer = post_review(self._port, context)
                if '"allowed":true' not in answer:
                    self.wrong.append(answer)
            except (OSError, ValueError) as error:
                self.wrong.append(error)
            time.sleep(0.02)
        client.close()


def post_review(port: int, context: ssl.SSLContext) -> str:
    """Send a review on a new connection."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=context)
    with contextlib.closing(connection):
        connection.request("POST", "/validate", review("shop"), {"Content-Type": "application/json"})
        return connection.getresponse().read().decode()


def bundles_of(configuration: dict[str, Any]) -> list[bytes]:
    """Give the bundle of each webhook of a configuration."""
    found = (one["clientConfig"].get("caBundle", "") for one in configuration["webhooks"])
    return [base64.b64decode(text) for text in found]
