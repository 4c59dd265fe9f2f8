"""Writes the generated pages under docs/, and with --check tells whether they are still what it would write.

Each generator gives paths, counted from the checkout, and texts; a folder that a generator owns holds nothing
else. Add a generator to GENERATORS.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

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
    """The JSON Schema of each output of JSON."""
    import json

    from podproof.outputs import explain_schema, prove_schema
    from podproof.outputs.check_json import schema

    yield "schemas/check.v1.json", json.dumps(schema(), indent=2) + "\n"
    yield "schemas/explain.v1.json", json.dumps(explain_schema.schema(), indent=2) + "\n"
    yield "schemas/prove.v1.json", json.dumps(prove_schema.schema(), indent=2) + "\n"


GENERATORS: tuple[tuple[Generator, str], ...] = ((rules, "docs/rules"), (schemas, "schemas"))
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
