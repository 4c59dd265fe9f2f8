"""`podproof exec`: a command in a container of a kept pod, as kubectl exec runs it, with its exit code."""

import click

from . import _kept
from ._options import WithCommand, behind_dashes

HELP = """\b
podproof exec web -- id
podproof exec deployment/web -c app -- sh -c 'ls /data'

Run a command in a container of a pod that podproof run --keep left running, and end with its exit code.

NAME is a pod's name, or KIND/NAME of the workload that made it. The command has no standard input.
"""


@click.command(name="exec", cls=WithCommand, help=HELP)
@click.argument("name", metavar="NAME")
@_kept.namespace
@_kept.container
@_kept.raw
@click.pass_context
def command(
    context: click.Context, name: str, namespace: str | None, container: str | None, raw: bool
) -> int:
    """Run the command; returns its exit code."""
    from ..errors import UsageError
    from ..session.run.kept_exec import exec_in_kept
    from ..session.run.kept_logs import chosen
    from ._executed import print_executed, say_exit_code
    from ._messages import say
    from ._signals import caught_signals

    behind = behind_dashes(context)
    if not behind:
        raise UsageError(f"exec needs a command: podproof exec {name} -- COMMAND")
    kept, _ = _kept.one_kept(name, namespace)
    with caught_signals() as caught:
        result = exec_in_kept(kept, chosen(kept, container, say), behind, lambda: len(caught))
    if result is None:
        return 128 + caught[0]
    print_executed(result, raw=raw)
    say_exit_code(result)
    return result.exit_code
