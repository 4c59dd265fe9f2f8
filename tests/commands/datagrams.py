"""A server for datagrams in a pod that only sleeps: none of the images has one."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import PATIENCE, wait_until

from podproof.runtimes.pods import kernel

SECONDS = 100_000 + os.getpid()
"""How long the pod sleeps, by which it is known among all processes."""


def read(path: Path) -> bytes:
    """A file that may be gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _echo_in(namespace: int, port: int) -> None:
    """Answer one datagram in a network namespace, from a thread that is for nothing else."""
    kernel.setns(namespace, kernel.CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("0.0.0.0", port))
        data, client = server.recvfrom(100)
        server.sendto(b"answer to " + data, client)


def _sleeping() -> list[Path]:
    """The folders in /proc of what runs `sleep SECONDS`: none until the pod's first process became it."""
    words = f"sleep\0{SECONDS}\0".encode()
    return [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if read(path) == words]


@contextmanager
def echo_in_pod(port: int) -> Iterator[None]:
    """Serve one datagram at a port of the pod that runs `sleep SECONDS`."""
    (entry,) = wait_until(_sleeping, "the pod's process")
    with (entry / "ns/net").open() as namespace:
        thread = threading.Thread(target=_echo_in, args=(namespace.fileno(), port), daemon=True)
        thread.start()
        yield
        thread.join(PATIENCE)


def answered(address: tuple[str, int]) -> bytes:
    """Ask until there is an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)

        def answer() -> bytes:
            try:
                asking.sendto(b"this", address)
                return asking.recv(100)
            except (TimeoutError, ConnectionRefusedError):  # nobody served it yet
                return b""

        return wait_until(answer, "the answer")
