"""What a server shows and demands when a connection is made, and how both change while it runs.

Certificates with their keys, and authorities of clients, come in; one TLS context goes out, which a server
uses from its start to its end. New connections get what was given last, and those that are open stay.
"""

import ssl
from datetime import datetime
from typing import Protocol

from ..session.serve.tls_pair import load_pair
from .decision_log import DecisionLog
from .metrics import Metrics

__all__ = ["AuthorityError", "Certificates", "TlsContext", "load_authorities"]


class AuthorityError(ValueError):
    """A text holds no authorities of clients."""


class Certificates(Protocol):
    """Where a server's certificate comes from; it keeps itself up to date while `watch` runs."""

    @property
    def context(self) -> ssl.SSLContext:
        """The context of a server."""
        ...

    @property
    def expires(self) -> datetime | None:
        """When the certificate that is served ends; None while there is none."""
        ...

    def unready(self) -> str:
        """Say why no connections should be made to this server; "" when they should."""
        ...

    async def watch(self, log: DecisionLog, metrics: Metrics) -> None:
        """Keep the certificate up to date until this is cancelled."""
        ...


class TlsContext:
    """A server's context, which hands each new connection to the context that was given last."""

    def __init__(self, *, asks_clients: bool = False) -> None:
        """Refuse every connection until a context is given. `asks_clients` must hold for each that is."""
        self.front = _restrict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), asks_clients)
        self._asks_clients = asks_clients
        self._current: ssl.SSLContext | None = None
        self.front.sni_callback = self._hand_over

    def use(self, certificate: bytes, key: bytes, client_ca: bytes | None = None) -> None:
        """Serve what is given, in PEM, from the next connection on.

        Raises ValueError: the texts are not what they should be, or do not fit together; nothing changes.
        AuthorityError is raised when it is `client_ca` that is not.
        """
        context = _restrict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self._asks_clients)
        load_pair(context, certificate, key)
        if client_ca is not None:
            load_authorities(context, client_ca)
        self._current = context

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _front: ssl.SSLContext) -> int | None:
        """Take the connection over to the current context.

        OpenSSL then takes certificate and authorities from there, but whether clients have to show anything
        from where the connection began. Source: SSL_set_SSL_CTX, ssl_verify_cert_chain.
        """
        if self._current is None:
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        connection.context = self._current
        return None


def _restrict(context: ssl.SSLContext, asks_clients: bool) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if asks_clients:
        context.verify_mode = ssl.CERT_REQUIRED
        # a resumed session would not be asked for a certificate again: TLS 1.2 keeps them at the server, too
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0
    return context


def load_authorities(context: ssl.SSLContext, text: bytes) -> None:
    """Have a context trust the authorities in a text in PEM.

    Raises AuthorityError: it has none, or one that cannot be read.
    """
    try:
        # what is not ASCII can only be a comment
        context.load_verify_locations(cadata=text.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise AuthorityError("has no certificates in PEM") from error
