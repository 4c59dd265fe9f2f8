"""Connects to a pod: by its address, or inside its network namespace when it has none."""

import os
import socket
from threading import Thread

import msgspec

from . import kernel

__all__ = ["NetworkLocation", "connect", "relay"]


class NetworkLocation(msgspec.Struct, frozen=True):
    """Where a pod's servers are: `address`, or loopback in the network namespace of the process `pid`."""

    address: str
    pid: int | None = None


def connect(target: NetworkLocation, port: int, timeout: float) -> socket.socket:
    """Open a TCP connection. Raises OSError, as `socket.create_connection` does."""
    if target.pid is None:
        return socket.create_connection((target.address, port), timeout)
    results: list[socket.socket | OSError] = []
    # A namespace belongs to a thread: this one is for nothing else.
    thread = Thread(target=_connect_inside, args=(target.pid, port, timeout, results), daemon=True)
    thread.start()
    thread.join()
    result = results[0]
    if isinstance(result, OSError):
        raise result
    return result


def _connect_inside(pid: int, port: int, timeout: float, results: list[socket.socket | OSError]) -> None:
    try:
        fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        try:
            kernel.setns(fd, kernel.CLONE_NEWNET)
        finally:
            os.close(fd)
        results.append(socket.create_connection(("127.0.0.1", port), timeout))
    except OSError as error:
        results.append(error)


def relay(target: NetworkLocation, port: int, timeout: float) -> tuple[str, int]:
    """Give an address at which the pod's port can be reached once by who makes connections by itself."""
    if target.pid is None:
        return target.address, port
    server = connect(target, port, timeout)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(timeout)
    Thread(target=_relay, args=(listener, server), daemon=True).start()
    host, own_port = listener.getsockname()
    return str(host), int(own_port)


def _relay(listener: socket.socket, server: socket.socket) -> None:
    with listener, server:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            other = Thread(target=_pump, args=(client, server), daemon=True)
            other.start()
            _pump(server, client)
            other.join(1)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
