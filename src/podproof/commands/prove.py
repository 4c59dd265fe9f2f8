"""`podproof prove`: manifests come in, their pods run, and evidence for every security claim goes out."""

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..outputs.prove_result import Proof

HELP = """\b
podproof prove web.yaml
podproof prove examples/seed --format html --output proof.html

Run pods, compare what was predicted with what the kernel reports, and attack them: evidence, not opinions.

PATH is a file, a folder or - for standard input. A folder with a claims.yaml (schema podproof/claims/v1) is
proven statement by statement. Attacks harm nothing: they open without writing, or ask in vain on purpose.
Needs root. What reaches out of a pod to this machine needs a flag that says so.
"""

EPILOG = """\b
Exit codes, the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read, or the engine is gone
  1  something is not as predicted, or a pod asks for a danger that was not allowed
  3  there is nothing to prove
  0  everything is as predicted
"""


def _split(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for held in value for name in held.split(",") if name.strip())


@click.command(name="prove", help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path())
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
@click.option("--output", metavar="FILE", help="Write the result to FILE, whole or not at all.")
@click.option("--attack", "ids", metavar="ID,...", multiple=True, callback=_split, help="Only these attacks.")
@click.option("--list-attacks", is_flag=True, help="List the attacks, and the field that should stop each.")
@click.option("--image-archive", metavar="FILE", multiple=True, help="Import an OCI layout or docker save.")
@click.option(
    "--runtime-endpoint", metavar="unix:///PATH", help="Use this CRI instead of the embedded engine."
)
@click.option(
    "--allowed-unsafe-sysctls", metavar="NAME,...", multiple=True, callback=_split, help="As the kubelet's."
)
@click.option(
    "--seccomp-root", metavar="DIR", help="Localhost profiles.  [default: /var/lib/kubelet/seccomp]"
)
@click.option("--allow-privileged", is_flag=True, help="Let privileged containers own this machine.")
@click.option("--allow-host-network", is_flag=True, help="Let pods have this machine's network.")
@click.option("--allow-host-pid", is_flag=True, help="Let pods see this machine's processes.")
@click.option("--allow-host-ipc", is_flag=True, help="Let pods have this machine's shared memory.")
@click.option("--allow-host-path", metavar="PREFIX", multiple=True, help="Let pods mount files below PREFIX.")
@click.option(
    "--allow-capability", metavar="NAME,...", multiple=True, callback=_split,
    help="Let containers add capabilities that reach out of them, such as SYS_ADMIN.",
)  # fmt: skip
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Plan, refuse, prove, deliver; returns the exit code."""
    from ..errors import UsageError
    from ..session.prove_attacks import chosen_attacks

    attacks = chosen_attacks(options["ids"])
    if options["list_attacks"]:
        for attack in attacks:
            click.echo(f"{attack.id:<26} {attack.field:<24} {attack.title}")
        return 0
    if not paths:
        raise UsageError("nothing to prove: name a manifest or a folder, for example podproof prove web.yaml")
    import signal

    caught: list[int] = []

    def take(number: int, _frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return _prove(paths, attacks, options, caught)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _prove(paths: tuple[str, ...], attacks: Any, options: dict[str, Any], caught: list[int]) -> int:
    from .. import __version__
    from ..runtimes.pods.dangers import Allowed
    from ..session.prove_run import Request, prove_paths

    allow = Allowed(
        privileged=options["allow_privileged"],
        host_network=options["allow_host_network"],
        host_pid=options["allow_host_pid"],
        host_ipc=options["allow_host_ipc"],
        host_paths=options["allow_host_path"],
        capabilities=tuple(name.upper().removeprefix("CAP_") for name in options["allow_capability"]),
    )
    proof, unread = prove_paths(
        Request(
            paths=paths,
            attacks=attacks,
            version=__version__,
            allow=allow,
            archives=options["image_archive"],
            endpoint=options["runtime_endpoint"],
            unsafe_sysctls=options["allowed_unsafe_sysctls"],
            seccomp_root=options["seccomp_root"],
        ),
        progress=_progress,
        interrupted=lambda: len(caught),
    )
    for line in unread:
        _say(line)
    if proof.containers or proof.claims or proof.problems:
        _deliver(proof, options)
    if caught:
        return 128 + caught[0]
    if unread:
        return 4
    if not proof.as_predicted:
        return 1
    if not proof.containers and not proof.claims:
        _say("there is nothing to prove: no pod and no workload was found")
        return 3
    return 0


def _deliver(proof: "Proof", options: dict[str, Any]) -> None:
    from ..outputs.prove_result import to_json
    from ..outputs.sink import write_file, write_stdout

    data = _rendered(to_json(proof), options["format_"]).encode("utf-8", "backslashreplace")
    if options["output"] in (None, "-"):
        write_stdout(data)
    else:
        write_file(options["output"], data)


def _rendered(document: dict[str, Any], format_: str) -> str:
    if format_ == "json":
        import json

        return json.dumps(document, indent=2, ensure_ascii=True) + "\n"
    if format_ == "text":
        from ..outputs.prove_text import text

        return text(document, columns=_columns())
    from ..outputs import prove_pages

    return prove_pages.html(document) if format_ == "html" else prove_pages.markdown(document)


def _columns() -> int:
    """Give the terminal's width, between what the tables need and what the eye can follow; 110 elsewhere."""
    import shutil

    if sys.stdout is None or not sys.stdout.isatty():
        return 110
    return min(160, max(80, shutil.get_terminal_size().columns))


def _progress(text: str) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        _say(text)


def _say(message: str) -> None:
    from ..outputs.plain import one_line

    if sys.stderr is not None:
        print(f"podproof: {one_line(message)}", file=sys.stderr)  # noqa: T201 - the command line's own voice
