"""Name, namespace and kind that an object has of its request."""

from typing import Any

import pytest

from podproof.admission.decoded_object import fill_identity
from podproof.admission.request import read_request


@pytest.mark.parametrize(
    ("metadata", "operation", "filled"),
    [
        ({}, "CREATE", {"namespace": "n"}),
        ({}, "UPDATE", {"namespace": "n", "name": "p"}),
        ({"name": ""}, "UPDATE", {"namespace": "n", "name": "p"}),
        ({"name": "own"}, "UPDATE", {"namespace": "n", "name": "own"}),
        ({"namespace": "m"}, "CREATE", {"namespace": "m"}),
    ],
)
def test_filled(metadata: dict[str, Any], operation: str, filled: dict[str, Any]) -> None:
    asked = {"operation": operation, "resource": {"resource": "pods"}, "kind": {"kind": "Pod"}}
    object_: dict[str, Any] = {"metadata": dict(metadata)}
    fill_identity(object_, read_request({**asked, "namespace": "n", "name": "p"}))
    assert object_ == {"kind": "Pod", "metadata": filled}
