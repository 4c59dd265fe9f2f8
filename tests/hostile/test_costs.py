"""What hostile files cost: processor time, scaled to the machine, and memory, of a process each."""

from collections.abc import Iterator

import pytest
from families import FAMILIES, REQUESTS, sized
from meter import Cost, Meter

LIMIT_SECONDS, LIMIT_MEGABYTES = 0.5, 150.0

MENDED = {
    "duplicate key": "check",
    "duplicate keys in JSON": "check",
    "duplicate keys nested": "check",
    "low ports": "check",
    "empty containers": "explain",
}
"""Files of 100 kB that once cost seconds or a gigabyte, and the verb that did."""


@pytest.fixture(scope="module")
def meter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meter]:
    meter = Meter(tmp_path_factory.mktemp("costs"), seconds=20)
    yield meter
    meter.close()


def dear(cost: Cost) -> bool:
    """Say whether a command cost too much or was ended by a signal."""
    return cost.code < 0 or cost.seconds > LIMIT_SECONDS or cost.megabytes > LIMIT_MEGABYTES


def measured(meter: Meter, verb: str, data: bytes) -> Cost:
    """Measure again what seems dear: other processes of the machine only ever add to it."""
    name = "input.json" if data.startswith(b"{") else "input.yaml"
    cost = meter.measure([verb], data, name)
    for _ in range(8):
        if not dear(cost):
            break
        cost = meter.measure([verb], data, name)
    return cost


@pytest.mark.parametrize(("family", "verb"), MENDED.items())
def test_what_was_dear_is_cheap(meter: Meter, family: str, verb: str) -> None:
    cost = measured(meter, verb, sized(FAMILIES[family], 100_000))
    assert not dear(cost), cost
    assert cost.code in (1, 4)


def test_the_meter_notices_time_and_memory(meter: Meter) -> None:
    # what others do meanwhile can make it seem cheaper, too: the work it is compared with is slower then
    costs = [meter.measure(["check"], b"---\na: 1\n" * 90_000) for _ in range(3)]
    much = max(costs, key=lambda cost: cost.seconds)
    assert much.seconds > LIMIT_SECONDS
    assert much.megabytes > 5


SIZE = 50_000
"""Bytes of each file: a thousand small documents, or twelve thousand containers of nothing."""


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["check", "admit", "explain"])
@pytest.mark.parametrize("family", sorted(FAMILIES.keys() | REQUESTS.keys()))
def test_no_family_is_dear(meter: Meter, family: str, verb: str) -> None:
    cost = measured(meter, verb, sized({**FAMILIES, **REQUESTS}[family], SIZE))
    assert not dear(cost), cost
    assert cost.code in (0, 1, 3, 4)
