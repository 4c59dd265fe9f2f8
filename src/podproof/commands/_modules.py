"""Finds Podproof's own modules and their byte code with fewer steps than Python takes for any module.

A command of one file loads three hundred small modules, and half of what Python does for each is to search:
other finders, other suffixes, the name of the byte code twice. Here a module is a file in its package's
folder, or a folder with a file, and its byte code is where Python puts it. Whatever is otherwise (a zip file,
byte code that is missing, old or checked by its hash) is left to Python, so that the same is loaded. Writes
nothing.
"""

import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType

__all__ = ["shorten_imports"]

_ROOT = f"{__package__.partition('.')[0]}."
_BY_TIME = MAGIC_NUMBER + bytes(4)
"""How byte code begins that is as old as its source says. Source: PEP 552."""
_MOST_BYTES = 1 << 20
"""Byte code that is longer is left to Python; the longest has a tenth of that."""


def shorten_imports() -> None:
    """Look for Podproof's modules in this way first; not where byte code stands elsewhere or is another's."""
    if sys.implementation.cache_tag and not sys.pycache_prefix and not sys.flags.optimize:
        sys.meta_path.insert(0, _OwnModules)


class _OwnModules:
    """A finder of modules as `sys.meta_path` holds them."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of Podproof that is a file, or a package; None: Python may look for it."""
        if path is None or len(path) != 1 or not name.startswith(_ROOT):
            return None
        folder, stem = path[0], name.rpartition(".")[2]
        file = f"{folder}/{stem}.py"
        is_package = False
        try:
            source = os.stat(file)
        except OSError:
            folder, stem = f"{folder}/{stem}", "__init__"
            file = f"{folder}/{stem}.py"
            is_package = True
            try:
                source = os.stat(file)
            except OSError:
                return None
        code = f"{folder}/__pycache__/{stem}.{sys.implementation.cache_tag}.pyc"
        spec = ModuleSpec(name, _OwnLoader(name, file, source, code), origin=file, is_package=is_package)
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(folder)
        spec.cached = code
        spec.has_location = True
        return spec


class _OwnLoader(SourceFileLoader):
    """Loads a module from its byte code, if that is as old as the source says."""

    def __init__(self, name: str, file: str, source: os.stat_result, code: str) -> None:
        super().__init__(name, file)
        self._source = source
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:
        """Read the byte code of the module; where that is not plain, as Python does."""
        try:
            file = os.open(self._code, os.O_RDONLY | os.O_CLOEXEC)
            try:
                data = os.read(file, _MOST_BYTES)
            finally:
                os.close(file)
        except OSError:
            return super().get_code(fullname)
        source = self._source
        age = (int(source.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little")
        size = (source.st_size & 0xFFFFFFFF).to_bytes(4, "little")
        if not data.startswith(_BY_TIME + age + size) or len(data) == _MOST_BYTES:
            return super().get_code(fullname)
        try:
            code = marshal.loads(memoryview(data)[16:])
        except (EOFError, ValueError, TypeError):
            return super().get_code(fullname)
        # Compiled elsewhere: Python puts the name of the file right.
        if not isinstance(code, CodeType) or code.co_filename != self.path:
            return super().get_code(fullname)
        return code
