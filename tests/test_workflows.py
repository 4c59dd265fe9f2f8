"""What CI runs of other people is named by commit or digest: a tag can be moved to other code."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"


def test_actions_are_pinned_by_commit() -> None:
    used = [
        line.strip()
        for file in WORKFLOWS.glob("*.yml")
        for line in file.read_text().splitlines()
        if re.match(r"\s*(- )?uses:", line)
    ]
    assert used
    pinned = re.compile(r"(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_packages_are_wheels_of_a_version() -> None:
    lines = [line for file in WORKFLOWS.glob("*.yml") for line in file.read_text().splitlines()]
    installed = [line.partition("pip install ")[2] for line in lines if "pip install " in line]
    assert installed
    assert [
        words for words in installed if not re.fullmatch(r"--only-binary :all: [\w-]+==[\d.]+", words)
    ] == []


def test_images_are_pinned_by_digest() -> None:
    named = [
        line.partition("image:")[2].strip()
        for file in WORKFLOWS.glob("*.yml")
        for line in file.read_text().splitlines()
        if re.match(r"\s*(- )?image:", line)
    ]
    assert len(named) == 3
    by_digest = re.compile(r"\$\{\{ matrix\.image \}\}|[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
    assert [image for image in named if not by_digest.fullmatch(image)] == []


def test_nothing_that_is_downloaded_is_piped_into_a_shell() -> None:
    files = (*WORKFLOWS.glob("*.yml"), ROOT / "reader" / "pyproject.toml", *(ROOT / "tools").glob("*.sh"))
    piped = re.compile(r"(curl|wget)[^\n]*\|\s*(ba)?sh\b")
    assert [file.name for file in files if piped.search(file.read_text())] == []


def test_another_installer_of_rust_is_not_run(tmp_path: Path) -> None:
    settings = tomllib.loads((ROOT / "reader" / "pyproject.toml").read_text())["tool"]["cibuildwheel"]
    command = settings["linux"]["before-all"].replace("{project}", str(ROOT))
    downloads = tmp_path / "curl"
    # what comes as the installer leaves a trace when it is run
    downloads.write_text(
        '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\n'
        f"printf '#!/bin/sh\\n: > {tmp_path}/run\\n' > \"$2\"\n"
    )
    downloads.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "FAILED" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["curl"]
