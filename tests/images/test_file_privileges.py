"""What a program gains by its file is found where the image's program is, and written as getcap does."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from image_builder import docker_files, layer, layout_files, write_tar

from podproof.images.archive import read_archive
from podproof.images.file_privileges import capability_text

NET_RAW = bytes.fromhex("0100000200200000000000000000000000000000")
"""As `setcap cap_net_raw=ep` writes it."""


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        (NET_RAW, "cap_net_raw=ep"),
        (bytes.fromhex("010000010020000000000000"), "cap_net_raw=ep"),
        (bytes.fromhex("0000000300040000000000000000000000000000e8030000"), "cap_net_bind_service=p"),
        (
            bytes.fromhex("0100000203000000020000008000000000000000"),
            "cap_dac_override=eip cap_chown,cap_bpf=ep",
        ),
        (bytes.fromhex("0000000200000000200000000000000000000000"), "cap_kill=i"),
        (bytes.fromhex("0100000200000000000000000000000000000000"), ""),
        (b"", "unknown"),
        (NET_RAW[:-1], "unknown"),
        (bytes.fromhex("01000004") + bytes(20), "unknown"),
    ],
)
def test_capabilities_are_written_as_getcap_does(attribute: bytes, text: str) -> None:
    assert capability_text(attribute) == text


def program(name: str, mode: int = 0o755, **fields: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode = mode
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def packed(*entries: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            tar.addfile(entry)
    return buffer.getvalue()


SUDO = program("usr/bin/sudo", 0o4755, uid=3_000_000, gid=7)
PING = program(
    "usr/bin/ping",
    pax_headers={"SCHILY.xattr.security.capability": NET_RAW.decode("utf-8", "surrogateescape")},
)
BIN = program("bin", type=tarfile.SYMTYPE, linkname="usr/bin")


@pytest.mark.parametrize(
    ("settings", "gains"),
    [
        ({"Entrypoint": ["/usr/bin/sudo"]}, ("4755 3000000:7", "")),
        ({"Entrypoint": ["sudo", "-n"], "Cmd": ["/usr/bin/ping"]}, ("4755 3000000:7", "")),
        ({"Cmd": ["/bin/ping"]}, ("", "cap_net_raw=ep")),
        ({"Cmd": ["ping"], "Env": ["PATH=/opt:/bin"]}, ("", "cap_net_raw=ep")),
        ({"Cmd": ["ping"], "Env": ["PATH=/opt"]}, ("", "")),
        ({"Cmd": ["./ping"], "WorkingDir": "/usr/bin"}, ("", "cap_net_raw=ep")),
        ({"Cmd": ["/usr/bin/other"]}, ("2711 0:0", "")),
        ({}, ("", "")),
    ],
)
@pytest.mark.parametrize("make", [layout_files, docker_files])
def test_the_program_of_the_image_is_looked_at(
    tmp_path: Path, make: Any, settings: dict[str, Any], gains: tuple[str, str]
) -> None:
    hard = program("usr/bin/other", 0o2711, type=tarfile.LNKTYPE, linkname="usr/bin/ping")
    layers = [packed(SUDO, BIN), packed(PING, hard)]
    (image,) = read_archive(write_tar(tmp_path / "i.tar", make("web:1", layers, **settings)))
    assert (image.config.set_id, image.config.file_capabilities) == gains


def test_a_later_layer_takes_the_bits_away(tmp_path: Path) -> None:
    layers = [packed(SUDO), packed(program("usr/bin/sudo"))]
    files = layout_files("web:1", layers, Entrypoint=["/usr/bin/sudo"])
    (image,) = read_archive(write_tar(tmp_path / "i.tar", files))
    assert image.config.set_id == ""


def test_volumes_and_ports(tmp_path: Path) -> None:
    files = layout_files("web:1", [], Volumes={"/b": {}, "/a": {}}, ExposedPorts={"80/tcp": {}})
    (image,) = read_archive(write_tar(tmp_path / "i.tar", files))
    assert (image.config.volumes, image.config.exposed_ports) == (("/a", "/b"), ("80/tcp",))


@pytest.mark.parametrize(
    ("entries", "nonempty"),
    [
        ({"a": None, "b/c": b"x"}, ("/b",)),
        ({"a": None, "b": None, "tmp/x": None}, ("/tmp",)),
        ({"d/x": b"", "a": "/d"}, ("/a",)),
        ({}, ()),
    ],
)
def test_folders_with_content(tmp_path: Path, entries: Any, nonempty: tuple[str, ...]) -> None:
    files = layout_files("web:1", [layer(entries)], Volumes={"/b": {}, "/a": {}})
    (image,) = read_archive(write_tar(tmp_path / "i.tar", files))
    assert image.config.nonempty == nonempty


def test_content_that_a_later_layer_takes_away(tmp_path: Path) -> None:
    layers = [layer({"b/c": b"x", "a/c": b"x"}), layer({"b/.wh.c": b"", "a/.wh..wh..opq": b""})]
    files = layout_files("web:1", layers, Volumes={"/b": {}, "/a": {}})
    (image,) = read_archive(write_tar(tmp_path / "i.tar", files))
    assert image.config.nonempty == ()
