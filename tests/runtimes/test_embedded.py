"""The embedded containerd keeps the port's promises."""

from collections.abc import Iterator

import pytest
from engine_conformance import Conformance

from podproof.runtimes.embedded import EmbeddedEngine


@pytest.fixture(scope="module")
def engine(embedded: EmbeddedEngine) -> Iterator[EmbeddedEngine]:
    return embedded


class TestEmbedded(Conformance):
    pass
