"""What is said of a process that may not read a volume's files: of the only one, of all, or of some."""

from typing import Any

import pytest
from test_volumes import volumes


def words(*items: tuple[str, int], mode: int = 0o400) -> str:
    """The words about a secret with these files, for user 1000, to whom none belongs."""
    listed = [{"key": path, "path": path, "mode": own} for path, own in items]
    secret: dict[str, Any] = {"secretName": "s", "defaultMode": mode, **({"items": listed} if listed else {})}
    found = volumes([{"name": "v", "secret": secret}], container={"runAsUser": 1000, "runAsGroup": 1000})
    return found["v"].text


@pytest.mark.parametrize(
    ("items", "ending"),
    [
        ([("a", 0o400)], "; this process may not read it"),
        ([("a", 0o400), ("b", 0o440)], "; this process may read none"),
        ([("a", 0o400), ("b", 0o444)], "; this process may not read a"),
        ([("a", 0o400), ("b", 0o444), ("c", 0o400)], "; this process may not read a, c"),
    ],
)
def test_words(items: list[tuple[str, int]], ending: str) -> None:
    assert words(*items).endswith(ending)


def test_nothing_is_said_of_what_may_be_read() -> None:
    assert "this process" not in words(("a", 0o444), ("b", 0o644))
