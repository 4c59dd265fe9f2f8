"""Options that several verbs share, as decorators of click commands.

`check` imports this module at its start, so it imports nothing but click.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = [
    "WithCommand",
    "allow_ignoring_refusals",
    "behind_dashes",
    "color",
    "config",
    "feature_gates",
    "folders",
    "images",
    "kubernetes_version",
    "names",
    "node",
    "output",
    "page_format",
    "runtime",
    "show",
    "verbose",
]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class WithCommand(click.Command):
    """Keeps what follows `--` apart from the arguments; `behind_dashes` gives it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command away before click reads the rest."""
        if "--" in args:
            at = args.index("--")
            ctx.meta["podproof.command"] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


def behind_dashes(context: click.Context) -> tuple[str, ...]:
    """Give what followed `--`, nothing where it was not written."""
    command: tuple[str, ...] = context.meta.get("podproof.command", ())
    return command


def names(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Take several names from one option, separated by commas: the callback of an option with `multiple`."""
    return tuple(name.strip() for names_list in value for name in names_list.split(",") if name.strip())


def _file_to_write(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse the name of a format, which kubectl's `-o` would take: it would become a file of that name."""
    formats = next((option.type for option in context.command.params if "--format" in option.opts), None)
    if value is not None and value in getattr(formats, "choices", ()):
        raise click.UsageError(f"--output names a file: write --format {value}, or ./{value} for a file")
    return value


images = click.option(
    "--images",
    metavar="FILE",
    help="The lock file of the images.  [default: podproof-images.yaml if present]",
)
runtime = click.option(
    "--runtime", metavar="NAME[-VERSION]", help="The node's container runtime.  [default: containerd-2.3.7]"
)
feature_gates = click.option(
    "--feature-gates",
    metavar="NAME=BOOL,...",
    multiple=True,
    help="Feature gates that the cluster sets; the others are as its version has them.",
)
allow_ignoring_refusals = click.option(
    "--allow-ignoring-refusals",
    is_flag=True,
    help="Let manifests and baselines accept what the API server refuses and what will not start.",
)
node = click.option("--node", metavar="FILE", help="A YAML file about the node; what is absent is unknown.")
kubernetes_version = click.option(
    "--kubernetes-version",
    metavar="VERSION",
    help="The cluster's version, such as 1.34.  [default: podproof.toml's, or the newest known]",
)
config = click.option("--config", metavar="FILE", help="Read this podproof.toml instead of the nearest one.")
color = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True
)
output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    callback=_file_to_write,
    help="Write the result to FILE, all of it or nothing.",
)
verbose = click.option(
    "-v", "--verbose", is_flag=True, help="Show everything, and what was skipped, and why."
)
_SHOW = (
    click.option(
        "-q",
        "--quiet",
        "show",
        flag_value="findings",
        help="Show errors and warnings only, and nothing where there are none.",
    ),
    click.option(
        "--statistics", "show", flag_value="statistics", help="Show counts by check, level and folder."
    ),
    click.option(
        "--summary", "show", flag_value="summary", help="Show what workloads meet, and the last line."
    ),
)


def show(command: _Decorated) -> _Decorated:
    """Add the options that say how much text tells; the last one given counts."""
    for option in reversed(_SHOW):  # click lists the last decorator applied first
        command = option(command)
    return command


page_format = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)


_FOLDERS = (
    click.option("--include", metavar="GLOB", multiple=True, help="In folders, read only files that match."),
    click.option("--exclude", metavar="GLOB", multiple=True, help="In folders, leave out files that match."),
    click.option("--hidden", is_flag=True, help="In folders, read hidden files and folders, too."),
    click.option(
        "--kustomize", is_flag=True, help="Build folders first, with the kustomize or kubectl on PATH."
    ),
)


def folders(command: _Decorated) -> _Decorated:
    """Add the options that say what is read of folders; their names are those of `session.sources.find`."""
    for option in reversed(_FOLDERS):  # click lists the last decorator applied first
        command = option(command)
    return command
