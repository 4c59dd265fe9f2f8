"""`podproof ps`: the pods that `run --keep` left running, as kubectl lists them."""

import click

from . import _kept

HELP = """\b
podproof ps

List the pods that podproof run --keep left running.
"""


@click.command(name="ps", help=HELP)
@_kept.namespace
def command(namespace: str | None) -> int:
    """List; returns 0 also when there is none."""
    import time

    from ..kubelet.get_pods import pod_row, table
    from ..outputs.plain import one_line
    from ..outputs.sink import write_stdout

    pods = [kept for kept in _kept.all_kept()[0] if namespace in (None, kept.namespace)]
    now = time.time()
    lines = table([pod_row(kept.pod, now) for kept in pods]).splitlines() if pods else ["no pods are kept"]
    write_stdout("".join(f"{one_line(line)}\n" for line in lines).encode())
    return 0
