"""Finds the members of a room: one module, one member, loudly validated when the room is first used.

A room (package) comes in with the name of the attribute that a member module carries; out goes the tuple of
members, sorted by module name. Modules whose name starts with an underscore are helpers of the room, and
packages inside it are what it shares with other rooms: neither are members. The registry never decides what
a member means; the room validates that.
"""

import importlib
import pkgutil
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
    modules = (module for module in pkgutil.iter_modules(room.__path__) if not module.ispkg)
    for name in sorted(module.name for module in modules if not module.name.startswith("_")):
        module = importlib.import_module(f"{room.__name__}.{name}")
        member = getattr(module, attribute, None)
        if not isinstance(member, kind):
            raise RegistryError(f"{module.__name__} must define {attribute} as a {kind.__name__}")
        collected.append(member)
    return tuple(collected)
