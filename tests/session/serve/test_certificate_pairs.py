"""The webhook's own certificates as others see them: strict rules, names, what belongs to what."""

import shutil
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from podproof.session.serve.self_managed_pairs import (
    CertificatePair,
    Lifetimes,
    covers,
    make_authority,
    make_leaf,
    names_in,
    read_certificates,
    read_pair,
    write_certificates,
)
from podproof.webhook.certificates import TlsContext

NOW = datetime.now(UTC)
NAMES = ("podproof-webhook.podproof.svc", "podproof-webhook.podproof.svc.cluster.local", "127.0.0.1", "::1")
AUTHORITY = make_authority(NOW, Lifetimes())
LEAF = make_leaf(AUTHORITY, NAMES, NOW, Lifetimes())


def _pem(pair: CertificatePair) -> bytes:
    return write_certificates((pair.certificate,))


@pytest.mark.parametrize("name", NAMES)
def test_openssl_takes_them_strictly(tmp_path: Path, name: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("needs openssl")
    (tmp_path / "ca").write_bytes(_pem(AUTHORITY))
    (tmp_path / "leaf").write_bytes(_pem(LEAF))
    option = "-verify_ip" if name in NAMES[2:] else "-verify_hostname"
    strictly = [program, "verify", "-x509_strict", "-purpose", "sslserver", option, name]
    checked = subprocess.run(
        [*strictly, "-CAfile", tmp_path / "ca", tmp_path / "leaf"], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_python_takes_them_strictly_over_tls(newest: ssl.TLSVersion) -> None:
    served = TlsContext()
    served.use(_pem(LEAF), LEAF.key)
    client = ssl.create_default_context(cadata=_pem(AUTHORITY).decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    client.maximum_version = newest
    ours, theirs = socket.socketpair()

    def answer() -> None:
        with served.front.wrap_socket(theirs, server_side=True) as connection:
            connection.sendall(b"here")

    thread = threading.Thread(target=answer)
    thread.start()
    with client.wrap_socket(ours, server_hostname=NAMES[0]) as connection:
        assert connection.recv(9) == b"here"
    thread.join()


def test_lifetimes_are_within_their_bounds_and_a_leaf_ends_with_its_authority() -> None:
    def life(pair: CertificatePair) -> timedelta:
        return pair.certificate.not_valid_after_utc - NOW.replace(microsecond=0)

    assert life(AUTHORITY) >= timedelta(days=365)
    assert life(LEAF) <= timedelta(days=90)
    late = NOW + timedelta(days=700)
    leaf = make_leaf(AUTHORITY, NAMES, late, Lifetimes())
    assert leaf.certificate.not_valid_after_utc == AUTHORITY.certificate.not_valid_after_utc
    assert names_in(leaf.certificate) == set(NAMES)


def test_an_authority_signs_servers_only_and_no_other_authorities() -> None:
    extensions = AUTHORITY.certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    usage = LEAF.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]


def test_what_covers_what() -> None:
    other = make_authority(NOW, Lifetimes())
    assert covers(AUTHORITY.certificate, LEAF.certificate, NOW)
    assert not covers(other.certificate, LEAF.certificate, NOW)
    assert not covers(LEAF.certificate, LEAF.certificate, NOW)
    assert not covers(AUTHORITY.certificate, LEAF.certificate, NOW + timedelta(days=731))
    assert other.certificate.subject != AUTHORITY.certificate.subject


def test_texts_are_read_as_far_as_they_can_be() -> None:
    garbage = b"# words\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    both = (AUTHORITY.certificate, LEAF.certificate)
    assert read_certificates(garbage + write_certificates(both[:1]) + garbage + _pem(LEAF)) == both
    assert read_certificates(b"") == ()
    assert read_pair(_pem(LEAF), LEAF.key) == LEAF
    for certificate, key, words in (
        (garbage, LEAF.key, "there is no certificate in PEM"),
        (_pem(LEAF), b"x", "there is no private key in PEM"),
        (_pem(LEAF), AUTHORITY.key, "the key is not that of the certificate"),
    ):
        with pytest.raises(ValueError, match=words):
            read_pair(certificate, key)
