"""JUnit XML, as the pages of pipelines read it: texts of any kind come in, well-formed XML goes out.

Source: github.com/testmoapp/junitxml for the elements and attributes that are in use; XML 1.0.
"""

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from ..pattern import pattern
from .rows import shorten

__all__ = ["DECLARATION", "TestCounts", "attribute", "case", "output_element"]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_FORBIDDEN = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML 1.0 cannot hold, not even as references. Source: its section 2.2, `Char`."""

_MOST_MESSAGE = 2_000


class TestCounts(NamedTuple):
    """How many tests there are, and how many of them ended in each way."""

    tests: int = 0
    failures: int = 0
    errors: int = 0
    skipped: int = 0

    def plus(self, other: "TestCounts") -> "TestCounts":
        """Add those of another suite."""
        return TestCounts(*(one + two for one, two in zip(self, other, strict=True)))

    def attributes(self) -> str:
        """Write them as attributes of a suite."""
        return " ".join(f'{name}="{count}"' for name, count in zip(self._fields, self, strict=True))


def case(
    file: str, line: int, name: str, ended: str, message: str, lines: Sequence[str], output: Sequence[str]
) -> str:
    """Write a test: how it `ended` ("" for well, or failure, error, skipped), why, and what else is said."""
    where = attribute(file)
    written = f'<testcase classname={where} name={attribute(name)} file={where} line="{line}">\n'
    shown = attribute(shorten(message, _MOST_MESSAGE))
    if ended == "skipped":
        written += f"<skipped message={shown}/>\n"
    elif ended:
        written += f'<{ended} message={shown} type="{ended}">{_body(lines)}</{ended}>\n'
    return f"{written}{output_element(output)}</testcase>\n"


def output_element(lines: Sequence[str]) -> str:
    """Write what else is said of a test; "" for nothing."""
    return f"<system-out>{_body(lines)}</system-out>\n" if lines else ""


def attribute(text: str) -> str:
    """Write the value of an attribute, in quotes."""
    return f'"{escape(_clean(text), {chr(34): "&quot;"})}"'


def _body(lines: Sequence[str]) -> str:
    return escape(_clean("\n".join(lines)))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
