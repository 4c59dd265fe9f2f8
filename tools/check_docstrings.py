"""Names every public module, class and function of the package whose docstring is missing or not a sentence.

In: the source files under src/podproof, without what is generated. Out: a line for each, and exit code 1 if
there is one. Public is what has no leading underscore, in a place that has none: not what a function defines
inside itself. The docstring's first line has to be a sentence, which ends with a full stop.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("src") / "podproof"
GENERATED = (PACKAGE / "kube" / "tables", PACKAGE / "runtimes" / "cri" / "cri_pb2.py")


def main() -> int:
    """Print what is missing and how much there is; returns the exit code."""
    checked, faults = 0, []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        name = path.relative_to(ROOT)
        if any(name.is_relative_to(generated) for generated in GENERATED):
            continue
        for line, what, fault in docstrings(path.read_text(encoding="utf-8")):
            checked += 1
            if fault:
                faults.append(f"{name}:{line}: {what} {fault}")
    print(
        "\n".join([*faults, f"{checked - len(faults)} of {checked} docstrings are there and are sentences"])
    )
    return int(bool(faults))


def docstrings(text: str) -> Iterator[tuple[int, str, str]]:
    """Give line, name and fault ("" for none) of everything public that a module's text defines."""
    module = ast.parse(text)
    yield 1, "the module", _fault(module)
    yield from _members(module.body, "")


def _members(body: list[ast.stmt], prefix: str) -> Iterator[tuple[int, str, str]]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _members([*node.body, *node.orelse], prefix)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or _is_setter(node) or _is_overload(node):
            continue
        kind = "class" if isinstance(node, ast.ClassDef) else "function"
        yield node.lineno, f"{kind} {prefix}{node.name}", _fault(node)
        if isinstance(node, ast.ClassDef):
            yield from _members(node.body, f"{prefix}{node.name}.")


def _fault(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    docstring = ast.get_docstring(node)
    if not docstring:
        return "has no docstring"
    first = docstring.splitlines()[0]
    return "" if first.endswith(".") else f"has a docstring whose first line is not a sentence: {first}"


def _is_setter(node: ast.AST) -> bool:
    """Tell whether a function is the other half of a property, which has the docstring."""
    decorators = getattr(node, "decorator_list", [])
    return any(isinstance(one, ast.Attribute) and one.attr in ("setter", "deleter") for one in decorators)


def _is_overload(node: ast.AST) -> bool:
    """Tell whether a function is one signature of another, which has the docstring."""
    return any(
        isinstance(one, ast.Name) and one.id == "overload" for one in getattr(node, "decorator_list", [])
    )


if __name__ == "__main__":
    sys.exit(main())
