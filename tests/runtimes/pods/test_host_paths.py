"""hostPath volumes: opened beneath what is allowed, made and verified by type, bound so that they stay."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requires

from podproof.errors import UsageError
from podproof.runtimes.embedded.cleanup import remove_tree
from podproof.runtimes.pods.volumes.host_path import HostPaths, bind_host_path
from podproof.runtimes.pods.volumes.problem import VolumeProblem

Opened = Callable[[str, str], str]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    (folder / "folder").mkdir(parents=True)
    (folder / "file").write_text("mine")
    (folder / "out").symlink_to("/etc")
    (folder / "in").symlink_to(folder / "folder")
    os.mkfifo(folder / "fifo")
    return folder


@pytest.fixture
def opened(given: Path) -> Iterator[Opened]:
    """Open a path below the allowed folder, and give the path of what was opened."""
    paths = HostPaths((str(given),))

    def open_path(path: str, kind: str) -> str:
        fd = paths.open(f"{given}/{path}", kind)
        try:
            return os.path.relpath(os.readlink(f"/proc/self/fd/{fd}"), given)
        finally:
            os.close(fd)

    yield open_path
    paths.close()


@pytest.mark.parametrize(
    ("path", "kind", "where"),
    [
        (".", "", "."),
        ("folder", "", "folder"),
        ("folder", "Directory", "folder"),
        ("folder", "DirectoryOrCreate", "folder"),
        ("file", "File", "file"),
        ("file", "FileOrCreate", "file"),
        ("in", "Directory", "folder"),
        ("new/deep", "DirectoryOrCreate", "new/deep"),
        ("other/new", "", "other/new"),
        ("folder/new", "FileOrCreate", "folder/new"),
    ],
)
def test_what_is_allowed_is_opened_or_made(
    opened: Opened, given: Path, path: str, kind: str, where: str
) -> None:
    assert opened(path, kind) == where
    assert (given / path).is_file() == (kind in ("File", "FileOrCreate"))


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("out", "", "is not under an allowed path"),
        ("out/ssh", "DirectoryOrCreate", "is not under an allowed path"),
        ("../given-not", "", "is not under an allowed path"),
        ("file", "Directory", 'is not a directory, but is a "File"'),
        ("folder", "File", 'is not a file, but is a "Directory"'),
        ("folder", "FileOrCreate", 'is not a file, but is a "Directory"'),
        ("file", "Socket", 'is not a socket file, but is a "File"'),
        ("fifo", "CharDevice", 'is not a character device, but is a "unknown"'),
        ("absent", "File", "unable to determine its type"),
        ("absent", "BlockDevice", "is not a block device, unable to determine its type"),
    ],
)
def test_what_is_not_allowed_or_of_another_type(opened: Opened, path: str, kind: str, words: str) -> None:
    with pytest.raises(VolumeProblem, match=words):
        opened(path, kind)


def test_the_folder_of_a_file_is_not_made(opened: Opened, given: Path) -> None:
    with pytest.raises(FileNotFoundError):
        opened("no/file", "FileOrCreate")
    assert not (given / "no").exists()


def test_a_file_can_be_allowed_itself(given: Path) -> None:
    paths = HostPaths((str(given / "file"),))
    os.close(paths.open(str(given / "file"), "File"))
    with pytest.raises(VolumeProblem, match="is not under an allowed path"):
        paths.open(str(given / "folder"), "")
    paths.close()


def test_a_path_that_is_not_there_yet_can_be_allowed(given: Path) -> None:
    paths = HostPaths((str(given / "new/deep"),))
    os.close(paths.open(str(given / "new/deep/er"), "DirectoryOrCreate"))
    assert (given / "new/deep/er").is_dir()
    with pytest.raises(VolumeProblem, match="is not under an allowed path"):
        paths.open(str(given / "new"), "")
    paths.close()


def test_what_is_allowed_stays_what_it_was(given: Path, tmp_path: Path) -> None:
    """The allowed folder itself becomes a link after it was opened: nothing of the other folder is given."""
    paths = HostPaths((str(given / "folder"),))
    (given / "folder").rename(given / "moved")
    (given / "folder").symlink_to("/etc")
    with pytest.raises(VolumeProblem, match="is not under an allowed path"):
        paths.open(str(given / "folder/passwd"), "File")
    paths.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "sessions/one/volumes/kubernetes.io~host-path"
    yield folder / "v"
    remove_tree(tmp_path / "sessions")


@requires.needs(requires.mounts)
def test_a_bound_path_stays_when_its_name_changes(given: Path, target: Path) -> None:
    paths = HostPaths((str(given),))
    (given / "folder/f").write_text("mine")
    bind_host_path({"path": str(given / "folder")}, paths, target)
    (given / "folder").rename(given / "moved")
    (given / "folder").symlink_to("/etc")
    assert os.listdir(target) == ["f"]
    file = target.with_name("file")
    bind_host_path({"path": str(given / "file"), "type": "File"}, paths, file)
    assert file.read_text() == "mine"
    paths.close()


@requires.needs(requires.mounts)
def test_removing_a_bound_path_leaves_what_is_mounted_below_its_source(given: Path, target: Path) -> None:
    """Mounts below a shared mount are unmounted at every copy of it, unless the copy only follows."""
    subprocess.run(["mount", "-t", "tmpfs", "outer", str(given)], check=True)
    try:
        subprocess.run(["mount", "--make-shared", str(given)], check=True)
        (given / "inner").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "inner", str(given / "inner")], check=True)
        (given / "inner/kept").write_text("kept")
        paths = HostPaths((str(given),))
        bind_host_path({"path": str(given)}, paths, target)
        assert (target / "inner/kept").read_text() == "kept"
        remove_tree(target)
        assert not target.exists()
        assert (given / "inner/kept").read_text() == "kept"
        paths.close()
    finally:
        subprocess.run(["umount", "-R", str(given)], check=True)


@requires.needs(requires.mounts)
def test_what_pods_can_write_is_not_allowed(given: Path, target: Path, tmp_path: Path) -> None:
    sessions = tmp_path / "sessions"
    paths = HostPaths((str(given),), sessions)
    bind_host_path({"path": str(given)}, paths, target)
    paths.close()
    with pytest.raises(UsageError, match="lies in a folder that a kept pod can write"):
        HostPaths((str(given / "folder"),), sessions)
    with pytest.raises(UsageError, match="lies among the volumes of pods"):
        HostPaths((str(target),), sessions)
    for other in (given, tmp_path):
        HostPaths((str(other),), sessions).close()


@requires.needs(requires.mounts)
def test_a_failed_bind_leaves_nothing(given: Path, target: Path) -> None:
    paths = HostPaths((str(given),))
    with pytest.raises(VolumeProblem):
        bind_host_path({"path": "/etc"}, paths, target)
    assert not target.exists()
    paths.close()
