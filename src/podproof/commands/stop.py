"""`podproof stop`: stops pods that `run --keep` left running, with their grace period."""

import click

from . import _kept

HELP = """\b
podproof stop web
podproof stop --all

Stop and remove pods that podproof run --keep left running.

NAME is a pod's name, NAMESPACE/NAME, or KIND/NAME of the workload that made it.
"""


@click.command(name="stop", help=HELP)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Stop every kept pod.")
@_kept.namespace
def command(names: tuple[str, ...], all_: bool, namespace: str | None) -> int:
    """Stop; returns 0. Raises UsageError: no name and not --all, or a name that no kept pod has."""
    from ..errors import OutputError, UsageError
    from ..outputs.sink import write_stdout
    from ..session.run.kept_pods import resolve_kept, stop_kept
    from ._signals import caught_signals

    if bool(names) == all_:
        raise UsageError("name the pods to stop, or write --all")
    pods, places = _kept.all_kept()
    if all_:
        chosen = {kept.uid: kept for kept in pods if namespace in (None, kept.namespace)}
    else:
        chosen = {kept.uid: kept for name in names for kept in resolve_kept(name, namespace, pods)}
    with caught_signals() as caught:
        left = stop_kept(list(chosen.values()), places, lambda: len(caught))
    write_stdout(
        "".join(f'pod "{kept.name}" stopped\n' for kept in chosen.values() if kept not in left).encode()
    )
    if caught:
        return 128 + caught[0]
    if left:
        listed = ", ".join(kept.name for kept in left)
        raise OutputError(f"pods {listed} do not end: end the process that keeps them: kill -9 {left[0].pid}")
    return 0
