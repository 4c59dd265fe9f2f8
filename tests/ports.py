"""Ports for servers that have to be told theirs before they run."""

import contextlib
import random
import socket

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """Give a port that nobody listens at now, and that no client is given by chance before it is used.

    Source: ip(7), ip_local_port_range begins at 32768.
    """
    while True:
        port = _CHANCE.randrange(12000, 32000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
