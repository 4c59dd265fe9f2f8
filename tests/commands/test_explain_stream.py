"""`explain` writes as it goes: memory stays flat, and whatever ends it in the middle leaves nothing."""

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from waiting import PATIENCE

from .conftest import Run, environment

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  securityContext: {runAsUser: 1}\n"
    "  containers: [{name: a, image: i}, {name: b, image: i}]\n"
)
STREAMED = ("text", "json", "markdown")


def _folder(path: Path, count: int) -> Path:
    path.mkdir()
    for number in range(count):
        (path / f"p{number:05}.yaml").write_text(POD % number)
    return path


def _start(folder: Path, *arguments: str, **options: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # options are Popen's own
        [sys.executable, "-m", "podproof", "explain", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **{"env": environment(), **options},
    )


def _peak(folder: Path, form: str) -> int:
    """Give the most memory of a run, in the system's unit."""
    process = _start(folder, ".", "--format", form)
    assert process.stdout is not None
    while process.stdout.read(1 << 20):
        pass
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.mark.parametrize("form", STREAMED)
def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path, form: str) -> None:
    few, many = _folder(tmp_path / "few", 300), _folder(tmp_path / "many", 2400)
    assert _peak(many, form) < 1.15 * _peak(few, form)


def test_memory_does_not_grow_with_the_documents_of_a_file(tmp_path: Path) -> None:
    for name, count in (("few", 300), ("many", 2400)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.yaml").write_text("---\n".join(POD % number for number in range(count)))
    assert _peak(tmp_path / "many", "json") < 1.15 * _peak(tmp_path / "few", "json")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", STREAMED)
def test_a_reader_that_goes_in_the_middle_ends_it(tmp_path: Path, form: str, unbuffered: str) -> None:
    folder = _folder(tmp_path / "pods", 200)
    process = _start(folder, ".", "--format", form, env=environment(PYTHONUNBUFFERED=unbuffered))
    assert process.stdout is not None
    assert process.stderr is not None
    assert len(process.stdout.read(5000)) == 5000
    process.stdout.close()
    assert process.wait(PATIENCE) == 141
    assert process.stderr.read() == b""


@pytest.mark.parametrize("form", STREAMED)
def test_ctrl_c_in_the_middle_ends_it(tmp_path: Path, form: str) -> None:
    folder = _folder(tmp_path / "pods", 200)
    process = _start(folder, ".", "--format", form)
    assert process.stdout is not None
    assert process.stderr is not None
    begin = process.stdout.read(1)  # more than a pipe holds is to come, so that it is in the middle
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(PATIENCE) == 130
    assert begin
    assert len(rest) < 200 * 5000
    assert process.stderr.read() == b"podproof: interrupted\n"


def test_ctrl_c_leaves_the_old_file_of_output(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "pods", 30)
    (tmp_path / "out.txt").write_text("old")
    script = (
        "import os, signal\n"
        "from podproof.outputs import explain_text\n"
        "lines, seen = explain_text._lines, []\n"
        "def _lines(*given):\n"
        "    seen.append(1)\n"
        "    if len(seen) == 20:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return lines(*given)\n"
        "explain_text._lines = _lines\n"
        "from podproof.commands import run_command\n"
        "raise SystemExit(run_command(['explain', 'pods', '--output', 'out.txt']))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, check=False
    )
    assert (result.returncode, result.stderr) == (130, b"podproof: interrupted\n")
    assert (tmp_path / "out.txt").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.txt", "pods"]
    assert folder.exists()


@pytest.mark.parametrize("form", STREAMED)
def test_a_full_disk_leaves_the_old_file_of_output(tmp_path: Path, form: str) -> None:
    _folder(tmp_path / "pods", 100)
    (tmp_path / "out").write_text("old")
    most = 64 << 10
    process = _start(
        tmp_path,
        *("pods", "--format", form, "--output", "out"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert output == b""
    assert errors == b"podproof: cannot write output file out: File too large\n"
    assert (tmp_path / "out").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "pods"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", [*STREAMED, "html"])
def test_standard_output_on_a_full_disk_is_an_error(tmp_path: Path, form: str, unbuffered: str) -> None:
    folder = _folder(tmp_path / "pods", 40)
    most = 64 << 10
    with open(tmp_path / "out", "wb") as output:
        result = subprocess.run(
            [sys.executable, "-m", "podproof", "explain", ".", "--format", form],
            cwd=folder,
            env=environment(PYTHONUNBUFFERED=unbuffered),
            stdout=output,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
            check=False,
        )
    assert result.returncode == 4
    assert result.stderr == b"podproof: cannot write to standard output: File too large\n"


@pytest.mark.parametrize("option", [("--field", "nope"), ("--runtime", "nope"), ("--node", "nope")])
def test_nothing_is_printed_for_a_usage_error(podproof: Run, tmp_path: Path, option: tuple[str, str]) -> None:
    _folder(tmp_path / "pods", 2)
    result = podproof("explain", "pods", *option, "--format", "json")
    assert (result.returncode, result.stdout) == (2, b"")
    assert not (tmp_path / "out").exists()
    assert podproof("explain", "pods", *option, "--output", "out").returncode == 2
    assert not (tmp_path / "out").exists()


def test_output_into_the_folder_that_is_explained(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD % 1)
    (tmp_path / "out.json").write_text('{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": {}}}')
    before = podproof("explain", ".", "--format", "json")
    result = podproof("explain", ".", "--format", "json", "--output", "out.json")
    assert result.returncode == before.returncode == 4
    assert result.stderr == before.stderr
    assert b".tmp" not in result.stderr
    assert (tmp_path / "out.json").read_bytes() == before.stdout


def test_standard_output_into_the_folder_that_is_explained(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "pods", 40)
    with open(folder / "z.yaml", "wb") as output:
        command = [sys.executable, "-m", "podproof", "explain", "."]
        result = subprocess.run(
            command, cwd=folder, env=environment(), stdout=output, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 0
    assert b"note: 1 input is skipped: z.yaml:1: the file is empty" in result.stderr
    assert (folder / "z.yaml").read_text().count("the process will be") == 80


def test_a_pipe_is_read_once(podproof: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        pipe.write_text(POD % 1 + "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\n")

    writer = threading.Thread(target=write)
    writer.start()
    result = podproof("explain", "pipe")
    writer.join()
    assert result.returncode == 0
    assert result.stdout.count(b"the process will be") == 2


def test_a_fault_in_the_middle_is_not_one_of_writing(podproof: Run, tmp_path: Path) -> None:
    _folder(tmp_path / "pods", 2)
    for number, fault in enumerate(("OSError('x')", "ValueError('x')", "AttributeError('x')")):
        patch = tmp_path / f"patch{number}"
        patch.mkdir()
        (patch / "sitecustomize.py").write_text(
            "import podproof.outputs.explain_text as t\n"
            f"def broken(*given): raise {fault}\n"
            "t._lines = broken\n"
        )
        path = f"{patch}{os.pathsep}{Path(__file__).resolve().parents[2] / 'src'}"
        for options in ((), ("--output", "out")):
            result = podproof("explain", "pods", *options, env={"PYTHONPATH": path})
            assert result.returncode == 70
            assert result.stderr.startswith(f"podproof: failed: {fault.partition('(')[0]} at ".encode())
    assert not (tmp_path / "out").exists()
