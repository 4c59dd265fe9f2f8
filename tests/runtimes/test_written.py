"""What was written into an overlay, and where a volume may be mounted instead: layers made of folders."""

import os
from pathlib import Path

import pytest
import requires

from podproof.runtimes.mountinfo import parse_mountinfo
from podproof.runtimes.observation.written import RootLayers, layers_of, root_layers


def layers(tmp_path: Path, image: list[str], wrote: list[str], mounts: tuple[str, ...] = ()) -> RootLayers:
    """Layers of the paths that the image has and a container wrote; a path with / at its end is a folder."""
    for name, paths in (("lower", image), ("upper", wrote)):
        (tmp_path / name).mkdir()
        for path in paths:
            here = tmp_path / name / path.lstrip("/")
            (here if path.endswith("/") else here.parent).mkdir(parents=True, exist_ok=True)
            if not path.endswith("/"):
                here.write_text("")
    return RootLayers(tmp_path / "upper", (tmp_path / "lower",), frozenset(mounts))


@pytest.mark.parametrize(
    ("image", "wrote", "folders", "blocked"),
    [
        (["/var/cache/app/"], ["/var/cache/app/x"], ("/var/cache/app",), ()),
        (["/var/cache/app/"], ["/var/cache/app/deep/x", "/var/cache/app/y"], ("/var/cache/app",), ()),
        (["/srv/index.html"], ["/srv/www/x"], ("/srv/www",), ()),
        (["/srv/index.html"], ["/srv/x"], (), ("/srv/x",)),
        (["/srv/index.html"], ["/srv/index.html"], (), ("/srv/index.html",)),
        (["/bin/sh"], ["/data/a/b", "/data/c"], ("/data",), ()),
        (["/bin/sh"], ["/x"], (), ("/x",)),
        (["/tmp/"], ["/tmp/a", "/etc/hosts"], ("/tmp",), ()),
        (["/var/lib/pg/"], ["/var/lib/pg/"], (), ()),
        (["/run/"], ["/run/vol/", "/run/app.pid"], ("/run",), ()),
        (["/run/x"], ["/run/vol/"], (), ()),
    ],
)
def test_folders(
    tmp_path: Path, image: list[str], wrote: list[str], folders: tuple[str, ...], blocked: tuple[str, ...]
) -> None:
    written = layers(tmp_path, image, wrote, ("/etc/hosts", "/run/vol/mounted")).written()
    assert (written.folders, written.blocked) == (folders, blocked)


def test_a_path_that_was_refused(tmp_path: Path) -> None:
    root = layers(tmp_path, ["/data/", "/etc/passwd"], [])
    assert root.folder_for("/data/x") == "/data"
    assert root.folder_for("/data/x/y") == "/data"
    assert root.folder_for("/new/x") == "/new"
    assert root.folder_for("/etc/x") is None
    assert root.folder_for("/etc/new/x") == "/etc/new"


def test_links_stay_in_the_image(tmp_path: Path) -> None:
    root = layers(tmp_path, ["/data/", "/var/"], [])
    (tmp_path / "lower" / "var" / "run").symlink_to("/data")
    (tmp_path / "lower" / "var" / "up").symlink_to("../../../data/x")
    (tmp_path / "lower" / "loop").symlink_to("loop")
    (tmp_path / "upper" / "away").symlink_to("/etc")
    assert root.folder_for("/var/run/x/y") == "/data"
    assert root.folder_for("/var/up/y") == "/data"
    assert root.folder_for("/loop/x") is None
    assert root.written().blocked == ("/away",)


@pytest.mark.skipif(bool(requires.root()), reason=requires.root())
def test_owners_and_whiteouts(tmp_path: Path) -> None:
    root = layers(tmp_path, ["/data/deep/"], [])
    os.chown(tmp_path / "lower" / "data", 70, 70)
    assert (root.owner_of("/data/x/y"), root.owner_of("/data/deep"), root.owner_of("/none")) == (70, 0, None)
    os.mknod(tmp_path / "lower" / "gone", 0o020000, os.makedev(0, 0))
    assert root.folder_for("/gone/x") == "/gone"


def test_layers_of_a_process() -> None:
    line = "1 0 0:5 / / rw - overlay overlay rw,lowerdir=/l/2:/l/1,upperdir=/u,workdir=/w\n"
    more = "2 1 0:6 / /etc/hosts rw - ext4 /dev/sda rw\n"
    found = layers_of(parse_mountinfo(line + more))
    assert found == RootLayers(Path("/u"), (Path("/l/2"), Path("/l/1")), frozenset(("/etc/hosts",)))
    assert layers_of(parse_mountinfo(line.replace("/l/2:/l/1", "2:1"))) is None
    assert layers_of(parse_mountinfo(line.replace("- overlay", "- ext4"))) is None
    assert layers_of(()) is None
    assert root_layers(2**31 - 1) is None
