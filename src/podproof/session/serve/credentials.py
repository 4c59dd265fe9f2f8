"""How a client of the API server says who it is: a token, a file with one, a password, or a plugin.

What a kubeconfig or a pod's own account says comes in; the header that goes with each request goes out, and
the client certificate that a plugin gave. What cannot be had has words, and no secret is among them.
"""

import asyncio
import base64
import contextlib
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ...admission.attributes import Clock
from .api_errors import ApiServerError

__all__ = [
    "Anonymous",
    "Credentials",
    "ExecPlugin",
    "FixedCredentials",
    "Identity",
    "TokenFile",
    "basic",
    "bearer",
]

TOKEN_FILE_SECONDS = 60.0
"""How long a token that was read from a file is used. Source: client-go transport/token_source.go."""
PLUGIN_SECONDS = 60.0
"""How long a plugin may run: nobody is there whom it could ask."""
EARLY_SECONDS = 10.0
"""So long before it expires what a plugin gave is renewed. Source: as above, the leeway."""
EXEC_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


class Identity(msgspec.Struct, frozen=True):
    """Who asks: the value of the header `Authorization`, "" for none; a certificate with its key in PEM."""

    authorization: str = ""
    certificate: tuple[str, str] | None = None


class Credentials(Protocol):
    """Gives the identity for the next request."""

    async def identity(self, *, refused: bool = False) -> Identity:
        """Return what to send; `refused` says that what was sent last was not accepted.

        Raises ApiServerError: there is none to be had.
        """
        ...


class FixedCredentials:
    """Credentials that never change."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def identity(self, *, refused: bool = False) -> Identity:  # noqa: ARG002 - there is no other
        """Return the one."""
        return self._identity


def bearer(token: str) -> Identity:
    """Make the identity of whoever has a token."""
    return Identity(f"Bearer {token.strip()}")


def basic(name: str, password: str) -> Identity:
    """Make the identity of a user with a password."""
    return Identity(f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}")


class TokenFile:
    """A token in a file that somebody else writes anew, as the kubelet does; it is read every minute."""

    def __init__(self, path: Path, now: Clock = time.monotonic) -> None:
        self._path, self._now = path, now
        self._identity = Identity()
        self._due = 0.0

    async def identity(self, *, refused: bool = False) -> Identity:
        """Return the token, read again when it is due or was refused."""
        if refused or not self._identity.authorization or self._now() >= self._due:
            try:
                token = self._path.read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ApiServerError(f"the token cannot be read: {error}", "unauthorized") from error
            if not token:
                raise ApiServerError(f"the token cannot be read: {self._path} is empty", "unauthorized")
            self._identity, self._due = bearer(token), self._now() + TOKEN_FILE_SECONDS
        return self._identity


class _Status(msgspec.Struct, frozen=True):
    token: str = ""
    clientCertificateData: str = ""
    clientKeyData: str = ""
    expirationTimestamp: str = ""


class _ExecCredential(msgspec.Struct, frozen=True):
    """What a plugin prints. Source: client-go pkg/apis/clientauthentication/v1/types.go."""

    kind: str = ""
    apiVersion: str = ""
    status: _Status | None = None


class ExecPlugin:
    """A program that prints credentials, run as kubectl runs it: it is told that nobody can be asked.

    `cluster` is told to it where the kubeconfig says so. What it printed is used until it expires or is
    refused. Requests that come while it runs wait for the same run.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        version: str,
        variables: Mapping[str, str],
        cluster: Mapping[str, Any] | None = None,
        hint: str = "",
    ) -> None:
        self._command, self._version, self._hint = command, version, hint
        self._variables, self._cluster = variables, cluster
        self._lock = asyncio.Lock()
        self._identity: Identity | None = None
        self._expires = float("inf")
        """Seconds since 1970."""

    async def identity(self, *, refused: bool = False) -> Identity:
        """Return what the program printed, which is run when that is missing, expires, or was refused."""
        before = self._identity
        async with self._lock:
            renewed = self._identity is not before
            if self._identity is None or self._is_due() or (refused and not renewed):
                self._identity, self._expires = self._read(await self._run())
            return self._identity

    def _is_due(self) -> bool:
        return time.time() >= self._expires - EARLY_SECONDS

    async def _run(self) -> bytes:
        spec = {"interactive": False, **({"cluster": self._cluster} if self._cluster else {})}
        told = {"kind": "ExecCredential", "apiVersion": self._version, "spec": spec}
        variables = {
            **os.environ,
            **self._variables,
            "KUBERNETES_EXEC_INFO": msgspec.json.encode(told).decode(),
        }
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, env=variables, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
            )
        except OSError as error:
            hint = f"; {' '.join(self._hint.split())}" if self._hint else ""
            raise self._failure(f"cannot be run: {error.strerror or error}{hint}") from error
        try:
            async with asyncio.timeout(PLUGIN_SECONDS):
                printed, complaint = await process.communicate()
        except TimeoutError:
            raise self._failure(f"did not end in {PLUGIN_SECONDS:g} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        if process.returncode:
            last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:300]
            raise self._failure(f"failed with exit code {process.returncode}{last and f': {last}'}")
        return printed

    def _read(self, printed: bytes) -> tuple[Identity, float]:
        try:
            read = msgspec.json.decode(printed, type=_ExecCredential)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise self._failure("did not print an ExecCredential") from None
        if read.apiVersion != self._version:
            raise self._failure(f"printed {read.apiVersion or 'nothing'} instead of {self._version}")
        status = read.status or _Status()
        certificate = (status.clientCertificateData, status.clientKeyData)
        if not status.token and not all(certificate):
            raise self._failure("printed neither a token nor a certificate with its key")
        expires = float("inf")
        if status.expirationTimestamp:
            try:
                expires = datetime.fromisoformat(status.expirationTimestamp).timestamp()
            except ValueError:
                raise self._failure("printed an expirationTimestamp that is no time") from None
        identity = bearer(status.token) if status.token else Identity()
        return msgspec.structs.replace(
            identity, certificate=certificate if all(certificate) else None
        ), expires

    def _failure(self, what: str) -> ApiServerError:
        return ApiServerError(f"the credential plugin {self._command[0]} {what}", "unauthorized")


Anonymous = FixedCredentials(Identity())
"""Those of nobody: a client certificate may still say who asks."""
