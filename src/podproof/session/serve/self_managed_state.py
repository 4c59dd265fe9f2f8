"""What the webhook's Secret and the webhook configurations say of certificates, as values.

The data of a Secret and of configurations come in, values that can be decided about go out, and the way back.
Whatever is wrong with a Secret is a value with words: somebody may have changed it.
"""

from datetime import datetime

import msgspec

from .self_managed_pairs import (
    Certificate,
    CertificatePair,
    covers,
    read_certificates,
    read_pair,
    write_certificates,
)

__all__ = ["SECRET_KEYS", "PublishedBundles", "StoredCertificates", "read_stored", "write_stored"]

SECRET_KEYS = ("ca.crt", "ca.key", "tls.crt", "tls.key")
"""The keys of the Secret that are the webhook's: the authorities, the newest first, with the key of that one;
the certificate and its key."""
_AUTHORITIES, _AUTHORITY_KEY, _LEAF, _LEAF_KEY = SECRET_KEYS


class StoredCertificates(msgspec.Struct, frozen=True):
    """What a Secret has.

    `authority` signs; None where none can, with the `problem` in words unless there is nothing at all.
    `authorities` are all that are to be trusted, the newest first. `leaf` is what servers are to show; None
    where there is nothing to show.
    """

    authorities: tuple[Certificate, ...] = ()
    authority: CertificatePair | None = None
    leaf: CertificatePair | None = None
    problem: str = ""


class PublishedBundles(msgspec.Struct, frozen=True):
    """A webhook configuration, and the authorities by which each of its webhooks is trusted."""

    kind: str
    name: str
    version: str
    """Its resourceVersion."""
    webhooks: tuple[str, ...]
    """The names of its webhooks, each with its bundle at the same place in `bundles`."""
    bundles: tuple[bytes, ...]

    def covers(self, leaf: Certificate, now: datetime) -> bool:
        """Whether each of its webhooks takes a certificate."""
        return all(any(covers(one, leaf, now) for one in read_certificates(text)) for text in self.bundles)

    def has(self, authorities: tuple[Certificate, ...]) -> bool:
        """Whether each of its webhooks trusts these authorities and no others."""
        return all(text == write_certificates(authorities) for text in self.bundles)


def read_stored(data: dict[str, bytes]) -> StoredCertificates:
    """Read what a Secret has, as far as it can be read."""
    authorities = read_certificates(data.get(_AUTHORITIES, b""))
    authority, leaf, problem = None, None, ""
    if not any(data.get(key) for key in SECRET_KEYS):
        return StoredCertificates()
    try:
        authority = read_pair(data.get(_AUTHORITIES, b""), data.get(_AUTHORITY_KEY, b""))
    except ValueError as error:
        problem = f"{_AUTHORITIES} and {_AUTHORITY_KEY}: {error}"
    if data.get(_LEAF) or data.get(_LEAF_KEY):
        try:
            leaf = read_pair(data.get(_LEAF, b""), data.get(_LEAF_KEY, b""))
        except ValueError as error:
            problem = problem or f"{_LEAF} and {_LEAF_KEY}: {error}"
    return StoredCertificates(authorities, authority, leaf, problem)


def write_stored(stored: StoredCertificates) -> dict[str, bytes]:
    """Write what a Secret is to have."""
    data = {_AUTHORITIES: write_certificates(stored.authorities)}
    if stored.authority is not None:
        data[_AUTHORITY_KEY] = stored.authority.key
    if stored.leaf is not None:
        data[_LEAF], data[_LEAF_KEY] = write_certificates((stored.leaf.certificate,)), stored.leaf.key
    return data
