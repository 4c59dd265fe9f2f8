"""The command line: one verb per file, imported when it is used.

Arguments come in, an exit code goes out: what the verb returns, and 2 for a wrong command line or
configuration, 4 when a result cannot be delivered, 70 (EX_SOFTWARE) for a fault of Podproof, 130 for Ctrl-C,
141 when the reader of standard output has gone (as the shell reports a program that SIGPIPE ended). A verb
holds no logic that another one needs.
"""

import errno
import os
import sys
from collections.abc import Sequence

from ._messages import say

INCOMPLETE = 4
BUG = 70
INTERRUPTED = 130
CLOSED_PIPE = 141


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    Raises SystemExit: a shell asks for completions, which click answers and then exits. With
    PODPROOF_TRACEBACK set, an exception that is a bug leaves this function as it is.
    """
    # What the terminal's encoding lacks is written as an escape such as \\u2502: no message is cut short.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt:
        if sys.stderr is not None and sys.stderr.isatty():
            print(file=sys.stderr)  # noqa: T201 - the terminal has just printed ^C
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return CLOSED_PIPE
    except RecursionError:
        say("failed: the input is nested too deeply; this is a bug, report it with the input that shows it")
        return BUG
    except MemoryError:
        say("failed: out of memory; check fewer or smaller files at a time")
        return BUG
    except Exception as error:
        if reason := _full(error):
            _abandon_stdout()
            say(f"cannot write to standard output: {reason}")
            return INCOMPLETE
        # The last resort: users see one line; PODPROOF_TRACEBACK=1 shows developers the traceback.
        if os.environ.get("PODPROOF_TRACEBACK"):
            raise
        say(_bug(error))
        return BUG


def _dispatch(arguments: Sequence[str]) -> int:
    from ._libraries import import_libraries

    import_libraries()
    import click

    from ..errors import OutputError, PodproofError, UsageError
    from .main import podproof

    try:
        if "_PODPROOF_COMPLETE" in os.environ:
            from . import _shells

            _shells.register_shells()
            podproof.main(args=list(arguments), prog_name="podproof")
        # Not click's main: it turns a closed pipe into exit code 1, which here means findings.
        with podproof.make_context("podproof", list(arguments)) as context:
            code = podproof.invoke(context)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.exceptions.Abort as abort:
        raise KeyboardInterrupt from abort
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        from ._usage import parsing_line

        say(parsing_line(error))
        return 2
    except click.ClickException as error:
        from ._usage import lowered

        say(lowered(error.format_message()))
        return 2
    except UsageError as error:
        from ._usage import usage_line

        say(usage_line(error, arguments))
        return 2
    except OutputError as error:
        _abandon_stdout()
        say(str(error))
        return INCOMPLETE
    except PodproofError as error:
        say(str(error))
        return INCOMPLETE
    return code if isinstance(code, int) else 0


def _abandon_stdout() -> None:
    """Discard what is left of standard output: Python flushes it once more at exit, which would fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _full(error: Exception) -> str:
    """Give the system's reason why standard output takes no more data; "" for any other error.

    Other results are delivered by `outputs.sink`: only the help that click writes comes here.
    """
    if not isinstance(error, OSError) or error.filename is not None:
        return ""
    return str(error.strerror) if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO) else ""


def _bug(error: Exception) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else ""
    what = " ".join(str(error).split())[:200]
    return (
        f"failed: {type(error).__name__}{where}: {what}; this is a bug: run again with PODPROOF_TRACEBACK=1 "
        "and report what it prints with the input that shows it"
    )
