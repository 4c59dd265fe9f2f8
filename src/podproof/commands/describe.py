"""`podproof describe`: containers, states and events of kept pods, as kubectl describe pod shows them."""

import click

from . import _kept

HELP = """\b
podproof describe web
podproof describe

Show containers, states and events of pods that podproof run --keep left running. Without a NAME, of all.

NAME is a pod's name, or KIND/NAME of the workload that made it.
"""


@click.command(name="describe", help=HELP)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@_kept.namespace
def command(names: tuple[str, ...], namespace: str | None) -> int:
    """Describe; returns 0."""
    import time

    from ..outputs.run_result import descriptions
    from ..outputs.sink import write_stdout
    from ..session.run.kept_pods import resolve_kept

    pods, _ = _kept.all_kept()
    if names:
        chosen = {kept.uid: kept for name in names for kept in resolve_kept(name, namespace, pods)}
    else:
        chosen = {kept.uid: kept for kept in pods if namespace in (None, kept.namespace)}
    text = descriptions(list(chosen.values()), time.time()) if chosen else "no pods are kept\n"
    write_stdout(text.encode("utf-8", "backslashreplace"))
    return 0
