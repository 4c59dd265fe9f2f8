"""Writes the generated pages under docs/, and with --check tells whether they are still what it would write.

Each generator gives paths, counted from the checkout, and texts; a folder that a generator owns holds nothing
else. Add a generator to GENERATORS.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

ROOT = Path(__file__).resolve().parents[1]
Generator = Callable[[], Iterator[tuple[str, str]]]


def rules() -> Iterator[tuple[str, str]]:
    """One page for each check, and the list of them."""
    from podproof.checks.model.catalogue import all_checks
    from podproof.checks.model.pages import listing, page

    for check in all_checks():
        yield f"docs/rules/{check.id}.md", page(check)
    rows = [f"| [{id_}]({id_}.md) | {of} | {summary} |" for id_, of, summary in listing()]
    yield (
        "docs/rules/README.md",
        "\n".join(["# Checks", "", "| check | of | finds |", "|---|---|---|", *rows, ""]),
    )


def schemas() -> Iterator[tuple[str, str]]:
    """The JSON Schema of each output of JSON, and of the files that people write."""
    from podproof.outputs import admit_schema, check_json, explain_schema, fix_json, prove_schema
    from podproof.results.compared import AdmitChange
    from podproof.results.examined import DoctorResult
    from podproof.results.version_changes import VersionChanges

    written = {
        "admit": admit_schema.schema(),
        "baseline": _baseline_line(),
        "admit-change": _typed("podproof admit --compare", "admit-change", AdmitChange),
        "check": check_json.schema(),
        "check-versions": _typed("podproof check --diff-versions", "check-versions", VersionChanges),
        "doctor": _typed("podproof doctor", "doctor", DoctorResult),
        "explain": explain_schema.schema(),
        "fix": fix_json.schema(),
        "images": _lock_file(),
        "node": _node_file(),
        "prove": prove_schema.schema(),
    }
    for name, schema in written.items():
        yield f"schemas/{name}.v1.json", json.dumps(_unwrapped(schema), indent=2) + "\n"


def _unwrapped(schema: Any) -> Any:
    """Undo the line breaks of docstrings, where they became descriptions."""
    if isinstance(schema, list):
        return [_unwrapped(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    unwrapped = {key: _unwrapped(item) for key, item in schema.items()}
    if isinstance(schema.get("description"), str):
        unwrapped["description"] = " ".join(schema["description"].split())
    return unwrapped


def _typed(title: str, name: str, type_: Any) -> dict[str, Any]:
    """The schema that a type has, with what it does not say left open."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"podproof:{name}/v1",
        "title": title,
        **msgspec.json.schema(type_),
    }


def _baseline_line() -> dict[str, Any]:
    from podproof.results.baseline import BaselineHead, BaselineLine

    lines, definitions = msgspec.json.schema_components(
        [BaselineHead, BaselineLine], ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "podproof:baseline/v1",
        "title": "a line of a podproof baseline",
        "anyOf": list(lines),
        "$defs": definitions,
    }


def _lock_file() -> dict[str, Any]:
    from podproof.images.lock import SCHEMA, ImageConfig

    lock_file = msgspec.defstruct(
        "LockFile",
        [("schema", Literal[SCHEMA]), ("images", dict[str, ImageConfig | None] | None, None)],
    )
    lock_file.__doc__ = "A lock file, as `podproof images lock` writes it: facts about images by reference."
    schema = _typed("podproof lock file", "images", lock_file)
    for definition in schema["$defs"].values():
        definition["additionalProperties"] = False
    digest = schema["$defs"]["ImageConfig"]["properties"]["digest"]
    digest["pattern"] = "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$"
    return schema


def _node_file() -> dict[str, Any]:
    from podproof.effective.node import Node

    schema = _typed("podproof node file", "node", Node)
    node = schema["$defs"]["Node"]
    node["additionalProperties"] = False
    for field in node["properties"].values():
        # null says the same as leaving the key out
        if field.get("type") == "boolean":
            field["type"] = ["boolean", "null"]
    return schema


def options() -> Iterator[tuple[str, str]]:
    """The table of the options that several verbs have, with what each says of them."""
    from importlib import import_module

    from podproof.commands.main import VERBS

    found: dict[str, dict[str, list[str]]] = {}
    values: dict[str, str] = {}
    for verb in VERBS:
        command = import_module(f"podproof.commands.{verb}").command
        below = command.commands if isinstance(command, click.Group) else {}
        for name, each in {f"{verb} {name}": each for name, each in below.items()}.items() or [
            (verb, command)
        ]:
            for option in each.params:
                if isinstance(option, click.Option):
                    written = ", ".join(f"`{name}`" for name in sorted(option.opts, key=len))
                    values[written] = f" `{option.metavar}`" if option.metavar else values.get(written, "")
                    found.setdefault(written, {}).setdefault(_said(option), []).append(name)
    rows = []
    for written, says in sorted(found.items(), key=lambda row: row[0].rpartition("--")[2]):
        verbs = [verb for names in says.values() for verb in names]
        if len(verbs) > 1:
            one = len(says) == 1
            meanings = [text if one else f"{text} ({', '.join(names)})" for text, names in says.items()]
            rows.append(f"| {written}{values[written]} | {', '.join(verbs)} | {'<br>'.join(meanings)} |")
    head = (
        "# Options that several verbs have\n\nAn option means the same in each verb that has it. Where the "
        "words differ, they say what the verb does with it. Options of one verb are in its `--help`.\n\n"
        "| option | verbs | meaning |\n|---|---|---|\n"
    )
    yield "docs/options.md", head + "\n".join(rows) + "\n"


def _said(option: click.Option) -> str:
    choices = f"{', '.join(option.type.choices)}" if isinstance(option.type, click.Choice) else ""
    default = f" [default: {option.default}]" if option.show_default and option.default is not None else ""
    return f"{option.help or choices}{default}".replace("  [", " [").replace("|", "\\|")


GENERATORS: tuple[tuple[Generator, str], ...] = (
    (rules, "docs/rules"),
    (schemas, "schemas"),
    (options, ""),
)
"""Generator, and the folder that it owns ("" for none)."""


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    stale: list[str] = []
    for generator, folder in GENERATORS:
        written = dict(generator())
        for name, text in written.items():
            path = ROOT / name
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
                if not check:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
                    print(f"wrote {name}")
        for path in sorted((ROOT / folder).glob("*")) if folder else ():
            name = path.relative_to(ROOT).as_posix()
            if name not in written:
                stale.append(name)
                if not check:
                    path.unlink()
                    print(f"removed {name}")
    if check and stale:
        print(f"not as generated: {', '.join(stale)}; run tools/generate_docs.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
