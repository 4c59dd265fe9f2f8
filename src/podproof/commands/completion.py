"""`podproof completion SHELL`: the shell's name comes in, the script to source goes out.

It also knows the values that a shell can complete.
"""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

HELP = """\b
podproof completion bash >> ~/.bashrc
podproof completion zsh >> ~/.zshrc
podproof completion fish > ~/.config/fish/completions/podproof.fish

Print the completion script for a shell. The script asks podproof itself what can follow.
"""

PATHS = frozenset(("ARCHIVE", "DIR", "FILE", "LINE|FILE", "PATH", "PREFIX"))
"""Metavars of options whose value is a path."""


def _checks(_begun: str) -> Iterable[str]:
    from ..checks.model.pages import listing

    return [row[0] for row in listing()]


def _levels(begun: str) -> Iterable[str]:
    """Give the levels; with their versions once the colon is there, since there are many."""
    from ..policies.levels import LEVELS

    level, colon, _ = begun.partition(":")
    return [f"{level}:{version}" for version in _versions("")] if colon and level in LEVELS else LEVELS


def _versions(_begun: str) -> Iterable[str]:
    from ..kube.versions import BETA

    return ["latest", *(f"v1.{minor}" for minor in range(BETA, -1, -1))]


def _runtimes(_begun: str) -> Iterable[str]:
    from ..effective.runtime import RUNTIMES

    return RUNTIMES


def _fields(_begun: str) -> Iterable[str]:
    from ..results.explained import FIELDS

    return FIELDS


def _gates(begun: str) -> Iterable[str]:
    from ..kube.tables.gates import GATES

    name, equals, _ = begun.partition("=")
    return [f"{name}=true", f"{name}=false"] if equals else [f"{gate}=" for gate in sorted(GATES)]


def _profiles(_begun: str) -> Iterable[str]:
    from ..kube.debug_profiles import DEBUG_PROFILES

    return DEBUG_PROFILES


def _attacks(_begun: str) -> Iterable[str]:
    from ..session.prove.attacks import chosen_attacks

    return [attack.id for attack in chosen_attacks(())]


_VALUES: dict[str, Callable[[str], Iterable[str]]] = {
    "--attack": _attacks,
    "--debug-profile": _profiles,
    "--feature-gates": _gates,
    "--field": _fields,
    "--ignore": _checks,
    "--kubernetes-version": _versions,
    "--level": _levels,
    "--runtime": _runtimes,
    "--select": _checks,
    "--until": lambda _begun: ("ready", "completed"),
    "id_": _checks,
}
"""Option, or argument, to what its value can be, given what has been typed of it."""


class _Values(click.types.StringParamType):
    """Completes a value; where several can stand with commas between them, the last one."""

    def __init__(self, values: Callable[[str], Iterable[str]], *, several: bool) -> None:
        self._values = values
        self._several = several

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """Give what begins as typed, without what the list has already."""
        before, comma, begun = incomplete.rpartition(",") if self._several else ("", "", incomplete)
        there = before.split(",")
        return [
            CompletionItem(f"{before}{comma}{value}")
            for value in self._values(begun)
            if value.startswith(begun) and value not in there
        ]


def complete_values(command: click.Command) -> None:
    """Let a shell complete what a verb's options and arguments take; a real run never asks for it."""
    for parameter in command.params:
        values = next((_VALUES[name] for name in parameter.opts if name in _VALUES), None)
        if values is not None:
            parameter.type = _Values(values, several="," in (parameter.metavar or ""))
        elif isinstance(parameter, click.Option) and parameter.metavar in PATHS:
            parameter.type = click.Path()
    if isinstance(command, click.Group):
        for verb in command.commands.values():
            complete_values(verb)


@click.command(name="completion", help=HELP)
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the script that click makes for the shell."""
    from click.shell_completion import get_completion_class

    from ..outputs.sink import write_stdout
    from ._shells import register_shells

    register_shells()
    program = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    assert made is not None  # the choices are the shells click knows
    script = made(program, {}, "podproof", "_PODPROOF_COMPLETE").source()
    write_stdout(script.encode() + b"\n")
    return 0
