"""An unchanged archive is not read again, and nothing is believed that somebody else could have written."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from image_builder import layer, layout_files, write_folder, write_tar

from podproof.images.archive import ArchivedImage
from podproof.images.errors import ImageError
from podproof.images.known_archives import KnownArchives, identity_of
from podproof.images.limits import check_room

LAYERS = [layer({"etc/passwd": b"root:x:0:0::/:\n", "big": b"x" * 5000})]
PLATFORM = "linux/amd64"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive that nobody has changed for more than a second."""
    path = write_tar(tmp_path / "i.tar", layout_files("web:1", LAYERS, User="7"))
    time.sleep(1.1)
    return path


def _user(folder: Path | None, archive: Path) -> str | None:
    (image,) = KnownArchives(folder).read(archive, platform=PLATFORM, limit=2**30)
    return image.config.user


def _forge(folder: Path, user: str) -> list[Path]:
    """Change what is kept, by the file and by its content, to tell it from what the archive says."""
    kept = [path for path in folder.iterdir() if not path.is_symlink()]
    for path in kept:
        (image,) = msgspec.msgpack.decode(path.read_bytes(), type=tuple[ArchivedImage, ...])
        forged = msgspec.structs.replace(image, config=msgspec.structs.replace(image.config, user=user))
        path.write_bytes(msgspec.msgpack.encode((forged,)))
    return kept


def test_an_unchanged_archive_is_not_read_again(tmp_path: Path, archive: Path) -> None:
    folder = tmp_path / "known"
    assert _user(folder, archive) == "7"
    _forge(folder, "kept")
    assert _user(folder, archive) == "kept"
    assert _user(None, archive) == "7"
    assert folder.stat().st_mode & 0o777 == 0o700
    archive.write_bytes(archive.read_bytes() + b"\0")
    assert _user(folder, archive) == "7"


def test_a_copy_of_a_known_archive_is_not_read_either(tmp_path: Path, archive: Path) -> None:
    folder = tmp_path / "known"
    assert _user(folder, archive) == "7"
    _forge(folder, "kept")
    os.utime(archive, ns=(1, 1))
    assert _user(folder, archive) == "kept"
    copy = tmp_path / "other.tar"
    copy.write_bytes(archive.read_bytes())
    assert _user(folder, copy) == "kept"
    with pytest.raises(ImageError, match=r"other.tar: unpacks to .* that --max-image-size allows"):
        KnownArchives(folder).read(copy, platform=PLATFORM, limit=1)


def test_what_somebody_else_could_write_is_not_believed(tmp_path: Path, archive: Path) -> None:
    folder = tmp_path / "known"
    _user(folder, archive)
    for kept in _forge(folder, "evil"):
        kept.chmod(0o622)
    assert _user(folder, archive) == "7"
    for number, kept in enumerate(_forge(folder, "evil")):
        elsewhere = tmp_path / f"elsewhere-{number}"
        kept.rename(elsewhere)
        kept.symlink_to(elsewhere)
    assert _user(folder, archive) == "7"
    _forge(folder, "evil")
    folder.chmod(0o777)
    assert _user(folder, archive) == "7"
    linked = tmp_path / "linked"
    linked.symlink_to(folder)
    assert _user(linked, archive) == "7"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_somebody_else_owns_is_not_believed(tmp_path: Path, archive: Path) -> None:
    folder = tmp_path / "known"
    _user(folder, archive)
    for kept in _forge(folder, "evil"):
        os.chown(kept, 65534, 65534)
    assert _user(folder, archive) == "7"
    _forge(folder, "evil")
    os.chown(folder, 65534, 65534)
    assert _user(folder, archive) == "7"


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"\x91\x01"])
def test_what_is_damaged_is_read_anew(tmp_path: Path, archive: Path, content: bytes) -> None:
    folder = tmp_path / "known"
    _user(folder, archive)
    for kept in folder.iterdir():
        kept.write_bytes(content)
    assert _user(folder, archive) == "7"


def test_a_file_that_has_just_changed_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "known"
    assert _user(folder, write_tar(tmp_path / "new.tar", layout_files("web:1", LAYERS, User="7"))) == "7"
    assert _user(folder, write_folder(tmp_path / "layout", layout_files("web:1", LAYERS, User="8"))) == "8"
    assert list(folder.iterdir()) == []


def test_the_limit_holds_for_known_archives_too(tmp_path: Path, archive: Path) -> None:
    known = KnownArchives(tmp_path / "known")
    for _ in range(2):
        (image,) = known.read(archive, platform=PLATFORM, limit=12288)
        assert image.size == image.added == 12288
    with pytest.raises(ImageError, match=r"unpacks to 12.0 KiB, more than the 12.0 KiB that --max"):
        known.read(archive, platform=PLATFORM, limit=12287)
    with pytest.raises(ImageError, match=r'"big" of 4.9 KiB makes the image unpack to more than 12.0 KiB'):
        KnownArchives(None).read(archive, platform=PLATFORM, limit=12287)


def test_many_at_once_leave_one_file_each(tmp_path: Path, archive: Path) -> None:
    folder = tmp_path / "known"
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: _user(folder, archive), range(40))) == {"7"}
    assert len(list(folder.iterdir())) == 2  # by the file, and by its content


def test_a_full_disk_is_told_before_anything_is_unpacked(tmp_path: Path) -> None:
    check_room(1, tmp_path, "i.tar")
    with pytest.raises(ImageError, match=r"i.tar: needs 1048576.0 TiB in .*, where .* are free: free some"):
        check_room(2**60, tmp_path, "i.tar")


def test_only_a_regular_file_has_an_identity(tmp_path: Path) -> None:
    assert identity_of(tmp_path) is None
    assert identity_of(tmp_path / "nowhere") is None
