"""`podproof crds`: nothing comes in, the CustomResourceDefinitions of Podproof's own kinds go out."""

import click

from . import _options

HELP = """\b
podproof crds | kubectl apply -f -

Print the CustomResourceDefinitions of PodSecurityPolicy and PodSecurityExemption (podproof.dev/v1alpha1).

text is YAML. serve and admit judge by objects of these kinds where the configuration says so.
"""


@click.command(name="crds", help=HELP)
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True)
@_options.output
def command(format_: str, output: str | None) -> int:
    """Print them; returns 0."""
    from ..outputs.definitions import write_definitions
    from ..outputs.sink import deliver
    from ..session.crds.definitions import definitions
    from .terminal import encode

    deliver(encode(write_definitions(definitions(), format_), to_file=output is not None), output)
    return 0
