"""Finds the members of a room: one module, one member, loudly validated when the room is first used.

A room (package) comes in with the name of the attribute that a member module carries; out goes the tuple of
members, sorted by module name. Modules whose name starts with an underscore are helpers of the room, and
packages inside it are what it shares with other rooms: neither are members. The registry never decides what
a member means; the room validates that.
"""

import importlib
import os
from collections.abc import Iterator
from importlib.machinery import all_suffixes
from types import ModuleType
from typing import TypeVar

from .errors import PodproofError

M = TypeVar("M")


class RegistryError(PodproofError):
    """Says which module of a room is not a valid member; always a fault of the room's author."""


def members(room: ModuleType, attribute: str, kind: type[M]) -> tuple[M, ...]:
    """Return the member of every module of `room`, sorted by module name.

    Raises RegistryError: a module has no `attribute`, or it is not a `kind`.
    """
    collected: list[M] = []
    names = {name for path in room.__path__ for name in _modules_in(path)}
    for name in sorted(name for name in names if not name.startswith("_")):
        module = importlib.import_module(f"{room.__name__}.{name}")
        member = getattr(module, attribute, None)
        if not isinstance(member, kind):
            raise RegistryError(f"{module.__name__} must define {attribute} as a {kind.__name__}")
        collected.append(member)
    return tuple(collected)


def _modules_in(path: str) -> Iterator[str]:
    """Give the modules in a part of a package's path that are no packages themselves."""
    if not os.path.isdir(path):
        import pkgutil  # loads much that a folder does not need

        yield from (module.name for module in pkgutil.iter_modules([path]) if not module.ispkg)
        return
    with os.scandir(path) as entries:
        files = [entry.name for entry in entries if entry.is_file()]
    suffixes = sorted(all_suffixes(), key=len, reverse=True)
    for file in files:
        suffix = next((one for one in suffixes if file.endswith(one)), None)
        if suffix is not None:
            yield file[: -len(suffix)]
