"""The launcher `./podproof`: one start sets up, the next ones only run; nothing half-made is ever used.

A stub stands in for the package and an empty lock file for the real one, so that these tests need no network;
the last one uses what is there.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[1]
STUB = "import json, sys\nprint(json.dumps([sys.argv[1:], sys.executable, sys.flags.isolated]))\n"
EMPTY_LOCK = "# nothing\n"


def environment(**changes: str) -> dict[str, str]:
    """What a plain shell has: no settings of Python or of this test run, and no uv."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PODPROOF"))}
    kept["PATH"] = os.pathsep.join(
        folder for folder in kept["PATH"].split(os.pathsep) if not Path(folder, "uv").exists()
    )
    # This Python is one that can make environments; a machine's first one may not be.
    kept["PODPROOF_PYTHON"] = sys.executable
    return kept | changes


def copy(target: Path) -> Path:
    """A checkout with a stub for the package and nothing to install."""
    target.mkdir(parents=True)
    shutil.copy2(ROOT / "podproof", target)
    shutil.copytree(ROOT / "tools", target / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "src" / "podproof").mkdir(parents=True)
    (target / "src" / "podproof" / "__main__.py").write_text(STUB)
    (target / "requirements.lock").write_text(EMPTY_LOCK)
    return target


def launch(
    checkout: Path,
    *arguments: str,
    cwd: Path | None = None,
    program: Path | str | None = None,
    **changes: str,
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program or checkout / "podproof", *arguments],
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def environments(checkout: Path) -> list[str]:
    return sorted(path.name for path in (checkout / ".podproof").iterdir() if path.is_dir())


def snapshot(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in a path with spaces that has been started once."""
    checkout = copy(tmp_path_factory.mktemp("launcher") / "a path with 'spaces'" / "checkout")
    first = launch(checkout, "first")
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines() == [
        "podproof: setting up a private environment in .podproof (once for each change of requirements.lock)"
    ]
    assert '[["first"]' in first.stdout
    return checkout


def test_a_second_start_says_and_writes_nothing(ready: Path) -> None:
    before = snapshot(ready)
    second = launch(ready, "check", "a b", "", "--", "*")
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout.startswith('[["check", "a b", "", "--", "*"], ')
    assert snapshot(ready) == before


def test_it_runs_isolated(ready: Path, tmp_path: Path) -> None:
    """Neither the folder that is checked nor the caller's PYTHON variables choose what is imported."""
    (tmp_path / "podproof").mkdir()
    (tmp_path / "podproof" / "__main__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong one')")
    result = launch(ready, cwd=tmp_path, PYTHONPATH=str(tmp_path), PYTHONHOME="/nowhere")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith(", 1]\n")


@pytest.mark.slow
def test_byte_code_is_there_although_the_caller_forbids_it(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    assert launch(checkout, PYTHONDONTWRITEBYTECODE="1").returncode == 0
    assert list((checkout / "src" / "podproof" / "__pycache__").glob("__main__.*.pyc"))


def test_it_runs_by_symbolic_links_and_from_anywhere(ready: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    absolute = tmp_path / "bin" / "absolute"
    absolute.symlink_to(ready / "podproof")
    relative = tmp_path / "relative"
    relative.symlink_to(Path("bin", "absolute"))
    for program in (absolute, relative):
        assert launch(ready, program=program, cwd=Path("/")).returncode == 0
    assert launch(ready, program="./podproof", cwd=ready).returncode == 0
    by_path = environment(PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert subprocess.run(["relative"], env=by_path, check=False, capture_output=True).returncode == 0
    by_name = subprocess.run(
        ["sh", "podproof"], cwd=ready, env=environment(), check=False, capture_output=True
    )
    assert by_name.returncode == 0


def test_a_checkout_may_be_moved(ready: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(ready, moved, symlinks=True)
    result = launch(moved)
    assert (result.returncode, result.stderr) == (0, "")
    assert str(moved) in result.stdout


@pytest.mark.slow
def test_a_changed_lock_file_means_a_new_environment_and_the_old_one_stays(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    launch(checkout)
    before = environments(checkout)
    stamp = (checkout / "requirements.lock").stat()
    (checkout / "requirements.lock").write_text("# another\n")
    # Not by the time of the file: archives and checkouts keep old ones.
    os.utime(checkout / "requirements.lock", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert "setting up" in launch(checkout).stderr
    assert len(environments(checkout)) == 2
    (checkout / "requirements.lock").write_text(EMPTY_LOCK)
    assert launch(checkout).stderr == ""
    assert set(before) < set(environments(checkout))


@pytest.mark.slow
def test_an_environment_whose_python_is_gone_is_made_again(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    launch(checkout)
    python = checkout / ".podproof" / environments(checkout)[0] / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    again = launch(checkout)
    assert again.returncode == 0
    assert "setting up" in again.stderr
    assert len(environments(checkout)) == 1


@pytest.mark.slow
def test_two_first_starts_at_once_both_succeed(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    running = [
        subprocess.Popen(
            [checkout / "podproof", str(number)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for number, process in enumerate(running):
        stdout, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, stderr
        assert stdout.startswith(f'[["{number}"]')
    assert len(environments(checkout)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda kill: kill.name)
def test_an_interrupted_set_up_leaves_nothing_half_made(tmp_path: Path, kill: signal.Signals) -> None:
    checkout = copy(tmp_path / "checkout")
    process = subprocess.Popen(
        [checkout / "podproof"],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: any(checkout.glob(".podproof/new-*/bin")), "the folder of a set-up", pause=0.01)
    os.killpg(process.pid, kill)
    process.wait(timeout=PATIENCE)
    assert process.returncode != 0
    assert not [name for name in environments(checkout) if name.startswith("run-")]
    again = launch(checkout)
    assert again.returncode == 0, again.stderr
    assert [name for name in environments(checkout) if not name.startswith("run-")] == []


@pytest.mark.slow
def test_a_failing_installation_ends_in_one_line_with_exit_code_2(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    (checkout / "requirements.lock").write_text("podproof-no-such-file @ file:///nowhere/nothing.whl\n")
    result = launch(checkout)
    assert result.returncode == 2
    assert result.stdout == ""
    said = result.stderr.splitlines()
    assert len(said) == 2
    assert said[1].startswith("podproof: cannot install what requirements.lock names (")
    assert said[1].endswith(f"the whole story is in {checkout}/.podproof/run.log")
    assert environments(checkout) == []


def test_nothing_is_built_from_source(tmp_path: Path) -> None:
    """A source package runs code of its own when it is built, so its hash alone protects nobody from it."""
    checkout = copy(tmp_path / "checkout")
    index = tmp_path / "index"
    index.mkdir()
    (index / "only_source-1.0.tar.gz").write_bytes(b"never unpacked")
    (checkout / "requirements.lock").write_text(f"only-source==1.0 --hash=sha256:{'0' * 64}\n")
    result = launch(checkout, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(index))
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()[1:]
    assert line.startswith("podproof: there is no wheel of only-source==1.0 for Python 3.")
    assert "and nothing that requirements.lock names is built from source: name another Python" in line


@pytest.mark.parametrize("set_up", ["an environment", "only the folder"])
def test_a_folder_that_everybody_can_write_is_not_used(ready: Path, tmp_path: Path, set_up: str) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(ready, checkout, symlinks=True)
    if set_up == "only the folder":
        shutil.rmtree(checkout / ".podproof")
        (checkout / ".podproof").mkdir()
    (checkout / ".podproof").chmod(0o1777)
    result = launch(checkout)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"podproof: everybody can write to {checkout}/.podproof, so nothing is started from it:"
        " remove it, and the next start makes it anew\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_that_somebody_else_owns_is_not_used(ready: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(ready, checkout, symlinks=True)
    os.chown(checkout / ".podproof", 12345, 12345)
    result = launch(checkout)
    assert (result.returncode, result.stdout) == (2, "")
    assert (
        "/.podproof belongs to user 12345, who owns neither this checkout nor this process" in result.stderr
    )
    os.chown(checkout, 12345, 12345)
    assert launch(checkout).returncode == 0, "who owns the checkout decides what is started anyway"


def test_the_folder_is_made_for_its_owner_whatever_the_umask(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    command = ["sh", "-c", 'umask 0; exec "$0"', checkout / "podproof"]
    subprocess.run(command, env=environment(), capture_output=True, timeout=PATIENCE, check=True)
    writable = [
        path
        for path in (checkout / ".podproof").rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 2
    ]
    assert writable == []
    assert launch(checkout).returncode == 0


def test_a_missing_lock_file_is_an_incomplete_checkout(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    (checkout / "requirements.lock").unlink()
    result = launch(checkout)
    assert result.returncode == 2
    assert result.stderr == (
        f"podproof: {checkout}/requirements.lock is missing: this is not a complete checkout\n"
    )


def commands(folder: Path, **scripts: str) -> str:
    """A PATH that begins with these commands."""
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


def bare(folder: Path) -> str:
    """A Python whose venv module is absent until the file `installed` is there."""
    folder.mkdir(exist_ok=True)
    path = folder / "bare-python"
    path.write_text(
        f'#!/bin/sh\nif [ -e "{folder}/installed" ]; then echo venv {sys.executable}; '
        "else echo bare /usr/bin/python3.11; fi\n"
    )
    path.chmod(0o755)
    return str(path)


def test_without_the_venv_module_a_user_is_told_the_package_in_one_line(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    path = commands(tmp_path / "bin", id="echo 1000", apt_get="echo called >&2; exit 1")
    result = launch(checkout, PATH=path, PODPROOF_PYTHON=bare(tmp_path / "bin"))
    assert result.returncode == 2
    assert result.stderr.splitlines()[1:] == [
        "podproof: /usr/bin/python3.11 has no venv module: install the package python3.11-venv"
    ]


@pytest.mark.slow
def test_without_the_venv_module_root_gets_the_package_installed(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    folder = tmp_path / "bin"
    # The list of packages is as old as the machine: only the attempt after an update succeeds.
    path = commands(
        folder,
        id="echo 0",
        apt_get=f'echo "$*" >>"{folder}/calls"; case $* in\n'
        f'update) touch "{folder}/updated" ;;\n'
        f'*) [ -e "{folder}/updated" ] && touch "{folder}/installed" ;;\nesac',
    )
    result = launch(checkout, PATH=path, PODPROOF_PYTHON=bare(folder))
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[1:] == [
        "podproof: installing python3.11-venv with apt-get: the private environment is made with it"
    ]
    installation = "install --yes --no-install-recommends python3.11-venv"
    assert (folder / "calls").read_text().splitlines() == [installation, "update", installation]


def test_without_a_python_that_is_new_enough_it_says_so(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    old = commands(tmp_path / "bin", id="echo 1000", old_python="exit 0")
    result = launch(checkout, PATH=old, PODPROOF_PYTHON="old-python")
    assert result.returncode == 2
    assert result.stderr.splitlines()[1:] == [
        "podproof: needs Python 3.11 or newer: install it, or name one in PODPROOF_PYTHON"
    ]


@pytest.mark.slow
def test_when_uv_does_not_succeed_pip_does(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    path = commands(tmp_path / "bin", uv="echo no index >&2; exit 1")
    result = launch(checkout, PATH=path)
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[1:] == [
        "podproof: uv did not succeed (see .podproof/run.log), trying pip"
    ]


@pytest.mark.slow
def test_the_set_up_leaves_standard_input_to_the_command(tmp_path: Path) -> None:
    checkout = copy(tmp_path / "checkout")
    (checkout / "src" / "podproof" / "__main__.py").write_text("import sys\nprint(sys.stdin.read())\n")
    result = subprocess.run(
        [checkout / "podproof"],
        env=environment(),
        input="kind: Pod",
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "kind: Pod\n"


def test_the_lock_files_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text().splitlines()
        assert [line for line in lines if "://" in line or line.startswith("-")] == [], name
        assert sum("--hash=sha256:" in line for line in lines) > 0


@pytest.mark.slow
def test_the_real_lock_file_gives_a_running_command(tmp_path: Path) -> None:
    """A fresh copy of everything, first start with what the lock names, second start without a word."""
    checkout = tmp_path / "fresh clone"
    left_out = shutil.ignore_patterns(
        ".podproof", ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "tests"
    )
    shutil.copytree(ROOT, checkout, ignore=left_out, symlinks=True)
    first = launch(checkout, "--version")
    assert first.returncode == 0, first.stderr
    second = launch(checkout, "--version", cwd=tmp_path)
    assert (second.returncode, second.stderr, second.stdout) == (0, "", first.stdout)
