"""Edits applied to a mapping: what is made, what is shared, and what has no place."""

import copy
from typing import Any

import pytest

from podproof.edits.apply import EditError, apply_edits
from podproof.edits.edit import Edit, Fix


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        pytest.param({"a": 1}, Edit(("a",), "set", 2), {"a": 2}, id="replace"),
        pytest.param({}, Edit(("a",), "set", 2), {"a": 2}, id="add"),
        pytest.param({"a": 1}, Edit(("a",), "set", None), {"a": None}, id="set-null"),
        pytest.param({}, Edit(("a", "b", "c"), "set", 1), {"a": {"b": {"c": 1}}}, id="missing-parents"),
        pytest.param({"a": None}, Edit(("a", "b"), "set", 1), {"a": {"b": 1}}, id="null-parent"),
        pytest.param({"a": [1, 2]}, Edit(("a", 1), "set", 3), {"a": [1, 3]}, id="item"),
        pytest.param({"a": (1, 2)}, Edit(("a", 1), "set", 3), {"a": [1, 3]}, id="item-of-tuple"),
        pytest.param({"a": [1]}, Edit(("a", 1), "set", 3), {"a": [1, 3]}, id="append"),
        pytest.param({"a": [{}]}, Edit(("a", 1, "b"), "set", 3), {"a": [{}, {"b": 3}]}, id="append-parent"),
        pytest.param({"a": [None]}, Edit(("a", 0, "b"), "set", 3), {"a": [{"b": 3}]}, id="null-item"),
        pytest.param({"a": 1, "b": 2}, Edit(("a",), "remove"), {"b": 2}, id="remove"),
        pytest.param({"a": None}, Edit(("a",), "remove"), {}, id="remove-null"),
        pytest.param({"a": [1, 2, 3]}, Edit(("a", 1), "remove"), {"a": [1, 3]}, id="remove-item"),
        pytest.param({"b": 2}, Edit(("a",), "remove"), {"b": 2}, id="remove-absent"),
        pytest.param({"b": 2}, Edit(("a", "c", "d"), "remove"), {"b": 2}, id="remove-below-absent"),
        pytest.param({"a": None}, Edit(("a", "c"), "remove"), {"a": None}, id="remove-below-null"),
        pytest.param({"a": [1]}, Edit(("a", 7), "remove"), {"a": [1]}, id="remove-absent-item"),
    ],
)
def test_one_edit(before: dict[str, Any], edit: Edit, after: dict[str, Any]) -> None:
    written = copy.deepcopy(before)
    assert apply_edits(before, [edit]) == after
    assert before == written, "the object that came in was changed"


@pytest.mark.parametrize(
    ("object_", "edit", "message"),
    [
        ({"a": "text"}, Edit(("a", "b"), "set", 1), "cannot set a.b: a is neither a mapping nor a list"),
        ({"a": 1}, Edit(("a", "b", "c"), "remove"), "cannot remove a.b.c: a is neither a mapping nor a list"),
        ({"a": [1]}, Edit(("a", "b"), "set", 1), "cannot set a.b: a is not a mapping"),
        ({"a": [1]}, Edit(("a", "b"), "remove"), "cannot remove a.b: a is not a mapping"),
        ({"a": {}}, Edit(("a", 0), "set", 1), "cannot set a[0]: a is not a list"),
        ({}, Edit(("a", 0), "set", 1), "cannot set a[0]: a is not a list"),
        ({"a": [1]}, Edit(("a", 2), "set", 1), "cannot set a[2]: a ends before it"),
        ({"a": [1]}, Edit(("a", 2, "b"), "set", 1), "cannot set a[2].b: a ends before it"),
        ({"a": [1]}, Edit(("a", -1), "remove"), "cannot remove a[-1]: a is not a list"),
        ({}, Edit((0,), "set", 1), "cannot set [0]: the object is not a list"),
        ({}, Edit((), "remove"), "cannot remove the whole object"),
    ],
)
def test_an_edit_without_a_place_is_refused(object_: dict[str, Any], edit: Edit, message: str) -> None:
    written = copy.deepcopy(object_)
    with pytest.raises(EditError) as raised:
        apply_edits(object_, [edit])
    assert str(raised.value) == message
    assert object_ == written


def test_edits_are_made_in_order_and_each_sees_the_one_before() -> None:
    value = {"type": "Localhost"}
    edits = [
        Edit(("a", "profile"), "set", value),
        Edit(("a", "profile", "type"), "set", "RuntimeDefault"),
        Edit(("a", "old"), "remove"),
    ]
    assert apply_edits({"a": {"old": 1}}, edits) == {"a": {"profile": {"type": "RuntimeDefault"}}}
    assert value == {"type": "Localhost"}, "the value of an edit was changed"


def test_what_the_edits_do_not_touch_is_shared() -> None:
    before: dict[str, Any] = {"kept": {"x": [1]}, "changed": {"inner": {"y": 1}, "beside": {}}}
    after = apply_edits(before, [Edit(("changed", "inner", "y"), "set", 2)])
    assert after["kept"] is before["kept"]
    assert after["changed"]["beside"] is before["changed"]["beside"]
    assert after["changed"]["inner"] is not before["changed"]["inner"]


@pytest.mark.parametrize(
    "edit", [Edit(("a", "b"), "set", [1]), Edit(("l", 0, "x"), "remove"), Edit(("gone",), "remove")]
)
def test_an_edit_made_twice_is_the_edit_made_once(edit: Edit) -> None:
    object_ = {"a": {"b": 1}, "l": [{"x": 1, "y": 2}]}
    once = apply_edits(object_, [edit])
    assert apply_edits(once, [edit]) == once
    assert apply_edits(object_, [edit, edit]) == once


def test_a_fix_is_unsafe_unless_it_says_otherwise() -> None:
    assert Fix((Edit(("a",), "remove"),)).safe is False
    assert Edit(("a",), "remove").value is None
