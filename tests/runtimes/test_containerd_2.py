"""containerd 2.x with a current runc keeps the port's promises, user namespaces and strict groups too."""

from collections.abc import Iterator

import pytest
from containerd_2 import containerd_2
from engine_conformance import Conformance

from podproof.runtimes.cri.client import CriEngine
from podproof.runtimes.embedded import EmbeddedEngine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    with containerd_2() as engine:
        yield engine


class TestContainerd2(Conformance):
    def test_is_the_one_that_was_built(self, engine: EmbeddedEngine) -> None:
        found = engine.features()
        assert (found.runtime, found.user_namespaces, found.strict_groups, found.recursive_read_only) == (
            "containerd-2.3.7",
            True,
            True,
            True,
        )

    def test_serves_who_only_knows_its_socket(self, engine: EmbeddedEngine) -> None:
        other = CriEngine(engine.endpoint)
        assert other.features().version == "2.3.7"
        assert other.image("local.lab/bb:1") is not None
        other.close()
