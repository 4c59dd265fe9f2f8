"""`podproof init`: the current folder comes in, a podproof.toml for it goes out."""

import click

HELP = """\b
podproof init
podproof init --write

Look at the current folder, check it, and propose a podproof.toml: the level that holds today, and what to
leave out (charts' templates, tests, vendored folders), each with the reason.

Without --write, the proposal is printed. An existing configuration is never overwritten.
"""

EPILOG = """\b
Exit codes:
  0  a configuration was proposed, or written
  2  there is a configuration already
  3  nothing here is a manifest, a chart or an overlay
  4  it cannot be written
"""


@click.command(name="init", help=HELP, epilog=EPILOG)
@click.option("--write", is_flag=True, help="Write podproof.toml into the current folder.")
def command(write: bool) -> int:
    """Propose, and write if asked to; returns the exit code."""
    from ..outputs.init_toml import next_steps, render_toml
    from ..outputs.sink import write_stdout
    from ..session.init.proposal import propose
    from ._messages import say

    if write:
        _refuse_existing()
    proposal = propose()
    if proposal is None:
        say("nothing here is a manifest, a chart or an overlay: run it in the folder of the repository")
        return 3
    text = render_toml(proposal)
    if write:
        _create(text)
        say("podproof.toml is written; next:")
    else:
        write_stdout(text.encode())
        say("next:")
    for step in next_steps(proposal, written=write):
        click.echo(f"  {step}", err=True)
    return 0


_FILE = "podproof.toml"


def _refuse_existing() -> None:
    """Refuse to write beside a configuration, or below one. Raises UsageError: there is one."""
    import os

    from ..errors import UsageError
    from ..session.config import find_configuration

    there = _FILE if os.path.lexists(_FILE) else find_configuration(".").path
    if there:
        raise UsageError(f"{os.path.relpath(there)} is there already: change it, or remove it first")


def _create(text: str) -> None:
    """Create the file, unless somebody else has. Raises OutputError: it cannot be written."""
    from ..errors import OutputError

    try:
        with open(_FILE, "x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError(f"cannot write {_FILE}: {error.strerror or error}") from error
