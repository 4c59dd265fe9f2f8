"""`--cache`: the output is that of a run without one, whatever lies in it; only what changed is judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

from .conftest import environment
from .test_check_jobs import FORMATS, run, untimed

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers: [{{name: ä, image: nginx}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(30):
        (folder / f"pod{number}.yaml").write_text(POD.format(name=f"a{number}"), encoding="utf-8")
    (folder / "broken.yaml").write_text("a: [\n", encoding="utf-8")
    (folder / "half.json").write_text('{"a": "\\ud800"}', encoding="utf-8")
    return folder


def cached(folder: Path, *options: str, cache: str = "../cache") -> tuple[int, bytes, bytes]:
    """Check with a cache; the result has to be that of a run without."""
    result = run(folder, *options, "--cache", cache)
    assert result == run(folder, *options)
    return result


def records(folder: Path) -> dict[str, tuple[int, int]]:
    """Tell the files of records, and when each was last written."""
    files = (folder.parent / "cache").iterdir()
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("options", FORMATS, ids="_".join)
def test_a_second_run_finds_everything_and_writes_nothing(folder: Path, options: tuple[str, ...]) -> None:
    first = cached(folder, *options)
    written = records(folder)
    assert len(written) == 1
    assert cached(folder, *options) == first
    assert cached(folder, *options, "--jobs", "2") == first
    assert records(folder) == written


def test_what_changed_is_judged(folder: Path) -> None:
    cached(folder)
    before = records(folder)
    (folder / "pod3.yaml").write_text(POD.format(name="other") + "  hostPID: true\n", encoding="utf-8")
    (folder / "pod4.yaml").unlink()
    (folder / "pod5.yaml").rename(folder / "renamed.yaml")
    assert b"renamed.yaml" in cached(folder)[1]
    assert records(folder) != before


def test_after_files_went_a_run_writes_once_more_how_they_stand_now(folder: Path) -> None:
    cached(folder)
    for number in range(0, 30, 7):
        (folder / f"pod{number}.yaml").unlink()
    changed = cached(folder)
    written = records(folder)
    assert cached(folder) == changed
    assert records(folder) == written


def test_every_way_of_asking_has_its_own_records(folder: Path) -> None:
    (folder / "node.yaml").write_text("kernel: '6.1'\n", encoding="utf-8")
    ways = [
        (),
        ("--level", "baseline"),
        ("--level", "restricted:v1.24"),
        ("--kubernetes-version", "v1.30"),
        ("--ignore", "writable-root-filesystem"),
        ("--kubernetes-version", "v1.30", "--feature-gates", "ProcMountType=true"),
        ("--verbose",),
    ]
    for number, way in enumerate(ways, 1):
        cached(folder, "--exclude", "node.yaml", *way)
        assert len(records(folder)) == number


def test_what_lies_beside_a_file_bears_on_it(folder: Path) -> None:
    (folder / "values.yaml").write_text("a: 1\n", encoding="utf-8")
    assert b"probably the values" in cached(folder, "--verbose")[1]
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: a\n", encoding="utf-8")
    assert b"probably the values" not in cached(folder, "--verbose")[1]


def test_a_definition_elsewhere_bears_on_its_objects(folder: Path) -> None:
    from .test_check_jobs import CLAIM, CUSTOM, DEFINITION, DEPLOYMENT

    (folder / "custom.yaml").write_text(CUSTOM, encoding="utf-8")
    (folder / "web.yaml").write_text(DEPLOYMENT.format(number=1, user=1000), encoding="utf-8")
    before = cached(folder)
    (folder / "definition.yaml").write_text(DEFINITION, encoding="utf-8")
    (folder / "claim.yaml").write_text(CLAIM, encoding="utf-8")
    assert cached(folder)[1] != before[1]
    (folder / "definition.yaml").unlink()
    (folder / "claim.yaml").unlink()
    assert cached(folder) == before


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99, 1.0])
def test_a_damaged_file_is_not_used(folder: Path, part: float) -> None:
    cached(folder)
    (path,) = (folder.parent / "cache").iterdir()
    data = bytearray(path.read_bytes())
    data[min(int(part * len(data)), len(data) - 1)] ^= 0x55
    path.write_bytes(data)
    cached(folder)
    path.write_bytes(data[: int(part * len(data))])
    cached(folder)


def test_what_others_could_have_written_is_not_used(folder: Path) -> None:
    cached(folder)
    (path,) = (folder.parent / "cache").iterdir()
    path.chmod(0o666)
    before = path.stat().st_ino
    cached(folder)
    assert path.stat().st_ino != before  # written anew
    path.rename(folder.parent / "elsewhere")
    path.symlink_to(folder.parent / "elsewhere")
    cached(folder)
    assert not path.is_symlink()


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_folder_that_others_can_write_is_refused(folder: Path, mode: int) -> None:
    cache = folder.parent / "open"
    cache.mkdir()
    cache.chmod(mode)
    code, out, error = run(folder, "--cache", str(cache))
    assert (code, out) == (2, b"")
    assert b"others could write into it" in error


@pytest.mark.parametrize("cache", ["/proc/none", "/dev/null", "a\udc80/\0"])
def test_what_cannot_be_a_folder_is_refused(folder: Path, cache: str) -> None:
    if "\0" in cache:
        cache = "broken.yaml"
    code, _, error = run(folder, "--cache", cache)
    assert code == 2
    assert error.startswith(b"podproof: --cache ")


def test_old_ways_of_asking_are_removed(folder: Path) -> None:
    (folder.parent / "cache").mkdir(mode=0o700)
    foreign = folder.parent / "cache" / "kept.records"
    foreign.write_bytes(b"")
    for number in range(12):
        path = folder.parent / "cache" / f"{number:032x}.records"
        path.write_bytes(b"")
        os.utime(path, (number, number))
    cached(folder)
    names = set(records(folder))
    assert len(names) == 8 + 1
    assert foreign.name in names
    assert f"{4:032x}.records" not in names


def test_what_a_killed_run_left_is_removed_once_nobody_can_write_it(folder: Path) -> None:
    (folder.parent / "cache").mkdir(mode=0o700)
    names = [f"{0:032x}.records.{process}.tmp" for process in (1, 2)]
    for name in (*names, "mine.records.1.tmp"):
        (folder.parent / "cache" / name).write_bytes(b"half")
    os.utime(folder.parent / "cache" / names[0], (1, 1))
    os.utime(folder.parent / "cache" / "mine.records.1.tmp", (1, 1))
    cached(folder)
    assert len(records(folder)) == 3
    assert {names[1], "mine.records.1.tmp"} < set(records(folder))


def test_runs_beside_each_other_do_not_disturb_each_other(folder: Path) -> None:
    expected = run(folder)
    command = [sys.executable, "-m", "podproof", "check", "--cache", "../cache"]
    for _ in range(2):
        runs = [
            subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE) for _ in range(4)
        ]
        for process in runs:
            out, _ = process.communicate(timeout=PATIENCE)
            assert (process.returncode, untimed(out)) == expected[:2]
    assert all(name.endswith(".records") for name in records(folder))
