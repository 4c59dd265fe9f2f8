"""What is reported: ids, globs of files, and what cannot be silenced."""

from pathlib import Path

import pytest

from podproof.errors import UsageError
from podproof.session.judging.selection import make_selection

KNOWN = ["privileged", "host-ports", "unreadable"]


@pytest.mark.parametrize(
    ("glob", "file", "matches"),
    [
        ("*.yaml", "a/b.yaml", True),
        ("b.yaml", "a/b.yaml", True),
        ("a/*.yaml", "a/b.yaml", True),
        ("a/**", "a/c/b.yaml", True),
        ("a/", "a/c/b.yaml", True),
        ("./a/*", "a/b.yaml", True),
        ("a/**/b.yaml", "a/b.yaml", True),
        ("c/*.yaml", "a/b.yaml", False),
        ("a", "a/b.yaml", False),
    ],
)
def test_per_file_ignores(tmp_path: Path, glob: str, file: str, matches: bool) -> None:
    selection = make_selection(KNOWN, per_file_ignores={glob: ["privileged"]}, folder=str(tmp_path))
    ignored = selection.ignored_in(str(tmp_path / file))
    assert selection.reports("privileged", ignored) is not matches
    assert selection.reports("host-ports", ignored)


def test_what_is_unreadable_is_always_reported() -> None:
    selection = make_selection(KNOWN, select=["privileged"])
    assert selection.reports("unreadable", frozenset())
    assert not selection.reports("host-ports", frozenset())
    with pytest.raises(UsageError, match="leave the input out by --exclude"):
        make_selection(KNOWN, ignore=["unreadable"])


def test_unknown_ids() -> None:
    with pytest.raises(UsageError, match="unknown check privilegd, did you mean privileged"):
        make_selection(KNOWN, select=["privilegd"])
    with pytest.raises(UsageError, match="podproof rules lists them"):
        make_selection(KNOWN, ignore=["xyz"])
