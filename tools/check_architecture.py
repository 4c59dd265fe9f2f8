"""Compares docs/architecture.md with the code, and names everything on the page that is not so.

In: the page, the packages under src/podproof, the import contract in pyproject.toml. Out: a line for each
false statement, and exit code 1 if there is one. It reads source files and never imports them.

What is compared:
- the table under "Rooms" lists every package and module directly under src/podproof, and nothing else;
- the block under "Order" has the layers of the import contract, in its order;
- in a diagram of modules, `A --> B` means that A imports B; in a diagram of rooms, that one of the two
  imports the other;
- inline code such as `session.check.check` names a module, or something that the module defines;
- inline code such as `checks/NAME.py` names a file or folder of the project; an upper-case word stands for
  any name.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path("docs") / "architecture.md"
PACKAGE = "podproof"

_FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_NODE = re.compile(r'(?P<id>\w+)\["(?P<label>[\w.]+)(?:<br>[^"]*)?"\]')
_EDGE = re.compile(r"(?P<from>\w+)\s*-->\s*(?:\|[^|]*\|\s*)?(?=(?P<to>\w+))")
_CODE = re.compile(r"`([^`\n]+)`")
_DOTTED = re.compile(r"[a-z_]\w*(\.\w+)+")
_PATH = re.compile(r"[\w./-]*(/|\.(py|md|toml|json|proto))")


def main() -> int:
    """Print what is false; returns the exit code."""
    faults = list(false_statements((ROOT / PAGE).read_text(encoding="utf-8"), ROOT))
    for fault in faults:
        print(f"{PAGE}: {fault}")
    return int(bool(faults))


def false_statements(page: str, root: Path) -> Iterator[str]:
    """Give a line for each statement of the page that is not so in the project at `root`."""
    code = Code(root)
    yield from _false_rooms(page, code)
    yield from _false_order(page, root)
    for fenced in _FENCED.finditer(page):
        if fenced["language"] == "mermaid":
            yield from _false_diagram(fenced["text"], code)
    for name in sorted(set(_CODE.findall(_FENCED.sub("", page)))):
        yield from _false_name(name, code, root)


class Code:
    """The modules of the package at `root`, read when they are asked for. Names leave out `podproof.`."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "src" / PACKAGE
        self.modules = {
            _module_name(path.relative_to(self.folder)): path for path in self.folder.rglob("*.py")
        }
        self.rooms = {name for name in self.modules if name and "." not in name} - {"__main__"}
        self.imports = cache(self._imports)

    def _tree(self, module: str) -> ast.Module:
        return ast.parse(self.modules[module].read_text(encoding="utf-8"))

    def _imports(self, module: str) -> frozenset[str]:
        """Give the modules of the package that a module imports anywhere in its text."""
        found: set[str] = set()
        package = module.split(".") if self.modules[module].name == "__init__.py" else module.split(".")[:-1]
        for node in ast.walk(self._tree(module)):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = package[: len(package) - node.level + 1] + (
                    node.module.split(".") if node.module else []
                )
                found.add(".".join(base))
                found |= {".".join([*base, alias.name]) for alias in node.names}
        return frozenset(found & self.modules.keys())

    def room_imports(self, room: str, other: str) -> bool:
        """Tell whether any module of one room imports any module of another."""
        return any(
            _room(imported) == other
            for module in self.modules
            if _room(module) == room
            for imported in self.imports(module)
        )

    def defines(self, dotted: str) -> bool:
        """Tell whether a name is a module, or something that a module or one of its classes defines."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            module = ".".join(parts[:length])
            if module in self.modules:
                return _has(self._tree(module).body, parts[length:])
        return False


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    return module.partition(".")[0]


def _has(body: list[ast.stmt], names: list[str]) -> bool:
    """Tell whether statements define the first name, and inside it the others."""
    if not names:
        return True
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef) and statement.name == names[0]:
            return _has(statement.body, names[1:])
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
        if any(isinstance(target, ast.Name) and target.id == names[0] for target in targets):
            return len(names) == 1
    return False


def _section(page: str, heading: str) -> str:
    """Return the text below a heading of the second level, up to the next one; "" when there is none."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def _false_rooms(page: str, code: Code) -> Iterator[str]:
    rows = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", _section(page, "Rooms"), re.MULTILINE)
    for room in sorted(code.rooms - set(rows)):
        yield f"the table of rooms leaves out {room}"
    for room in sorted(set(rows) - code.rooms):
        yield f"the table of rooms has {room}, which does not exist"
    for room in sorted({room for room in rows if rows.count(room) > 1}):
        yield f"the table of rooms has {room} twice"


def _false_order(page: str, root: Path) -> Iterator[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract["containers"] == [PACKAGE]
    )
    block = _FENCED.search(_section(page, "Order"))
    written = block["text"].splitlines() if block else []
    if written != layers:
        yield f"the order of the rooms differs from pyproject.toml, which has: {', '.join(layers)}"


def _false_diagram(diagram: str, code: Code) -> Iterator[str]:
    labels = {node["id"]: node["label"] for node in _NODE.finditer(diagram)}
    for label in labels.values():
        if label not in code.modules:
            yield f"a diagram has {label}, which is not a module"
    edges = [(edge["from"], edge["to"]) for edge in _EDGE.finditer(_NODE.sub(r"\g<id>", diagram))]
    for name in sorted(labels.keys() - {end for edge in edges for end in edge}):
        yield f"{labels[name]} is in a diagram without an arrow"
    for one, other in edges:
        if one not in labels or other not in labels:
            yield f"a diagram has an edge {one} --> {other} without a name for both"
            continue
        source, target = labels[one], labels[other]
        if not {source, target} <= code.modules.keys():
            continue
        if "." in source or "." in target:
            if target not in code.imports(source):
                yield f"{source} does not import {target}"
        elif not code.room_imports(source, target) and not code.room_imports(target, source):
            yield f"neither of the rooms {source} and {target} imports the other"


def _false_name(name: str, code: Code, root: Path) -> Iterator[str]:
    if _PATH.fullmatch(name):
        pattern = re.sub(r"[A-Z][A-Z_]*(?=[./]|$)", "*", name) if not name[0].isupper() else name
        bases = (root, code.folder, root / PAGE.parent)
        if not any(next(base.glob(pattern.rstrip("/")), None) for base in bases):
            yield f"there is no file or folder {name}"
    elif _DOTTED.fullmatch(name) and not code.defines(name):
        yield f"{name} is not a module, nor anything that one defines"


if __name__ == "__main__":
    sys.exit(main())
