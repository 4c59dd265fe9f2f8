"""`podproof completion SHELL`: the shell's name comes in, the script to source goes out."""

import click

HELP = """\b
podproof completion bash >> ~/.bashrc
podproof completion zsh >> ~/.zshrc
podproof completion fish > ~/.config/fish/completions/podproof.fish

Print the completion script for a shell. The script asks podproof itself what can follow.
"""

PATHS = frozenset(("ARCHIVE", "DIR", "FILE", "LINE|FILE", "PATH", "PREFIX"))
"""Metavars of options whose value is a path."""


def complete_paths(command: click.Command) -> None:
    """Let a shell complete the paths that a verb's options take; its parsing of a real run stays as it is."""
    for option in command.params:
        if isinstance(option, click.Option) and option.metavar in PATHS:
            option.type = click.Path()
    if isinstance(command, click.Group):
        for verb in command.commands.values():
            complete_paths(verb)


@click.command(name="completion", help=HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the script that click makes for the shell."""
    from click.shell_completion import get_completion_class

    from ..outputs.sink import write_stdout

    program = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    assert made is not None  # the choices are the shells click knows
    script = made(program, {}, "podproof", "_PODPROOF_COMPLETE").source()
    write_stdout(script.encode() + b"\n")
    return 0
