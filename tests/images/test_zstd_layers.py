"""Layers compressed with zstd: read where something expands it, else unknown, with what to install."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from image_builder import layer, layout_files, write_tar

from podproof.images import expanding, layers, store
from podproof.images.archive import read_archive
from podproof.images.errors import ImageError

PASSWD = b"root:x:0:0:root:/root:/bin/sh\n"
BASE = layer({"etc": None, "etc/passwd": PASSWD, "big": bytes(5_000_000)})
NAME = "docker.io/library/web:1"


@pytest.fixture(scope="module")
def zstd() -> Any:
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def archive(folder: Path, packed: bytes) -> Path:
    return write_tar(folder / "i.tar", layout_files(NAME, [BASE], pack=lambda _: packed))


def skippable(content: bytes) -> bytes:
    """A frame that every decoder passes over, as zstd:chunked puts its table of contents into one."""
    return (0x184D2A50).to_bytes(4, "little") + len(content).to_bytes(4, "little") + content


@pytest.mark.parametrize("pieces", [1, 7])
def test_frames_are_read_one_after_another(tmp_path: Path, zstd: Any, pieces: int) -> None:
    size = len(BASE) // pieces + 1
    frames = [zstd.compress(BASE[start : start + size]) for start in range(0, len(BASE), size)]
    packed = skippable(b"before") + skippable(b"between").join(frames) + skippable(b"x" * 70_000)
    (image,) = read_archive(archive(tmp_path, packed))
    assert image.config.passwd == PASSWD.decode()
    assert image.notes == ()


def test_a_whole_archive_may_be_compressed(tmp_path: Path, zstd: Any) -> None:
    plain = write_tar(tmp_path / "plain.tar", layout_files(NAME, [BASE]))
    (tmp_path / "i.tar.zst").write_bytes(zstd.compress(plain.read_bytes()))
    (image,) = read_archive(tmp_path / "i.tar.zst")
    assert image.config.passwd == PASSWD.decode()


@pytest.mark.parametrize("cut", [5, 40, -1])
def test_what_is_cut_off_is_refused(tmp_path: Path, zstd: Any, cut: int) -> None:
    with pytest.raises(ImageError, match="cut off"):
        read_archive(archive(tmp_path, zstd.compress(BASE)[:cut]))


def test_what_is_damaged_is_refused(tmp_path: Path, zstd: Any) -> None:
    packed = bytearray(zstd.compress(BASE, options={zstd.CompressionParameter.checksum_flag: 1}))
    packed[-1] ^= 1
    with pytest.raises(ImageError, match="layer"):
        read_archive(archive(tmp_path, bytes(packed)))


def test_a_decoder_keeps_no_more_than_its_limit(tmp_path: Path, zstd: Any) -> None:
    # a frame of no content whose header asks for a window of 256 MiB
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([(28 - 10) << 3]) + b"\x01\x00\x00"
    with pytest.raises(ImageError, match="layer"):
        read_archive(archive(tmp_path, frame))


def test_what_expands_to_too_much_is_refused(tmp_path: Path, zstd: Any) -> None:
    packed = zstd.compress(layer({"big": bytes(300 * 2**20)}))
    assert len(packed) < 100_000
    with pytest.raises(ImageError, match="which --max-image-size allows"):
        read_archive(archive(tmp_path, packed), limit=100 * 2**20)


def test_without_a_decoder_its_files_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (layers, store):
        monkeypatch.setattr(module, "has_zstd", lambda: False)
    # a frame of one block of 20 bytes, as they are
    frame = b"\x28\xb5\x2f\xfd\x20\x14" + (20 << 3 | 1).to_bytes(3, "little") + bytes(20)
    files = layout_files(NAME, [frame], compress=False, User="7")
    (image,) = read_archive(write_tar(tmp_path / "i.tar", files))
    assert image.config.user == "7"
    assert image.config.passwd is None
    (note,) = image.notes
    assert "is compressed with zstd: install podproof[zstd] to read it: /etc/passwd and" in note
    assert image.size == 20
    (tmp_path / "i.tar.zst").write_bytes(frame)
    with pytest.raises(ImageError, match="is compressed with zstd: install"):
        read_archive(tmp_path / "i.tar.zst")


def test_it_is_known_whether_it_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert expanding.has_zstd()

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    expanding._zstd.cache_clear()
    monkeypatch.setattr(expanding, "import_module", missing)
    assert not expanding.has_zstd()
    expanding._zstd.cache_clear()
