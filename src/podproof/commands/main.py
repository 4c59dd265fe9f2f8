"""The root command: its options, and the verbs, each of which is imported when it is used."""

from collections.abc import Sequence

import click

VERBS = {
    "check": "Check manifests as the API server and Pod Security do.",
    "baseline": "Accept what is found today, so that check fails only for what is new.",
    "init": "Propose a podproof.toml for the current folder.",
    "fix": "Show or write the smallest edits that reach a level.",
    "explain": "Show what each container will run as, and what decides it.",
    "admit": "Show what a cluster would answer, word for word.",
    "serve": "Answer a cluster's AdmissionReviews as a webhook.",
    "manifests": "Print what installs the webhook in a cluster.",
    "run": "Run pods on a real container runtime, by the kubelet's rules.",
    "prove": "Run pods, observe them and attack them: evidence for every claim.",
    "ps": "List the pods that run --keep left running.",
    "logs": "Print what a container of a kept pod has written.",
    "exec": "Run a command in a container of a kept pod.",
    "describe": "Show containers, states and events of kept pods.",
    "stop": "Stop pods that run --keep left running.",
    "engine": "Look at the container engine, stop it, or remove it.",
    "doctor": "Show what this machine can do for run and prove.",
    "images": "Build images, or record what they contain.",
    "crds": "Print the definitions of Podproof's custom resources.",
    "rules": "List the checks, or show the page of one.",
    "completion": "Print the completion script for a shell.",
}
"""Verb to what it does, in the order of --help; each is a module of this room with an attribute `command`."""


def nearest(name: str, known: Sequence[str]) -> str:
    """Return ", did you mean ...?" with the nearest known names, or "" when none is near."""
    from difflib import get_close_matches

    matches = get_close_matches(name, known, n=2, cutoff=0.6)
    return f", did you mean {' or '.join(matches)}?" if matches else ""


class Verbs(click.Group):
    """Finds a verb's module by its name; --help needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the verbs in the order of --help, not sorted as click does."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command; None when there is no such verb."""
        if cmd_name not in VERBS:
            return None
        from importlib import import_module

        command = import_module(f"{__package__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        if ctx.resilient_parsing:  # a shell asks what can follow
            from .completion import complete_values

            complete_values(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb of a command line. Raises UsageError: no such verb, with the nearest ones."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in VERBS:
            raise click.UsageError(f"no such verb: {name}{nearest(name, list(VERBS))}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of verbs from VERBS, so that --help imports none of them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from .. import __version__

        click.echo(f"podproof {__version__}")
        if ctx.params["verbose"]:
            import platform

            from ..manifest.native import describe_reader

            click.echo(f"YAML is read by {describe_reader()}")
            click.echo(f"Python {platform.python_version()}")
        ctx.exit(0)
    if ctx.params["verbose"]:
        raise click.UsageError("-v goes with --version here; a verb's own options follow the verb", ctx)


HELP = """\b
podproof check deploy/                 does it meet restricted, will it start?
podproof explain deploy/web.yaml       what will it run as, and why?
sudo podproof prove deploy/web.yaml    does the kernel agree?

What is this pod allowed to do, is that what you meant, and can you prove it?

run and prove, and what looks at pods that run keeps (ps, logs, exec, describe, stop), need root; doctor shows
what else they need. The other verbs need no root, no cluster and no container runtime.
"""


@click.group(
    cls=Verbs, help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    callback=_version,
    help="Print the version and exit.",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    is_eager=True,  # so that --version knows of it
    help="With --version, name the reader of YAML and the Python too.",
)
def podproof(verbose: bool) -> None:
    """Hold the verbs; the help text is HELP."""
