"""A registry that does whatever a test makes it do, and short pauses before what is tried again."""

from collections.abc import Iterator

import pytest
from bad_registry import BadRegistry, bad_registry

from podproof.images.distribution import client


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PAUSES", (0.01, 0.01))


@pytest.fixture
def bad() -> Iterator[BadRegistry]:
    with bad_registry() as server:
        yield server
