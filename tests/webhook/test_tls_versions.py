"""What is spoken on the port of reviews: TLS of today, and nothing that can be broken."""

import socket
import ssl
import warnings
from pathlib import Path

import pytest
from waiting import PATIENCE

from .served import Served, serving


def _greet(served: Served, version: ssl.TLSVersion) -> str | None:
    """Shake hands in one version only, however weak the client allows it to be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(served.certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what should not be spoken
        context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as plain:
        return context.wrap_socket(plain, server_hostname="localhost").version()


def test_nothing_older_than_tls_1_2_is_spoken(folder: Path) -> None:
    with serving(folder) as served:
        assert _greet(served, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert _greet(served, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        with pytest.raises(ssl.SSLError) as refused:
            _greet(served, ssl.TLSVersion.TLSv1_1)
        # what the server's end says, or does not say any more; the client itself was ready for it
        is_closed = isinstance(refused.value, ssl.SSLZeroReturnError)
        reasons = ("TLSV1_ALERT_PROTOCOL_VERSION", "UNEXPECTED_EOF_WHILE_READING")
        assert is_closed or refused.value.reason in reasons
