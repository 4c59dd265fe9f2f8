"""The folder of an OCI layout is packed for the runtime: its own files, and nothing that would never end."""

import os
import tarfile
import tempfile
from pathlib import Path

import pytest

from podproof.errors import InputError
from podproof.runtimes.cri.archives import pack_layout

BLOB = f"blobs/sha256/{'0' * 64}"


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    folder = tmp_path / "layout"
    (folder / BLOB).parent.mkdir(parents=True)
    (folder / BLOB).write_bytes(b"blob")
    (folder / "index.json").write_text("{}")
    (folder / "oci-layout").write_text("{}")
    return folder


def _packed(folder: Path) -> dict[str, bytes]:
    with tempfile.TemporaryFile() as made:
        pack_layout(folder, made)
        made.seek(0)
        with tarfile.open(fileobj=made) as tar:
            return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def test_only_what_is_of_the_layout_is_packed(layout: Path) -> None:
    (layout / "secrets").mkdir()
    (layout / "secrets" / "key").write_text("not of the layout")
    os.mkfifo(layout / "pipe")
    linked = f"blobs/sha256/{'1' * 64}"
    (layout / linked).symlink_to("0" * 64)
    assert _packed(layout) == {"index.json": b"{}", "oci-layout": b"{}", BLOB: b"blob", linked: b"blob"}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/etc/hostname", "is a link that leads out of the layout"),
        ("..", "is not a file"),
        (None, "is not a file"),
    ],
)
def test_what_is_no_file_of_the_layout_is_refused(layout: Path, target: str | None, message: str) -> None:
    (layout / BLOB).unlink()
    if target is None:
        os.mkfifo(layout / BLOB)
    else:
        (layout / BLOB).symlink_to(target)
    with pytest.raises(InputError, match=rf"'{BLOB}' {message}"):
        _packed(layout)
