"""What measured commands need around them: this checkout, with byte code as an installation has it."""

import os
from compileall import compile_dir
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "environment"]

ROOT = Path(__file__).resolve().parents[1]


@cache
def environment() -> dict[str, str]:
    """Give the variables for `python -m podproof` out of this checkout, whose byte code is written first.

    Without byte code each start would compile three hundred modules, which takes as long as a few hundred
    files.
    """
    compile_dir(ROOT / "src", quiet=2)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT / "src")}
