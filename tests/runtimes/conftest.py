"""Engines for tests: each worker has its own private one, which must leave nothing behind."""

from collections.abc import Iterator

import pytest
import requires
from images import recorded_archive
from private_engine import engine_folder, leftovers, places_at

from podproof.runtimes.embedded import EmbeddedEngine, Places, embedded_engine, stop_engine


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    """A private engine's places; stopped afterwards, with nothing left."""
    requires.demand(requires.engine)
    with engine_folder() as folder:
        places = places_at(folder)
        yield places
        stop_engine(places)
        assert leftovers(places) == []


@pytest.fixture(scope="session")
def embedded(places: Places) -> Iterator[EmbeddedEngine]:
    """The embedded engine with the recorded images."""
    engine = embedded_engine(places=places)
    engine.import_archive(recorded_archive())
    yield engine
    engine.close()
