"""Pull secrets: which user names and passwords the pod's secrets have for an image's registry.

A pod and its objects go in, credentials come out; nothing is asked.
Source: kubernetes pkg/credentialprovider, keyring.go and secrets.go.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from .environment import secret_data
from .objects import Objects, namespace_of

__all__ = ["credentials_for"]

_DEFAULT = "docker.io"
_ALIASES = {"index.docker.io": _DEFAULT, "registry-1.docker.io": _DEFAULT}


def credentials_for(image: str, pod: Mapping[str, Any], objects: Objects) -> tuple[dict[str, str], ...]:
    """List what fits the image, the most specific first, with the field names of the CRI's AuthConfig."""
    found: list[tuple[str, dict[str, str]]] = []
    for reference in (pod.get("spec") or {}).get("imagePullSecrets") or ():
        secret = objects.find("Secret", namespace_of(pod), reference.get("name") or "")
        if secret is not None:
            found += _entries(secret)
    host, _, path = image.partition("/")
    if "." not in host and ":" not in host and host != "localhost":
        host, path = _DEFAULT, image
    fitting = [(address, held) for address, held in found if _fits(address, host, path)]
    fitting.sort(key=lambda entry: len(entry[0]), reverse=True)
    return tuple(held for _, held in fitting)


def _entries(secret: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    data = secret_data(secret)
    for key in (".dockerconfigjson", ".dockercfg"):
        if key not in data:
            continue
        try:
            value = json.loads(data[key])
        except ValueError:
            continue
        held = value.get("auths") if key == ".dockerconfigjson" and isinstance(value, dict) else value
        for address, entry in (held or {}).items() if isinstance(held, dict) else ():
            if isinstance(entry, dict):
                yield _address(address), _credentials(address, entry)


def _address(text: str) -> str:
    address = text.removeprefix("https://").removeprefix("http://")
    host, slash, path = address.partition("/")
    path = path if path not in ("v1", "v1/", "v2", "v2/") else ""
    return _ALIASES.get(host, host) + (f"{slash}{path}" if path else "")


def _credentials(address: str, entry: Mapping[str, Any]) -> dict[str, str]:
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    try:
        text = b64decode(str(entry.get("auth") or ""), validate=False).decode("utf-8", "replace")
    except Base64Error:
        text = ""
    if ":" in text:
        username, password = text.split(":", 1)
    return {
        "username": username,
        "password": password,
        "identity_token": str(entry.get("identitytoken") or ""),
        "registry_token": str(entry.get("registrytoken") or ""),
        "server_address": address,
    }


def _fits(address: str, host: str, path: str) -> bool:
    held, _, prefix = address.partition("/")
    parts, wanted = held.split("."), host.split(".")
    # a star stands for a piece of one part of the name, as in *.example.com
    if len(parts) != len(wanted) or not all(map(fnmatchcase, wanted, parts)):
        return False
    return not prefix or path == prefix or path.startswith(f"{prefix.rstrip('/')}/")
