"""The names of fields inside of an object, and where it is too deep to say."""

import pytest

from podproof.kube.names_inside import names_inside


def nested(depth: int) -> object:
    """Give a mapping in a mapping, so many levels deep."""
    value: object = {}
    for number in range(depth):
        value = {f"level{number}": value}
    return value


def test_names_of_mappings_in_lists_and_mappings_count() -> None:
    values = [{"a": [{"b": 1}, [{"c": "d"}], "e"]}, "f", 3]
    assert names_inside(values, 10) == {"a", "b", "c"}


@pytest.mark.parametrize("depth", [1, 5, 39])
def test_what_ends_in_time_has_all_its_names(depth: int) -> None:
    assert names_inside([nested(depth)], depth + 1) == {f"level{number}" for number in range(depth)}


def test_what_is_deeper_is_not_known() -> None:
    assert names_inside([nested(5)], 5) is None
    assert names_inside([nested(100_000)], 40) is None
