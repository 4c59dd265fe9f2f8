"""The mistakes: a module's syntax tree goes in, its changes come out, each of one node and to be undone.

Left out is what no test of behaviour can tell: docstrings, annotations, type aliases, decorators,
assertions, keywords of classes, looks at `__class__` before `isinstance`, the prose of a check's `summary`
(it is compared with the generated pages), and what stands in `if TYPE_CHECKING`.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Change", "Walk"]

COMPARISONS: dict[type[ast.cmpop], tuple[tuple[str, type[ast.cmpop]], ...]] = {
    ast.Eq: (("comparison", ast.NotEq),),
    ast.NotEq: (("comparison", ast.Eq),),
    ast.Is: (("comparison", ast.IsNot),),
    ast.IsNot: (("comparison", ast.Is),),
    ast.In: (("comparison", ast.NotIn),),
    ast.NotIn: (("comparison", ast.In),),
    ast.Lt: (("boundary", ast.LtE), ("comparison", ast.GtE)),
    ast.LtE: (("boundary", ast.Lt), ("comparison", ast.Gt)),
    ast.Gt: (("boundary", ast.GtE), ("comparison", ast.LtE)),
    ast.GtE: (("boundary", ast.Gt), ("comparison", ast.Lt)),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}
CONVERSIONS = {"sorted", "reversed", "list", "tuple", "set", "frozenset", "abs", "str", "int", "len"}
METHODS = {
    "strip": (), "lstrip": (), "rstrip": (), "lower": (), "upper": (), "removeprefix": (), "removesuffix": (),
    "replace": (), "startswith": ("endswith",), "endswith": ("startswith",), "split": (), "copy": (),
}  # fmt: skip
SILENT_KEYWORDS = {"summary", "strict", "maxsize", "encoding", "frozen", "kw_only"}
IMPOSSIBLE = {"AssertionError", "NotImplementedError", "TypeError"}


@dataclass
class Change:
    """A mistake that `do` makes in the tree and `undo` takes back; `node` is what it is about."""

    operator: str
    node: ast.AST
    do: Callable[[], None]
    undo: Callable[[], None]


def _field(operator: str, node: ast.AST, name: str, value: object) -> Change:
    old = getattr(node, name)
    return Change(operator, node, lambda: setattr(node, name, value), lambda: setattr(node, name, old))


def _item(operator: str, node: ast.AST, items: list[Any], at: int, *values: ast.AST) -> Change:
    old = list(items)

    def do() -> None:
        items[at : at + 1] = values

    def undo() -> None:
        items[:] = old

    return Change(operator, node, do, undo)


class Walk:
    """Visits a module and yields its changes in the order of the source."""

    def __init__(self, tree: ast.Module) -> None:
        self.parents: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
        }
        self.tree = tree

    def changes(self) -> Iterator[Change]:
        yield from self.block(self.tree.body)

    def block(self, body: list[ast.stmt]) -> Iterator[Change]:
        for at, node in enumerate(list(body)):
            yield from self.statement(body, at, node)

    def statement(self, body: list[ast.stmt], at: int, node: ast.stmt) -> Iterator[Change]:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert | ast.Global | ast.Nonlocal | ast.Pass):
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
                yield from self.expression(default)
            yield from self.block(node.body)
            return
        if isinstance(node, ast.ClassDef):
            yield from self.block(node.body)
            return
        if isinstance(node, ast.Assign | ast.AnnAssign) and (node.value is None or self.is_alias(node)):
            return
        if isinstance(node, ast.Raise) and self.is_impossible(node):
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        yield from self.removed(body, at, node)
        if isinstance(node, ast.If | ast.While):
            yield from self.condition(node, "test")
        if isinstance(node, ast.Return) and node.value is not None:
            yield from self.returned(node)
        if isinstance(node, ast.Break | ast.Continue):
            other = ast.Continue() if isinstance(node, ast.Break) else ast.Break()
            yield _item("loop", node, body, at, ast.copy_location(other, node))
        if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
            yield _field("arithmetic", node, "op", ARITHMETIC[type(node.op)]())
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "targets", "target", "type_comment"}:
                continue
            if isinstance(value, ast.expr):
                yield from self.expression(value)
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield from self.block(value)
            elif isinstance(value, list):
                for child in value:
                    yield from self.other(child)

    def other(self, node: ast.AST) -> Iterator[Change]:
        """Parts of statements that are neither expressions nor blocks: handlers, cases, items of with."""
        if isinstance(node, ast.expr):
            yield from self.expression(node)
        elif isinstance(node, ast.ExceptHandler):
            yield from self.block(node.body)
        elif isinstance(node, ast.withitem):
            yield from self.expression(node.context_expr)
        elif isinstance(node, ast.match_case):
            if node.guard is not None:
                yield from self.condition(node, "guard")
                yield from self.expression(node.guard)
            yield from self.block(node.body)

    def is_alias(self, node: ast.Assign | ast.AnnAssign) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(t, ast.Name) and t.id in {"__all__", "__slots__"} for t in targets):
            return True
        value = node.value
        if isinstance(value, ast.BinOp):
            return isinstance(value.op, ast.BitOr) and self.is_type(value.left) and self.is_type(value.right)
        return isinstance(value, ast.Subscript) and self.is_type(value)

    def is_type(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Constant):
            return node.value is None
        if isinstance(node, ast.BinOp):
            return self.is_type(node.left) and self.is_type(node.right)
        if not isinstance(node, ast.Name):
            return False
        builtin = node.id in {
            "dict",
            "list",
            "tuple",
            "set",
            "frozenset",
            "type",
            "str",
            "int",
            "bool",
            "float",
        }
        return builtin or (node.id.lstrip("_")[:1].isupper() and not node.id.isupper())

    def is_impossible(self, node: ast.Raise) -> bool:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id in IMPOSSIBLE

    def removed(self, body: list[ast.stmt], at: int, node: ast.stmt) -> Iterator[Change]:
        nothing = ast.copy_location(ast.Pass(), node)
        stored = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript | ast.Attribute)
        plain = isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Delete | ast.Continue | ast.Break)
        if stored or plain:
            yield _item("removed statement", node, body, at, nothing)
        elif isinstance(node, ast.Return) and isinstance(
            self.parents.get(node), ast.If | ast.For | ast.While
        ):
            yield _item("removed return", node, body, at, nothing)

    def condition(self, node: ast.AST, name: str) -> Iterator[Change]:
        test = getattr(node, name)
        if not isinstance(test, ast.Constant):
            yield _field("removed condition", node, name, ast.copy_location(ast.Constant(True), test))
            yield _field("removed condition", node, name, ast.copy_location(ast.Constant(False), test))

    def returned(self, node: ast.Return) -> Iterator[Change]:
        value = node.value
        nothing = isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, bool))
        if not nothing:
            yield _field("return", node, "value", ast.copy_location(ast.Constant(None), node))

    def expression(self, node: ast.expr) -> Iterator[Change]:
        yield from self.own(node)
        for name, value in ast.iter_fields(node):
            if isinstance(node, ast.Call) and name == "args" and self.is_cast(node):
                value = value[1:]
            if isinstance(node, ast.Lambda) and name == "args":
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.expr):
                    yield from self.expression(child)
                elif isinstance(child, ast.keyword):
                    if child.arg not in SILENT_KEYWORDS:
                        yield from self.expression(child.value)
                elif isinstance(child, ast.comprehension):
                    yield from self.expression(child.iter)
                    for at, test in enumerate(list(child.ifs)):
                        yield _item("removed condition", node, child.ifs, at)
                        yield from self.expression(test)

    def is_cast(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Name) and node.func.id in {
            "cast",
            "isinstance",
            "issubclass",
            "TypeVar",
        }

    def own(self, node: ast.expr) -> Iterator[Change]:
        if isinstance(node, ast.Compare):
            for at, operator in enumerate(list(node.ops)):
                for name, other in COMPARISONS[type(operator)]:
                    yield _item(name, node, node.ops, at, other())
        elif isinstance(node, ast.BoolOp):
            yield _field("boolean", node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for at, operand in enumerate(node.values):
                if self.is_short_cut(node, operand):
                    continue
                if len(node.values) == 2:
                    yield self.replaced("removed operand", node, node.values[1 - at])
                else:
                    yield _item("removed operand", node, node.values, at)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield self.replaced("boolean", node, node.operand)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield self.replaced("arithmetic", node, node.operand)
        elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC and not self.joins(node):
            yield _field("arithmetic", node, "op", ARITHMETIC[type(node.op)]())
        elif isinstance(node, ast.IfExp):
            yield self.replaced("removed condition", node, node.body)
            yield self.replaced("removed condition", node, node.orelse)
        elif isinstance(node, ast.Constant):
            yield from self.constant(node)
        elif isinstance(node, ast.Call):
            yield from self.call(node)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            for at, element in enumerate(list(node.elts)):
                if isinstance(element, ast.Constant | ast.Starred) or self.is_table(node):
                    yield _item("removed element", node, node.elts, at)
        elif isinstance(node, ast.Dict):
            for at in range(len(node.values)):
                yield self.entry(node, at)

    def is_table(self, node: ast.expr) -> bool:
        """Say whether a literal lists things, so that one may be missing; a tuple as a value has a shape."""
        parent = self.parents.get(node)
        return isinstance(node, ast.List | ast.Set) or isinstance(parent, ast.For | ast.comprehension)

    def joins(self, node: ast.BinOp) -> bool:
        """Say whether `+` joins texts or lists, where `-` could only be a TypeError."""
        shapes = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)
        return any(
            isinstance(side, shapes)
            or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
            for side in (node.left, node.right)
        )

    def entry(self, node: ast.Dict, at: int) -> Change:
        keys, values = list(node.keys), list(node.values)

        def do() -> None:
            del node.keys[at], node.values[at]

        def undo() -> None:
            node.keys[:], node.values[:] = keys, values

        return Change("removed element", node, do, undo)

    def is_short_cut(self, node: ast.BoolOp, operand: ast.expr) -> bool:
        """Say whether `isinstance` is asked as well, of what is first looked at by its `__class__`."""
        if not isinstance(operand, ast.Compare) or not isinstance(operand.left, ast.Attribute):
            return False
        looked_at = ast.dump(operand.left.value)
        asked = (n for other in node.values if other is not operand for n in ast.walk(other))
        return operand.left.attr == "__class__" and any(
            isinstance(n, ast.Call) and self.is_cast(n) and n.args and ast.dump(n.args[0]) == looked_at
            for n in asked
        )

    def replaced(self, operator: str, node: ast.expr, by: ast.expr) -> Change:
        parent = self.parents[node]
        for name, value in ast.iter_fields(parent):
            if value is node:
                return _field(operator, parent, name, by)
            if isinstance(value, list):
                for at, child in enumerate(value):
                    if child is node:
                        return _item(operator, parent, value, at, by)
        raise AssertionError(ast.dump(parent))

    def constant(self, node: ast.Constant) -> Iterator[Change]:
        value = node.value
        if isinstance(value, bool):
            yield _field("constant", node, "value", not value)
        elif isinstance(value, int):
            yield _field("constant", node, "value", value + 1)
        elif isinstance(value, str) and (value or not isinstance(self.parents[node], ast.JoinedStr)):
            yield _field("string", node, "value", value + "~" if value else "~")
        elif isinstance(value, bytes):
            yield _field("string", node, "value", value + b"~")

    def call(self, node: ast.Call) -> Iterator[Change]:
        function = node.func
        if isinstance(function, ast.Name) and function.id in NAMES:
            yield _field("function", function, "id", NAMES[function.id])
        if isinstance(function, ast.Name) and function.id in CONVERSIONS and len(node.args) == 1:
            yield self.replaced("removed call", node, node.args[0])
        if isinstance(function, ast.Attribute) and function.attr in METHODS:
            for other in METHODS[function.attr]:
                yield _field("function", function, "attr", other)
            if not METHODS[function.attr]:
                yield self.replaced("removed call", node, function.value)
        for at in range(len(node.args) - 1):
            left, right = node.args[at : at + 2]
            alike = type(left) is type(right) and isinstance(left, ast.Name | ast.Attribute | ast.Subscript)
            if alike and ast.dump(left) != ast.dump(right) and not self.is_cast(node):
                yield self.swapped(node, at)
        for at, keyword in enumerate(list(node.keywords)):
            if keyword.arg is not None and keyword.arg not in SILENT_KEYWORDS:
                yield _item("removed argument", node, node.keywords, at)

    def swapped(self, node: ast.Call, at: int) -> Change:
        def swap() -> None:
            node.args[at : at + 2] = reversed(node.args[at : at + 2])

        return Change("swapped arguments", node, swap, swap)
