"""The client of the API server: an access comes in; answers, and errors in words, go out over HTTPS.

`find_access` says which server is asked and as whom. An ApiClient made of it has two ways to ask. `open_http`
gives the HTTP client itself, for what is watched (`api_watch`). `open_typed` gives lightkube's client, for
whoever reads and writes single objects with types, such as certificates in Secrets, Leases and webhook
configurations. Both authenticate in the same way, have bounded times, and are closed by who opened them:

    client = ApiClient(find_access(kubeconfig))
    typed = client.open_typed()
    with client.errors("get", "secrets", namespace=client.access.namespace):
        secret = await typed.get(Secret, name, namespace=client.access.namespace)
    await typed.close()

Within `errors`, whatever goes wrong is an ApiServerError: its message says who may not do what and which rule
allows it, and its `failing` is "missing" where there is no such object, "conflict" where somebody else was
faster. Nothing is retried here except once with new credentials.
"""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from ...errors import UsageError
from .api_errors import ApiServerError, AskedFor, error_of_exception, httpx2
from .kubeconfig import ACCOUNT, ApiAccess, read_account, read_kubeconfig
from .tls_pair import load_pair

__all__ = ["ApiClient", "find_access"]

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
"""Seconds for an answer to begin and to go on; a watch has limits of its own."""
AGENT = "podproof"


def find_access(kubeconfig: str | None, account: Path = ACCOUNT) -> ApiAccess:
    """Say which API server is asked and as whom: that of a kubeconfig, else the one whose pod this is.

    Raises UsageError: the file is wrong, or there is neither.
    """
    if kubeconfig is not None:
        return read_kubeconfig(kubeconfig)
    own = read_account(account)
    if own is None:
        raise UsageError(
            "no cluster to serve: this is not a pod with a service account; name one with "
            "--kubeconfig FILE, or a folder with its objects with --cluster DIR"
        )
    return own


class ApiClient:
    """Opens clients for one access.

    Raises UsageError: the certificates of the access cannot be used.
    """

    def __init__(self, access: ApiAccess) -> None:
        self.access = access
        self._context = _tls_context(access)

    @contextlib.contextmanager
    def errors(
        self, verb: str, resource: str, group: str = "", namespace: str = "", name: str = ""
    ) -> Iterator[None]:
        """Turn what the HTTP client and lightkube raise within the block into an ApiServerError in words."""
        try:
            yield
        except Exception as error:
            asked = AskedFor(verb, resource, group, namespace, name)
            known = error_of_exception(error, asked, self.access.server, self.access.who)
            if known is None:
                raise
            if known is error:
                raise
            raise known from error

    def open_http(self) -> Any:
        """Open an httpx2.AsyncClient whose paths begin at the server's address."""
        return httpx2.AsyncClient(
            base_url=self.access.server,
            transport=self._transport(),
            timeout=TIMEOUT,
            headers={"user-agent": AGENT},
            trust_env=False,
        )

    def open_typed(self) -> Any:
        """Open a lightkube.AsyncClient, which is imported only here."""
        import lightkube
        from lightkube.config.kubeconfig import KubeConfig
        from lightkube.config.models import Cluster, User

        # who asks, and whom to trust, is up to the transport
        config = KubeConfig.from_one(
            cluster=Cluster(server=self.access.server), user=User(), namespace=self.access.namespace
        )
        return lightkube.AsyncClient(
            config, timeout=TIMEOUT, transport=self._transport(), trust_env=False, field_manager=AGENT
        )

    def _transport(self) -> "AuthorizedTransport":
        def connect(context: ssl.SSLContext) -> Any:
            return httpx2.AsyncHTTPTransport(verify=context, trust_env=False, proxy=self.access.proxy or None)

        return AuthorizedTransport(connect, self.access, self._context)


class AuthorizedTransport(httpx2.AsyncBaseTransport):
    """Sends requests with the credentials of an access, once more with new ones where they are refused.

    `connect` makes a transport without credentials, for a TLS context.
    """

    def __init__(
        self, connect: Callable[[ssl.SSLContext], Any], access: ApiAccess, context: ssl.SSLContext
    ) -> None:
        self._connect, self._access, self._context = connect, access, context
        self._certificate = access.certificate
        self._transports = [connect(context)]
        """That in use comes last; those before it may still be read from."""

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request, whose body must be one that can be sent twice."""
        sent = await self._authorize(request, refused=False)
        try:
            response = await self._send(request)
        except httpx2.ConnectError:
            if not self._reads_newer_authority():
                raise
            response = await self._send(request)
        if response.status_code != 401 or await self._authorize(request, refused=True) == sent:
            return response
        await response.aclose()
        return await self._send(request)

    async def _send(self, request: Any) -> Any:
        return await self._transports[-1].handle_async_request(request)

    def _reads_newer_authority(self) -> bool:
        """Trust the authority that stands in the access's file now; False: it is the one that stood there."""
        file = self._access.authority_file
        if file is None:
            return False
        try:
            authority = file.read_text()
            if authority == self._access.authority:
                return False
            access = msgspec.structs.replace(self._access, authority=authority, certificate=self._certificate)
            context = _tls_context(access)
        except (OSError, UnicodeDecodeError, UsageError):
            return False
        self._access, self._context = access, context
        self._transports.append(self._connect(context))
        return True

    async def _authorize(self, request: Any, *, refused: bool) -> Any:
        try:
            identity = await self._access.credentials.identity(refused=refused)
        except ApiServerError as error:
            error.args = (f"{self._access.who} cannot ask the API server: {error}",)
            raise
        if identity.authorization:
            request.headers["Authorization"] = identity.authorization
        if identity.certificate is not None and identity.certificate != self._certificate:
            _load_certificate(self._context, identity.certificate, self._access.who)
            self._certificate = identity.certificate
        if self._access.server_name:
            request.extensions = {**request.extensions, "sni_hostname": self._access.server_name}
        return identity

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports:
            await transport.aclose()


def _tls_context(access: ApiAccess) -> ssl.SSLContext:
    """Make a context that trusts the access's authority, or the system's where it names none."""
    try:
        context = ssl.create_default_context(cadata=access.authority or None)
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(f"the certificate authority of {access.server} is not PEM: {error}") from error
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if access.certificate is not None:
        try:
            _load_certificate(context, access.certificate, access.who)
        except ApiServerError as error:
            raise UsageError(str(error)) from error
    return context


def _load_certificate(context: ssl.SSLContext, pair: tuple[str, str], who: str) -> None:
    """Give a context a client's certificate and its key."""
    try:
        load_pair(context, *(part.encode() for part in pair))
    except ValueError as error:
        raise ApiServerError(
            f"the client certificate of {who} cannot be used: {error}", "unauthorized"
        ) from error
