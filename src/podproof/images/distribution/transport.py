"""One request to one address that the address rule allows: a URL comes in, an answer still open goes out.

A name is resolved once, and what is connected to is the address that was looked at. Redirects are answers
like others here. No proxy but that of HTTPS_PROXY, which somebody set on this machine, is between.
"""

import base64
import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import urllib.request
import weakref
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from ...runtimes.public_addresses import is_public
from ...runtimes.timed_socket import Deadline, TimedSocket
from ..limits import quoted
from .errors import NoConnection, NotTls, PullError, RefusedPlace, Unreachable
from .settings import RegistrySettings, host_of, names_host

__all__ = ["HttpAnswer", "Transport", "authority_of", "parse_url"]

_CONNECTING = 15.0
"""Seconds for the last of a name's addresses to take a connection; those before it have a third."""

_ANSWERING = 60.0
"""Seconds from the first byte of a request to the last of the answer's headers."""

_MAX_URL = 16 * 1024
"""Bytes of a URL that a registry sends us to; signed ones of object stores have some two thousand."""

_PORTS = {"http": 80, "https": 443}
_AGENT = "podproof"


def parse_url(url: str) -> SplitResult:
    """Take a URL apart. Raises PullError: it is none that a registry may have."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise PullError(f"{quoted(url)} is not a URL of a registry")
    if parts.username is not None or parts.password is not None:
        raise PullError(f"{quoted(f'{parts.scheme}://{parts.hostname}')}: a URL must not have a login")
    return parts


def authority_of(parts: SplitResult) -> str:
    """Give HOST of a URL, or HOST:PORT where the port is not the scheme's own."""
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return shown if parts.port in (None, _PORTS[parts.scheme]) else f"{shown}:{parts.port}"


class HttpAnswer:
    """The answer of the host `authority`; its body is read within a time of its own. `close` ends it."""

    def __init__(
        self, response: http.client.HTTPResponse, stream: socket.socket, timer: "_Timer", authority: str
    ) -> None:
        self._response, self._stream, self._timer = response, stream, timer
        self.authority = authority
        self.status = response.status
        self.headers = response.headers

    @property
    def words(self) -> str:
        """Give the status as Go prints it: `401 Unauthorized`."""
        return f"{self.status} {http.client.responses.get(self.status, '')}".rstrip()

    def header(self, name: str) -> str:
        """Give a header's first value; "" without it."""
        return str(self.headers.get(name) or "")

    @property
    def length(self) -> int | None:
        """Give the body's length as it is announced; None when it is not."""
        return self._response.length

    def within(self, seconds: float) -> None:
        """Let the body take so many seconds from now on."""
        self._timer.restart(seconds)

    def read(self, size: int) -> bytes:
        """Read on; "" at the end. Raises Unreachable: the connection broke, or there is no time left."""
        try:
            return self._response.read(size)
        except TimeoutError as error:
            raise Unreachable("the body does not come in time") from error
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise Unreachable(f"the connection broke: {_words(error)}") from error

    def close(self) -> None:
        """End the connection."""
        self._response.close()
        with contextlib.suppress(OSError):
            self._stream.close()

    def __enter__(self) -> "HttpAnswer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Timer(Deadline):
    """A deadline that can be set anew."""

    def restart(self, seconds: float) -> None:
        self._end = Deadline(seconds)._end


class Transport:
    """Sends requests where the settings allow it; may be used from several threads."""

    def __init__(self, settings: RegistrySettings) -> None:
        self.settings = settings
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End every request that is under way, and let none begin."""
        self._stopped.set()
        with self._lock:
            streams = list(self._open)
        for stream in streams:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float) -> None:
        """Let time pass before another try. Raises Unreachable: `stop` was called."""
        if self._stopped.wait(seconds):
            raise Unreachable("stopped")

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """Send a request and wait for the headers of its answer.

        Raises RefusedPlace: the URL leads where no flag allows it. Unreachable: there is no answer.
        PullError: the URL or the answer is none.
        """
        parts = parse_url(url)
        self._check_scheme(parts)
        port = parts.port or _PORTS[parts.scheme]
        timer = _Timer(_ANSWERING)
        proxy = _proxy(parts)
        stream = (
            self._connect(parts, port, timer) if proxy is None else self._tunnel(parts, port, proxy, timer)
        )
        try:
            if parts.scheme == "https":
                stream.settimeout(timer.left())
                stream = self._context(authority_of(parts)).wrap_socket(
                    stream, server_hostname=parts.hostname
                )
            self._remember(stream)
            return self._exchange(method, parts, stream, timer, headers, body)
        except BaseException as error:  # Ctrl-C too: no connection stays open; it is raised again
            stream.close()
            if isinstance(error, PullError):
                raise
            if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
                raise NotTls("http: server gave HTTP response to HTTPS client") from error
            if isinstance(error, ssl.SSLCertVerificationError):
                raise NoConnection(f"tls: failed to verify certificate: {error.verify_message}") from error
            if isinstance(error, TimeoutError):
                raise Unreachable("no answer in time") from error
            if isinstance(error, OSError | http.client.HTTPException):
                raise Unreachable(f"no answer: {_words(error)}") from error
            raise

    def _check_scheme(self, parts: SplitResult) -> None:
        authority = authority_of(parts)
        if parts.scheme == "http" and not self.settings.goes_plain(authority):
            raise RefusedPlace(
                f"{authority} would be asked without TLS: "
                f"allow it only with --registry-plain-http {authority}"
            )

    def _exchange(
        self,
        method: str,
        parts: SplitResult,
        stream: socket.socket,
        timer: _Timer,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> HttpAnswer:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        connection.sock = TimedSocket(stream, timer)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", authority_of(parts))
        sent = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
        if body is not None:
            sent["Content-Length"] = str(len(body))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        return HttpAnswer(connection.getresponse(), stream, timer, authority_of(parts))

    def _remember(self, stream: socket.socket) -> None:
        with self._lock:
            self._open.add(stream)
        if self._stopped.is_set():
            raise Unreachable("stopped")

    def _context(self, authority: str) -> ssl.SSLContext:
        with self._lock:
            if authority not in self._contexts:
                context = ssl.create_default_context()
                # Python 3.13's default, which refuses private authorities that other clients take
                context.verify_flags &= ~ssl.VERIFY_X509_STRICT
                trusted = self.settings.authorities
                file = trusted.get(authority) or trusted.get(host_of(authority))
                if file is not None:
                    try:
                        context.load_verify_locations(cafile=file)
                    except (OSError, ssl.SSLError) as error:
                        raise PullError(f"cannot read the certificates in {file}: {error}") from error
                self._contexts[authority] = context
            return self._contexts[authority]

    def _connect(self, parts: SplitResult, port: int, timer: _Timer) -> socket.socket:
        host = parts.hostname or ""
        failed: OSError | None = None
        places = self._places(parts, port)
        for number, (family, place) in enumerate(places, 1):
            stream = socket.socket(family, socket.SOCK_STREAM)
            try:
                stream.settimeout(min(_CONNECTING / (1 if number == len(places) else 3), timer.left()))
                stream.connect(place)
            except OSError as error:
                stream.close()
                failed = error
                continue
            return stream
        raise NoConnection(_dial_words(failed, host, port)) from failed

    def _places(self, parts: SplitResult, port: int) -> list[tuple[socket.AddressFamily, Any]]:
        """Resolve a name; all its addresses must be allowed. Raises RefusedPlace, Unreachable."""
        host, authority = parts.hostname or "", authority_of(parts)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NoConnection(f"dial tcp: lookup {host}: no such host") from error
        for _, _, _, _, place in found:
            self._check_address(str(place[0]), authority)
        return [(family, place) for family, _, _, _, place in found]

    def _check_address(self, text: str, authority: str) -> None:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not is_public(address) and not names_host(self.settings.reachable, authority):
            raise RefusedPlace(
                f"registry {authority} is at {address}, in this machine or its network: "
                f"pull from it only with --allow-registry {authority}"
            )

    def _tunnel(self, parts: SplitResult, port: int, proxy: SplitResult, timer: _Timer) -> socket.socket:
        """Reach a host through the proxy, which resolves its name where this machine cannot."""
        with contextlib.suppress(NoConnection):
            self._places(parts, port)
        connection = http.client.HTTPConnection(
            proxy.hostname or "", proxy.port or 80, timeout=min(_CONNECTING, timer.left())
        )
        host = parts.hostname or ""
        login = {}
        if proxy.username is not None:
            pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
            login["Proxy-Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        connection.set_tunnel(f"[{host}]" if ":" in host else host, port, login)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NoConnection(f"proxy {proxy.hostname}: {_words(error)}") from error
        return connection.sock


def _proxy(parts: SplitResult) -> SplitResult | None:
    """Give the proxy for a URL; only what is asked with TLS goes through one, and nothing of this machine."""
    host = parts.hostname or ""
    if parts.scheme != "https" or host == "localhost" or host == "::1" or host.startswith("127."):
        return None
    named = urllib.request.getproxies_environment()
    if "https" not in named or urllib.request.proxy_bypass(host, named):
        return None
    proxy = urlsplit(named["https"])
    return proxy if proxy.hostname else None


def _dial_words(error: OSError | None, host: str, port: int) -> str:
    from ...runtimes.pods.http_get import dial_words

    return dial_words(error or OSError("no address"), f"[{host}]" if ":" in host else host, port)


def _words(error: Exception) -> str:
    """Write an error of the standard library, which may hold what the other side sent."""
    text = str(error) or type(error).__name__
    return quoted(text) if isinstance(error, http.client.HTTPException) else text
