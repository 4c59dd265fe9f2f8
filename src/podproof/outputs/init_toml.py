"""Writes what `init` proposes: a Proposal comes in, podproof.toml and what is next go out."""

import json
from collections.abc import Iterator

from ..results.proposed import Exemption, Proposal
from .plain import one_line

__all__ = ["next_steps", "render_toml"]

_MOST_CHARTS = 3


def render_toml(proposal: Proposal) -> str:
    """Write the file."""
    return "\n".join(_lines(proposal)) + "\n"


def _lines(proposal: Proposal) -> Iterator[str]:
    yield "# Proposed by podproof init. Podproof reads it in this folder and below; options win over it."
    yield ""
    yield from (f"# {line}" for line in _level_reason(proposal))
    yield f"level = {_text(proposal.level)}"
    yield ""
    yield "# The version of your cluster; without it, the newest known one."
    yield '# kubernetes-version = "1.34"'
    if proposal.exclusions:
        yield ""
        yield "exclude = ["
        for exclusion in proposal.exclusions:
            yield f"    # {_count(exclusion.files, 'file')}: {exclusion.reason}"
            yield f"    {_text(exclusion.glob)},"
        yield "]"
    if proposal.exemptions:
        yield ""
        yield "# Each line is a file with pods that do not meet the level: mend them and remove the line, or"
        yield "# say here why it has to be so."
        yield "[per-file-ignores]"
        for exemption in proposal.exemptions:
            yield f"# {_exempted(exemption)}"
            yield f"{_text(exemption.file)} = [{', '.join(map(_text, exemption.checks))}]"


def _level_reason(proposal: Proposal) -> Iterator[str]:
    if not proposal.pods:
        yield "No manifest of a pod is left here; what you render is judged at this level."
        return
    counts = " and ".join(
        f"{number} {'meets' if number == 1 else 'meet'} {level}" for level, number in _met(proposal)
    )
    none = proposal.meets.get("privileged", 0)
    below = f"{', and ' if counts else ''}{none} {_meet(none)} neither" if none else ""
    yield f"Of {_count(proposal.pods, 'pod')}, {counts}{below}."
    if proposal.level == "restricted":
        yield "This level holds today."
    elif not proposal.failing:
        yield "This level holds today; the next one is restricted."
    elif proposal.exemptions:
        yield "This level holds today but for the files at the end; the next one is restricted."
    else:
        yield "This level does not hold yet: too many pods do not meet it to name their files here."


def _meet(number: int) -> str:
    return "meets" if number == 1 else "meet"


def _met(proposal: Proposal) -> Iterator[tuple[str, int]]:
    return ((level, number) for level, number in proposal.meets.items() if level != "privileged")


def _exempted(exemption: Exemption) -> str:
    more = f" and {exemption.objects - 1} more" if exemption.objects > 1 else ""
    return one_line(f"{exemption.object}{more}")


def next_steps(proposal: Proposal, *, written: bool) -> list[str]:
    """Say what to do next, a line each."""
    steps = [] if written else ["podproof init --write       write this file"]
    found = f"{_count(proposal.errors, 'error')} and {_count(proposal.warnings, 'warning')} today"
    steps.append(f"podproof check               {found}")
    if proposal.errors:
        steps.append("podproof baseline write .   accept these, so that check fails only for what is new")
    if proposal.unreadable:
        first = proposal.unreadable[0]
        many = _count(len(proposal.unreadable), "place")
        steps.append(f"{'':<28}{many} cannot be read and make the exit code 4, the first is {first}")
    if proposal.explainable:
        steps.append(f"podproof explain {proposal.explainable}")
    steps += [f"helm template {chart} | podproof check -" for chart in proposal.charts[:_MOST_CHARTS]]
    steps += [f"podproof check --kustomize {overlay}" for overlay in proposal.overlays]
    return [one_line(step) for step in steps]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _text(text: str) -> str:
    """Write a string of TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
