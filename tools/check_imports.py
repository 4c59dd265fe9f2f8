"""Checks what the import contracts of pyproject.toml cannot say about src/podproof.

1. Modules import each other without a circle, imports within functions and for types included.
2. The rooms that decide open no files, read no clock and no environment, and draw no random numbers: the same
   bytes give the same answer anywhere. import-linter forbids them modules; this looks at builtins and methods
   too. `sys` is theirs for nothing but `sys.modules`, `sys.intern` and the limits of numbers and recursion.

Prints what it finds and ends with 1; with 0 when there is nothing.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
PACKAGE = "podproof"
DECIDING = ("kube", "effective", "kubelet", "checks", "policies", "admission", "edits", "manifest")

MODULES = frozenset(
    (
        "asyncio",
        "fcntl",
        "glob",
        "io",
        "locale",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "platform",
        "random",
        "secrets",
        "select",
        "shutil",
        "signal",
        "socket",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    )
)
BUILTINS = frozenset(("open", "input", "print", "exec", "eval", "breakpoint", "__import__"))
METHODS = frozenset(
    (
        "now",
        "utcnow",
        "today",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "unlink",
        "mkdir",
        "iterdir",
        "rglob",
        "getenv",
        "urandom",
        "perf_counter",
        "monotonic",
    )
)
SYS = frozenset(("modules", "intern", "maxsize", "float_info", "getrecursionlimit"))


def module_name(path: Path, source: Path) -> str:
    """Give a file's module: a package for its `__init__.py`."""
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module, module: str, is_package: bool, modules: Mapping[str, Path]) -> set[str]:
    """Give the modules of the package that a module imports, at whatever depth of its code."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in modules}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, module, is_package)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in modules:
                    found.add(inner)
                elif base in modules:
                    found.add(base)
    return found - {module}


def _base(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """Give the full name of what an import is from."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    package = parts[: len(parts) - node.level + is_package]
    return ".".join([*package, node.module] if node.module else package)


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Give the strongly connected components of more than one module, sorted (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    found: list[list[str]] = []
    for root in sorted(graph):
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(sorted(graph[root])))]
        number[root] = low[root] = len(number)
        open_.append(root)
        while work:
            module, children = work[-1]
            child = next(children, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[module])
                if low[module] == number[module]:
                    at = open_.index(module)
                    component, open_[at:] = open_[at:], []
                    if len(component) > 1:
                        found.append(sorted(component))
            elif child not in number:
                number[child] = low[child] = len(number)
                open_.append(child)
                work.append((child, iter(sorted(graph[child]))))
            elif child in open_:
                low[module] = min(low[module], number[child])
    return sorted(found)


def effects(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give line and name of what reaches out of a module that decides."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in MODULES:
                    yield node.lineno, f"import {alias.name}"
        elif isinstance(node, ast.ImportFrom) and not node.level:
            if (node.module or "").split(".")[0] in MODULES:
                yield node.lineno, f"import {node.module}"
            elif node.module == "sys":
                yield from ((node.lineno, f"sys.{a.name}") for a in node.names if a.name not in SYS)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in BUILTINS:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "sys" and node.attr not in SYS:
                yield node.lineno, f"sys.{node.attr}"
            elif node.attr in METHODS:
                yield node.lineno, f".{node.attr}"


def problems(source: Path) -> list[str]:
    """Check a source folder that holds the package; nothing to say is an empty list."""
    paths = sorted((source / PACKAGE).rglob("*.py"))
    modules = {module_name(path, source): path for path in paths}
    told, graph = [], {}
    for module, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        graph[module] = imports(tree, module, path.name == "__init__.py", modules)
        if module.startswith(tuple(f"{PACKAGE}.{room}." for room in DECIDING)):
            where = path.relative_to(source)
            told += [f"{where}:{line}: deciding code must not use {name}" for line, name in effects(tree)]
    for circle in circles(graph):
        told.append(f"modules import each other in a circle: {', '.join(circle)}")
    return told


def main() -> int:
    """Print the problems of this checkout."""
    told = problems(SOURCE)
    print("\n".join(told), end="\n" if told else "")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
