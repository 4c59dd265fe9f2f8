"""Imports click and msgspec without modules that these import and hardly ever need.

That is a tenth of a short command. click asks `inspect` to tidy the help of each option, of which most is one
tidy line; msgspec takes from `typing_extensions`, if that is there, what Python's own `typing` has too.
Only these two are kept from it: who imports the modules later gets them, and click gets `inspect` as soon as
it asks for anything else.
"""

import sys
from types import ModuleType
from typing import Any

__all__ = ["import_libraries"]


class _Inspect(ModuleType):
    """Stands for `inspect` until more is asked of it than to tidy a line."""

    def cleandoc(self, doc: str) -> str:
        """Do what `inspect.cleandoc` does: of one line, only the blanks at its start go."""
        if "\n" in doc or "\t" in doc:
            import inspect

            return inspect.cleandoc(doc)
        return doc.lstrip()

    def __getattr__(self, name: str) -> Any:
        import inspect

        return getattr(inspect, name)


def import_libraries() -> None:
    """Import click and msgspec; modules that are there already stay as they are."""
    if "click" in sys.modules or "msgspec" in sys.modules:
        return
    stand_ins: dict[str, Any] = {"inspect": _Inspect("inspect"), "typing_extensions": None}
    absent = {name: stand_in for name, stand_in in stand_ins.items() if name not in sys.modules}
    sys.modules.update(absent)
    try:
        import click  # noqa: F401 - to have it in sys.modules
        import msgspec  # noqa: F401 - the same
    finally:
        for name, stand_in in absent.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
