"""The generation that an object is given: one when it is created, but a stored pod keeps its own."""

from typing import Any

import pytest

from podproof.admission.decoded_object import decode_object


@pytest.mark.parametrize(
    ("kind", "metadata", "generation"),
    [
        ("Pod", {}, 1),
        ("Pod", {"generation": None}, 1),
        ("Pod", {"generation": 7}, 7),
        ("Deployment", {}, 1),
        ("Deployment", {"generation": 7}, 1),
    ],
)
def test_generation(kind: str, metadata: dict[str, Any], generation: int) -> None:
    decoded = decode_object({"kind": kind, "metadata": metadata}, kind, 37).object
    assert decoded is not None
    assert decoded["metadata"]["generation"] == generation


@pytest.mark.parametrize("minor", [29, 30, 37])
def test_annotations_stay(minor: int) -> None:
    annotations = {"container.apparmor.security.beta.kubernetes.io/c": "runtime/default"}
    decoded = decode_object({"metadata": {"annotations": dict(annotations)}}, "Pod", minor).object
    assert decoded is not None
    assert decoded["metadata"]["annotations"] == annotations
