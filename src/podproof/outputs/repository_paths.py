"""Names files as a repository does: paths that were checked come in, paths from the root go out.

Whoever runs `check` in a subfolder wants annotations on the right files all the same. No file is looked at.
"""

from os import path as paths
from urllib.parse import quote

import msgspec

__all__ = ["STDIN", "RepositoryPaths", "is_file"]

STDIN = "<stdin>"
"""The name of standard input, as in inputs/stdin.py."""


_BUILT = " (kustomize)"
"""Ends the name of what was built from a folder, as in inputs/kustomize.py."""


def is_file(file: str) -> bool:
    """Tell a file, which can be changed, from standard input and what Kustomize built."""
    return file != STDIN and not file.endswith(_BUILT)


class RepositoryPaths(msgspec.Struct, frozen=True):
    """The repository's `root` and the `folder` that paths are relative to, both absolute; "" for unknown."""

    root: str = ""
    folder: str = ""

    def from_root(self, file: str) -> str | None:
        """Give the path from the root; None: the file lies elsewhere, or is standard input."""
        if file == STDIN:
            return None
        if not self.root:
            path = paths.normpath(file)
            return None if paths.isabs(path) or path.startswith("..") else path
        path = paths.normpath(paths.join(self.folder, file))
        root = self.root.rstrip("/") + "/"
        return path.removeprefix(root) if path.startswith(root) else None

    def shown(self, file: str) -> str:
        """Give the path from the root, or the file as it was named."""
        path = self.from_root(file)
        return file if path is None else path

    def uri(self, file: str) -> tuple[str, bool]:
        """Give a URI reference, percent-encoded, and whether it is from the root."""
        path = self.from_root(file)
        if path is not None:
            return _quoted(path), True
        absolute = "file://" if paths.isabs(file) else ""
        return absolute + _quoted(file), False


def _quoted(path: str) -> str:
    try:
        return quote(path.encode("utf-8", "surrogateescape"))  # the bytes of a name that is not UTF-8
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "replace"))
