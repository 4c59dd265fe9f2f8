"""`podproof logs`: what a container of a kept pod has written, as kubectl logs prints it."""

import click

from . import _kept

HELP = """\b
podproof logs web
podproof logs web -c app --previous
podproof logs deployment/web -f --tail 20

Print what a container of a pod that podproof run --keep left running has written.

NAME is a pod's name, or KIND/NAME of the workload that made it.
"""


@click.command(name="logs", help=HELP)
@click.argument("name", metavar="NAME")
@_kept.namespace
@_kept.container
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written until the container ends.")
@click.option("-p", "--previous", is_flag=True, help="Print the log of the attempt before, which ended.")
@click.option(
    "--tail", metavar="LINES", type=int, default=-1, help="Print the last lines only.  [default: all]"
)
@_kept.raw
def command(
    name: str,
    namespace: str | None,
    container: str | None,
    follow: bool,
    previous: bool,
    tail: int,
    raw: bool,
) -> int:
    """Print; returns 0, or what a signal makes it while it follows."""
    from ..errors import UsageError
    from ..outputs.plain import program_output
    from ..outputs.sink import write_stdout
    from ..session.run.kept_logs import chosen, kept_log_lines
    from ._messages import say
    from ._signals import caught_signals

    if tail < -1:
        raise UsageError("--tail must be greater than or equal to -1")
    kept, places = _kept.one_kept(name, namespace)
    lines = kept_log_lines(
        kept,
        chosen(kept, container, say),
        previous=previous,
        follow=follow,
        tail=tail,
        places=places,
        interrupted=lambda: len(caught),
    )
    with caught_signals() as caught:
        for line in lines:
            write_stdout(line if raw else program_output(line))
            if caught:
                break
    return 128 + caught[0] if caught else 0
