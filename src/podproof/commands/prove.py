"""`podproof prove`: manifests come in, their pods run, and evidence for every security claim goes out."""

import sys
from typing import TYPE_CHECKING, Any

import click

from . import _options, _pod_options
from ._messages import progress, say

if TYPE_CHECKING:
    from ..results.proved import Proof

HELP = """\b
podproof prove web.yaml
podproof prove examples/seed --format html --output proof.html

Run pods, compare the prediction with what the kernel reports, and attack them from inside.

PATH is a file, a folder or - for standard input. A folder with a claims.yaml (schema podproof/claims/v1) is
proven statement by statement. Attacks do no harm: they open files without writing, or make calls that
the kernel rejects on purpose. Needs root. Whatever reaches out of a pod to this machine needs a flag that
allows it.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read, or the engine is gone
  1  something is not as predicted, or not everything could be proven
  3  there was nothing to prove
  0  everything is as predicted
"""


@click.command(name="prove", help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(readable=False))
@_options.page_format
@_options.output
@click.option(
    "--attack",
    "ids",
    metavar="ID,...",
    multiple=True,
    callback=_options.names,
    help="Try only these attacks.",
)
@click.option("--list-attacks", is_flag=True, help="List the attacks, and the field that should stop each.")
@_pod_options.image_archives
@_pod_options.max_image_size
@_pod_options.registries
@_pod_options.registry_login
@_pod_options.runtime_endpoint
@_pod_options.unsafe_sysctls
@_pod_options.seccomp_root
@_pod_options.dangers
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Plan, refuse, prove, deliver; returns the exit code."""
    from ..errors import UsageError
    from ..session.prove.attacks import chosen_attacks

    attacks = chosen_attacks(options["ids"])
    if options["list_attacks"]:
        for attack in attacks:
            click.echo(f"{attack.id:<26} {attack.field:<24} {attack.title}")
        return 0
    if not paths:
        raise UsageError("nothing to prove: name a manifest or a folder, for example podproof prove web.yaml")
    from ._signals import caught_signals

    with caught_signals() as caught:
        return _prove(paths, attacks, options, caught)


def _prove(paths: tuple[str, ...], attacks: Any, options: dict[str, Any], caught: list[int]) -> int:
    from .. import __version__
    from ..session.prove.pipeline import ProveOptions, prove_paths

    proof, unread = prove_paths(
        ProveOptions(
            paths=paths,
            attacks=attacks,
            version=__version__,
            allow=_pod_options.allowed(options),
            archives=options["image_archive"],
            max_image_size=options["max_image_size"],
            registries=_pod_options.registry_settings(options),
            endpoint=options["runtime_endpoint"],
            unsafe_sysctls=options["allowed_unsafe_sysctls"],
            seccomp_root=options["seccomp_root"],
        ),
        progress=progress,
        interrupted=lambda: len(caught),
    )
    for line in unread:
        say(line)
    if proof.containers or proof.claims or proof.problems:
        _deliver(proof, options)
    if caught:
        return 128 + caught[0]
    if unread:
        return 4
    if not proof.as_predicted:
        return 1
    if not proof.containers and not proof.claims:
        say("there is nothing to prove: no pod and no workload was found")
        return 3
    return 0


def _deliver(proof: "Proof", options: dict[str, Any]) -> None:
    from ..outputs.sink import deliver

    text = _rendered(proof, options["format_"])
    deliver(text.encode("utf-8", "backslashreplace"), options["output"])


def _rendered(proof: "Proof", format_: str) -> str:
    if format_ == "json":
        import json

        from ..outputs.prove_json import to_json

        return json.dumps(to_json(proof), indent=2, ensure_ascii=True) + "\n"
    if format_ == "text":
        from ..outputs.prove_text import text

        return text(proof, columns=_columns())
    if format_ == "html":
        from ..outputs.pages.prove_page import html

        return html(proof)
    from ..outputs.prove_markdown import markdown

    return markdown(proof)


def _columns() -> int:
    """Give the terminal's width, between what the tables need and what the eye can follow; 110 elsewhere."""
    import shutil

    if sys.stdout is None or not sys.stdout.isatty():
        return 110
    return min(160, max(80, shutil.get_terminal_size().columns))
