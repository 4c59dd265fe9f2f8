"""Options that several verbs share, as decorators of click commands.

`check` imports this module at its start, so it imports nothing but click.
"""

import click

__all__ = ["feature_gates", "images", "names", "node", "output", "page_format", "runtime"]


def names(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Take several names from one option, separated by commas: the callback of an option with `multiple`."""
    return tuple(name.strip() for names_list in value for name in names_list.split(",") if name.strip())


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
node = click.option("--node", metavar="FILE", help="A YAML file about the node; what is absent is unknown.")
output = click.option("--output", metavar="FILE", help="Write the result to FILE, all of it or nothing.")
page_format = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
