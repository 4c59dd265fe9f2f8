"""Writes docs/python.md from the docstrings and signatures of the public Python API; --check tells of drift.

In: the functions and types that `podproof` exports, and the order and the introduction below. Out: one page
in which every public name has a place; a name without one is an error.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import podproof

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "python.md"

INTRODUCTION = """\
# Python

Everything that programs need is in the module `podproof`. Importing it takes about a millisecond, since each
name is loaded when it is first used. The package is typed, and nothing in it prints.

| function | answers |
|---|---|
| [`check`](#check) | what `podproof check` finds in paths, texts and objects |
| [`fix`](#fix) | what `podproof fix` would write, and what each change rests on |
| [`explain`](#explain) | what each container of a pod will run as, as `podproof explain` |
| [`evaluate`](#evaluate) | whether a pod meets a Pod Security level: the fastest, for many pods |
| [`accept`](#accept) | whether the API server would take a pod or a workload, in its words |
| [`Cluster`](#cluster) | what a cluster would answer to a request, as `podproof admit` |

Results are frozen [msgspec](https://jcristharif.com/msgspec/) structs. `msgspec.to_builtins(result)` makes
plain data of one (in which lists are tuples), and `msgspec.json.encode(result)` JSON. The other way,
`msgspec.json.decode(text, type=podproof.CheckResult)` reads what `podproof check --format json` has written,
and `podproof.Explained` does so for `podproof explain`. Within a version of a schema (`podproof/check/v1`),
fields are only ever added; the [schemas](../schemas) are there for other languages.
"""

FUNCTIONS = ("check", "fix", "explain", "evaluate", "accept")
CLUSTER = ("from_objects", "with_object", "without", "admit", "problems", "notes")
TYPES = {
    "What check returns": (
        "CheckResult",
        "Summary",
        "CheckedPod",
        "PodSecurity",
        "LackedControls",
        "CheckFinding",
        "ObjectRef",
        "ContainerRef",
        "Skipped",
        "Suppression",
        "Pattern",
        "NotJudged",
        "Unlisted",
        "BaselineLine",
    ),
    "What fix returns": (
        "FixResult",
        "FixSummary",
        "FixedFile",
        "Replacement",
        "Place",
        "FixedObject",
        "FixDecision",
        "PatchOperation",
        "LeftOver",
        "TakenBack",
    ),
    "What evaluate returns": ("Verdict", "Finding", "Severity"),
    "What accept returns": ("Acceptance", "Cause"),
    "What a cluster answers": ("Decision", "PolicyReport"),
    "What explain says": (
        "Explained",
        "ExplainedObject",
        "ExplainedContainer",
        "ExplainedDebug",
        "ExplainedField",
        "ExplainedOrigin",
        "ExplainedProcess",
        "ExplainedCapabilities",
        "ExplainedNamespaces",
        "ExplainedStart",
        "ExplainedEvent",
        "Unknown",
    ),
    "What other commands print": ("AdmitChange", "AdmitSide", "DoctorResult", "Fact"),
    "Errors": ("PodproofError", "UsageError", "InputError", "ManifestError"),
}
NOT_SHOWN = {"__version__", "Manifest"}
"""Public names that the page has no section for: `check` says what a Manifest is."""


def page() -> str:
    """The whole page. Raises SystemExit: a public name is in no section."""
    shown = {*FUNCTIONS, "Cluster", *(name for names in TYPES.values() for name in names), *NOT_SHOWN}
    if shown != set(podproof.__all__):
        sys.exit(f"tools/generate_python.py: place {sorted(shown ^ set(podproof.__all__))} on the page")
    parts = [_paragraphs(INTRODUCTION)]
    for name in FUNCTIONS:
        function = getattr(podproof, name)
        parts += [f"## {name}", _signature(function, f"podproof.{name}"), _markdown(function.__doc__)]
    parts += ["## Cluster", _markdown(podproof.Cluster.__doc__)]
    for name in CLUSTER:
        member = inspect.getattr_static(podproof.Cluster, name)
        function = getattr(member, "__func__", getattr(member, "fget", member))
        parts.append(f"### Cluster.{name}")
        if not isinstance(member, property):
            parts.append(
                _signature(function, f"{'Cluster' if isinstance(member, classmethod) else 'cluster'}.{name}")
            )
        parts.append(_markdown(function.__doc__))
    for heading, names in TYPES.items():
        parts.append(f"## {heading}")
        for name in names:
            parts += [f"### {name}", *_type(getattr(podproof, name))]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _signature(function: Any, name: str) -> str:
    """The parameters one a line, as the source has them, without `self` and `cls`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    arguments = tree.args
    plain = [argument for argument in arguments.args if argument.arg not in ("self", "cls")]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    lines = [
        _parameter(argument, default, function) for argument, default in zip(plain, defaults, strict=True)
    ]
    if arguments.kwonlyargs:
        lines.append("*")
        named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        lines += [_parameter(argument, default, function) for argument, default in named]
    returns = f" -> {_annotation(tree.returns)}" if tree.returns else ""
    body = "".join(f"    {line},\n" for line in lines)
    return f"```python\n{name}(\n{body}){returns}\n```" if lines else f"```python\n{name}(){returns}\n```"


def _parameter(argument: ast.arg, default: ast.expr | None, function: Any) -> str:
    written = f"{argument.arg}: {_annotation(argument.annotation)}" if argument.annotation else argument.arg
    if default is None:
        return written
    if isinstance(default, ast.Name):
        return f"{written} = {json.dumps(function.__globals__[default.id])}"
    return f"{written} = {_double_quoted(ast.unparse(default))}"


def _annotation(annotation: ast.expr | None) -> str:
    """A type as the source has it, without the quotes of names that come later."""
    if annotation is None:
        return ""
    return _double_quoted(re.sub(r"'([A-Z][\w |\[\]]*)'", r"\1", ast.unparse(annotation)))


def _double_quoted(code: str) -> str:
    return code.replace("'", '"')


def _markdown(docstring: str | None) -> str:
    """Paragraphs on one line each, with errors in one of their own, and examples in fences."""
    text = re.sub(r"\nRaises ", "\n\nRaises ", inspect.cleandoc(docstring or ""), count=1)
    return _paragraphs(text)


def _paragraphs(text: str) -> str:
    return "\n\n".join(_block(block) for block in re.split(r"\n{2,}", text.strip()))


def _block(block: str) -> str:
    if block.startswith(">>>"):
        return f"```pycon\n{block}\n```"
    return block if block.startswith("|") else " ".join(block.split("\n"))


def _type(cls: Any) -> Iterator[str]:
    yield _markdown(cls.__doc__)
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(tree, ast.ClassDef)
    rows = list(_fields(tree))
    if rows:
        # a third column only where something stands in it
        columns = 3 if any(text for _, _, text in rows) else 2
        head = ("field", "type", "")[:columns]
        yield "\n".join(f"| {' | '.join(row[:columns])} |" for row in (head, ("---",) * columns, *rows))


def _fields(tree: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """A row for each public field, property and method, with what its docstring says."""
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if not node.target.id.startswith("_"):
                yield _row(node.target.id, _annotation(node.annotation), _text(after))
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            parameters = "" if _is_property(node) else f"({', '.join(_names(node))})"
            yield _row(node.name + parameters, _annotation(node.returns), ast.get_docstring(node) or "")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield _row(node.targets[0].id, "", f"`{ast.literal_eval(node.value)}`")


def _row(name: str, type_: str, text: str) -> tuple[str, str, str]:
    shown = f"`{type_}`".replace("|", "\\|") if type_ else ""
    return f"`{name}`", shown, " ".join(text.split())


def _text(node: ast.stmt | None) -> str:
    """The docstring that stands below a field."""
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return node.value.value
    return ""


def _is_property(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(d, ast.Name) and d.id in ("property", "cached_property") for d in node.decorator_list
    )


def _names(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*node.args.args[1:], *node.args.kwonlyargs)]


def main() -> int:
    """Write the page, or tell whether it is as it would be written."""
    text = page()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if sys.argv[1:] == ["--check"]:
        print("docs/python.md is not as generated; run tools/generate_python.py")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print("wrote docs/python.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
