"""httpGet of probes and hooks: one request without trust in certificates, and Go's words for failures.

Source: kubernetes pkg/probe/http.
"""

import errno
import http.client
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ...kube.go_format import quote
from ...kube.versions import NEWEST
from .reach import NetworkLocation, connect

__all__ = ["HttpFailure", "dial_words", "http_get", "port_of"]

_MAX_BODY = 10 * 1024
_MAX_REDIRECTS = 10


class HttpFailure(Exception):
    """Says in Go's words why there was no answer."""


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
    """Give status and body; links to the same host are followed. Raises HttpFailure."""
    scheme = (action.get("scheme") or "HTTP").lower()
    host, port = action.get("host") or target.address, port_of(action.get("port"), container)
    path = action.get("path") or "/"
    url = f"{scheme}://{host}:{port}{path if path.startswith('/') else f'/{path}'}"
    headers = {"User-Agent": f"kube-{agent}/1.{NEWEST}", "Accept": "*/*", "Connection": "close"}
    headers |= {str(h.get("name")): str(h.get("value") or "") for h in action.get("httpHeaders") or ()}
    if action.get("host"):
        target = NetworkLocation(str(host))
    for _ in range(_MAX_REDIRECTS):
        status, body, location = _once(url, headers, target, timeout)
        if location is None or not 300 <= status < 400:
            return status, body
        following = urljoin(url, location)
        if urlsplit(following).hostname != urlsplit(url).hostname:
            return status, body
        url = following
    raise HttpFailure(f"Get {quote(url)}: stopped after {_MAX_REDIRECTS} redirects")


def _once(
    url: str, headers: Mapping[str, str], target: NetworkLocation, timeout: float
) -> tuple[int, str, str | None]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=timeout)
    try:
        stream = connect(target, port, timeout)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            stream = context.wrap_socket(stream)
        connection.sock = stream
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        body = response.read(_MAX_BODY).decode("utf-8", "replace")
        return response.status, body, response.headers.get("Location")
    except TimeoutError as error:
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
