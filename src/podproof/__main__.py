"""Starts Podproof: arguments come in, an exit code goes out; what goes wrong is one line, no traceback."""

import gc
import os
import sys

_COLLECT_AFTER = 25_000
"""Objects between two looks for garbage, which Python 3.11 takes every 700: nearly all that a command makes
is kept to its end, so that looking for it costs a tenth of the time and frees next to nothing (measured: peak
memory stays)."""


def main() -> None:
    """Run the command line and exit; see `podproof.commands` for the exit codes."""
    gc.set_threshold(_COLLECT_AFTER)
    if os.environ.get("PODPROOF_READER") == "python":
        sys.modules["podproof_reader"] = None  # type: ignore[assignment]  # so that importing it fails
    from .commands import run_command

    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
