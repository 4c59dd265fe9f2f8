"""Regular expressions that are compiled when they are first asked, since most runs ask few of them.

A pattern comes in, what works as a compiled one goes out. Compiling all of them took a tenth of a cold start.
"""

import re
from typing import Any, AnyStr, cast

__all__ = ["pattern"]


class _LazyPattern:
    """Stands for a compiled pattern; each method is looked up once and kept."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Compile the pattern, and give its attribute."""
        value = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, value)
        return value


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Make a pattern that is compiled when it is first used; it raises re.error only then."""
    return cast("re.Pattern[AnyStr]", _LazyPattern(text, flags))
