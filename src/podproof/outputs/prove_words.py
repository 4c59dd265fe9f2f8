"""The words of a proof that all its formats share: values, rows of a container, the last line."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from .plain import one_line

__all__ = ["Row", "attack_rows", "closing", "environment_lines", "field_rows", "title"]

_MARKS = {True: "as predicted", False: "NOT AS PREDICTED", None: "open"}


class Row(msgspec.Struct, frozen=True):
    """One line of a table. `mark` is `as predicted`, `NOT AS PREDICTED` or `open`."""

    name: str
    predicted: str
    observed: str
    evidence: str
    mark: str


def title(container: dict[str, Any]) -> str:
    """Name a container with its pod and what it was doing."""
    kind = "" if container["kind"] == "container" else f" ({container['kind']})"
    return one_line(
        f"{container['object']} · container {container['container']}{kind} · {container['state']}"
    )


def field_rows(container: dict[str, Any]) -> Iterator[Row]:
    """Give the fields that one can compare; those that no process shows are left to the JSON."""
    for name, field in container["fields"].items():
        if field["equal"] is None and isinstance(field["observed"], dict):
            continue
        held = field["origin"]
        place = f"{held['file']}:{held['line']}" if held["line"] else ""
        origin = f"{place} {held['text']}".strip()
        yield Row(
            name,
            value_text(field["predicted"]),
            value_text(field["observed"]),
            one_line("; ".join(part for part in (origin, field["why"]) if part)),
            _MARKS[field["equal"]],
        )


def attack_rows(container: dict[str, Any]) -> Iterator[Row]:
    """Give the attacks, each with what was expected and why, what happened, and the calls that show it."""
    for attack in container["attacks"]:
        name = f"{attack['id']} ({attack['target']})" if attack["target"] else attack["id"]
        if attack["observed"] is None:
            yield Row(one_line(name), "not tried", "", one_line(attack["why"]), "not tried")
            continue
        yield Row(
            one_line(name),
            one_line(f"{attack['predicted']}: {attack['why']}"),
            attack["observed"],
            one_line(attack["evidence"][-1]) if attack["evidence"] else "",
            _MARKS[attack["as_predicted"]],
        )


def value_text(value: Any) -> str:
    """Write a value for people."""
    if isinstance(value, dict) and set(value) == {"unknown"}:
        return one_line(f"unknown: {value['unknown']}")
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return one_line(", ".join(_item(item) for item in value)) or "none"
    return one_line(str(value))


def _item(item: Any) -> str:
    if isinstance(item, dict) and "text" in item:
        return f"{item['name']}: {item['text']}"
    if isinstance(item, list) and len(item) == 2:
        return f"{item[0]}={item[1]}"
    return item if isinstance(item, str) else json.dumps(item)


def environment_lines(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what the evidence depends on, name by name."""
    held = document["environment"]
    if not held:
        return  # nothing was run
    yield "podproof", f"{held['podproof']}, {held['time']}"
    yield "machine", f"{held['kernel']}, cgroup {held['cgroup']}"
    yield "runtime", held["runtime"]
    yield "network", one_line(held["network"])
    for name, digest in held["images"].items():
        yield "image", one_line(f"{name} {digest or 'not there'}")
    for limit in held["limits"]:
        yield "limit", one_line(limit)


def closing(document: dict[str, Any], *, gap: str = " · ") -> str:
    """Write the last line: what was proven, in numbers; `gap` stands before verdict and time."""
    summary = document["summary"]
    fields, attacks = summary["fields"], summary["attacks"]
    parts = [
        f"{summary['containers']} container{'' if summary['containers'] == 1 else 's'}",
        f"{fields['equal']} fields equal, {fields['different']} different",
        f"{attacks['as_predicted']} attacks as predicted, {attacks['not_as_predicted']} not",
    ]
    if "claims" in summary:
        parts.append(
            ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary["claims"].items())
        )
    verdict = "as predicted" if summary["as_predicted"] else "NOT AS PREDICTED"
    return f"{' · '.join(parts)}{gap}{verdict}{gap}{summary['seconds']:.1f} s"
