"""Pull secrets: Secrets come in as manifests have them, the logins for an image go out, most specific first.

Source: kubernetes pkg/credentialprovider/keyring.go, config.go, secrets/secrets.go.
"""

import base64
import binascii
import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..kube.image_name import parse_image_name

__all__ = ["PullSecretError", "RegistryLogin", "credentials_for"]

_KINDS = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
_DEFAULT_REGISTRY = "index.docker.io"

_URL = re.compile(
    r"(?:[^/?#@]*@)?(\[[0-9a-fA-F:.]+\](?::\d*)?|[^\s/?#@\[\]\\%<>\"^`{|}:]*(?::\d*)?)((?:/[^?#]*)?)(?:[?#].*)?\Z",
    re.ASCII,
)
"""Host with port, and path. Source: Go net/url, parseAuthority and validOptionalPort."""


class PullSecretError(ValueError):
    """Says which secret cannot be read, and why; the kubelet pulls nothing for a pod with such a secret."""


class RegistryLogin(msgspec.Struct, frozen=True):
    """A user and a password, and the secret that they are from."""

    username: str
    password: str
    secret: str


def credentials_for(image: str, secrets: Iterable[Mapping[str, Any]]) -> tuple[RegistryLogin, ...]:
    """Give the logins to try for an image, in their order; () when no secret has one.

    `secrets` are Secret objects, `data` in base64 or `stringData` as text; others do not count.
    A key is a host, with port and path when they matter; `*` in a part of the host stands for any characters
    of that part. docker.io's images have the key `https://index.docker.io/v1/`.
    Raises PullSecretError: a secret holds no such JSON; ImageNameError: the image has no name.
    """
    index: dict[str, list[RegistryLogin]] = {}
    for secret in secrets:
        for repository, login in _logins(secret):
            key = _key(repository)
            if key is not None:
                index.setdefault(key, []).append(login)
    name = parse_image_name(image).name
    logins = [login for key in sorted(index, reverse=True) if _matches(key, name) for login in index[key]]
    if not logins and _is_default(name):
        logins = index.get(_DEFAULT_REGISTRY, [])
    return tuple(logins)


def _logins(secret: Mapping[str, Any]) -> Iterable[tuple[str, RegistryLogin]]:
    metadata = secret.get("metadata")
    name = str(metadata.get("name", "") if isinstance(metadata, Mapping) else "")
    kind = secret.get("type")
    text = _content(secret, _KINDS[kind], name) if isinstance(kind, str) and kind in _KINDS else None
    if not text:
        return
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PullSecretError(f"secret {name!r} holds no JSON: {error}") from error
    if kind == "kubernetes.io/dockerconfigjson":
        document = document.get("auths") if isinstance(document, dict) else document
    if document is None:
        return
    if not isinstance(document, dict):
        raise PullSecretError(f"secret {name!r} must hold a mapping of registries")
    for repository, entry in document.items():
        yield repository, _login(entry, name, repository)


def _content(secret: Mapping[str, Any], key: str, name: str) -> bytes | None:
    plain = secret.get("stringData")
    if isinstance(plain, Mapping) and isinstance(plain.get(key), str):
        return str(plain[key]).encode()
    data = secret.get("data")
    value = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PullSecretError(f"secret {name!r}: {key} is not base64") from error


def _login(entry: Any, secret: str, repository: str) -> RegistryLogin:
    if entry is None:
        return RegistryLogin("", "", secret)
    if not isinstance(entry, dict):
        raise PullSecretError(f"secret {secret!r}: {repository} must be a mapping")
    auth = entry.get("auth") or ""
    if not auth:
        return RegistryLogin(str(entry.get("username") or ""), str(entry.get("password") or ""), secret)
    try:
        # Go ignores line breaks and nothing else
        text = str(auth).replace("\n", "").replace("\r", "")
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise PullSecretError(f"secret {secret!r}: {repository}: auth is not base64") from error
    username, colon, password = plain.partition(":")
    if not colon:
        raise PullSecretError(f"secret {secret!r}: {repository}: auth must be base64 of USER:PASSWORD")
    return RegistryLogin(username, password, secret)


def _key(repository: str) -> str | None:
    """Write a key without scheme, and without the version path that docker writes; None: it is no URL."""
    place = _split(
        repository.removeprefix("https://")
        if repository.startswith("https://")
        else repository.removeprefix("http://")
    )
    if place is None:
        return None
    authority, path = place
    if path.startswith(("/v2/", "/v1/")):
        path = path[3:]
    return authority + (path if path != "/" else "")


def _split(url: str) -> tuple[str, str] | None:
    """Split a URL without its scheme into host with port, and path, as Go does; None where Go refuses it."""
    match = _URL.match(url)
    return (match[1], match[2]) if match else None


def _matches(key: str, name: str) -> bool:
    """Tell whether a key is for an image: same port, the host part by part, the path from its beginning."""
    wanted, given = _split(key), _split(name)
    if wanted is None or given is None:
        return False
    parts, port = _host(wanted[0])
    image_parts, image_port = _host(given[0])
    if port != image_port or len(parts) != len(image_parts) or not given[1].startswith(wanted[1]):
        return False
    return all(fnmatch.fnmatchcase(part, glob) for part, glob in zip(image_parts, parts, strict=True))


def _host(authority: str) -> tuple[list[str], str]:
    """Split a host into its parts, and its port. An IPv6 address beside a port loses its brackets, in Go."""
    host, colon, port = authority.rpartition(":")
    if not colon or not (host.endswith("]") or ":" not in host):
        return authority.split("."), ""
    return (host[1:-1] if host.endswith("]") else host).split("."), port


def _is_default(name: str) -> bool:
    """Tell whether Go takes a name, written in full, for docker.io's: also `localhost/x`, without a port."""
    registry, _, _ = name.partition("/")
    return registry == "docker.io" or not ("." in registry or ":" in registry)
