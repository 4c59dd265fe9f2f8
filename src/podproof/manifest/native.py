"""The native reader, where it is installed: a document's bytes come in, a Document goes out, or nothing.

Whatever is unusual it leaves alone: rules and messages are those of yaml_text.py. What it reads, it reads as
that does; `tests/manifest/test_native.py` compares the two. Never raises for what stands in a text.
"""

from functools import cache
from typing import TYPE_CHECKING

from podproof.manifest.document import Document
from podproof.manifest.file_text import FileText
from podproof.manifest.helm_source import helm_source
from podproof.manifest.limits import Limits

if TYPE_CHECKING:
    from types import ModuleType

    from podproof_reader import Reader

    from podproof.manifest.syntax_tree import Syntax
    from podproof.manifest.tape import TapeIndex

__all__ = ["describe_reader", "native_module", "native_reader", "read_natively"]

_INTERFACE = 6
"""What `podproof_reader.INTERFACE` has to be: another number means other functions, or another tape."""


def native_module() -> "ModuleType | None":
    """Import the native readers; None: `podproof-reader` is not installed, or another version of it is."""
    try:
        import podproof_reader
    except ImportError:
        return None
    return podproof_reader if podproof_reader.INTERFACE == _INTERFACE else None


@cache
def native_reader() -> "Reader | None":
    """Give the native reader of YAML; None when there is none."""
    module = native_module()
    if module is None:
        return None
    from podproof.manifest.scalars import MAY_BE_SPECIAL, key_text, resolve_plain

    reader: Reader = module.Reader("".join(MAY_BE_SPECIAL), resolve_plain, key_text)
    return reader


@cache
def _tape_index() -> "type[TapeIndex]":
    from podproof.manifest.tape import TapeIndex  # most runs over one file report nothing: late

    return TapeIndex


def describe_reader() -> str:
    """Name who reads YAML, for people."""
    if native_reader() is None:
        return "Python (podproof-reader is not installed, or switched off)"
    from podproof_reader import __version__

    return f"podproof-reader {__version__}, and by Python what is unusual"


def read_natively(
    file: str, index: int, text: FileText, start: int, body: bytes, line: int, limits: Limits
) -> Document | None:
    """Read one document from its bytes, which begin at byte `start` of the file; None: Python has to."""
    reader = native_reader()
    if reader is None:
        return None
    document = reader.read(body, limits.max_depth)
    if document is None:
        return None
    value, first_line, tape = document

    def places() -> "TapeIndex":
        return _tape_index()(value, tape, text, start)

    def syntax() -> "Syntax":
        from podproof.manifest.tape_syntax import has_tape_syntax, tape_syntax

        if has_tape_syntax(body):
            return tape_syntax(value, tape, body.decode("ascii"), text.index_of_byte(start))
        from podproof.manifest.places import yaml_syntax

        return yaml_syntax(body.decode("utf-8"), text.index_of_byte(start))

    return Document(file, index, line + first_line, value, helm_source(body), (), text, places, syntax)
