"""Runs the real command in a process of its own, with byte code, in a folder of its own."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 1 << 30
"""Address space that the command may use: bounded memory is a promise."""

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def environment(**extra: str) -> dict[str, str]:
    """The environment of a person without a terminal: no colors asked for, this checkout's code."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PODPROOF", "FORCE_COLOR", "NO_COLOR"))}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1", **extra}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


@pytest.fixture
def podproof(tmp_path: Path) -> Run:
    """Run podproof in an empty folder; asserts that whatever happens there is no traceback."""

    def run(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None, **options: Any) -> Any:
        result = subprocess.run(
            [sys.executable, "-m", "podproof", *arguments],
            cwd=options.pop("cwd", tmp_path),
            env=environment(**(env or {})),
            input=stdin,
            capture_output=True,
            preexec_fn=_limited,
            timeout=PATIENCE,
            check=False,
            **options,
        )
        assert b"Traceback" not in result.stdout + result.stderr, result.stderr.decode()
        return result

    return run
