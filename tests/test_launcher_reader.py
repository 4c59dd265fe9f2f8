"""A checkout builds its native reader where it finds cargo, once for each content of reader/.

A stub stands in for cargo: it writes a library as cargo would, and counts how often it is called.
"""

import os
import shutil
from pathlib import Path

import pytest
import requires
from test_launcher import copy, environment, launch

BUILDING = "podproof: building the native reader (once for each change of reader/)"
NOT_BUILT = (
    "podproof: it could not be built, so YAML is read with Python alone: "
    "the reason is in .podproof/reader.log"
)
SHOW = """
import importlib.machinery, json, sys
spec = importlib.machinery.PathFinder.find_spec("podproof_reader")
print(json.dumps([spec and spec.origin]))
"""
CARGO = """#!/bin/sh
echo "$PWD $*" >>"{calls}"
mkdir -p "$CARGO_TARGET_DIR/release"
echo library >"$CARGO_TARGET_DIR/release/libpodproof_reader.so"
"""


class Checkout:
    """A checkout with a reader to build, and a folder in which `cargo` stands or does not."""

    def __init__(self, started: Path, folder: Path) -> None:
        self.root = folder / "a path with 'spaces'"
        shutil.copytree(started, self.root, symlinks=True)
        (self.root / "reader" / "src").mkdir(parents=True)
        self.source = self.root / "reader" / "src" / "lib.rs"
        self.source.write_text("// one\n")
        (self.root / "reader" / "Cargo.lock").write_text("")
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.calls = folder / "calls"
        self.calls.write_text("")

    def install_cargo(self, script: str = CARGO) -> None:
        (self.programs / "cargo").write_text(script.format(calls=self.calls))
        (self.programs / "cargo").chmod(0o755)

    def start(self, **changes: str) -> tuple[str, list[str]]:
        """Give what a start prints, and the lines that it says beside that of the environment."""
        path = environment()["PATH"].split(os.pathsep)
        path = [folder for folder in path if not Path(folder, "cargo").exists()]
        result = launch(self.root, PATH=os.pathsep.join([str(self.programs), *path]), **changes)
        assert result.returncode == 0, result.stderr
        said = [line for line in result.stderr.splitlines() if "private environment" not in line]
        return result.stdout, said

    @property
    def builds(self) -> int:
        return len(self.calls.read_text().splitlines())


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the time before there was a reader, which has its environment."""
    root = copy(tmp_path_factory.mktemp("reader") / "checkout")
    (root / "src" / "podproof" / "__main__.py").write_text(SHOW)
    assert launch(root).stdout == "[null]\n"
    (found,) = root.glob(".podproof/run-*/lib/python3*/site-packages/podproof.pth")
    found.write_text("../../../../../src\n")
    return root


@pytest.fixture
def checkout(started: Path, tmp_path: Path) -> Checkout:
    return Checkout(started, tmp_path)


def test_it_is_built_once_and_found_by_every_start(checkout: Checkout) -> None:
    checkout.install_cargo()
    shown, said = checkout.start()
    assert said == [BUILDING]
    assert shown.endswith('/.podproof/reader/podproof_reader.abi3.so"]\n')
    assert checkout.calls.read_text() == f"{checkout.root}/reader build --release --locked --quiet\n"
    assert checkout.start() == (shown, [])
    assert checkout.builds == 1
    assert not list((checkout.root / ".podproof").glob("new-*"))


def test_nothing_is_built_for_who_switches_it_off(checkout: Checkout) -> None:
    checkout.install_cargo()
    assert checkout.start(PODPROOF_READER="python") == ("[null]\n", [])
    assert checkout.builds == 0
    checkout.start()
    assert checkout.builds == 1


def test_a_change_builds_it_again_and_going_back_does_not(checkout: Checkout) -> None:
    checkout.install_cargo()
    checkout.start()
    first = (checkout.root / ".podproof" / "reader").resolve()
    checkout.source.write_text("// two\n")
    assert checkout.start()[1] == [BUILDING]
    assert (checkout.root / ".podproof" / "reader").resolve() != first
    checkout.source.write_text("// one\n")
    assert checkout.start()[1] == []
    assert (checkout.root / ".podproof" / "reader").resolve() == first
    assert checkout.builds == 2


def test_without_cargo_nothing_is_said(checkout: Checkout) -> None:
    assert checkout.start() == ("[null]\n", [])
    assert checkout.start() == ("[null]\n", [])


@pytest.mark.parametrize(
    "script", ["#!/bin/sh\necho no network\nexit 101\n", "#!/bin/sh\n"], ids=["fails", "gives no library"]
)
def test_what_cannot_be_built_is_one_line_more_and_not_tried_again(checkout: Checkout, script: str) -> None:
    checkout.install_cargo(script)
    assert checkout.start() == ("[null]\n", [BUILDING, NOT_BUILT])
    assert checkout.start() == ("[null]\n", [])


@pytest.mark.slow
def test_a_first_start_makes_the_environment_and_the_reader(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / ".podproof")
    checkout.install_cargo()
    shown, said = checkout.start()
    assert said == [BUILDING]
    assert shown.endswith('podproof_reader.abi3.so"]\n')


@requires.needs(requires.ordinary_user)
def test_a_checkout_that_cannot_be_written_to_runs_without_it(checkout: Checkout) -> None:
    checkout.install_cargo()
    (checkout.root / ".podproof").chmod(0o555)
    assert checkout.start() == ("[null]\n", [])
