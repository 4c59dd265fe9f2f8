"""A request's object as the server has it: which kinds it may be, its name, and what refuses to be read."""

from typing import Any

import pytest

from podproof.admission.decoded_object import DecodedObject, UndecodableObject, decode_object, type_of_object

FIELD = "json: cannot unmarshal number into Go struct field"


def test_without_an_object_there_is_none() -> None:
    assert decode_object(None, "Pod", 37) == DecodedObject(None)


@pytest.mark.parametrize("kind", [None, "", "Pod"])
def test_the_kind_may_be_left_out(kind: Any) -> None:
    decoded = decode_object({"kind": kind, "metadata": {"name": "p"}}, "Pod", 37).object
    assert decoded is not None
    assert decoded["metadata"]["name"] == "p"


@pytest.mark.parametrize(
    ("object_", "kind", "message"),
    [
        ({"kind": "Deployment"}, "Pod", "the object is a Deployment, not a Pod"),
        ({"kind": 7}, "Pod", "the object is a kind that is not text, not a Pod"),
        (
            {"kind": "Pod", "spec": 7},
            "Pod",
            f'Pod in version "v1" cannot be handled as a Pod: {FIELD} Pod.spec of type v1.PodSpec',
        ),
        (
            {"apiVersion": 7, "spec": 7},
            "Pod",
            f'Pod in version "v1" cannot be handled as a Pod: {FIELD} Pod.TypeMeta.apiVersion of type string',
        ),
        (
            {"apiVersion": "batch/v1beta1", "spec": 7},
            "CronJob",
            f'CronJob in version "v1beta1" cannot be handled as a CronJob: {FIELD} CronJob.spec of type '
            "v1beta1.CronJobSpec",
        ),
    ],
)
def test_what_cannot_be_read(object_: dict[str, Any], kind: str, message: str) -> None:
    with pytest.raises(UndecodableObject) as caught:
        decode_object(object_, kind, 24)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("metadata", "new", "name"),
    [
        ({"generateName": "web-"}, True, "web-xxxxx"),
        ({"generateName": "web-"}, False, None),
        ({"generateName": "web-", "name": "own"}, True, "own"),
        ({"generateName": "web-", "name": ""}, True, "web-xxxxx"),
        ({"generateName": ""}, True, None),
        ({}, True, None),
        (None, True, None),
    ],
)
def test_a_new_object_is_named(metadata: Any, new: bool, name: str | None) -> None:
    decoded = decode_object({"metadata": metadata}, "Deployment", 37, new=new).object
    assert decoded is not None
    assert ((decoded.get("metadata") or {}).get("name") or None) == name


@pytest.mark.parametrize(
    ("version", "table"),
    [
        ("batch/v1beta1", "v1beta1.CronJob"),
        ("batch/v1", "v1.CronJob"),
        (None, "v1.CronJob"),
        (7, "v1.CronJob"),
    ],
)
def test_the_table_is_that_of_the_objects_own_version(version: Any, table: str) -> None:
    assert table in type_of_object({"apiVersion": version}, "CronJob", 24).name
