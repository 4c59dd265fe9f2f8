"""Building from files and packages: what is in the archive, that it is the same again, what is refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
import requires
from waiting import wait_until

from podproof.commands import run_command
from podproof.errors import OutputError, UsageError
from podproof.images.additions import parse_addition, parse_link
from podproof.images.archive import read_archive
from podproof.images.build import build_image, parse_command
from podproof.images.debian import check_packages
from podproof.images.errors import ImageError
from podproof.images.layer_writer import LayerEntry, copy_layer, write_layer
from podproof.images.layout import ImageSettings
from podproof.images.workspace import workspace


def json_in(archive: tarfile.TarFile, name: str) -> Any:
    """Read a file of an archive as JSON."""
    file = archive.extractfile(name)
    assert file is not None, f"{name} is not a regular file"
    return json.load(file)


def layer_of(archive: Path, number: int = 0) -> dict[str, tarfile.TarInfo]:
    """The entries of one layer, as a mapping of name to header."""
    with tarfile.open(archive) as outer:
        index = json_in(outer, "index.json")
        digest = index["manifests"][0]["digest"]
        manifest = json_in(outer, f"blobs/sha256/{digest[7:]}")
        blob = manifest["layers"][number]["digest"]
        with tarfile.open(fileobj=outer.extractfile(f"blobs/sha256/{blob[7:]}")) as layer:
            return {member.name: member for member in layer}


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    path = tmp_path / "tool"
    path.write_bytes(b"\x7fELF")
    path.chmod(0o700)
    return path


def test_an_image_from_files_has_what_was_said(tmp_path: Path, tool: Path) -> None:
    archive = tmp_path / "tool.tar"
    arguments = ["images", "build", "images.example/tool:1", "-o", str(archive), "--from-scratch"]
    arguments += ["--add", f"{tool}:/bin/tool:4755:1000:2000", "--link", "tool:/bin/t", "--user", "1000:2000"]
    arguments += ["--entrypoint", '["/bin/tool", "a b"]', "--command", "--serve 'x y'", "--workdir", "/srv"]
    arguments += ["--env", "A=b=c", "--label", "k=v"]
    assert run_command(arguments) == 0
    (image,) = read_archive(archive)
    # docker's part of the archive names it as well
    assert image.references == ("images.example/tool:1",)
    assert image.config.user == "1000:2000"
    assert image.config.entrypoint == ("/bin/tool", "a b")
    assert image.config.command == ("--serve", "x y")
    assert image.config.working_directory == "/srv"
    assert (image.config.passwd, image.config.group) == ("", "")
    entries = layer_of(archive)
    assert list(entries) == ["bin", "bin/t", "bin/tool"]
    found = entries["bin/tool"]
    assert (found.mode, found.uid, found.gid, found.mtime, found.size) == (0o4755, 1000, 2000, 0, 4)
    assert (entries["bin/t"].linkname, entries["bin"].mode) == ("tool", 0o755)


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, tool: Path) -> None:
    built = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        copied = folder / "tool"
        shutil.copy(tool, copied)
        os.utime(copied, (1, int(name == "a") * 10**9))
        target = folder / "image.tar"
        build_image("x:1", target, settings=ImageSettings(), additions=parse_addition(f"{copied}:/tool"))
        built.append(target.read_bytes())
    assert built[0] == built[1]


def test_source_date_epoch_is_every_time(tmp_path: Path, tool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    archive = tmp_path / "image.tar"
    assert (
        run_command(["images", "build", "x", "-o", str(archive), "--from-scratch", "--add", f"{tool}:/x"])
        == 0
    )
    assert layer_of(archive)["x"].mtime == 1700000000
    with tarfile.open(archive) as outer:
        assert {member.mtime for member in outer} == {1700000000}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert run_command(["images", "build", "x", "-o", str(archive), "--from-scratch"]) == 2


def test_runtimes_find_the_full_name_and_docker_the_short_one(tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    built = build_image("team/web", archive, settings=ImageSettings(platform="linux/arm64"))
    assert built.reference == "docker.io/team/web:latest"
    with tarfile.open(archive) as outer:
        index = json_in(outer, "index.json")
        docker = json_in(outer, "manifest.json")
    (manifest,) = index["manifests"]
    assert manifest["digest"] == built.digest
    assert manifest["annotations"] == {
        "io.containerd.image.name": "docker.io/team/web:latest",
        "org.opencontainers.image.ref.name": "latest",
    }
    assert manifest["platform"] == {"architecture": "arm64", "os": "linux"}
    assert docker[0]["RepoTags"] == ["team/web:latest"]
    with pytest.raises(ImageError, match="has linux/arm64, wanted linux/amd64"):
        read_archive(archive)


def test_a_folder_is_added_with_all_that_is_in_it(tmp_path: Path) -> None:
    source = tmp_path / "etc"
    (source / "empty").mkdir(parents=True)
    (source / "passwd").write_text("root:x:0:0::/:/bin/sh\n")
    (source / "link").symlink_to("/etc/passwd")
    (source / "passwd").chmod(0o4644)
    entries = {entry.path: entry for entry in parse_addition(f"{source}:/etc")}
    assert set(entries) == {"etc", "etc/empty", "etc/passwd", "etc/link"}
    assert entries["etc/passwd"].mode == 0o644, "setuid is not carried over unless it is said"
    assert entries["etc/link"].target == "/etc/passwd"
    assert {entry.path for entry in parse_addition(f"{source}:/")} == {"empty", "passwd", "link"}
    assert parse_addition(f"{source / 'passwd'}:/srv/")[0].path == "srv/passwd"


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        ("tool", r"must be SRC:DST\[:MODE\[:UID:GID\]\]"),
        ("tool:/x:0755:0", "must be SRC:DST"),
        (":/x", "must be SRC:DST"),
        ("tool:x", "must name an absolute path in the image"),
        ("tool:/a/../../x", r"must name an absolute path in the image, without \.\."),
        ("tool:/x:rwx", "mode must be octal, for example 0755 or 4755, has 'rwx'"),
        ("tool:/x:0755:me:0", "UID and GID must be numbers"),
        ("tool:/x:0755:4294967295:0", "UID and GID must be numbers up to 4294967294"),
    ],
)
def test_an_addition_of_another_form_is_refused(addition: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_addition(addition)


def test_what_cannot_be_added_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"cannot read .*missing: No such file or directory"):
        parse_addition(f"{tmp_path / 'missing'}:/x")
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ImageError, match="fifo must be a file or a folder"):
        parse_addition(f"{tmp_path / 'fifo'}:/x")
    with pytest.raises(UsageError, match="must be TARGET:PATH"):
        parse_link("busybox")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["x"], 2, "name what to start from: either --from-debian PKG... or --from-scratch"),
        (["x", "--from-scratch", "--from-debian", "a"], 2, "either"),
        (["x", "y", "--from-scratch"], 2, "--from-scratch takes no packages"),
        (["X", "--from-scratch"], 2, "'X' is not an image name: invalid reference format: repository name"),
        (["x@sha256:" + "a" * 64, "--from-scratch"], 2, "must not have a digest"),
        (["x", "--from-scratch", "--env", "A"], 2, "--env 'A' must be KEY=VALUE"),
        (["x", "--from-scratch", "--entrypoint", "[1]"], 2, "must be a list of strings"),
        (["x", "--from-scratch", "--entrypoint", "a 'b"], 2, "no closing quotation"),
        (["x", "--from-scratch", "--platform", "linux"], 2, "--platform 'linux' must be OS/ARCH"),
        (["x", "--from-debian", "../x"], 2, "'../x' must be a package's name"),
        (["x", "--from-debian", "nginx", "--suite", "-x"], 2, "--suite '-x' must be the name of a release"),
        (["x", "--from-scratch", "--add", "/nowhere:/x"], 4, "cannot read /nowhere: No such file"),
    ],
)
def test_wrong_options_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert run_command(["images", "build", "-o", str(tmp_path / "o.tar"), *arguments]) == code
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_an_archive_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*missing/o.tar: No such file or directory"):
        build_image("x", tmp_path / "missing" / "o.tar", settings=ImageSettings())


def test_a_pipe_is_no_archive_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for output in (pipe, link):
        with pytest.raises(OutputError, match="pipe: it is not a regular file"):
            build_image("x:1", output, settings=ImageSettings())
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [link, pipe]


def test_an_archive_is_written_where_its_link_leads(tmp_path: Path) -> None:
    link = tmp_path / "link.tar"
    link.symlink_to("held.tar")
    build_image("x:1", link, settings=ImageSettings())
    assert link.is_symlink()
    assert tarfile.is_tarfile(tmp_path / "held.tar")


def test_words_are_a_list_or_as_a_shell_splits_them() -> None:
    assert parse_command("--command", 'nginx -g "daemon off;"') == ("nginx", "-g", "daemon off;")
    assert parse_command("--command", ' ["a", ""]') == ("a", "")
    assert parse_command("--command", "") == ()


def test_package_names_are_the_policys() -> None:
    check_packages(["libc6", "g++", "libstdc++6:amd64", "nginx=1.22.1-9+deb12u3"])
    for wrong in ("", "-x", "A", "a b", "a;b", "a/b"):
        with pytest.raises(UsageError, match="must be a package's name"):
            check_packages([wrong])


def test_a_root_file_systems_tar_is_copied_by_name_alone(tmp_path: Path) -> None:
    source = tmp_path / "rootfs.tar"
    with tarfile.open(source, "w") as tar:
        for name, kind in (
            ("./", tarfile.DIRTYPE),
            ("./dev/null", tarfile.CHRTYPE),
            ("./etc/resolv.conf", tarfile.REGTYPE),
            ("./usr/bin/sudo", tarfile.REGTYPE),
            ("./usr/bin/su", tarfile.LNKTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.uid, info.uname, info.mtime = kind, 0o4755, 7, "somebody", 99
            info.linkname = "./usr/bin/sudo" if kind == tarfile.LNKTYPE else ""
            tar.addfile(info)
    with (tmp_path / "layer.tar").open("wb") as file:
        copy_layer(source, file, epoch=5)
    with tarfile.open(tmp_path / "layer.tar") as layer:
        found = {member.name: member for member in layer}
    assert list(found) == ["usr/bin/sudo", "usr/bin/su"]
    sudo = found["usr/bin/sudo"]
    assert (sudo.mode, sudo.uid, sudo.uname, sudo.mtime) == (0o4755, 7, "", 5)
    assert found["usr/bin/su"].linkname == "usr/bin/sudo"


def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    capability = bytes.fromhex("0100000200ff00ff") + bytes(12)
    entry = LayerEntry(path="ping", mode=0o755, data=b"x", xattrs={"security.capability": capability})
    with (tmp_path / "layer.tar").open("wb") as file:
        write_layer(file, [entry], epoch=0)
    with tarfile.open(tmp_path / "layer.tar", errors="surrogateescape") as layer:
        value = layer.getmember("ping").pax_headers["SCHILY.xattr.security.capability"]
    assert value.encode("utf-8", "surrogateescape") == capability


def test_a_killed_builds_folder_goes_with_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import time\nfrom podproof.images.workspace import workspace\n"
        "with workspace() as work:\n    print(work.path, flush=True)\n    time.sleep(60)\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with workspace() as work:
            assert left.is_dir(), "its process lives"
            assert work.path != left
        process.send_signal(signal.SIGKILL)
    assert left.is_dir()
    with workspace() as work:
        assert not left.exists()
    assert list(tmp_path.iterdir()) == []


needs_packages = requires.needs(requires.root, requires.program("mmdebstrap"))


def reachable(error: ImageError) -> None:
    """Skip where the machine has no way to its packages; everything else is a failure."""
    if "Could not resolve" in str(error) or "Could not connect" in str(error):
        pytest.skip(f"no package mirror can be reached: {error}")
    raise error


@needs_packages
def test_an_image_from_packages_runs_no_script_when_asked(tmp_path: Path) -> None:
    from podproof.images.build import Debian

    archive = tmp_path / "busybox.tar"
    try:
        build_image(
            "images.example/busybox:1",
            archive,
            settings=ImageSettings(),
            debian=Debian(("busybox-static",), files_only=True),
            additions=[parse_link("busybox:/bin/sh")],
        )
    except ImageError as error:
        reachable(error)
    names = layer_of(archive)
    assert any(name.endswith("bin/busybox") for name in names)
    assert {member.mtime for member in names.values()} == {0}
    assert "etc/passwd" not in names, "it is a script that makes it"
    assert layer_of(archive, 1)["bin/sh"].linkname == "busybox"


@needs_packages
@pytest.mark.slow
def test_an_image_from_packages_is_set_up_and_the_same_again(tmp_path: Path) -> None:
    from podproof.images.build import Debian

    archives = [tmp_path / "a.tar", tmp_path / "b.tar"]
    for archive in archives:
        try:
            build_image(
                "r:1", archive, settings=ImageSettings(user="redis"), debian=Debian(("redis-server",))
            )
        except ImageError as error:
            reachable(error)
        second = int(time.time())
        wait_until(lambda second=second: int(time.time()) != second, "another second")
    assert archives[0].read_bytes() == archives[1].read_bytes()
    (image,) = read_archive(archives[0])
    assert "\nredis:" in (image.config.passwd or ""), "made by the package's own script"
    names = layer_of(archives[0])
    assert not any(name.startswith("dev/") or name == "etc/resolv.conf" for name in names)
    assert names["var/lib/redis"].uid != 0


@needs_packages
def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    from podproof.images.build import Debian

    with pytest.raises(ImageError) as caught:
        build_image(
            "x",
            tmp_path / "x.tar",
            settings=ImageSettings(),
            debian=Debian(("no-such-package-here",), files_only=True),
        )
    if "Unable to locate" not in str(caught.value):
        reachable(caught.value)
    assert str(caught.value) == "mmdebstrap failed: Unable to locate package no-such-package-here"
    assert not (tmp_path / "x.tar").exists()


def test_without_mmdebstrap_its_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from podproof.images.build import Debian

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"--suite '-x' must be"):
        build_image("x", tmp_path / "x.tar", settings=ImageSettings(), debian=Debian(("nginx",), "-x"))
    with pytest.raises(ImageError, match=r"mmdebstrap is missing, .*: install the package mmdebstrap"):
        build_image("x", tmp_path / "x.tar", settings=ImageSettings(), debian=Debian(("nginx",), "bookworm"))
