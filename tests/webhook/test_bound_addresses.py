"""Without a host, a port is open at every address, whichever protocol a cluster speaks."""

import contextlib
import socket

import pytest
from waiting import PATIENCE

from podproof.webhook.addresses import bind_address


@pytest.mark.parametrize(
    ("text", "answers"),
    [(":0", ("127.0.0.1", "::1")), ("127.0.0.1:0", ("127.0.0.1",)), ("[::1]:0", ("::1",))],
)
def test_it_listens_where_it_is_told(text: str, answers: tuple[str, ...]) -> None:
    if "::1" in answers and not socket.has_dualstack_ipv6():
        pytest.skip("needs IPv6, which this machine does not have")
    with contextlib.closing(bind_address("--bind", text)) as bound:
        port = bound.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            try:
                socket.create_connection((host, port), timeout=PATIENCE).close()
            except OSError:
                assert host not in answers
            else:
                assert host in answers
