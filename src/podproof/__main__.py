"""Starts Podproof: arguments come in, an exit code goes out; what goes wrong is one line, no traceback."""

import gc
import os
import sys

_COLLECT_AFTER = 200_000
"""Objects between two looks for garbage, which Python 3.11 takes every 700: nearly all that a command makes
is kept to its end, so that looking for it costs a tenth of the time and frees next to nothing (measured: peak
memory stays). A command about one file makes fewer."""


def main() -> None:
    """Run the command line and exit; see `podproof.commands` for the exit codes."""
    gc.set_threshold(_COLLECT_AFTER)
    if os.environ.get("PODPROOF_READER") == "python":
        sys.modules["podproof_reader"] = None  # type: ignore[assignment]  # so that importing it fails
    from .commands import run_command
    from .commands._modules import shorten_imports

    shorten_imports()
    _leave(run_command(sys.argv[1:]))


def _leave(code: int) -> None:
    """Exit at once: Python would first take apart every module, a tenth of the time for one file.

    What was registered for the end runs, and output is flushed. Where threads still run, or output cannot be
    written, Python decides.
    """
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() == 1:
        import atexit

        try:
            atexit._run_exitfuncs()
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except OSError:
            sys.exit(code)
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
