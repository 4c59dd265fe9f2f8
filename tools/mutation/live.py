"""Mistakes in a process that runs already: a mutant goes in, and the functions that hold it get new code.

Every reference to a function notices that its code was exchanged; a module's assignment is run again, and
all who imported the name get the new value.
"""

import ast
import functools
import gc
import sys
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from .mutants import Mutant, mutated
from .reach import ROOT

__all__ = ["Live", "module_name"]

Key = tuple[str, int]


class Live:
    """The functions of this process whose code can be exchanged, and the caches to be emptied."""

    def __init__(self) -> None:
        package = f"{ROOT}/src/podproof/"
        self.functions: dict[str, dict[Key, list[FunctionType]]] = {}
        self.caches: list[Any] = []
        for thing in gc.get_objects():
            if type(thing) is FunctionType and thing.__code__.co_filename.startswith(package):
                code = thing.__code__
                self.functions.setdefault(code.co_filename, {}).setdefault(_key(code), []).append(thing)
            elif type(thing) is functools._lru_cache_wrapper and thing.__module__.startswith("podproof"):
                self.caches.append(thing)

    def forget(self) -> None:
        for one in self.caches:
            one.cache_clear()

    def put_in(self, mutant: Mutant) -> bool:
        """Make the mistake in this process; False when that cannot be done."""
        path = ROOT / mutant.path
        source = path.read_text(encoding="utf-8")
        tree = mutated(source, mutant.index)
        if mutant.function == "<module>":
            done = self.assign_again(path, source, tree)
        else:
            done = self.exchange(path, source, tree)
        self.forget()
        return done

    def exchange(self, path: Path, source: str, tree: ast.Module) -> bool:
        """Exchange the code of every function that the mistake is in."""
        old = _codes(compile(source, str(path), "exec"))
        new = _codes(compile(tree, str(path), "exec"))
        if old.keys() != new.keys():
            return False
        exchanged = False
        for key, functions in self.functions.get(str(path), {}).items():
            if key not in new or old[key] == new[key]:
                continue
            if len(new[key]) != 1:
                return False
            for function in functions:
                try:
                    function.__code__ = new[key][0]
                except ValueError:  # another number of free variables
                    return False
                exchanged = True
        return exchanged

    def assign_again(self, path: Path, source: str, tree: ast.Module) -> bool:
        """Run a module's changed assignment again, and give the value to all who imported the name."""
        module = sys.modules.get(module_name(path))
        changed = [
            new
            for old, new in zip(ast.parse(source).body, tree.body, strict=False)
            if ast.dump(old) != ast.dump(new)
        ]
        if module is None or len(changed) != 1 or not isinstance(changed[0], ast.Assign | ast.AnnAssign):
            return False
        statement = changed[0]
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        before = {name: vars(module)[name] for name in names}
        exec(compile(ast.Module([statement], []), str(path), "exec"), vars(module))
        for other in list(sys.modules.values()):
            for name, value in before.items():
                namespace = getattr(other, "__dict__", {})
                if namespace.get(name) is value:
                    namespace[name] = vars(module)[name]
        return bool(names)


def module_name(path: Path) -> str:
    """Give the name under which a file of the package is imported."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _key(code: CodeType) -> Key:
    return code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> dict[Key, list[CodeType]]:
    found: dict[Key, list[CodeType]] = {}

    def visit(code: CodeType) -> None:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                found.setdefault(_key(constant), []).append(constant)
                visit(constant)

    visit(code)
    return found
