"""The webhook that watches an API server: from start to ready with 1,000 namespaces, and what a change costs.

A server of the tests' own is asked, where it is at hand. A change is a namespace's new label, as a watch
brings it: it makes a new cluster, whose cost should not grow with the number of namespaces.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench._pinned import Pinned, free_port, write_certificate
from bench._upstream import api_server_with
from bench.admit import PREFIX
from podproof import Cluster
from podproof.session.serve.api_client import ApiClient
from podproof.session.serve.api_source import ApiSource
from podproof.session.serve.credentials import Anonymous
from podproof.session.serve.kubeconfig import ApiAccess
from podproof.session.serve.watched_kinds import NAMESPACES

__all__ = ["run"]

NUMBER = 1000
RUNS = 5
_SERVE = "import sys; from podproof.commands import run_command; sys.exit(run_command(sys.argv[1:]))"


def run() -> Iterator[str]:
    """Measure starts against a real API server, then changes without one."""
    for number in (NUMBER, 100 * NUMBER):
        yield f"a change among {number:7,} namespaces: {_change(number) * 1e6:.0f} µs"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with api_server_with(folder, [_namespace(number, "baseline") for number in range(NUMBER)]) as config:
            if config is None:
                yield "etcd or kube-apiserver is not here, see tests/cluster"
                return
            write_certificate(folder)
            starts = [_start(folder, config) for _ in range(RUNS)]
        ready = statistics.median(seconds for seconds, _ in starts)
        resident = max(mebibytes for _, mebibytes in starts)
        yield f"start to ready with {NUMBER:,} namespaces: {ready:.2f} s, {resident} MiB, median of {RUNS}"


def _namespace(number: int, level: str) -> dict[str, Any]:
    metadata = {"name": f"ns-{number}", "labels": {f"{PREFIX}enforce": level, "team": "shop"}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _start(folder: Path, kubeconfig: Path) -> tuple[float, int]:
    """Start a server, and give the seconds until it was ready, and its MiB."""
    port = free_port()
    command = [sys.executable, "-c", _SERVE, "serve", "--bind", f"127.0.0.1:{port}", "--kubeconfig"]
    command += [str(kubeconfig), "--metrics-bind", f"127.0.0.1:{free_port()}"]
    with Pinned(folder, [*command, "--tls-cert", "tls.crt", "--tls-key", "tls.key"], port) as server:
        return server.ready, server.resident


def _change(number: int) -> float:
    """Give the seconds that a change takes among so many namespaces."""
    client = ApiClient(ApiAccess("http://localhost", "nobody", Anonymous))
    source = ApiSource(client, Cluster.from_objects([]))
    source.replace(NAMESPACES, [_namespace(one, "baseline") for one in range(number)])
    changes = [_namespace(one, "restricted") for one in range(500)]
    started = time.process_time()
    for change in changes:
        source.change(NAMESPACES, change, deleted=False)
        source.contact(NAMESPACES)
    return (time.process_time() - started) / len(changes)
