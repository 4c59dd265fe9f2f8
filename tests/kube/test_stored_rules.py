"""What is stored, and which errors do not concern what is.

Source: apiserver 1.37.2 pkg/registry/rest/create.go, FillObjectMetaSystemFields.
"""

from typing import Any

import pytest

from podproof.kube.field_error import FieldError
from podproof.kube.stored import is_stored, leave_out_creation_rules


@pytest.mark.parametrize(
    ("metadata", "stored"),
    [
        ({"uid": "u", "resourceVersion": "1"}, True),
        ({"uid": "u", "resourceVersion": ""}, False),
        ({"uid": "", "resourceVersion": "1"}, False),
        ({"uid": "u"}, False),
        ({"resourceVersion": "1"}, False),
        ({"uid": 1, "resourceVersion": "1"}, False),
        ({"uid": "u", "resourceVersion": 1}, False),
        ({}, False),
        (None, False),
        ("u", False),
    ],
)
def test_what_is_stored(metadata: Any, stored: bool) -> None:
    assert is_stored({"metadata": metadata}) is stored
    assert not is_stored({})
    assert not is_stored([metadata])
    assert not is_stored(None)


def test_what_says_only_how_none_is_created() -> None:
    route = ("spec", "ephemeralContainers")
    creation = FieldError("Forbidden", route, None, "cannot be set on create")
    others = [
        FieldError("Forbidden", (*route, 0), None, "x"),
        FieldError("Forbidden", ("spec",), None, "x"),
        FieldError("Required value", route, None, ""),
    ]
    assert leave_out_creation_rules([others[0], creation, *others[1:]]) == others
