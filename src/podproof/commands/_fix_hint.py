"""The command that fixes what `check` found: what a person typed comes in, and what to type next goes out."""

from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["fix_command"]

_ONE = ("level", "kubernetes_version", "runtime", "images", "node", "config")
_JOINED = ("feature_gates", "select", "ignore")
_REPEATED = ("include", "exclude")
_FLAGS = ("hidden", "kustomize")


def fix_command(paths: Sequence[str], asked: dict[str, Any]) -> str:
    """Write `podproof fix` with the same paths and options, as a shell takes them.

    `asked` are the options of `check` by their names; those that `fix` has not are left out.
    """
    import shlex

    words = ["podproof", "fix"]
    options = [*_options(asked)]
    if any(path.startswith("-") and path != "-" for path in paths):
        words += [*options, "--", *paths]
    else:
        words += [*paths, *options]
    return shlex.join(words)


def _options(asked: dict[str, Any]) -> Iterator[str]:
    for name in _ONE:
        if asked[name] is not None:
            yield from (_option(name), asked[name])
    for name in _JOINED:
        if asked[name]:
            yield from (_option(name), ",".join(asked[name]))
    for name in _REPEATED:
        for value in asked[name]:
            yield from (_option(name), value)
    for name in _FLAGS:
        if asked[name]:
            yield _option(name)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
