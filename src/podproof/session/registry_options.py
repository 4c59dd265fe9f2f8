"""Registries on the command line: the texts of options come in, a client's settings go out."""

import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import UsageError
from ..images.distribution.settings import RegistrySettings
from ..inputs.files import read_named

__all__ = ["registry_settings"]

_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?\Z")


def registry_settings(
    allowed: Iterable[str] = (),
    *,
    plain_http: Iterable[str] = (),
    authorities: Iterable[str] = (),
    mirrors: Iterable[str] = (),
    own_logins: bool = False,
) -> RegistrySettings:
    """Read what options say: HOST[:PORT], HOST[:PORT]=FILE in PEM, and HOST=MIRROR[:PORT].

    Raises UsageError: a text has another form, a file cannot be read or has no certificate, or a host is
    both without TLS and with an authority.
    """
    plain = tuple(_host(text, "--registry-plain-http") for text in plain_http)
    signed = dict(_authority(text) for text in authorities)
    for host in plain:
        if host in signed:
            raise UsageError(
                f"registry {host}: --registry-plain-http and --registry-ca contradict each other"
            )
    copies: dict[str, tuple[str, ...]] = {}
    for text in mirrors:
        host, equals, mirror = text.partition("=")
        if not equals or not host or not mirror:
            raise UsageError(f"--registry-mirror {text!r} must be HOST=MIRROR[:PORT]")
        name = _host(host, "--registry-mirror")
        copies[name] = (*copies.get(name, ()), _host(mirror, "--registry-mirror"))
    return RegistrySettings(
        allowed=tuple(allowed), plain_http=plain, authorities=signed, mirrors=copies, own_logins=own_logins
    )


def _host(text: str, option: str) -> str:
    if not _HOST.match(text):
        raise UsageError(f"{option} {text!r}: registry {text!r} must be HOST or HOST:PORT")
    return text


def _authority(text: str) -> tuple[str, Path]:
    host, equals, name = text.partition("=")
    if not equals or not host or not name:
        raise UsageError(f"--registry-ca {text!r} must be HOST[:PORT]=FILE")
    file = Path(name)
    try:
        data = read_named(name)
    except OSError as error:
        raise UsageError(f"--registry-ca {text!r}: cannot read {file}: {error.strerror or error}") from error
    if b"-----BEGIN CERTIFICATE-----" not in data:
        raise UsageError(f"--registry-ca {text!r}: {file} must hold certificates in PEM")
    return _host(host, "--registry-ca"), file.absolute()
