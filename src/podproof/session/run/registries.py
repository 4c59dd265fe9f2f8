"""Registries that need more than a name: what the command line says of them comes in, the engine is told."""

from collections.abc import Iterable
from pathlib import Path

from ...errors import UsageError
from ...inputs.files import read_named
from ...runtimes.embedded import EmbeddedEngine
from ...runtimes.engine import Engine

__all__ = ["trust_registries"]


def trust_registries(engine: Engine, plain_http: Iterable[str], authorities: Iterable[str]) -> None:
    """Let the engine pull from hosts without TLS, and from hosts with certificates of a private authority.

    `authorities` are HOST[:PORT]=FILE, the file in PEM. What is said holds until the embedded engine stops.
    Raises UsageError: a text has another form, a file cannot be read or has no certificate, a host is in both
    lists, or the engine is somebody else's; OutputError: the engine's folder is not writable.
    """
    plain = list(plain_http)
    signed = dict(_authority(text) for text in authorities)
    if not plain and not signed:
        return
    if not isinstance(engine, EmbeddedEngine):
        raise UsageError(
            "--registry-plain-http and --registry-ca are for the embedded engine:"
            " the one at --runtime-endpoint has its own configuration"
        )
    for host in plain:
        if host in signed:
            raise UsageError(
                f"registry {host}: --registry-plain-http and --registry-ca contradict each other"
            )
        engine.trust_registry(host, plain_http=True)
    for host, file in signed.items():
        engine.trust_registry(host, authority=file)


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
    return host, file
