"""The wheel and the sdist hold what users need, and the wheel nothing else."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import podproof

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with one wheel and one sdist, the wheel built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_license(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"podproof-{podproof.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
        (points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert "podproof = podproof.__main__:main" in archive.read(points).decode()
    assert {name.split("/")[0] for name in names} == {"podproof", metadata.split("/")[0]}
    assert "podproof/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name]
    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", text, re.MULTILINE)
    assert sorted(needed) == ["click", "msgspec", "pyyaml"]
    assert "License-Expression: Apache-2.0" in text
    # Every file of the package is in the wheel: tables, pages and schemas as well.
    package = ROOT / "src"
    source = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert source <= set(names)


@pytest.mark.slow
def test_the_sdist_can_be_tested(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "podproof", "test"} <= names
    assert {"requirements.lock", "requirements-dev.lock", "tools/environment.sh"} <= names
    assert "tests/test_package.py" in names
    assert "examples/seed/claims.yaml" in names
    assert not [name for name in names if ".podproof/" in name or "__pycache__" in name]


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == podproof.__version__
