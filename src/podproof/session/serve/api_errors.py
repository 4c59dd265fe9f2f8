"""What went wrong between Podproof and the API server, in words that say who may not do what, and what helps.

An exception or an answer's status comes in, an ApiServerError goes out. Nothing is asked or retried here.
"""

import ssl
from typing import Any, Literal

import msgspec

from ...errors import InputError, StateError

try:
    import httpx2
except ImportError as _missing:
    raise StateError(f"serving needs more packages, pip install 'podproof[serve]': {_missing}") from _missing

__all__ = ["ApiServerError", "AskedFor", "Failing", "error_of_answer", "error_of_exception", "httpx2"]

Failing = Literal[
    "unreachable", "unauthorized", "forbidden", "missing", "gone", "conflict", "refused", "unreadable"
]
"""How it failed: nobody answered; the server does not know who asks, or does not let them; there is no such
object or kind; what changed since a version is no longer known; somebody else has changed it; the server said
something else; or what it said cannot be read."""

_KINDS: dict[int, Failing] = {
    401: "unauthorized",
    403: "forbidden",
    404: "missing",
    409: "conflict",
    410: "gone",
}
MAX_WORDS = 300
"""Characters that are taken over of what a server says."""


class ApiServerError(InputError):
    """Says why the API server did not do what it was asked for; `failing` is for programs."""

    def __init__(self, message: str, failing: Failing, status: int = 0) -> None:
        super().__init__(message)
        self.failing: Failing = failing
        self.status = status
        """The HTTP status, 0 where there was no answer."""


class AskedFor(msgspec.Struct, frozen=True):
    """What a request asks for, as RBAC names it; `namespace` "" is that of a resource without one, or all."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        full = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {full}{f'/{self.name}' if self.name else ''}{where}"

    @property
    def rule(self) -> str:
        """The RBAC rule that allows it, and where it belongs."""
        verbs = ["get", "list", "watch"] if self.verb in ("get", "list", "watch") else [self.verb]
        kind = f"Role in namespace {self.namespace}" if self.namespace else "ClusterRole"
        quoted = ", ".join(f'"{verb}"' for verb in verbs)
        rule = f'{{apiGroups: ["{self.group}"], resources: ["{self.resource}"], verbs: [{quoted}]}}'
        return f"a {kind} with the rule {rule}, bound to it"


class _ServerStatus(msgspec.Struct, frozen=True):
    message: str | None = None
    reason: str | None = None


def error_of_answer(status: int, body: bytes, asked: AskedFor, server: str, who: str) -> ApiServerError:
    """Say what an answer means that is not what was asked for."""
    try:
        said = msgspec.json.decode(body, type=_ServerStatus).message or ""
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = ""
    said = " ".join(said.split())[:MAX_WORDS]
    failing = _KINDS.get(status, "refused")
    if failing == "unauthorized":
        text = (
            f"the API server {server} does not accept who asks, {who}: the credentials are wrong or expired"
        )
    elif failing == "forbidden":
        text = f"{who} may not {asked}, it needs {asked.rule}{said and f' (the server says: {said})'}"
    elif failing == "missing":
        text = f"the API server {server} has nothing to {asked}{said and f': {said}'}"
    else:
        text = f"the API server {server} answered {status} to {asked}{said and f': {said}'}"
    return ApiServerError(text, failing, status)


def error_of_exception(error: Exception, asked: AskedFor, server: str, who: str) -> ApiServerError | None:
    """Say what an exception of the HTTP client or of lightkube means; None: it is neither's."""
    if isinstance(error, ApiServerError):
        return error
    if isinstance(error, httpx2.HTTPStatusError):
        response = error.response
        if response is None:  # an event of lightkube's watch
            said: Any = getattr(error, "status", None)
            code = int(getattr(said, "code", 0) or 0)
            body = msgspec.json.encode({"message": getattr(said, "message", "") or ""})
            return error_of_answer(code, body, asked, server, who)
        return error_of_answer(response.status_code, response.content, asked, server, who)
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return ApiServerError(f"the API server {server} did not answer in time to {asked}", "unreachable")
    if isinstance(error, httpx2.TransportError | httpx2.InvalidURL | OSError):
        return ApiServerError(f"the API server {server} cannot be reached: {_cause(error)}", "unreachable")
    if isinstance(error, httpx2.HTTPError | msgspec.MsgspecError | UnicodeDecodeError | RecursionError):
        text = f"what the API server {server} answered to {asked} cannot be read: {error}"
        return ApiServerError(text[: 2 * MAX_WORDS], "unreadable")
    return None


def _cause(error: BaseException) -> str:
    """Say what is behind an error of connecting: it is wrapped several times, the innermost has the words."""
    said = str(error) or type(error).__name__
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message
            return f"its certificate is not trusted, {why}; name its authority in the kubeconfig"
        if isinstance(cause, OSError) and cause.strerror:
            said = cause.strerror
        cause = cause.__cause__ or cause.__context__
    return said
