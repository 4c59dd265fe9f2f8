"""What a client says when the API server does not answer as it should; a transport stands for the network."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from webhook.served import write_certificate

from podproof.session.serve.api_client import ApiClient, AuthorizedTransport
from podproof.session.serve.api_errors import ApiServerError, httpx2
from podproof.session.serve.credentials import Anonymous, TokenFile
from podproof.session.serve.kubeconfig import ApiAccess

SERVER = "the API server https://localhost:6443"
ACCESS = ApiAccess("https://localhost:6443", "user x", Anonymous)
RULE = '{apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"]}'


def failing(answer: Callable[[Any], Any]) -> ApiServerError:
    """Ask for a Secret, and return the error that `answer`, given the request, leads to."""
    client = ApiClient(ACCESS)

    async def ask() -> None:
        async with httpx2.AsyncClient(base_url=ACCESS.server, transport=httpx2.MockTransport(answer)) as http:
            with client.errors("get", "secrets", namespace="shop", name="s"):
                (await http.get("/api/v1/namespaces/shop/secrets/s")).raise_for_status()

    with pytest.raises(ApiServerError) as raised:
        asyncio.run(ask())
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (
            401,
            "unauthorized",
            f"{SERVER} does not accept who asks, user x: the credentials are wrong or expired",
        ),
        (
            403,
            "forbidden",
            "user x may not get secrets/s in namespace shop, it needs a Role in namespace shop with the rule "
            f"{RULE}, bound to it (the server says: no, really)",
        ),
        (
            404,
            "missing",
            f"{SERVER} has nothing to get secrets/s in namespace shop: no, really",
        ),
        (
            503,
            "refused",
            f"{SERVER} answered 503 to get secrets/s in namespace shop: no, really",
        ),
    ],
)
def test_an_answer_has_words(status: int, kind: str, message: str) -> None:
    error = failing(lambda _: httpx2.Response(status, json={"message": "no,\n really"}))
    assert (str(error), error.failing, error.status) == (message, kind, status)


def test_an_answer_without_words_has_words() -> None:
    error = failing(lambda _: httpx2.Response(500, content=b"\xff<html>"))
    expected = f"{SERVER} answered 500 to get secrets/s in namespace shop"
    assert str(error) == expected


def raising(error: Exception) -> Callable[[Any], Any]:
    def answer(_: Any) -> Any:
        raise error

    return answer


def test_silence_has_words() -> None:
    error = failing(raising(httpx2.ReadTimeout("")))
    expected = f"{SERVER} did not answer in time to get secrets/s in namespace shop"
    assert (str(error), error.failing) == (expected, "unreachable")


def test_a_certificate_that_is_not_trusted_has_words() -> None:
    cause = ssl.SSLCertVerificationError(1, "x")
    cause.verify_message = "certificate has expired"
    wrapped = httpx2.ConnectError("x")
    wrapped.__cause__ = cause
    assert str(failing(raising(wrapped))) == (
        f"{SERVER} cannot be reached: its certificate is not trusted, "
        "certificate has expired; name its authority in the kubeconfig"
    )


def test_a_port_where_nobody_listens_has_words(tmp_path: Path) -> None:
    client = ApiClient(ApiAccess("https://127.0.0.1:1", "user x", Anonymous))

    async def ask() -> None:
        async with client.open_http() as http:
            with client.errors("list", "namespaces"):
                await http.get("/api/v1/namespaces")

    with pytest.raises(ApiServerError, match=r"^the API server .* cannot be reached: Connect"):
        asyncio.run(ask())


def test_what_is_not_of_the_client_goes_through() -> None:
    with pytest.raises(ZeroDivisionError), ApiClient(ACCESS).errors("get", "secrets"):
        _ = 1 / 0


def test_a_pod_trusts_the_authority_that_replaces_the_first(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    write_certificate(tmp_path)
    certificate, key = write_certificate(tmp_path / "new")
    file = tmp_path / "tls.crt"
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async def ask() -> None:
        async with await asyncio.start_server(answer, "localhost", 0, ssl=serving) as server:
            address = f"https://localhost:{server.sockets[0].getsockname()[1]}"
            access = ApiAccess(address, "user x", Anonymous, authority=file.read_text(), authority_file=file)
            client = ApiClient(access)
            async with client.open_http() as http:
                with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                    await http.get("/")
                file.write_bytes(certificate.read_bytes())
                assert (await http.get("/")).status_code == 200

    asyncio.run(ask())


def test_a_refused_token_is_read_again_and_sent_once_more(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    sent = []

    def answer(request: Any) -> Any:
        sent.append(request.headers["authorization"])
        token.write_text("new")
        return httpx2.Response(401 if len(sent) < accepted else 200)

    async def ask() -> int:
        access = ApiAccess("https://localhost", "user x", TokenFile(token))
        transport = AuthorizedTransport(
            lambda _: httpx2.MockTransport(answer), access, ssl.create_default_context()
        )
        async with httpx2.AsyncClient(transport=transport) as http:
            status: int = (await http.get("https://localhost/")).status_code
            return status

    accepted = 2
    assert asyncio.run(ask()) == 200
    assert sent == ["Bearer old", "Bearer new"]
    sent.clear()
    accepted = 9
    assert asyncio.run(ask()) == 401
    assert sent == ["Bearer new"]
