"""Files and folders: what is read, what is not and why."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requires

from podproof.inputs import stdin
from podproof.inputs.files import find
from podproof.inputs.globs import Globs
from podproof.inputs.input import InputFile, SkippedInput, UnreadableInput
from podproof.manifest.limits import Limits


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")


def read(root: Path, **options: tuple[str, ...]) -> list[str]:
    return [
        os.path.relpath(f.file, root) for f in find([str(root)], **options) if isinstance(f, InputFile)
    ]  # fmt: skip


def reasons(root: Path, **options: tuple[str, ...]) -> dict[str, str]:
    skipped = [f for f in find([str(root)], **options) if isinstance(f, SkippedInput)]
    return {os.path.relpath(f.file, root): f.reason for f in skipped}


def find_hidden(root: Path) -> list[str]:
    return [os.path.relpath(f.file, root) for f in find([str(root)], hidden=True) if isinstance(f, InputFile)]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.yaml", "in/sub/b.yaml", "out/secret.yaml", "inner/x.yaml")
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "file.yaml").symlink_to(outside / "secret.yaml")
    (inside / "folder").symlink_to(outside)
    (inside / "begins-alike").symlink_to(tmp_path / "inner")
    (inside / "same.yaml").symlink_to(inside / "sub" / "b.yaml")
    (inside / "note.txt").symlink_to(outside / "secret.yaml")
    assert read(inside) == ["a.yaml", "same.yaml", "sub/b.yaml"]
    reason = "a symbolic link out of the folder: name it, or what it leads to, to have it read"
    assert reasons(inside) == dict.fromkeys(("file.yaml", "folder", "begins-alike"), reason)
    named = str(inside / "folder")
    assert [f.file for f in find([named]) if isinstance(f, InputFile)] == [f"{named}/secret.yaml"]


def test_a_large_hidden_folder_is_not_counted_to_its_end(tmp_path: Path) -> None:
    for number in range(5_001):
        (tmp_path / ".env" / f"{number % 3}").mkdir(parents=True, exist_ok=True)
        (tmp_path / ".env" / f"{number % 3}" / f"{number}.yaml").touch()
    assert " files or more)" in reasons(tmp_path)[".env"]


def test_order_and_suffixes(tmp_path: Path) -> None:
    tree(tmp_path, "b.yml", "a/z.yaml", "a/c.json", "c.txt", "a.yaml")
    assert read(tmp_path) == ["a/c.json", "a/z.yaml", "a.yaml", "b.yml"]


def test_a_kustomization_without_a_suffix_is_read(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", "app/Kustomization", "app/kustomization")
    assert read(tmp_path) == ["a.yaml", "app/Kustomization"]
    assert read(tmp_path, include=("a.*",)) == ["a.yaml"]


def test_the_case_of_a_suffix_is_nothing(tmp_path: Path) -> None:
    tree(tmp_path, "a.YAML", "b.Yml", "c.JSON")
    assert read(tmp_path) == ["a.YAML", "b.Yml", "c.JSON"]


@pytest.mark.parametrize(
    "name",
    ["a.yaml.j2", "a.yml.tmpl", "a.yaml.gz", "a.json.bak", "a.yaml~", "a.jsonl", "a.json5", "a.ndjson"],
)
def test_what_may_hold_manifests_by_its_name_is_told(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "a.yaml", name)
    assert reasons(tmp_path)[name].startswith("its name does not end in .yaml, .yml or .json")
    assert name not in reasons(tmp_path, include=("*.yaml",))
    assert read(tmp_path, include=(name,)) == [name]


def test_other_files_are_nobodys_business(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", "Makefile", "yaml.go", "b.txt", "json.py", "a.jsonnet")
    assert reasons(tmp_path) == {}


def test_hidden_and_links(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", ".git/x.yaml", "sub/.b.yaml", "sub/c.yaml")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert read(tmp_path) == ["a.yaml", "sub/c.yaml"]
    found = reasons(tmp_path)
    assert found.keys() == {".git", "gone.yaml", "pipe.yaml", "sub/.b.yaml", "sub/loop"}
    assert found[".git"] == "hidden folder .git (1 file): name it, or use --hidden"
    assert found["sub/.b.yaml"] == "hidden file .b.yaml: name it, or use --hidden"
    assert find_hidden(tmp_path) == [".git/x.yaml", "a.yaml", "sub/.b.yaml", "sub/c.yaml"]
    assert "leads nowhere" in found["gone.yaml"]
    assert "not a regular file" in found["pipe.yaml"]
    assert "read already" in found["sub/loop"]


def test_choices(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml", "b/a.yaml", "b/c/d.yaml", "x.tpl")
    assert read(tmp_path, exclude=("b",)) == ["a.yaml"]
    assert read(tmp_path, exclude=("b/*/d.yaml",)) == ["a.yaml", "b/a.yaml"]
    assert read(tmp_path, include=("*.tpl",)) == ["x.tpl"]
    assert read(tmp_path, include=("b/**",)) == ["b/a.yaml", "b/c/d.yaml"]
    assert reasons(tmp_path, exclude=("b",)) == {"b": "left out by --exclude"}


def test_nothing_there(tmp_path: Path) -> None:
    (only,) = find([str(tmp_path)])
    assert isinstance(only, SkippedInput)
    assert "nothing in this folder" in only.reason
    (missing,) = find([str(tmp_path / "no")])
    assert isinstance(missing, UnreadableInput)
    assert missing.message.startswith("no such file")


def test_a_named_file_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    tree(tmp_path, ".x", "y.txt")
    names = [str(tmp_path / ".x"), str(tmp_path / "y.txt")]
    assert [f.file for f in find(names, exclude=("*",)) if isinstance(f, InputFile)] == names


def test_too_large(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"#" * 200)
    (only,) = find([str(tmp_path)], limits=Limits(max_bytes=100))
    assert isinstance(only, UnreadableInput)
    (device,) = find(["/dev/zero"], limits=Limits(max_bytes=100))
    assert isinstance(device, UnreadableInput)


@requires.needs(requires.ordinary_user)
def test_no_permission(tmp_path: Path) -> None:
    tree(tmp_path, "a.yaml")
    (tmp_path / "a.yaml").chmod(0)
    (only,) = find([str(tmp_path)])
    assert isinstance(only, UnreadableInput)
    assert "permission" in only.message


def test_standard_input() -> None:
    assert stdin.load(io.BytesIO(b"a: 1")) == InputFile("<stdin>", b"a: 1")
    assert isinstance(stdin.load(io.BytesIO(b"a: 1"), Limits(max_bytes=2)), UnreadableInput)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.yaml", "a/b.yaml", True),
        ("a/*.yaml", "a/b/c.yaml", False),
        ("a/**/c.yaml", "a/c.yaml", True),
        ("**/c.yaml", "a/b/c.yaml", True),
        ("test[0-9].yml", "x/test1.yml", True),
        ("test[!0-9].yml", "test1.yml", False),
        ("a?", "ab", True),
        ("b/", "a/b/c", True),
        ("/b", "a/b", True),
    ],
)
def test_globs(pattern: str, path: str, matches: bool) -> None:
    assert Globs([pattern]).match(path) is matches


@pytest.mark.parametrize("written", [b"", b"a: 1\n"])
def test_a_pipe_that_does_not_end_is_given_up(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR) if written else None
    if writer is not None:
        os.write(writer, written)
    (only,) = find([str(path)], limits=Limits(max_seconds=0.05))
    assert isinstance(only, UnreadableInput)
    assert only.message.startswith(f"its end did not come within 0.05 s ({len(written)} bytes did): ")
    if writer is not None:
        os.close(writer)


def test_pipes_and_files_of_proc_are_read_to_their_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    written = b"a: 1\n" * 100_000
    child = subprocess.Popen([sys.executable, "-c", f"open({str(path)!r}, 'wb').write(b'a: 1\\n' * 100_000)"])
    files = list(find([str(path), "/proc/self/cmdline"]))
    assert child.wait() == 0
    assert files[0] == InputFile(str(path), written)
    assert isinstance(files[1], InputFile)
    assert files[1].data == Path("/proc/self/cmdline").read_bytes()


def test_an_endless_device_is_read_up_to_the_limit() -> None:
    (only,) = find(["/dev/zero"], limits=Limits(max_bytes=1 << 20))
    assert isinstance(only, UnreadableInput)
    assert only.message == "more than the 1 MiB allowed in one file: split the file"


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        (".", ["-.yaml", "a.yaml", "deploy/b.yaml"]),
        ("./", ["-.yaml", "a.yaml", "deploy/b.yaml"]),
        ("./deploy", ["deploy/b.yaml"]),
        (".//deploy/", ["deploy/b.yaml"]),
        ("././a.yaml", ["a.yaml"]),
        ("../here/deploy", ["../here/deploy/b.yaml"]),
        ("deploy/../a.yaml", ["deploy/../a.yaml"]),
    ],
)
def test_a_file_has_one_name_whatever_the_way_that_led_to_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, shown: list[str]
) -> None:
    here = tmp_path / "here"
    tree(here, "a.yaml", "deploy/b.yaml", "-.yaml")
    monkeypatch.chdir(here)
    assert [found.file for found in find([named]) if isinstance(found, InputFile)] == shown


def test_a_hidden_folder_that_has_nothing_to_read_is_not_reported(tmp_path: Path) -> None:
    tree(tmp_path, ".git/config", ".git/objects/ab/cd", ".github/workflows/ci.yml", "a.yaml")
    assert reasons(tmp_path) == {".github": "hidden folder .github (1 file): name it, or use --hidden"}
