"""What the server reads as it stands is read without JSON, and refused as if it had been written as JSON."""

import math
from typing import Any

import pytest

from podproof.kube import accept, plain_object, sent_object
from podproof.kube.accept import refuse_unreadable

SPEC = {"containers": [{"name": "a", "image": "nginx"}]}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": SPEC}
MANAGED = {"managedFields": [{"fieldsV1": {"f:spec": math.nan}}]}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "d"},
    "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"spec": SPEC}},
}
OBJECTS: dict[str, Any] = {
    "a pod": POD,
    "a workload": DEPLOYMENT,
    "another namespace": {**POD, "metadata": {"name": "p", "namespace": "other"}},
    "no name": {**POD, "metadata": {"generateName": "p-"}},
    "an unknown field": {**POD, "spec": {**SPEC, "container": []}},
    "a wrong type": {**POD, "spec": {"containers": {}}},
    "null": {**POD, "spec": None},
    "a name in capitals": {**POD, "Kind": "Pod"},
    "a number with a point": {**POD, "spec": {**SPEC, "priority": 1.0}},
    "no number": {**POD, "metadata": {"name": "p", **MANAGED}},
    "half a surrogate": {**POD, "metadata": {"name": "p", "annotations": {"a": "\ud800"}}},
    "a key that is no text": {**POD, "metadata": {"name": "p", "labels": {1: "b"}}},
    "a version of old": {**DEPLOYMENT, "apiVersion": "extensions/v1beta1"},
    "an unknown version": {**POD, "apiVersion": "v2"},
    "an unknown kind": {**POD, "kind": "Pot"},
    "too large": {**POD, "metadata": {"name": "p", "annotations": {"a": "b" * 3_200_000}}},
    "too large as JSON alone": {**POD, "metadata": {"name": "p", "annotations": {"a": "\u00e9" * 600_000}}},
}


@pytest.mark.parametrize("minor", [14, 37])
@pytest.mark.parametrize("name", OBJECTS)
def test_it_is_refused_as_json_is(name: str, minor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_object, "_WORTHWHILE", 0)
    answer = refuse_unreadable(OBJECTS[name], "default", minor)
    monkeypatch.setattr(accept, "read_plain", lambda _body, _minor: None)
    assert answer == refuse_unreadable(OBJECTS[name], "default", minor)


def test_no_json_is_written_for_a_plain_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_object, "_WORTHWHILE", 0)
    monkeypatch.delattr(sent_object, "json_of")
    assert refuse_unreadable(POD, "default", 37) is None
    assert POD["metadata"] == {"name": "p"}
