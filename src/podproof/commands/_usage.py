"""What is said of a wrong command line: an error comes in, one line with the near word and the help goes out.

Imported only when something is wrong.
"""

import os
import re
from collections.abc import Sequence

import click

from ..errors import StateError, UsageError
from .main import VERBS, nearest

__all__ = ["lowered", "parsing_line", "usage_line"]

_NO_VERB = re.compile(r"no such command '([^']*)'")
_CHOICE = re.compile(r"(?P<value>'[^']*') is not one of (?P<choices>'.*')$")


def parsing_line(error: click.UsageError) -> str:
    """Word what click found: an unknown option or verb, a value that is not one of those that there are."""
    command = error.ctx.command_path if error.ctx is not None else "podproof"
    return f"{_parsing(error)} (see {command} --help)"


def _parsing(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        known = error.ctx.command.params if error.ctx is not None else []
        names = [name for option in known for name in option.opts if name.startswith("--")]
        return f"no such option {error.option_name}{nearest(error.option_name, names)}"
    message = lowered(error.format_message())
    verb = _NO_VERB.match(message)
    if verb is not None and error.ctx is not None and isinstance(error.ctx.command, click.Group):
        return f"no such verb: {verb[1]}{nearest(verb[1], list(error.ctx.command.commands))}"
    choice = _CHOICE.search(message)
    if choice is None:
        return message
    return message + nearest(choice["value"].strip("'"), re.findall(r"'([^']*)'", choice["choices"]))


def lowered(message: str) -> str:
    """Turn click's sentences into lines like ours: lower case, no full stop."""
    message = " ".join(message.split()).rstrip(".")
    return message[:1].lower() + message[1:]


def usage_line(error: UsageError, arguments: Sequence[str]) -> str:
    """Word what a verb found wrong, with the verb's help where its options are what is wrong.

    What stands in a file, and what this machine lacks, is no matter of options.
    """
    message = str(error)
    verb = _verb(arguments)
    if isinstance(error, StateError) or not verb or os.path.exists(message.partition(":")[0]):
        return message
    if "(podproof " in message or ": podproof " in message:  # it names a command that tells more
        return message
    return f"{message} (see podproof {verb} --help)"


def _verb(arguments: Sequence[str]) -> str:
    """Give the verb of a command line with its subcommand, "" where there is none."""
    words = [word for word in arguments if not word.startswith("-")][:2]
    if not words or words[0] not in VERBS:
        return ""
    from importlib import import_module

    command = import_module(f"{__package__}.{words[0]}").command
    return " ".join(words) if isinstance(command, click.Group) and words[-1] in command.commands else words[0]
