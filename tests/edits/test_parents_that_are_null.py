"""A parent that is null is made, as one that is absent, and nothing is removed from it."""

from typing import Any

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.edits.json_patch import json_patch


@pytest.mark.parametrize("object_", [{}, {"a": None}])
def test_setting_makes_it(object_: dict[str, Any]) -> None:
    edit = Edit(("a", "b"), "set", 1)
    assert json_patch(object_, [edit]) == (
        {"op": "add", "path": "/a", "value": {}},
        {"op": "add", "path": "/a/b", "value": 1},
    )
    assert apply_edits(object_, [edit]) == {"a": {"b": 1}}


@pytest.mark.parametrize("object_", [{}, {"a": None}, {"a": {}}, {"a": {"b": None}}])
def test_removing_leaves_it(object_: dict[str, Any]) -> None:
    edit = Edit(("a", "b", "c"), "remove")
    assert json_patch(object_, [edit]) == ()
    assert apply_edits(object_, [edit]) == object_
