"""`podproof engine`: looks at the embedded engine, ends it, or makes it begin from nothing."""

import click

HELP = """\b
podproof engine status
podproof engine stop
podproof engine reset

Look at the private container engine of run and prove, end it, or remove everything it has. It starts and ends
by itself; these are for when something is stuck. All need root.
"""


@click.group(name="engine", help=HELP)
def command() -> None:
    """Has subcommands."""


@command.command(name="status")
def status() -> int:
    """Show the engine's processes, sessions and disk space. The exit code is 0 if the engine runs, else 1."""
    from ..outputs.sink import write_stdout
    from ..runtimes.embedded import Places
    from ..runtimes.embedded.control import engine_status

    _need_root()
    found = engine_status(Places.from_environment())
    runs = found.keeper is not None and bool(found.runtime)
    if found.containerd is None:
        lines = ["the engine is not running: run and prove start it"]
    else:
        answer = found.runtime or "does not answer"
        lines = [f"containerd  process {found.containerd}, {answer}"]
        keeper = "none (the next run starts one)" if found.keeper is None else f"process {found.keeper}"
        lines.append(f"keeper      {keeper}")
    words = {"running": "runs", "kept": "has kept pods", "left": "is yet to be cleaned up"}
    lines += [f"session     {session.id} {words[session.state]}" for session in found.sessions]
    lines.append(f"disk        {found.disk / 1e6:,.1f} MB")
    write_stdout(("\n".join(lines) + "\n").encode())
    return 0 if runs else 1


@command.command(name="stop")
@click.option("--force", is_flag=True, help="Also when pods run in it, kept ones included.")
def stop(force: bool) -> int:
    """End the engine. Images stay."""
    return _end(force=force, everything=False)


@command.command(name="reset")
@click.option("--force", is_flag=True, help="Also when pods run in it, kept ones included.")
def reset(force: bool) -> int:
    """End the engine, and remove its images and all its files."""
    return _end(force=force, everything=True)


def _end(*, force: bool, everything: bool) -> int:
    from ..errors import OutputError, StateError
    from ..outputs.sink import write_stdout
    from ..runtimes.embedded import Places
    from ..runtimes.embedded.control import end_engine, engine_status, reset_engine

    _need_root()
    places = Places.from_environment()
    busy = [one for one in engine_status(places).sessions if one.state != "left"]
    if busy and not force:
        verb = "has" if len(busy) == 1 else "have"
        listed = ", ".join(one.id for one in busy)
        raise StateError(f"sessions {listed} {verb} pods in the engine: stop them, or add --force")
    try:
        there = reset_engine(places) if everything else end_engine(places)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise OutputError(f"cannot remove {where}{error.strerror or error}") from error
    done = "the engine is removed" if everything else "the engine is stopped"
    write_stdout(f"{done if there else 'there is no engine'}\n".encode())
    return 0


def _need_root() -> None:
    import os

    from ..errors import StateError

    if os.geteuid() != 0:
        raise StateError("the engine is root's: run it with sudo")
