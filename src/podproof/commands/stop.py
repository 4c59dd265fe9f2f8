"""`podproof stop`: stops pods that `run --keep` left running, with their grace period."""

import click

from . import _pod_options

HELP = """\b
podproof stop web
podproof stop --all

Stop and remove pods that podproof run --keep left running. NAME is a pod's name or NAMESPACE/NAME.
"""


@click.command(name="stop", help=HELP)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Stop every kept pod.")
@_pod_options.runtime_endpoint
def command(names: tuple[str, ...], all_: bool, runtime_endpoint: str | None) -> int:
    """Stop; returns 0. Raises UsageError: no name and not --all, or a name that no kept pod has."""
    from ..errors import UsageError
    from ..outputs.sink import write_stdout
    from ..runtimes.embedded import Places
    from ..session.run.engine import open_engine
    from ..session.run.kept_pods import find_kept, stop_kept

    if bool(names) == all_:
        raise UsageError("name the pods to stop, or write --all")
    places = Places.from_environment()
    with open_engine(runtime_endpoint, lambda _: None) as opened:
        pods = list(find_kept(opened.engine, places))
        chosen = [kept for kept in pods if all_ or {kept.name, f"{kept.namespace}/{kept.name}"} & set(names)]
        known = {kept.name for kept in pods} | {f"{kept.namespace}/{kept.name}" for kept in pods}
        missing = [name for name in names if name not in known]
        if missing:
            there = f", only {', '.join(sorted(kept.name for kept in pods))}" if pods else ""
            raise UsageError(f"there is no kept pod {', '.join(missing)}{there}")
        endpoint = runtime_endpoint or f"unix://{places.socket}"
        stop_kept(chosen, opened.engine, places, endpoint)
    write_stdout("".join(f'pod "{kept.name}" stopped\n' for kept in chosen).encode())
    return 0
