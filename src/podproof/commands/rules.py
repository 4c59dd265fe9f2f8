"""`podproof rules`: a check's id comes in, its page goes out; without one, the list of all checks."""

import click

HELP = """\b
podproof rules
podproof rules run-as-non-root

List the checks, or show the page of one: why a person should care, what is allowed, since which version.
"""


@click.command(name="rules", help=HELP)
@click.argument("id_", metavar="[ID]", required=False)
def command(id_: str | None) -> int:
    """Print the list or the page."""
    from ..outputs.sink import write_stdout
    from ..session.rules import list_of_checks, page
    from .terminal import encode

    text = list_of_checks() if id_ is None else page(id_)
    write_stdout(encode(text, to_file=False))
    return 0
