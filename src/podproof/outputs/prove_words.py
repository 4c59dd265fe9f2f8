"""The words of a proof that all its formats share: values, rows of a container, the last line."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from ..effective.context import VolumeOwnership
from ..effective.value import Unknown
from ..results.proved import Proof, ProvedContainer
from .plain import one_line

__all__ = ["ProvedRow", "attack_rows", "closing", "environment_lines", "field_rows", "title"]

_MARKS = {True: "as predicted", False: "NOT AS PREDICTED", None: "open"}

_VERDICTS = {
    "as predicted": "as predicted",
    "not as predicted": "NOT AS PREDICTED",
    "incomplete": "INCOMPLETE",
}


class ProvedRow(msgspec.Struct, frozen=True):
    """One line of a table. `mark`: `as predicted`, `NOT AS PREDICTED`, `open`, `not tried`, `not reached`."""

    name: str
    predicted: str
    observed: str
    evidence: str
    mark: str


def title(container: ProvedContainer) -> str:
    """Name a container with its pod and what it was doing."""
    kind = "" if container.kind == "container" else f" ({container.kind})"
    return one_line(f"{container.object} · container {container.container}{kind} · {container.state}")


def field_rows(container: ProvedContainer) -> Iterator[ProvedRow]:
    """Give the fields that one can compare; those that no process shows are left to the JSON."""
    for compared in (container.start, *container.comparisons):
        if compared.equal is None and isinstance(compared.observed, Unknown):
            continue
        origin = compared.origin
        place = f"{origin.file}:{origin.line}" if origin.line else ""
        who = f"{place} {origin}".strip()
        yield ProvedRow(
            compared.field,
            value_text(compared.predicted),
            value_text(compared.observed),
            one_line("; ".join(part for part in (who, compared.why) if part)),
            _MARKS[compared.equal],
        )


def attack_rows(container: ProvedContainer) -> Iterator[ProvedRow]:
    """Give the attacks, each with what was expected and why, what happened, and the calls that show it."""
    for attack in container.attacks:
        name = f"{attack.id} ({attack.target})" if attack.target else attack.id
        if attack.observed is None:
            yield ProvedRow(one_line(name), "not tried", "", one_line(attack.why), "not tried")
            continue
        yield ProvedRow(
            one_line(name),
            one_line(f"{attack.predicted}: {attack.why}"),
            attack.observed,
            one_line(attack.evidence[-1]) if attack.evidence else "",
            _MARKS[attack.as_predicted] if attack.reached else "not reached",
        )


def value_text(value: Any) -> str:
    """Write a value for people."""
    if isinstance(value, Unknown):
        return one_line(f"unknown: {value.reason}")
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return one_line(", ".join(_item(item) for item in value)) or "none"
    return one_line(str(value))


def _item(item: Any) -> str:
    if isinstance(item, VolumeOwnership):
        return f"{item.name}: {item.text}"
    if isinstance(item, tuple | list) and len(item) == 2:
        return f"{item[0]}={item[1]}"
    return item if isinstance(item, str) else json.dumps(item)


def environment_lines(proof: Proof) -> Iterator[tuple[str, str]]:
    """Give what the evidence depends on, name by name."""
    environment = proof.environment
    if not environment:
        return  # nothing was run
    yield "podproof", f"{environment['podproof']}, {environment['time']}"
    yield "machine", f"{environment['kernel']}, cgroup {environment['cgroup']}"
    yield "runtime", environment["runtime"]
    yield "network", one_line(environment["network"])
    for name, digest in environment["images"].items():
        yield "image", one_line(f"{name} {digest or 'not there'}")
    for limit in environment["limits"]:
        yield "limit", one_line(limit)


def closing(proof: Proof, *, gap: str = " · ") -> str:
    """Write the last line: what was proven, in numbers; `gap` stands before verdict and time."""
    summary = proof.summary
    fields, attacks = summary.fields, summary.attacks
    parts = [
        f"{summary.containers} container{'' if summary.containers == 1 else 's'}",
        f"{fields.equal} fields equal, {fields.different} different",
        f"{attacks.as_predicted} attacks as predicted, {attacks.not_as_predicted} not",
    ]
    if summary.claims is not None:
        counts = msgspec.structs.asdict(summary.claims)
        parts.append(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    if attacks.not_reached:
        parts[-1] += f", {attacks.not_reached} not reached"
    return f"{' · '.join(parts)}{gap}{_VERDICTS[summary.verdict]}{gap}{summary.seconds:.1f} s"
