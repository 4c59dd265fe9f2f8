"""Runs attack programs on this machine, in a process of a given user: what the kernel answered comes back."""

import platform
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from waiting import PATIENCE

from podproof.attacks.model.program import CallResult, Program, Script
from podproof.runtimes.helper import helper


def answers(
    folder: Path,
    write: Callable[[Script], None],
    *,
    before: Sequence[str] = (),
    copies: Callable[[Path], None] = lambda _: None,
) -> tuple[CallResult, ...]:
    """Write one script, run it (behind the words `before`, as `setpriv ...`), and read its answers."""
    folder.chmod(0o755)
    program = Program(platform.machine(), str(folder / "program"))
    with program.script("one") as script:
        write(script)
    program.finish("end")
    (folder / "program").write_bytes(program.encode())
    (folder / "helper").write_bytes(helper(platform.machine()))
    (folder / "helper").chmod(0o755)
    copies(folder)
    done = subprocess.run(
        [*before, str(folder / "helper"), str(folder / "program")],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done
    assert f"{program.last_tag} 0" in done.stdout.splitlines(), done
    return program.answers(done.stdout)["one"]
