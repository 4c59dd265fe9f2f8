"""Certificates, keys and authorities of clients in files, replaced as Kubernetes and cert-manager do it."""

import contextlib
import os
import shutil
import ssl
from pathlib import Path
from typing import Any

import pytest

from .conftest import review
from .served import Served, post, serving, write_certificate

_Pair = tuple[Path, Path]


@pytest.fixture
def pairs(tmp_path: Path) -> list[_Pair]:
    """Three certificates with their keys."""
    made = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        made.append(write_certificate(tmp_path / name))
    return made


def _as(served: Served, trusted: Path, shown: _Pair | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(trusted))
    if shown is not None:
        context.load_cert_chain(*shown)
    return context


def _is_taken(served: Served, context: ssl.SSLContext) -> bool:
    try:
        with contextlib.closing(served.connect(context)) as connection:
            return post(connection, "/validate", review("baseline"))[0] == 200
    except (ssl.SSLError, ConnectionError):
        return False


def test_authorities_of_clients_are_replaced_without_closing_a_connection(
    folder: Path, pairs: list[_Pair]
) -> None:
    authorities = folder / "clients.crt"
    shutil.copy(pairs[0][0], authorities)
    with serving(folder, "--client-ca-file", str(authorities)) as served:
        first, second, nobody = (_as(served, served.certificate, pair) for pair in (*pairs[:2], None))
        assert [_is_taken(served, one) for one in (first, second, nobody)] == [True, False, False]
        with contextlib.closing(served.connect(first)) as connection:
            assert post(connection, "/validate", review("baseline"))[0] == 200  # it may idle then
            authorities.write_bytes(
                "# Zertifizierungsstellen für Prüfer\n".encode() + pairs[1][0].read_bytes()
            )
            served.wait_for("certificate loaded")
            assert [_is_taken(served, one) for one in (first, second, nobody)] == [False, True, False]
            assert post(connection, "/validate", review("baseline"))[0] == 200
        authorities.write_text("nobody\n")
        line = served.wait_for("certificate not loaded")
        assert (line["files"], line["reason"]) == (
            f"--client-ca-file {authorities}",
            "has no certificates in PEM",
        )
        assert [_is_taken(served, one) for one in (first, second, nobody)] == [False, True, False]


def test_a_session_is_not_resumed_past_the_authorities(folder: Path, pairs: list[_Pair]) -> None:
    authorities = folder / "clients.crt"
    shutil.copy(pairs[0][0], authorities)
    with serving(folder, "--client-ca-file", str(authorities)) as served:
        context = _as(served, served.certificate, pairs[0])
        older = _as(served, served.certificate, pairs[0])
        older.maximum_version = ssl.TLSVersion.TLSv1_2  # its sessions are kept where nobody can drop them
        assert not _is_taken(served, older)
        with contextlib.closing(served.connect(context)) as connection:
            assert post(connection, "/validate", review("baseline"))[0] == 200
            session = connection.sock.session
        shutil.copy(pairs[1][0], authorities)
        served.wait_for("certificate loaded")
        with contextlib.suppress(ssl.SSLError, ConnectionError), served.resume(context, session) as resumed:
            resumed.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            assert resumed.recv(1) == b""


def test_a_projected_volume_is_replaced_at_once_by_its_link(
    folder: Path, tmp_path: Path, pairs: list[_Pair]
) -> None:
    volume = _Volume(tmp_path / "volume")
    volume.project("2026_01", *pairs[0])
    files = ("--tls-cert", str(volume.path / "tls.crt"), "--tls-key", str(volume.path / "tls.key"))
    with serving(folder, *files) as served:
        with contextlib.closing(served.connect(_as(served, pairs[0][0], None))) as connection:
            for number, pair in enumerate(pairs[1:], 1):
                volume.project(f"2026_0{number + 1}", *pair)
                served.wait_for("certificate loaded", number)
                assert _is_taken(served, _as(served, pair[0], None))
                assert not _is_taken(served, _as(served, pairs[number - 1][0], None))
                assert post(connection, "/validate", review("baseline"))[0] == 200
        assert not [line for line in served.lines if line["event"] == "certificate not loaded"]


class _Volume:
    """A Secret's volume as the kubelet writes it, which cert-manager's certificates come in.

    Source: kubernetes v1.37.2 pkg/volume/util/atomic_writer.go: files are links through `..data`, which is a
    link to a folder with a time as its name, and is renamed over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    def project(self, name: str, certificate: Path, key: Path) -> None:
        """Replace what the volume has."""
        data = self.path / f"..{name}"
        data.mkdir()
        shutil.copy(certificate, data / "tls.crt")
        shutil.copy(key, data / "tls.key")
        link = self.path / "..data"
        old: Any = os.readlink(link) if link.is_symlink() else None
        (self.path / "..data_tmp").symlink_to(data.name)
        (self.path / "..data_tmp").rename(link)
        if old is None:
            for file in ("tls.crt", "tls.key"):
                (self.path / file).symlink_to(f"..data/{file}")
        else:
            shutil.rmtree(self.path / old)
