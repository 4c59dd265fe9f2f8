"""Answers what a registry wants first: its challenge and a login come in, an Authorization header goes out.

A login goes to the registry that it is for, and to a token server in the same domain, which the registry
itself names; elsewhere a token is asked for without it.
Source: distribution specification, spec/auth/token.md and oauth.md; RFC 9110, 11.
"""

import threading
import time
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import parse_http_list

import msgspec

from ..limits import quoted
from .errors import AccessDenied, PullError, RefusedPlace
from .logins import Login, basic
from .transport import HttpAnswer, authority_of, parse_url

__all__ = ["Authorizer", "Challenge", "challenge_of", "is_related"]

_MAX_TOKEN = 256 * 1024
"""Bytes of a token server's answer; tokens of clouds have some ten thousand."""

_READING = 30.0
_SHORTEST = 60.0
"""Seconds that a token counts as good for at least. Source: spec/auth/token.md, expires_in."""

_MARGIN = 10.0


class Challenge(msgspec.Struct, frozen=True):
    """How to be let in: `scheme` is basic or bearer; the rest is a token server's."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def challenge_of(headers: HTTPMessage) -> Challenge | None:
    """Read WWW-Authenticate; bearer is preferred, and None stands for no scheme that is known here."""
    found: dict[str, Challenge] = {}
    for value in headers.get_all("WWW-Authenticate") or ():
        scheme, _, rest = str(value).strip().partition(" ")
        scheme = scheme.lower()
        if scheme in ("basic", "bearer"):
            pairs = dict(_pair(item) for item in parse_http_list(rest[:8192]))
            found.setdefault(
                scheme,
                Challenge(scheme, pairs.get("realm", ""), pairs.get("service", ""), pairs.get("scope", "")),
            )
    return found.get("bearer") or found.get("basic")


def _pair(item: str) -> tuple[str, str]:
    key, _, value = item.partition("=")
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return key.strip().lower(), value


class Authorizer:
    """Answers the challenges of one registry, for one repository. `find` gives the login for a host."""

    def __init__(
        self,
        registry: str,
        repository: str,
        send: Callable[..., HttpAnswer],
        find: Callable[[str], Login | None],
    ) -> None:
        self._registry, self._repository = registry, repository
        self._send, self._find = send, find
        self._lock = threading.Lock()
        self._header = ""
        self._until = 0.0

    def header(self) -> str:
        """Give what was good the last time; "" for nothing."""
        with self._lock:
            return self._header if time.monotonic() < self._until else ""

    def answer(self, challenge: Challenge | None, refused: str) -> str:
        """Give a header to try next; `refused` is the one that was not good.

        Raises AccessDenied: there is nothing to try. PullError: the token server does not give a token.
        """
        if challenge is None:
            raise AccessDenied(f"{self._registry} wants a login of a kind that is not known here")
        login = self._find(self._registry)
        if challenge.scheme == "basic":
            if login is None or not login.username or refused == basic(login):
                raise AccessDenied(
                    f"{self._registry} refuses the login of {login.username!r}"
                    if login is not None and refused
                    else f"{self._registry} wants a login"
                )
            return self._keep(basic(login), float("inf"))
        return self._token(challenge, login)

    def _keep(self, header: str, seconds: float) -> str:
        with self._lock:
            self._header, self._until = header, time.monotonic() + seconds
        return header

    def _token(self, challenge: Challenge, login: Login | None) -> str:
        parts = parse_url(challenge.realm)
        if not is_related(self._registry, parts.hostname or ""):
            # what is kept for the token server's own name is meant for it
            login = self._find(authority_of(parts)) if authority_of(parts) != self._registry else login
        fields = {"service": challenge.service} if challenge.service else {}
        fields["scope"] = challenge.scope or f"repository:{self._repository}:pull"
        if login is not None and login.identity_token:
            form = {"grant_type": "refresh_token", "client_id": "podproof", **fields}
            body = urlencode({**form, "refresh_token": login.identity_token}).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._asked("POST", challenge.realm, kind, body)
        else:
            query = "&".join(part for part in (parts.query, urlencode(fields)) if part)
            headers = {"Authorization": basic(login)} if login is not None and login.username else {}
            answer = self._asked("GET", parts._replace(query=query, fragment="").geturl(), headers, None)
        with answer:
            return self._of_answer(answer, authority_of(parts), login)

    def _asked(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> HttpAnswer:
        try:
            return self._send(method, url, headers, body)
        except RefusedPlace as error:
            raise RefusedPlace(f"the token server of {self._registry}: {error}") from error

    def _of_answer(self, answer: HttpAnswer, server: str, login: Login | None) -> str:
        if answer.status in (401, 403):
            whose = f"the login of {login.username!r}" if login is not None else "a request without a login"
            raise AccessDenied(f"token server {server} refuses {whose}: {answer.words}")
        if answer.status != 200:
            raise PullError(f"token server {server} answers {answer.words}")
        answer.within(_READING)
        document = _token_document(_all_of(answer, server), server)
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise PullError(f"token server {server} gives no token")
        expires = document.get("expires_in")
        seconds = float(expires) if isinstance(expires, int) and 0 < expires < 10**6 else _SHORTEST
        return self._keep(f"Bearer {token}", max(seconds, _SHORTEST) - _MARGIN)


def _all_of(answer: HttpAnswer, server: str) -> bytes:
    data = b""
    while piece := answer.read(_MAX_TOKEN + 1 - len(data)):
        data += piece
        if len(data) > _MAX_TOKEN:
            raise PullError(f"token server {server} answers with more than {_MAX_TOKEN} bytes")
    return data


def _token_document(data: bytes, server: str) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PullError(f"token server {server} does not answer in JSON: {quoted(str(error))}") from error
    return document if isinstance(document, dict) else {}


def is_related(registry: str, server: str) -> bool:
    """Tell whether a token server is the registry's host or in its domain (docker.io, auth.docker.io)."""
    host = urlsplit(f"//{registry}").hostname or ""
    if host == server:
        return True
    if "." not in host or host.rpartition(".")[2].isdigit() or ":" in host:
        return False
    # registry.gitlab.com and gitlab.com, docker.io and auth.docker.io
    domain = host.partition(".")[2] if host.count(".") > 1 else host
    return server == domain or server.endswith(f".{domain}")
