"""httpGet of probes and hooks: one request without trust in certificates, and Go's words for failures.

The answer is a container's, and costs what the kubelet lets it cost: one deadline for everything, redirects
and the last byte of the body included, and no more of the body than is shown.
Source: kubernetes 1.37.2, pkg/probe/http; Go 1.26 net/http client.go.
"""

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote as percent_encode
from urllib.parse import urljoin, urlsplit

from ...kube.go_format import quote
from ...kube.versions import NEWEST
from ..timed_socket import Deadline, TimedSocket
from .reach import NetworkLocation, connect

__all__ = ["HttpFailure", "UnreadBody", "dial_words", "http_get", "port_of"]

_MAX_BODY = 10 * 1024
_MAX_REDIRECTS = 10


_AS_WRITTEN = "%/?#[]@!$&'()*+,;=:~"
"""What stands in a path or a query as it is; the rest that is no letter or digit is escaped."""

_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
"""What no header's value may have. Source: golang.org/x/net http/httpguts, ValidHeaderFieldValue."""


class HttpFailure(Exception):
    """Says in Go's words why there was no answer."""


class UnreadBody(HttpFailure):
    """Says that the answer's body did not end in time: nobody knows what it would have been."""


def port_of(port: object, container: Mapping[str, Any]) -> int:
    """Resolve a port by number or by the container's name for it; 0 when there is none."""
    if isinstance(port, int):
        return port
    for named in container.get("ports") or ():
        if named.get("name") == port:
            return int(named.get("containerPort") or 0)
    return int(port) if isinstance(port, str) and port.isdecimal() else 0


def http_get(
    action: Mapping[str, Any],
    container: Mapping[str, Any],
    target: NetworkLocation,
    timeout: float,
    agent: str,
) -> tuple[int, str]:
    """Give status and body; links to the same host are followed. `timeout` in seconds is for all of it.

    Raises HttpFailure: there is no answer; UnreadBody: there is one that does not end.
    """
    deadline = Deadline(timeout)
    scheme = (action.get("scheme") or "HTTP").lower()
    host, port = action.get("host") or target.address, port_of(action.get("port"), container)
    path = percent_encode(action.get("path") or "/", safe=_AS_WRITTEN)
    url = f"{scheme}://{host}:{port}{path if path.startswith('/') else f'/{path}'}"
    headers = {"User-Agent": f"kube-{agent}/1.{NEWEST}".encode(), "Accept": b"*/*", "Connection": b"close"}
    for header in action.get("httpHeaders") or ():
        name, value = str(header.get("name")), str(header.get("value") or "")
        if _CONTROL.search(value):
            raise HttpFailure(f"Get {quote(url)}: net/http: invalid header field value for {quote(name)}")
        headers[name] = value.encode("utf-8", "replace")
    if action.get("host"):
        target = NetworkLocation(str(host))
    for _ in range(_MAX_REDIRECTS):
        status, body, location = _once(url, headers, target, deadline)
        if location is None or not 300 <= status < 400:
            return status, body
        following = _follow(url, location)
        if following is None:
            return status, body
        url = following
    raise HttpFailure(f"Get {quote(url)}: stopped after {_MAX_REDIRECTS} redirects")


def _follow(url: str, location: str) -> str | None:
    """Give the address that a redirect leads to, None when it leads to another host. Raises HttpFailure."""
    try:
        following = urljoin(url, percent_encode(location, safe=_AS_WRITTEN))
        parts = urlsplit(following)
        if parts.hostname != urlsplit(url).hostname:
            return None
        port = parts.port
    except ValueError as error:
        words = f"failed to parse Location header {quote(location)}: {error}"
        raise HttpFailure(f"Get {quote(url)}: {words}") from error
    if parts.scheme not in ("http", "https") or port == 0:
        words = f"unsupported protocol scheme {quote(parts.scheme)}"
        raise HttpFailure(f"Get {quote(following)}: {words}")
    return following


def _once(
    url: str, headers: Mapping[str, bytes], target: NetworkLocation, deadline: Deadline
) -> tuple[int, str, str | None]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(parts.hostname or "", port)
    stream: socket.socket | None = None
    answered = False
    try:
        stream = connect(target, port, deadline.left())
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            stream.settimeout(deadline.left())
            stream = context.wrap_socket(stream)
        connection.sock = TimedSocket(stream, deadline)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        answered = True
        body = response.read(_MAX_BODY).decode("utf-8", "replace")
        return response.status, body, response.headers.get("Location")
    except TimeoutError as error:
        if answered:
            words = "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
            raise UnreadBody(words) from error
        words = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        raise HttpFailure(f"Get {quote(url)}: {words}") from error
    except (http.client.RemoteDisconnected, http.client.IncompleteRead) as error:
        raise HttpFailure(f"Get {quote(url)}: EOF") from error
    except http.client.HTTPException as error:
        words = f"net/http: HTTP/1.x transport connection broken: malformed HTTP response ({error})"
        raise HttpFailure(f"Get {quote(url)}: {words}") from error
    except OSError as error:
        raise HttpFailure(f"Get {quote(url)}: {dial_words(error, target.address, port)}") from error
    finally:
        connection.close()
        if stream is not None:
            stream.close()


def dial_words(error: OSError, host: str, port: int) -> str:
    """Write a failed connection as Go does."""
    if isinstance(error, TimeoutError):
        return f"dial tcp {host}:{port}: i/o timeout"
    words = {
        errno.ECONNREFUSED: "connect: connection refused",
        errno.EHOSTUNREACH: "connect: no route to host",
        errno.ENETUNREACH: "connect: network is unreachable",
    }.get(error.errno or 0)
    if words is None:
        return f"dial tcp {host}:{port}: {(error.strerror or str(error)).lower()}"
    return f"dial tcp {host}:{port}: {words}"
