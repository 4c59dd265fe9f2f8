"""`podproof doctor`: what this machine can and cannot do for pods, line by line, and why."""

import click

from . import _options, _pod_options
from ._messages import say

HELP = """\b
podproof doctor

Show what this machine can do for podproof run and prove, and what to install or change. Starts the container
engine to verify that it works, and installs nothing. The exit code is 0 if pods can run here, otherwise 1.
"""


@click.command(name="doctor", help=HELP)
@_pod_options.runtime_endpoint
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_options.output
def command(runtime_endpoint: str | None, format_: str, output: str | None) -> int:
    """Examine and print; returns 1 when pods do not run here."""
    from ..outputs.sink import deliver
    from ..session.doctor import examine

    facts = examine(runtime_endpoint, say)
    works = all(fact.works != "no" for fact in facts)
    if format_ == "json":
        import msgspec

        from ..results.examined import SCHEMA, DoctorResult

        result = DoctorResult(SCHEMA, works, facts)
        deliver(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n", output)
        return 0 if works else 1
    width = max(len(fact.name) for fact in facts)
    lines = []
    for fact in facts:
        lines.append(f"{fact.works:<7}  {fact.name:<{width}}  {fact.said}")
        if fact.remedy:
            lines.append(f"{'':<7}  {'':<{width}}  = {fact.remedy}")
    failed = [fact.name for fact in facts if fact.works == "no" and not fact.said.startswith("not tried")]
    lines += ["", "pods run here" if works else f"pods do not run here: {', '.join(failed)}", ""]
    deliver("\n".join(lines).encode(), output)
    return 0 if works else 1
