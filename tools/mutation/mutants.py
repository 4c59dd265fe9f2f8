"""The mutants of a module: its source goes in, a mutant for each mistake comes out, with a name that holds
though lines move.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .operators import Change, Walk

__all__ = ["Mutant", "mutants", "mutated"]

SHORT, LONG = 16, 200  # characters: a snippet grows outwards from the changed node until it says enough


@dataclass(frozen=True)
class Mutant:
    """One mistake. `function` is the qualified name, `<module>` outside of functions; lines are 1-based.

    `nth` counts mutants of the function with the same operator and snippets, from 1; `index` counts those of
    the module. `first`..`last` are the lines of the statement (of a compound one: of its head) that a test
    must run.
    `at_import` says that the code runs when the module is imported, not when a function is called.
    """

    path: str
    function: str
    operator: str
    before: str
    after: str
    nth: int
    index: int
    line: int
    first: int
    last: int
    at_import: bool

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """What names the mutant though lines move: as `equivalents` writes it."""
        return self.path, self.function, self.operator, self.before, self.after, self.nth


def _head(node: ast.stmt) -> ast.stmt:
    """Give a compound statement without its blocks."""
    copy = ast.copy_location(type(node)(**dict(ast.iter_fields(node))), node)
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        if isinstance(getattr(copy, name, None), list):
            setattr(copy, name, [])
    return copy


def _text(node: ast.AST) -> str:
    return ast.unparse(_head(node) if isinstance(node, ast.stmt) else node).strip()


def _lines(node: ast.stmt) -> tuple[int, int]:
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if isinstance(body, list) and isinstance(node, ast.If | ast.While | ast.For | ast.With | ast.Match):
        start = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
        return node.lineno, max(node.lineno, start - 1)
    return node.lineno, node.end_lineno or node.lineno


def _walk(source: str) -> Iterator[tuple[Walk, Change]]:
    walk = Walk(ast.parse(source))
    for change in walk.changes():
        yield walk, change


def mutants(path: str, source: str) -> list[Mutant]:
    """List every mutant of a module. `path` is kept as the name of the module."""
    made: list[Mutant] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for index, (walk, change) in enumerate(_walk(source)):
        chain = [change.node]
        while (parent := walk.parents.get(chain[-1])) is not None:
            chain.append(parent)
        statement = next((n for n in chain if isinstance(n, ast.stmt)), None)
        assert statement is not None
        before, shown = _text(change.node), change.node
        removed = change.operator in {"removed statement", "removed return", "loop"}
        for node in chain[1:]:
            if removed or len(before) >= SHORT or not isinstance(node, ast.expr | ast.stmt | ast.keyword):
                break
            if isinstance(shown, ast.stmt) or len(_text(node)) > LONG:
                break
            before, shown = _text(node), node
        change.do()
        after = "pass" if change.operator.startswith("removed s") else "" if removed else _text(shown)
        change.undo()
        before, after = _cut(before, after)
        scope = [n for n in chain[1:] if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        inside = any(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) for n in chain[1:])
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):  # the default of a parameter
            inside = len([n for n in scope if isinstance(n, ast.FunctionDef)]) > 1
        name = ".".join(n.name for n in reversed(scope)) or "<module>"
        text = (name, change.operator, before, after)
        seen[text] += 1
        first, last = _lines(statement)
        line = getattr(change.node, "lineno", first)
        made.append(Mutant(path, *text, seen[text], index, line, first, last, not inside))
    return made


def _cut(before: str, after: str) -> tuple[str, str]:
    """Shorten two long snippets to what surrounds their difference."""
    if max(len(before), len(after)) <= LONG:
        return before, after
    same = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(after))
    start = max(0, same - 60)
    return before[start : start + 140], after[start : start + 140]


def mutated(source: str, index: int) -> ast.Module:
    """Give the module's tree with its change number `index` made."""
    for at, (walk, change) in enumerate(_walk(source)):
        if at == index:
            change.do()
            return ast.fix_missing_locations(walk.tree)
    raise IndexError(index)
