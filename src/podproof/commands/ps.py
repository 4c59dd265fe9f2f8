"""`podproof ps`: the pods that `run --keep` left running, as kubectl lists them."""

import click

HELP = """\b
podproof ps

List the pods that podproof run --keep left running.
"""


@click.command(name="ps", help=HELP)
@click.option(
    "--runtime-endpoint", metavar="unix:///PATH", help="Ask this CRI instead of the embedded engine."
)
def command(runtime_endpoint: str | None) -> int:
    """List; returns 0 also when there is none."""
    import time

    from ..kubelet.get_pods import pod_row, table
    from ..outputs.sink import write_stdout
    from ..runtimes.embedded import Places
    from ..session.run.engine import open_engine
    from ..session.run.kept_pods import find_kept

    with open_engine(runtime_endpoint, lambda _: None) as opened:
        pods = list(find_kept(opened.engine, Places.from_environment()))
    now = time.time()
    if not pods:
        write_stdout(b"no pods are kept\n")
        return 0
    write_stdout(table([pod_row(kept.pod, now) for kept in pods]).encode())
    return 0
