"""Edits as a JSON Patch: the operations themselves, and that another implementation of RFC 6902, written
from its text, makes the same of them as the applier for mappings."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_patches import patched

from podproof.edits.apply import EditError, apply_edits
from podproof.edits.edit import Edit
from podproof.edits.json_patch import json_patch


@pytest.mark.parametrize(
    ("object_", "edit", "operations"),
    [
        pytest.param(
            {"a": 1}, Edit(("a",), "set", 2), [{"op": "replace", "path": "/a", "value": 2}], id="replace"
        ),
        pytest.param({}, Edit(("a",), "set", 2), [{"op": "add", "path": "/a", "value": 2}], id="add"),
        pytest.param(
            {"a": None}, Edit(("a",), "set", 2), [{"op": "add", "path": "/a", "value": 2}], id="null-is-added"
        ),
        pytest.param(
            {},
            Edit(("a", "b", "c"), "set", 1),
            [
                {"op": "add", "path": "/a", "value": {}},
                {"op": "add", "path": "/a/b", "value": {}},
                {"op": "add", "path": "/a/b/c", "value": 1},
            ],
            id="missing-parents",
        ),
        pytest.param(
            {"a": [None, {}]},
            Edit(("a", 0), "set", 1),
            [{"op": "replace", "path": "/a/0", "value": 1}],
            id="null-item-is-replaced",
        ),
        pytest.param(
            {"a": [1]}, Edit(("a", 1), "set", 2), [{"op": "add", "path": "/a/1", "value": 2}], id="append"
        ),
        pytest.param({"a": None}, Edit(("a",), "remove"), [{"op": "remove", "path": "/a"}], id="remove-null"),
        pytest.param({}, Edit(("a", "b"), "remove"), [], id="remove-absent"),
        pytest.param(
            {"a/b": {"c~d": 1}},
            Edit(("a/b", "c~d"), "remove"),
            [{"op": "remove", "path": "/a~1b/c~0d"}],
            id="escapes",
        ),
    ],
)
def test_operations(object_: dict[str, Any], edit: Edit, operations: list[dict[str, Any]]) -> None:
    written = copy.deepcopy(object_)
    assert list(json_patch(object_, [edit])) == operations
    assert object_ == written


@pytest.mark.parametrize(
    "edit",
    [Edit((), "remove"), Edit(("a", "b"), "set", 1), Edit(("a", 0), "remove"), Edit(("l", 2), "set", 1)],
)
def test_an_edit_without_a_place_is_refused(edit: Edit) -> None:
    with pytest.raises(EditError):
        json_patch({"a": "text", "l": [1]}, [edit])


KEYS = st.sampled_from(["a", "b", "c/d", "e~f", ""])
STEPS = KEYS | st.integers(0, 2)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.just("text"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
EDITS = st.lists(
    st.builds(
        Edit,
        st.builds(lambda key, rest: (key, *rest), KEYS, st.lists(STEPS, max_size=3)),
        st.sampled_from(["set", "remove"]),
        VALUES,
    ),
    max_size=4,
)


@given(OBJECTS, EDITS)
def test_both_appliers_make_the_same_object(object_: dict[str, Any], edits: list[Edit]) -> None:
    try:
        edited = apply_edits(object_, edits)
    except EditError:
        with pytest.raises(EditError):
            json_patch(object_, edits)
        return
    operations = copy.deepcopy(list(json_patch(object_, edits)))
    assert patched(copy.deepcopy(object_), operations) == edited


def test_to_remove_what_is_not_there_takes_no_operation() -> None:
    for object_ in ({}, {"a": {}}, {"a": None}, {"a": {"c": 1}}):
        assert json_patch(object_, [Edit(("a", "b"), "remove")]) == ()
    assert json_patch({"a": [1]}, [Edit(("a", 1), "remove")]) == ()
    null = json_patch({"a": {"b": None}}, [Edit(("a", "b"), "remove")])
    assert null == ({"op": "remove", "path": "/a/b"},)
