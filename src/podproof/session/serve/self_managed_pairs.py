"""Certificates with their keys: an authority of the webhook's own, and what it signs for the server.

A moment and lifetimes come in; pairs, and what certificates say of each other, go out. Keys are written as
PEM for whoever stores them, and never shown. Nothing here reads a clock or a file.
"""

import functools
import ipaddress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = [
    "Certificate",
    "CertificatePair",
    "Lifetimes",
    "covers",
    "make_authority",
    "make_leaf",
    "names_in",
    "read_certificates",
    "read_pair",
    "write_certificates",
]

Certificate = x509.Certificate


class Lifetimes(msgspec.Struct, frozen=True):
    """How long certificates hold, and how long others may take to take note of a change."""

    authority: timedelta = timedelta(days=730)
    leaf: timedelta = timedelta(days=90)
    skew: timedelta = timedelta(hours=1)
    """By so much the clocks of those who make and check certificates may differ."""
    settling: timedelta = timedelta(seconds=30)
    """After so long every API server has read a bundle that was published: each watches configurations."""


class CertificatePair(msgspec.Struct, frozen=True):
    """A certificate and its key in PEM, which no text about this value has."""

    certificate: Certificate
    key: bytes

    def __repr__(self) -> str:
        return f"CertificatePair({self.certificate.serial_number:x})"

    @property
    def renewal(self) -> datetime:
        """When it is to be replaced: after two thirds of its life."""
        begin, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        moment: datetime = begin + (end - begin) * 2 / 3
        return moment

    def holds(self, now: datetime) -> bool:
        """Whether it is valid at a moment."""
        begin, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        return bool(begin <= now < end)


def make_authority(now: datetime, lifetimes: Lifetimes) -> CertificatePair:
    """Make an authority that signs itself; each has a name of its own, so that no two are taken for one."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"podproof-webhook CA {serial % 2**32:08x}")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = _begin(name, name, key, serial, now, now + lifetimes.authority, lifetimes)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    return CertificatePair(builder.sign(key, hashes.SHA256()), _write_key(key))


def make_leaf(
    authority: CertificatePair, names: tuple[str, ...], now: datetime, lifetimes: Lifetimes
) -> CertificatePair:
    """Make a server's certificate for DNS names and IP addresses, which ends before its authority does.

    Its form is what Go takes, and Python from 3.13 on with VERIFY_X509_STRICT. Source: RFC 5280, 4.2.
    """
    signer: Any = serialization.load_pem_private_key(authority.key, None)
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + lifetimes.leaf, authority.certificate.not_valid_after_utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "podproof-webhook")])
    builder = _begin(
        subject, authority.certificate.subject, key, x509.random_serial_number(), now, end, lifetimes
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    of_authority = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_authority.value), critical=False
    )
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
    builder = builder.add_extension(alternatives, critical=False)
    return CertificatePair(builder.sign(signer, hashes.SHA256()), _write_key(key))


def _begin(
    subject: x509.Name,
    issuer: x509.Name,
    key: Any,
    serial: int,
    now: datetime,
    end: datetime,
    lifetimes: Lifetimes,
) -> Any:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), serial)
    builder = builder.not_valid_before(now - lifetimes.skew).not_valid_after(end)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False)


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _usage(**allowed: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: allowed.get(usage, False) for usage in _USAGES})


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(key: Any) -> bytes:
    written: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return written


def covers(authority: Certificate, leaf: Certificate, now: datetime) -> bool:
    """Whether whoever trusts the authority takes the certificate at a moment, as far as the two tell."""
    if not authority.not_valid_before_utc <= now < authority.not_valid_after_utc:
        return False
    return _has_signed(authority, leaf)


@functools.lru_cache(maxsize=64)  # the same few are asked about again and again
def _has_signed(authority: Certificate, leaf: Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def names_in(certificate: Certificate) -> frozenset[str]:
    """Return the DNS names and IP addresses that a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return frozenset()
    return frozenset(str(name.value) for name in found)


@functools.lru_cache(maxsize=64)
def read_certificates(text: bytes) -> tuple[Certificate, ...]:
    """Read all certificates in a text that can be read; others have no effect in a bundle either."""
    found = []
    for block in text.split(_BEGIN)[1:]:
        try:
            found.append(x509.load_pem_x509_certificate(_BEGIN + block))
        except ValueError:
            continue
    return tuple(found)


_BEGIN = b"-----BEGIN CERTIFICATE-----"


def write_certificates(certificates: tuple[Certificate, ...]) -> bytes:
    """Write certificates one after the other, in PEM."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def read_pair(certificate: bytes, key: bytes) -> CertificatePair:
    """Read a certificate and its key.

    Raises ValueError: one of them is missing or cannot be read, or they do not fit together.
    """
    certificates = read_certificates(certificate)
    if not certificates:
        raise ValueError("there is no certificate in PEM")
    try:
        read: Any = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise ValueError("there is no private key in PEM") from error
    if read.public_key() != certificates[0].public_key():
        raise ValueError("the key is not that of the certificate")
    return CertificatePair(certificates[0], key)
