"""The files that every attacker keeps for its neighbours to try: 0600, one in each volume that they share."""

from .constants import AT_FDCWD, O_CREATE
from .program import Named, Script

__all__ = ["keep", "kept_file", "remove_kept"]


def kept_file(folder: str, container: str) -> str:
    """Name the file that a container keeps in a folder."""
    return f"{folder}/.podproof-kept-by-{container}"


def keep(script: Script, folder: str, container: str) -> None:
    """Make the file; that it cannot be made is seen by those who do not find it."""
    opened = script.call(
        "openat",
        AT_FDCWD,
        kept_file(folder, container),
        O_CREATE,
        Named("0600", 0o600),
        step=f"keep {folder}",
    )
    with script.unless_failed(opened):
        script.quietly("close", opened)


def remove_kept(script: Script, folder: str, container: str) -> None:
    """Remove the file again."""
    script.quietly("unlinkat", AT_FDCWD, kept_file(folder, container), 0)
