"""The client against a registry that means harm: where it connects, and whom it gives a login."""

import base64
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_registry import (
    LAYER,
    BadRegistry,
    Listener,
    Request,
    bad_registry,
    blob,
    digest_of,
    open_repository,
)
from docker_registry import certificates

from podproof.images.distribution import transport
from podproof.images.distribution.client import Repository
from podproof.images.distribution.errors import (
    AccessDenied,
    NoConnection,
    PullError,
    RefusedPlace,
)
from podproof.images.distribution.logins import Login
from podproof.images.distribution.settings import RegistrySettings
from podproof.images.distribution.transport import Transport

LOGIN = Login("alice", "secret")
BASIC = f"Basic {base64.b64encode(b'alice:secret').decode()}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with contextlib.closing(Listener()) as listener:
        yield listener


def redirect(to: str) -> Callable[[Request], None]:
    return lambda request: request.answer(status=307, Location=to)


def bearer(realm: str) -> Callable[[Request], None]:
    def ask(request: Request) -> None:
        if request.headers.get("Authorization", "").startswith("Bearer good"):
            request.answer(LAYER)
        else:
            request.answer(status=401, WWW_Authenticate=f'Bearer realm="{realm}",service="here"')

    return ask


PLACES = ["http://169.254.169.254/latest", "https://10.1.2.3/x", "https://[::ffff:127.0.0.1]/x", "LISTENER"]


@pytest.mark.parametrize("place", PLACES)
def test_a_redirect_into_this_network_is_refused(bad: BadRegistry, listener: Listener, place: str) -> None:
    bad.special["/blobs/"] = redirect(place.replace("LISTENER", f"http://127.0.0.1:{listener.port}/x"))
    with pytest.raises(RefusedPlace, match=r"redirects elsewhere: .*only with --"):
        blob(open_repository(bad))
    assert not listener.was_reached


@pytest.mark.parametrize("place", PLACES)
def test_a_token_server_in_this_network_is_refused(bad: BadRegistry, listener: Listener, place: str) -> None:
    bad.special["/blobs/"] = bearer(place.replace("LISTENER", f"http://127.0.0.1:{listener.port}/x"))
    with pytest.raises(RefusedPlace, match=r"the token server of 127.0.0.1:\d+: .*only with --"):
        blob(open_repository(bad, login=LOGIN))
    assert not listener.was_reached


def test_a_mirror_of_a_token_server_is_refused_behind_a_redirect(
    bad: BadRegistry, listener: Listener
) -> None:
    bad.special["/blobs/"] = bearer(f"http://{bad.host}/token")
    bad.special["/token"] = redirect(f"http://127.0.0.1:{listener.port}/x")
    with pytest.raises(RefusedPlace, match="redirects elsewhere"):
        blob(open_repository(bad, login=LOGIN))
    assert not listener.was_reached


class Resolver:
    """Gives one answer after another, whatever is asked, and remembers what was connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        self.answers = list(addresses)
        self.connected: list[Any] = []
        outer = self

        class Recording(socket.socket):
            def connect(self, place: Any) -> None:
                outer.connected.append(place)
                raise ConnectionRefusedError(111, "refused")

        monkeypatch.setattr(transport.socket, "getaddrinfo", self.resolve)
        monkeypatch.setattr(transport.socket, "socket", Recording)

    def resolve(self, _host: str, port: int, **_: Any) -> list[Any]:
        address = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (part, port)) for part in address.split()]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "100.64.0.1", "93.184.215.14 127.0.0.1"])
def test_a_name_that_leads_into_this_network_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolver = Resolver(monkeypatch, address)
    repository = Repository("public.example/x", Transport(RegistrySettings()), lambda *_: None)
    with pytest.raises(RefusedPlace, match=r"registry public.example is at .*--allow-registry"):
        repository.head()
    assert resolver.connected == []


def test_a_name_is_resolved_once_and_that_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch, "93.184.215.14", "127.0.0.1")
    repository = Repository("public.example/x", Transport(RegistrySettings()), lambda *_: None)
    with pytest.raises(NoConnection, match="connection refused"):
        repository.head()
    assert resolver.connected == [("93.184.215.14", 443)]
    assert resolver.answers == ["127.0.0.1"]


def test_a_redirect_to_another_name_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, bad: BadRegistry
) -> None:
    bad.special["/blobs/"] = redirect("https://storage.example/x")
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        return real("127.0.0.1" if host == "storage.example" else host, *arguments, **options)

    monkeypatch.setattr(transport.socket, "getaddrinfo", resolve)
    with pytest.raises(RefusedPlace, match=r"registry storage\.example is at 127\.0\.0\.1"):
        blob(open_repository(bad))


def test_plain_http_needs_its_flag(bad: BadRegistry) -> None:
    settings = RegistrySettings(allowed=("127.0.0.1",))
    repository = Repository(f"{bad.host}/team/web:1", Transport(settings), lambda *_: None)
    with pytest.raises(NoConnection, match="server gave HTTP response to HTTPS client"):
        repository.head()
    assert bad.asked == []


def test_a_redirect_from_https_to_http_is_not_followed(tmp_path: Path, bad: BadRegistry) -> None:
    authority, certificate, key = certificates(tmp_path, "127.0.0.1")
    with bad_registry((certificate, key)) as signed:
        signed.special["/blobs/"] = redirect(f"http://{bad.host}/v2/team/web/blobs/{digest_of(LAYER)}")
        repository = open_repository(signed, authorities={signed.host: authority}, plain_http=(bad.host,))
        with pytest.raises(RefusedPlace, match=r"redirects to .* without TLS, which is not followed"):
            blob(repository)
        assert bad.asked == []


def test_an_authority_without_a_key_usage_is_trusted(
    tmp_path: Path, bad: BadRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ssl.create_default_context

    def strict() -> ssl.SSLContext:
        context = made()
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default of Python 3.13 and later
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    authority, certificate, key = certificates(tmp_path, "127.0.0.1")
    with bad_registry((certificate, key)) as signed:
        assert blob(open_repository(signed, authorities={signed.host: authority})) == LAYER


def test_a_certificate_of_nobody_is_not_trusted(tmp_path: Path) -> None:
    _, certificate, key = certificates(tmp_path, "127.0.0.1")
    with bad_registry((certificate, key)) as signed:
        settings = RegistrySettings(allowed=(signed.host,), plain_loopback="fallback")
        repository = Repository(f"{signed.host}/team/web:1", Transport(settings), lambda *_: LOGIN)
        with pytest.raises(NoConnection, match="tls: failed to verify certificate"):
            repository.head()
        assert signed.asked == []


def test_a_redirect_loop_ends(bad: BadRegistry) -> None:
    bad.special["/blobs/"] = redirect("?again")
    with pytest.raises(PullError, match="redirects more than 5 times"):
        blob(open_repository(bad))
    assert len(bad.asked) == 6


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/x", "file:///etc/shadow", "https://user:pass@example.com/", "https://["],
)
def test_what_is_not_a_registrys_url_is_not_followed(bad: BadRegistry, url: str) -> None:
    bad.special["/blobs/"] = redirect(url)
    with pytest.raises(PullError, match=r"is not a URL|must not have a login"):
        blob(open_repository(bad))


def test_a_login_stays_with_its_host(bad: BadRegistry) -> None:
    with bad_registry() as other:
        bad.special["/blobs/"] = redirect(f"http://{other.host}/v2/team/web/blobs/{digest_of(LAYER)}")
        bad.special["/manifests/"] = lambda request: (
            request.answer(bad.manifest)
            if request.headers.get("Authorization") == BASIC
            else request.answer(status=401, WWW_Authenticate='Basic realm="x"')
        )
        repository = open_repository(bad, other.host, login=LOGIN)
        repository.manifest("1")
        assert blob(repository) == LAYER
        assert bad.asked[-1][2] == BASIC
        assert [asked[2] for asked in other.asked] == [""]


@pytest.mark.parametrize("challenge", ['Basic realm="x"', 'Bearer realm="http://{}/token",service="x"'])
def test_another_host_that_asks_for_a_login_gets_none(bad: BadRegistry, challenge: str) -> None:
    with bad_registry() as other:
        other.special["/v2/"] = lambda request: request.answer(
            status=401, WWW_Authenticate=challenge.format(other.host)
        )
        bad.special["/blobs/"] = redirect(f"http://{other.host}/v2/team/web/blobs/x")
        with pytest.raises(AccessDenied, match=r"wants a login, which is for 127.0.0.1:\d+ only"):
            blob(open_repository(bad, other.host, login=LOGIN))
        assert [asked[2] for asked in other.asked] == [""]


def give_token(request: Request) -> None:
    request.answer(b'{"token": "good", "expires_in": 300}')


def test_a_token_server_of_the_registrys_host_gets_the_login_once(bad: BadRegistry) -> None:
    with bad_registry() as tokens:
        tokens.special["/token"] = give_token
        bad.special["/blobs/"] = bearer(f"http://{tokens.host}/token?a=b")
        repository = open_repository(bad, tokens.host, login=LOGIN)
        assert blob(repository) == blob(repository) == LAYER
        assert tokens.asked == [
            ("GET", "/token?a=b&service=here&scope=repository%3Ateam%2Fweb%3Apull", BASIC)
        ]
        assert [asked[2] for asked in bad.asked] == ["", "Bearer good", "Bearer good"]


def test_an_identity_token_is_posted(bad: BadRegistry) -> None:
    bodies: list[bytes] = []

    def take(request: Request) -> None:
        bodies.append(request.rfile.read(int(request.headers["Content-Length"])))
        request.answer(b'{"access_token": "good"}')

    bad.special["/token"] = take
    bad.special["/blobs/"] = bearer(f"http://{bad.host}/token")
    assert blob(open_repository(bad, login=Login("", "", "refresh"))) == LAYER
    (body,) = bodies
    assert b"grant_type=refresh_token" in body
    assert b"refresh_token=refresh" in body


def test_a_token_server_of_another_domain_gets_no_login(bad: BadRegistry) -> None:
    with bad_registry() as tokens:
        tokens.special["/token"] = give_token
        place = f"localhost:{tokens.server_port}"
        bad.special["/blobs/"] = bearer(f"http://{place}/token")
        assert blob(open_repository(bad, place, login=LOGIN)) == LAYER
        assert [asked[2] for asked in tokens.asked] == [""]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"no JSON", "does not answer in JSON"),
        (b"{}", "gives no token"),
        (b'{"token": "a\\r\\nX: y"}', "gives no token"),
        (b'{"token": "' + b"x" * 300_000 + b'"}', "more than 262144 bytes"),
    ],
)
def test_a_token_that_is_none(bad: BadRegistry, answer: bytes, words: str) -> None:
    bad.special["/token"] = lambda request: request.answer(answer)
    bad.special["/blobs/"] = bearer(f"http://{bad.host}/token")
    with pytest.raises(PullError, match=words):
        blob(open_repository(bad))


def test_a_token_that_is_not_taken_is_not_asked_for_again(bad: BadRegistry) -> None:
    bad.special["/token"] = lambda request: request.answer(b'{"token": "bad"}')
    bad.special["/blobs/"] = bearer(f"http://{bad.host}/token")
    with pytest.raises(AccessDenied, match="401 Unauthorized"):
        blob(open_repository(bad))
    assert len(bad.asked) == 3


def test_a_mirror_is_asked_first_and_gets_no_login_of_the_registry(bad: BadRegistry) -> None:
    with bad_registry() as mirror:
        mirrors = {bad.host: (mirror.host,)}
        repository = open_repository(bad, login=LOGIN, mirrors=mirrors)
        assert blob(repository) == LAYER
        assert (len(mirror.asked), len(bad.asked)) == (1, 0)
        mirror.special["/v2/"] = lambda request: request.answer(
            status=401, WWW_Authenticate='Basic realm="x"'
        )
        assert blob(repository) == LAYER
        assert [asked[2] for asked in mirror.asked] == ["", ""]
        assert len(bad.asked) == 1
