"""Starts Podproof: arguments come in, an exit code goes out; what goes wrong is one line, no traceback."""

import sys


def main() -> None:
    """Run the command line and exit; see `podproof.commands` for the exit codes."""
    from .commands import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
