"""Layouts and archives give user, command, passwd and group; what is corrupt is named, never guessed."""

import os
from pathlib import Path

import pytest
from image_builder import docker_files, layer, layout_files, write_folder, write_tar

from podproof.images.archive import read_archive
from podproof.images.errors import ImageError

PASSWD = b"root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/:/bin/sh\n"
BASE = layer({"etc": None, "etc/passwd": PASSWD, "etc/group": b"root:x:0:\n"})
NAME = "docker.io/library/web:1"


@pytest.mark.parametrize("shape", ["folder", "tar", "tar.gz", "docker", "docker.gz"])
def test_every_shape_gives_the_same_facts(tmp_path: Path, shape: str) -> None:
    settings = {"User": "alice", "Entrypoint": ["/web"], "Cmd": ["-x"], "WorkingDir": "/srv"}
    files = (docker_files if shape.startswith("docker") else layout_files)(NAME, [BASE], **settings)
    mode = "w:gz" if shape.endswith("gz") else "w"
    path = write_folder(tmp_path, files) if shape == "folder" else write_tar(tmp_path / "i.tar", files, mode)
    (image,) = read_archive(path)
    assert image.references == (NAME,)
    assert image.config.user == "alice"
    assert image.config.entrypoint == ("/web",)
    assert image.config.command == ("-x",)
    assert image.config.working_directory == "/srv"
    assert image.config.passwd == PASSWD.decode()
    assert image.config.group == "root:x:0:\n"


def _passwd(tmp_path: Path, *layers: bytes) -> str | None:
    (image,) = read_archive(write_tar(tmp_path / "i.tar", layout_files(NAME, list(layers))))
    return image.config.passwd


def test_a_later_layer_wins(tmp_path: Path) -> None:
    assert _passwd(tmp_path, BASE, layer({"etc/passwd": b"new\n"})) == "new\n"


def test_a_whiteout_removes_the_file(tmp_path: Path) -> None:
    assert _passwd(tmp_path, BASE, layer({"etc/.wh.passwd": b""})) == ""


def test_a_whiteout_of_the_folder_removes_what_is_below(tmp_path: Path) -> None:
    assert _passwd(tmp_path, BASE, layer({".wh.etc": b""})) == ""


def test_an_opaque_folder_hides_lower_layers_but_not_its_own(tmp_path: Path) -> None:
    assert _passwd(tmp_path, BASE, layer({"etc/.wh..wh..opq": b""})) == ""
    both = layer({"etc/passwd": b"mine\n", "etc/.wh..wh..opq": b""})
    assert _passwd(tmp_path, BASE, both) == "mine\n"


def test_links_are_followed_inside_the_image(tmp_path: Path) -> None:
    absolute = layer({"etc/passwd": "/usr/lib/users", "usr/lib/users": b"there\n"})
    assert _passwd(tmp_path, absolute) == "there\n"
    relative = layer({"etc/passwd": "../../../usr/lib/users", "usr/lib/users": b"there\n"})
    assert _passwd(tmp_path, relative) == "there\n"
    folder = layer({"etc": "usr/etc", "usr/etc/passwd": b"there\n"})
    assert _passwd(tmp_path, folder) == "there\n"
    assert _passwd(tmp_path, layer({"users": b"there\n", "etc/passwd": "hard:users"})) == "there\n"
    assert _passwd(tmp_path, layer({"etc/passwd": "nowhere"})) == ""


def test_a_file_behind_a_link_of_a_lower_layer_lies_in_its_target(tmp_path: Path) -> None:
    lower = layer({"usr/etc/passwd": b"old\n", "etc": "usr/etc"})
    assert _passwd(tmp_path, lower, layer({"etc/passwd": b"new\n"})) == "new\n"
    linked = layer({"etc/passwd": "/usr/etc/users/all"})
    assert _passwd(tmp_path, lower, linked, layer({"etc/users/all": b"there\n"})) == "there\n"


def test_a_link_in_a_circle_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="chain of more than 40 links"):
        _passwd(tmp_path, layer({"etc/passwd": "/etc/passwd"}))


def test_an_image_from_scratch_has_no_users(tmp_path: Path) -> None:
    assert _passwd(tmp_path, layer({"web": b"x"})) == ""


def test_a_file_replaced_by_a_folder_is_gone(tmp_path: Path) -> None:
    assert _passwd(tmp_path, BASE, layer({"etc": b"a file"})) == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data + b" ", "has wrong content: its digest is sha256:|is corrupt"),
        (lambda data: data[: len(data) // 2], "wrong content|is corrupt"),
        (lambda data: b"", "wrong content|is corrupt"),
    ],
)
def test_a_changed_blob_is_named(tmp_path: Path, change: object, message: str) -> None:
    files = layout_files(NAME, [BASE])
    for name in [name for name in files if name.startswith("blobs/")]:
        broken = {**files, name: change(files[name])}  # type: ignore[operator]  # a parametrized function
        with pytest.raises(ImageError, match=message):
            read_archive(write_tar(tmp_path / "i.tar", broken))


def test_a_docker_layer_with_other_content_is_named(tmp_path: Path) -> None:
    files = docker_files(NAME, [BASE])
    name = next(name for name in files if name.endswith("layer.tar"))
    files[name] = layer({"etc/passwd": b"evil:x:0:0::/:\n"})
    with pytest.raises(ImageError, match="its diff ID is"):
        read_archive(write_tar(tmp_path / "i.tar", files))


@pytest.mark.parametrize("missing", ["index.json", "blobs"])
def test_a_missing_part_is_named(tmp_path: Path, missing: str) -> None:
    files = {name: data for name, data in layout_files(NAME, [BASE]).items() if not name.startswith(missing)}
    with pytest.raises(ImageError, match=r"neither index.json nor manifest.json|has no blobs/sha256"):
        read_archive(write_tar(tmp_path / "i.tar", files))


def test_another_platform_is_named(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "i.tar", layout_files(NAME, [BASE], architecture="arm64"))
    with pytest.raises(ImageError, match="has linux/arm64, wanted linux/amd64"):
        read_archive(path)
    assert read_archive(path, platform="linux/arm64")
    docker = write_tar(tmp_path / "d.tar", docker_files(NAME, [BASE], architecture="arm64"))
    with pytest.raises(ImageError, match="has linux/arm64, wanted linux/amd64"):
        read_archive(docker)


def test_a_huge_passwd_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="/etc/passwd has 104857600 bytes, more than the 8388608 allowed"):
        _passwd(tmp_path, layer({"etc/passwd": b"\0" * 104857600}))


def test_a_passwd_of_a_million_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="/etc/passwd has 1000000 lines, more than the 100000 allowed"):
        _passwd(tmp_path, layer({"etc/passwd": b"a:x:1\n" * 1000000}))


def test_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    files = docker_files(NAME, [BASE])
    files["manifest.json"] = files["manifest.json"].replace(b"config.json", b"../secret")
    with pytest.raises(ImageError, match="lies outside"):
        read_archive(write_tar(tmp_path / "i.tar", files))


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8b\x08broken"])
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"is not a readable image archive|is not an image"):
        read_archive(path)
    with pytest.raises(ImageError, match="does not exist"):
        read_archive(tmp_path / "nowhere.tar")


def test_a_pipe_or_device_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        if path.parent == tmp_path:
            os.mkfifo(path)
        with pytest.raises(ImageError, match="is neither a file nor a folder: save the archive to a file"):
            read_archive(path)


def test_a_pipe_in_place_of_a_blob_is_refused_before_it_is_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, layout_files(NAME, [BASE]))
    for blob in (folder / "blobs" / "sha256").iterdir():
        blob.unlink()
        os.mkfifo(blob)
    with pytest.raises(ImageError, match=r"blobs/sha256/[0-9a-f]{64} is not a file"):
        read_archive(folder)
