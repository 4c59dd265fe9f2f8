"""Addresses of a run's own: each is that of a sandbox without containers, whose network has the sockets.

So nothing of this machine's network changes, no port of it is taken, and an address goes with its session as
every sandbox does, whatever ends the process that listens on it.
"""

import os
import socket
import uuid
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Literal

import msgspec

from ..embedded.sessions import SESSION_LABEL
from ..engine import Engine, EngineError, SandboxRequest
from ..pods import kernel

__all__ = ["Address", "bound_sockets", "make_address"]

Protocol = Literal["TCP", "UDP"]


class Address(msgspec.Struct, frozen=True):
    """An address on the pods' network, and the process in whose network namespace it is."""

    ip: str
    pid: int


def make_address(engine: Engine, *, name: str, namespace: str, session: str, cgroup: str) -> Address:
    """Make a sandbox for its address. Raises EngineError: the engine makes none, or it has no address."""
    uid = str(uuid.uuid4())
    request = SandboxRequest(
        name=name,
        namespace=namespace,
        uid=uid,
        labels={SESSION_LABEL: session},
        cgroup_parent=f"{cgroup}/service{uid}" if cgroup else "",
    )
    status = engine.sandbox(engine.run_sandbox(request))
    if not status.ip or status.pid is None:
        raise EngineError("Unavailable", "the runtime gives no address")
    return Address(status.ip, status.pid)


def bound_sockets(address: Address, wanted: Sequence[tuple[Protocol, int]]) -> list[socket.socket]:
    """Bind a socket to each port of an address. Raises OSError: one cannot be bound."""
    results: list[list[socket.socket] | OSError] = []

    def bind() -> None:
        made: list[socket.socket] = []
        try:
            fd = os.open(f"/proc/{address.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                kernel.setns(fd, kernel.CLONE_NEWNET)
            finally:
                os.close(fd)
            for protocol, port in wanted:
                kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
                made.append(socket.socket(socket.AF_INET, kind))
                made[-1].bind((address.ip, port))
            results.append(made)
        except OSError as error:
            for one in made:
                one.close()
            results.append(error)

    _in_own_thread(bind)
    if isinstance(results[0], OSError):
        raise results[0]
    return results[0]


def _in_own_thread(function: Callable[[], None]) -> None:
    """Run a function in a thread that is for nothing else: a network namespace belongs to a thread."""
    thread = Thread(target=function, daemon=True)
    thread.start()
    thread.join()
