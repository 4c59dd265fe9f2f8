"""The logins of the person who runs this: podman's and docker's files come in, a repository's login goes out.

Credential helpers are started without a shell, and only when their registry is asked for a login.
Source: containers-auth.json(5); docker's documentation of `docker login`, credential helpers.
"""

import base64
import binascii
import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..limits import quoted
from .errors import PullError

__all__ = ["Login", "LoginFiles", "basic"]

_MAX_FILE = 2**20
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_HELPING = 20.0
"""Seconds for a helper to answer; some ask a cloud's metadata service."""

_NOT_FOUND = "credentials not found in native keychain"
"""Source: docker-credential-helpers, credentials/error.go."""

_DOCKER_HUB = "https://index.docker.io/v1/"
_HUB_KEYS = (_DOCKER_HUB, "index.docker.io", "registry-1.docker.io")
_TOKEN_USER = "<token>"
"""The user in whose place a helper gives an identity token."""


class Login(msgspec.Struct, frozen=True):
    """A user and a password, or an identity token, which a token server takes instead."""

    username: str
    password: str
    identity_token: str = ""

    def __repr__(self) -> str:
        """Show whose login it is, and never the secret."""
        return f"Login({self.username!r})"


def basic(login: Login) -> str:
    """Write the value of an Authorization header."""
    return f"Basic {base64.b64encode(f'{login.username}:{login.password}'.encode()).decode()}"


class LoginFiles:
    """Finds logins in files, in their order; a file that is not there has none."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._paths = paths
        self._read: dict[Path, Mapping[str, Any]] = {}

    @classmethod
    def from_environment(cls) -> "LoginFiles":
        """Name podman's and docker's files. REGISTRY_AUTH_FILE and DOCKER_CONFIG move theirs, as there."""
        if named := os.environ.get("REGISTRY_AUTH_FILE"):
            return cls((Path(named),))
        home = Path(os.path.expanduser("~"))
        paths = []
        if runtime := os.environ.get("XDG_RUNTIME_DIR"):
            paths.append(Path(runtime) / "containers/auth.json")
        paths.append(Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "containers/auth.json")
        paths.append(Path(os.environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json")
        return cls(tuple(paths))

    def find(self, registry: str, repository: str) -> Login | None:
        """Give the login for a repository, such as `library/nginx`, of a registry.

        Raises PullError: a file or a helper cannot be used.
        """
        for path in self._paths:
            if (login := self._in_file(path, registry, repository)) is not None:
                return login
        return None

    def _in_file(self, path: Path, registry: str, repository: str) -> Login | None:
        document = self._document(path)
        helpers, logins = document.get("credHelpers"), document.get("auths")
        names = (registry, *(_HUB_KEYS if registry == "docker.io" else ()))
        if isinstance(helpers, dict):
            for name in names:
                if isinstance(helper := helpers.get(name), str) and helper:
                    return _ask(helper, name)
        keyed = {_key(key): entry for key, entry in logins.items()} if isinstance(logins, dict) else {}
        store = document.get("credsStore")
        if isinstance(store, str) and store:
            found = _ask(store, _DOCKER_HUB if registry == "docker.io" else registry)
            if found is not None:
                return found
        for key in _keys(registry, repository):
            if isinstance(entry := keyed.get(key), dict) and (login := _login(entry, f"{path}: {key}")):
                return login
        return None

    def _document(self, path: Path) -> Mapping[str, Any]:
        if path not in self._read:
            self._read[path] = _load(path)
        return self._read[path]


def _load(path: Path) -> Mapping[str, Any]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            data = file.read(_MAX_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise PullError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > _MAX_FILE:
        raise PullError(f"{path}: is larger than {_MAX_FILE} bytes")
    try:
        document = msgspec.json.decode(data or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PullError(f"{path}: is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise PullError(f"{path}: must be a mapping")
    return document


def _key(key: str) -> str:
    """Write a key without scheme and without the version that docker puts behind the host."""
    plain = key.removeprefix("https://").removeprefix("http://")
    plain = re.sub(r"/v[12]/?\Z", "", plain).rstrip("/")
    return "docker.io" if plain in ("index.docker.io", "registry-1.docker.io") else plain


def _keys(registry: str, repository: str) -> Iterator[str]:
    """List the keys that a repository may have, the longest first."""
    path = f"{registry}/{repository}"
    while path:
        yield path
        path = path.rpartition("/")[0]


def _login(entry: Mapping[str, Any], what: str) -> Login | None:
    token = str(entry.get("identitytoken") or "")
    auth = str(entry.get("auth") or "")
    if not auth:
        username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
        return Login(username, password, token) if username or token else None
    try:
        plain = base64.b64decode(auth + "=" * (-len(auth) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise PullError(f"{what}: auth is not base64") from error
    username, colon, password = plain.partition(":")
    if not colon:
        raise PullError(f"{what}: auth must be base64 of USER:PASSWORD")
    return Login(username, password.rstrip("\0"), token)


def _ask(helper: str, server: str) -> Login | None:
    name = f"docker-credential-{helper}"
    program = shutil.which(name) if _HELPER.match(helper) else None
    if program is None:
        raise PullError(f"credential helper {quoted(name)} for {server} is not on PATH")
    code, answered = _started(program, name, server)
    if code:
        said = answered.decode(errors="replace").strip()
        if _NOT_FOUND in said:
            return None
        raise PullError(f"{name} has no login for {server}: {quoted(said.splitlines()[-1] if said else '')}")
    try:
        answer = msgspec.json.decode(answered[:_MAX_FILE])
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise PullError(f"{name} does not answer as a credential helper for {server}") from error
    return Login("", "", secret) if username == _TOKEN_USER else Login(username, secret)


def _started(program: str, name: str, server: str) -> tuple[int, bytes]:
    """Run a helper with all that it starts in time; its exit code and what it printed."""
    try:
        process = subprocess.Popen(
            [program, "get"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise PullError(f"{name} cannot be started: {error.strerror or error}") from error
    with process:
        try:
            answered, _ = process.communicate(server.encode(), timeout=_HELPING)
        except BaseException as error:  # Ctrl-C too: nothing that it started goes on
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise PullError(f"{name} does not answer for {server} within {_HELPING:.0f} s") from error
            raise
    return process.returncode, answered
