"""Globs of `--include` and `--exclude`, as people know them from .gitignore.

In: patterns and a path relative to the folder that was named. Out: whether one of them matches. `*` and `?`
stay inside one name, `**` crosses folders; a pattern without a slash matches a name at any depth, one with a
slash the path from the folder named. A pattern that matches a folder covers everything in it. Never touches
files.
"""

import re
from collections.abc import Sequence


class Globs:
    """A set of patterns, compiled once."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._whole = [_compile(p.strip("/")) for p in patterns if "/" in p.strip("/")]
        self._names = [_compile(p.strip("/")) for p in patterns if "/" not in p.strip("/")]

    def __bool__(self) -> bool:
        return bool(self._whole or self._names)

    def match(self, path: str) -> bool:
        """Tell whether the path, one of its folders or its name matches."""
        parts = path.split("/")
        if any(pattern.fullmatch(part) for pattern in self._names for part in parts):
            return True
        if not self._whole:
            return False
        prefixes = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        return any(pattern.fullmatch(prefix) for pattern in self._whole for prefix in prefixes)


def _compile(pattern: str) -> re.Pattern[str]:
    out: list[str] = []
    i = 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out.append("(?:[^/]+/)*")
            i += 3
        elif pattern.startswith("**", i):
            out.append(".*")
            i += 2
        elif pattern[i] == "*":
            out.append("[^/]*")
            i += 1
        elif pattern[i] == "?":
            out.append("[^/]")
            i += 1
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) > 0:
            body = pattern[i + 1 : end].replace("\\", "\\\\")
            out.append("[" + ("^" + body[1:] if body[0] == "!" else body) + "]")
            i = end + 1
        else:
            out.append(re.escape(pattern[i]))
            i += 1
    return re.compile("".join(out), re.DOTALL)
