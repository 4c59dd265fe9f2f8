"""One pod template over another: fields of both, lists by position or by name, and where each part stands.

Source: apache/flink-kubernetes-operator utils/FlinkUtils.java, mergePodTemplates.
"""

from typing import Any

import pytest

from podproof.kube.layered import layer


def layered(base: Any, over: Any, *, by_name: bool) -> Any:
    return layer((base, ("b",)), (over, ("o",)), (), [], by_name=by_name)


def places(base: Any, over: Any, *, by_name: bool = False) -> dict[Any, Any]:
    prefixes: list[tuple[Any, Any]] = []
    layer((base, ("b",)), (over, ("o",)), (), prefixes, by_name=by_name)
    assert len(dict(prefixes)) == len(prefixes)
    return dict(prefixes)


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        (1, None, 1),
        (1, 2, 2),
        (1, False, False),
        (None, 2, 2),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1, "b": {"c": 1, "d": 1}}, {"b": {"d": 2, "e": 2}}, {"a": 1, "b": {"c": 1, "d": 2, "e": 2}}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({"a": 1}, [2], [2]),
        ([1], {"a": 2}, {"a": 2}),
        ([1, 2, 3], [4], [4, 2, 3]),
        ([1], [4, 5], [4, 5]),
        ([1, 2], [None, 5], [1, 5]),
        ([], [1], [1]),
        ([1], [], [1]),
        ([{"a": 1}, 2], [{"b": 3}], [{"a": 1, "b": 3}, 2]),
    ],
)
def test_what_the_upper_one_says_counts(base: Any, over: Any, expected: Any, by_name: bool) -> None:
    assert layered(base, over, by_name=by_name) == expected


@pytest.mark.parametrize(
    ("over", "by_position", "by_name"),
    [
        (
            [{"name": "b", "v": 9}],
            [{"name": "b", "v": 9}, {"name": "b", "v": 2}],
            [{"name": "a", "v": 1}, {"name": "b", "v": 9}],
        ),
        (
            [{"name": "c"}, {"name": "a", "w": 3}],
            [{"name": "c", "v": 1}, {"name": "a", "v": 2, "w": 3}],
            [{"name": "a", "v": 1, "w": 3}, {"name": "b", "v": 2}, {"name": "c"}],
        ),
        # one without a name, or with one that is no text: by position after all
        ([{"v": 9}], [{"name": "a", "v": 9}, {"name": "b", "v": 2}], None),
        ([{"name": 7}], [{"name": 7, "v": 1}, {"name": "b", "v": 2}], None),
        (["b"], ["b", {"name": "b", "v": 2}], None),
    ],
)
def test_lists(over: Any, by_position: Any, by_name: Any) -> None:
    base = [{"name": "a", "v": 1}, {"name": "b", "v": 2}]
    assert layered(base, over, by_name=False) == by_position
    assert layered(base, over, by_name=True) == (by_name or by_position)


def test_where_each_part_was_written() -> None:
    assert places({"a": 1, "l": [1, {"x": 1}]}, {"l": [None, {"y": 1}, 3], "z": 3}) == {
        (): ("o",),
        ("a",): ("b", "a"),
        ("l",): ("o", "l"),
        ("l", 0): ("b", "l", 0),
        ("l", 1): ("o", "l", 1),
        ("l", 1, "x"): ("b", "l", 1, "x"),
        ("l", 1, "y"): ("o", "l", 1, "y"),
        ("l", 2): ("o", "l", 2),
        ("z",): ("o", "z"),
    }
    assert places({"a": 1}, None) == {(): ("b",)}


def test_where_items_with_names_were_written() -> None:
    base = [{"name": "a"}, {"name": "b", "v": 1}]
    found = places(base, [{"name": "c"}, {"name": "b", "w": 2}], by_name=True)
    assert found == {
        (): ("o",),
        (0,): ("b", 0),
        (1,): ("o", 1),
        (1, "name"): ("o", 1, "name"),
        (1, "v"): ("b", 1, "v"),
        (1, "w"): ("o", 1, "w"),
        (2,): ("o", 0),
    }
