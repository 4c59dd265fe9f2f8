"""Where the API server is and who asks it: from a kubeconfig, as kubectl reads it, or a pod's own account.

A file's path, or the folder that the kubelet mounts into pods, comes in; an ApiAccess goes out. What is
missing or not supported is named: nothing that a kubeconfig says is left out in silence.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ...errors import UsageError
from .credentials import (
    EXEC_VERSIONS,
    Anonymous,
    Credentials,
    ExecPlugin,
    FixedCredentials,
    TokenFile,
    basic,
    bearer,
)

__all__ = ["ACCOUNT", "ApiAccess", "read_account", "read_kubeconfig"]

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts a pod's token. Source: client-go rest/config.go, InClusterConfig."""
_ADDRESS = ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")


class ApiAccess(msgspec.Struct, frozen=True):
    """An API server, and the credentials for it.

    `who` names whose they are, for messages. `namespace` is the one that the account or the context has.
    `authority` is the PEM of who signed the server's certificate, "" for those that the system trusts;
    `server_name` is the name in that certificate where it is not the address's. `certificate` is the
    client's, with its key, in PEM.
    """

    server: str
    who: str
    credentials: Credentials
    namespace: str = "default"
    authority: str = ""
    server_name: str = ""
    insecure: bool = False
    proxy: str = ""
    certificate: tuple[str, str] | None = None
    authority_file: Path | None = None
    """Where a newer authority may come to stand, as in pods: the cluster's may be replaced."""


def read_account(account: Path = ACCOUNT) -> ApiAccess | None:
    """Read the account of the pod that this process runs in; None: it runs in none.

    Raises UsageError: it does, but its files cannot be read.
    """
    host, port = (os.environ.get(name, "") for name in _ADDRESS)
    token = account / "token"
    if not host or not port or not token.exists():
        return None
    try:
        authority = (account / "ca.crt").read_text()
        namespace = (account / "namespace").read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the pod's own account cannot be read: {error}") from error
    return ApiAccess(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        who=f"the pod's service account (namespace {namespace})",
        credentials=TokenFile(token),
        namespace=namespace,
        authority=authority,
        authority_file=account / "ca.crt",
    )


class _ExecVariable(msgspec.Struct, frozen=True):
    name: str
    value: str = ""


class _Exec(msgspec.Struct, frozen=True, rename={"version": "apiVersion"}):
    command: str
    version: str = ""
    args: list[str] | None = None
    env: list[_ExecVariable] | None = None
    installHint: str = ""
    interactiveMode: str = ""
    provideClusterInfo: bool = False


class _ServerEntry(msgspec.Struct, frozen=True, rename="kebab"):
    server: str
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    proxy_url: str = ""
    extensions: list[dict[str, Any]] | None = None


def _user_key(name: str) -> str:
    """Write a member's name as it stands in a kubeconfig, where one of them has no hyphens."""
    return "tokenFile" if name == "token_file" else name.replace("_", "-")


class _UserEntry(msgspec.Struct, frozen=True, rename=_user_key):
    token: str = ""
    token_file: str = ""
    username: str = ""
    password: str = ""
    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    exec: _Exec | None = None


class _ContextEntry(msgspec.Struct, frozen=True):
    cluster: str = ""
    user: str = ""
    namespace: str = ""


_UNSUPPORTED = ("as", "as-uid", "as-groups", "as-user-extra", "auth-provider")


def read_kubeconfig(path: str) -> ApiAccess:
    """Read the current context of a kubeconfig.

    Raises UsageError: it cannot be read, names something that it does not have, or asks for what is not
    supported (impersonation, and `auth-provider`, which Kubernetes removed in 1.26).
    """
    try:
        text = Path(path).read_text()
        value = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--kubeconfig {path}: {reason}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"--kubeconfig {path} is not YAML: {str(error).partition(chr(10))[0]}") from error
    try:
        return _KubeconfigReader(path, value if isinstance(value, Mapping) else {}).read()
    except msgspec.ValidationError as error:
        raise UsageError(f"--kubeconfig {path}: {str(error).lower()}") from error


class _KubeconfigReader:
    """Reads what a file says; `path` is for messages and for the paths in it, which begin at its folder."""

    def __init__(self, path: str, value: Mapping[str, Any]) -> None:
        self._path, self._value = path, value
        self._folder = Path(path).absolute().parent

    def read(self) -> ApiAccess:
        """Read the current context."""
        current = self._value.get("current-context")
        if not isinstance(current, str) or not current:
            raise self._wrong("there is no current-context, choose one with kubectl config use-context")
        context = msgspec.convert(self._named("context", current), _ContextEntry)
        entry = msgspec.convert(self._named("cluster", context.cluster), _ServerEntry)
        raw_user = self._named("user", context.user) if context.user else {}
        for key in _UNSUPPORTED:
            if raw_user.get(key):
                raise self._wrong(f'user "{context.user}" has {key}, which is not supported')
        user = msgspec.convert(raw_user, _UserEntry)
        certificate = self._pem("client-certificate", user.client_certificate, user.client_certificate_data)
        key = self._pem("client-key", user.client_key, user.client_key_data)
        if bool(certificate) != bool(key):
            raise self._wrong(f'user "{context.user}" has a client certificate or a key, but not both')
        if not entry.server.startswith(("https://", "http://")):
            raise self._wrong(f'server "{entry.server}" of cluster "{context.cluster}" is not a URL')
        authority = self._pem(
            "certificate-authority", entry.certificate_authority, entry.certificate_authority_data
        )
        return ApiAccess(
            server=entry.server.rstrip("/"),
            who=f'user "{context.user}" of {self._path}' if context.user else "nobody in particular",
            credentials=self._credentials(user, entry, authority),
            namespace=context.namespace or "default",
            authority=authority,
            server_name=entry.tls_server_name,
            insecure=entry.insecure_skip_tls_verify,
            proxy=entry.proxy_url,
            certificate=(certificate, key) if certificate else None,
        )

    def _named(self, kind: str, name: str) -> Mapping[str, Any]:
        """Return a context, cluster or user; null in it counts as absent, as kubectl has it."""
        entries = self._value.get(f"{kind}s")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and entry.get("name") == name:
                found = entry.get(kind)
                found = found if isinstance(found, Mapping) else {}
                return {key: member for key, member in found.items() if member is not None}
        raise self._wrong(f'there is no {kind} "{name}"')

    def _pem(self, what: str, file: str, data: str) -> str:
        """Read what stands in a file, or in base64 in the kubeconfig itself, which goes first."""
        try:
            if data:
                return base64.b64decode(data, validate=True).decode()
            return (self._folder / file).read_text() if file else ""
        except (binascii.Error, UnicodeDecodeError) as error:
            raise self._wrong(f"{what} is not PEM") from error
        except OSError as error:
            raise self._wrong(f"{what} {self._folder / file}: {error.strerror}") from error

    def _credentials(self, user: _UserEntry, entry: _ServerEntry, authority: str) -> Credentials:
        """Choose as client-go does: a file with a token before a token, then a plugin, then a password."""
        if user.token_file:
            return TokenFile(self._folder / user.token_file)
        if user.token:
            return FixedCredentials(bearer(user.token))
        if user.exec is not None:
            return self._plugin(user.exec, entry, authority)
        if user.username:
            return FixedCredentials(basic(user.username, user.password))
        return Anonymous

    def _plugin(self, plugin: _Exec, entry: _ServerEntry, authority: str) -> ExecPlugin:
        if plugin.version not in EXEC_VERSIONS:
            known = " and ".join(EXEC_VERSIONS)
            raise self._wrong(f'exec has apiVersion "{plugin.version}", {known} are supported')
        if plugin.interactiveMode == "Always":
            raise self._wrong(f"exec {plugin.command} has interactiveMode Always, and nobody is there to ask")
        command = plugin.command
        if os.sep in command:  # what has none is looked for in PATH
            command = str(self._folder / command)
        told: dict[str, Any] | None = None
        if plugin.provideClusterInfo:
            told = {"server": entry.server}
            if entry.tls_server_name:
                told["tls-server-name"] = entry.tls_server_name
            if entry.insecure_skip_tls_verify:
                told["insecure-skip-tls-verify"] = True
            if authority:
                told["certificate-authority-data"] = base64.b64encode(authority.encode()).decode()
            if entry.proxy_url:
                told["proxy-url"] = entry.proxy_url
            for extension in entry.extensions or ():
                if extension.get("name") == "client.authentication.k8s.io/exec":
                    told["config"] = extension.get("extension")
        return ExecPlugin(
            (command, *(plugin.args or ())),
            plugin.version,
            {variable.name: variable.value for variable in plugin.env or ()},
            told,
            plugin.installHint,
        )

    def _wrong(self, what: str) -> UsageError:
        return UsageError(f"--kubeconfig {self._path}: {what}")
