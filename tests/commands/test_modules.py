"""The short way to Podproof's own modules loads what Python would load, and leaves to it what is odd."""

import importlib.util
import marshal
import os
import py_compile
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

import podproof
from podproof.commands._modules import _OwnLoader, _OwnModules

PACKAGE = podproof.__path__
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n"
TEXT = "answer = 1\ndef ask():\n    return answer\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "asked.py"
    file.write_text(TEXT)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    return file


def load(source: Path) -> tuple[object, bool]:
    """Load a module in the short way; gives its answer, and whether Python had to be asked for its code."""
    spec = _OwnModules.find_spec("podproof.asked", [str(source.parent)])
    assert spec is not None
    assert isinstance(spec.loader, _OwnLoader)
    module = importlib.util.module_from_spec(spec)
    asked = []

    def stats(path: str) -> dict[str, int]:
        asked.append(path)
        return type(loader).path_stats(loader, path)

    loader = spec.loader
    loader.path_stats = stats  # what Python asks of a loader, and the short way does not
    loader.exec_module(module)
    assert module.ask.__code__.co_filename == str(source)
    return module.ask(), bool(asked)


@pytest.mark.parametrize(
    "name",
    [
        "podproof.errors",
        "podproof.kube",
        "podproof.kube.accept",
        "podproof.kube.validation",
        "podproof.checks.privileged",
    ],
)
def test_a_module_is_described_as_python_describes_it(name: str) -> None:
    path = importlib.import_module(name.rpartition(".")[0]).__path__
    short, usual = _OwnModules.find_spec(name, path), PathFinder.find_spec(name, path)
    assert short is not None
    assert usual is not None
    for attribute in ("name", "origin", "cached", "has_location", "submodule_search_locations", "parent"):
        assert getattr(short, attribute) == getattr(usual, attribute), attribute
    assert short.loader.get_code(name) == usual.loader.get_code(name)  # type: ignore[union-attr, attr-defined]  # loads files
    assert short.loader.get_filename(name) == usual.origin  # type: ignore[union-attr, attr-defined]  # loads files


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("podproof", None),
        ("podproof.nothing", PACKAGE),
        ("podproof_reader", PACKAGE),
        ("os.errors", PACKAGE),
        ("podproof.errors", [*PACKAGE, *PACKAGE]),
        ("podproof.errors", ["/nowhere.zip/podproof"]),
    ],
)
def test_the_rest_is_left_to_python(name: str, path: list[str] | None) -> None:
    assert _OwnModules.find_spec(name, path) is None


def test_byte_code_of_the_same_age_is_taken(source: Path) -> None:
    py_compile.compile(str(source))
    assert load(source) == (1, False)


def test_without_byte_code_python_compiles(source: Path) -> None:
    assert load(source) == (1, True)


@pytest.mark.parametrize("changed", ["size", "time"])
def test_old_byte_code_is_not_taken(source: Path, changed: str) -> None:
    py_compile.compile(str(source))
    source.write_text(TEXT.replace("1", "22" if changed == "size" else "2"))
    second = 1_700_000_000 + (changed == "time")
    os.utime(source, (second, second))
    assert load(source) == (22 if changed == "size" else 2, True)


def test_byte_code_that_is_checked_by_its_hash_is_left_to_python(source: Path) -> None:
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    source.write_text(TEXT.replace("1", "2"))
    os.utime(source, (1_700_000_000, 1_700_000_000))
    assert load(source) == (2, True)


def test_byte_code_that_was_compiled_elsewhere_names_the_file(source: Path) -> None:
    py_compile.compile(str(source), dfile="/elsewhere/asked.py")
    assert load(source) == (1, True)


def code_beside(source: Path) -> Path:
    return Path(py_compile.compile(str(source)) or "")


@pytest.mark.parametrize("body", [b"", b"\xff", marshal.dumps("a text")])
def test_damaged_byte_code_ends_as_in_python(source: Path, body: bytes) -> None:
    code = code_beside(source)
    code.write_bytes(code.read_bytes()[:16] + body)
    usual = PathFinder.find_spec("asked", [str(source.parent)])
    assert usual is not None
    with pytest.raises((EOFError, ValueError, ImportError)) as expected:
        usual.loader.get_code("asked")  # type: ignore[union-attr, attr-defined]  # loads files
    with pytest.raises(expected.type, match=str(expected.value)[:10]):
        load(source)


def test_a_command_loads_its_modules_so_and_a_program_does_not() -> None:
    own = "type(m.__dict__.get('__loader__')).__name__ == '_OwnLoader'"
    loaded = f"[m for m in list(sys.modules.values()) if m and {own}]"
    quick = (
        "import atexit, os, sys; sys.argv = ['podproof', 'check', os.devnull];"
        f"atexit.register(lambda: print(len({loaded}), file=sys.stderr));"
        "from podproof.__main__ import main; main()"
    )
    slow = f"import sys, podproof; podproof.evaluate({{'spec': {{'containers': [{{}}]}}}}); print({loaded})"
    command, program = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        for code in (quick, slow)
    )
    assert int(command.stderr.split()[-1]) > 100
    assert program.stdout == "[]\n"


@pytest.mark.parametrize("options", [["-O"], ["-X", "pycache_prefix=/nowhere"]])
def test_where_byte_code_is_another_python_does_all(options: list[str]) -> None:
    code = (
        "import sys; from podproof.commands._modules import shorten_imports;"
        "before = list(sys.meta_path); shorten_imports(); print(sys.meta_path == before)"
    )
    ended = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n"


MOST_MODULES = {"check": 325, "explain": 200, "admit": 275}
"""Podproof's own modules that a command of one file may load: each costs a thousandth of its start."""

UNNEEDED = (
    "asyncio concurrent ctypes email hashlib http logging multiprocessing socket ssl subprocess tomllib"
)


@pytest.mark.parametrize("verb", MOST_MODULES)
def test_a_command_of_one_file_loads_few_modules(verb: str, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(POD)
    code = (
        f"import atexit, sys; sys.argv = ['podproof', '{verb}', 'one.yaml'];"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        "from podproof.__main__ import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    loaded = ended.stderr.split()
    assert ended.returncode in (0, 1), ended.stderr
    assert 100 < sum(name.startswith("podproof.") for name in loaded) < MOST_MODULES[verb]
    assert set(UNNEEDED.split()).isdisjoint(loaded)
