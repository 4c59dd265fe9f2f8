"""Requests of reviews as they are read, and their responses, whole, as the API server reads them."""

import base64
from typing import Any

import msgspec
import pytest

from podproof.admission.decision import (
    Decision,
    bad_request,
    forbidden,
    internal_error,
    invalid,
    invalid_details,
    renamed,
    with_warnings,
)
from podproof.admission.review import AdmissionReview, ReviewError, read_review, response_to
from podproof.kube.field_error import FieldError

REVIEW = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}


def test_an_allowed_object() -> None:
    decision = Decision(True, warnings=("a", "b"), audit_annotations={"z/b": "1", "a/c": "2"})
    answered = response_to("u", "admission.k8s.io/v1", decision)
    assert answered == {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "response": {
            "uid": "u",
            "allowed": True,
            "warnings": ["a", "b"],
            "auditAnnotations": {"a/c": "2", "z/b": "1"},
        },
    }
    assert list(answered["response"]["auditAnnotations"]) == ["a/c", "z/b"]


def test_a_changed_object_has_its_patch_as_json_without_spaces() -> None:
    patch = ({"op": "add", "path": "/a", "value": ["é", 1]}, {"op": "remove", "path": "/b"})
    response = response_to("u", "v", Decision(True, patch=patch))["response"]
    assert response == {
        "uid": "u",
        "allowed": True,
        "patchType": "JSONPatch",
        "patch": response["patch"],
    }
    assert base64.b64decode(response["patch"]).decode() == (
        '[{"op":"add","path":"/a","value":["é",1]},{"op":"remove","path":"/b"}]'
    )


def test_a_refused_object() -> None:
    decision = invalid("Deployment.apps", "d", [FieldError("Required value", ("spec", "selector"))])
    assert response_to("", "v", decision)["response"] == {
        "uid": "",
        "allowed": False,
        "status": {
            "status": "Failure",
            "message": 'Deployment.apps "d" is invalid: spec.selector: Required value',
            "reason": "Invalid",
            "code": 422,
            "details": {
                "name": "d",
                "group": "apps",
                "kind": "Deployment",
                "causes": [
                    {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.selector"}
                ],
            },
        },
    }


def test_a_refused_object_without_details() -> None:
    decision = Decision(False, 403, "no", reason="Forbidden")
    assert response_to("u", "v", decision)["response"]["status"] == {
        "status": "Failure",
        "message": "no",
        "reason": "Forbidden",
        "code": 403,
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, 'apiVersion "None" of the AdmissionReview is unknown, write admission.k8s.io/v1'),
        (
            {"apiVersion": "v2"},
            'apiVersion "v2" of the AdmissionReview is unknown, write admission.k8s.io/v1',
        ),
        ({"apiVersion": []}, 'apiVersion "[]" of the AdmissionReview is unknown, write admission.k8s.io/v1'),
        (REVIEW, "the AdmissionReview has no request: write what the API server sent"),
        (
            {**REVIEW, "response": {"uid": "u"}},
            "the AdmissionReview has a response only: write what the API server sent",
        ),
    ],
)
def test_what_is_no_request(value: dict[str, Any], message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        read_review(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(("uid", "read"), [({"uid": "u"}, "u"), ({}, ""), ({"uid": 7}, "")])
def test_a_request_and_its_uid(uid: dict[str, Any], read: str) -> None:
    asked = {"operation": "CREATE", **uid}
    assert read_review({**REVIEW, "request": asked}) == AdmissionReview(asked, read, "admission.k8s.io/v1")


@pytest.mark.parametrize(
    ("refusal", "code", "reason", "message", "why"),
    [
        (bad_request("why"), 400, "BadRequest", "why", ""),
        (forbidden("pods", "p", "why"), 403, "Forbidden", 'pods "p" is forbidden: why', "why"),
        (forbidden("pods", "", "why"), 403, "Forbidden", "pods is forbidden: why", "why"),
        (internal_error("why"), 500, "InternalError", "Internal error occurred: why", ""),
    ],
)
def test_refusals(refusal: Decision, code: int, reason: str, message: str, why: str) -> None:
    assert refusal == Decision(False, code, message, reason=reason, why=why)


@pytest.mark.parametrize(("before", "after"), [("p", ""), ("", "q"), ("p", 'a"b')])
def test_a_refusal_of_another_object(before: str, after: str) -> None:
    audit = {"a/b": "c"}
    refusal = msgspec.structs.replace(forbidden("pods", before, "why", audit), warnings=("w",), plugin="x")
    renamed_one = msgspec.structs.replace(forbidden("pods", after, "why", audit), warnings=("w",), plugin="x")
    assert renamed(refusal, "pods", after) == renamed_one


def test_refusals_are_annotated() -> None:
    audit = {"a/b": "c"}
    for refusal in (bad_request("x", audit), forbidden("x", "y", "z", audit), internal_error("x", audit)):
        assert refusal.audit_annotations == audit
        assert refusal.audit_annotations is not audit


@pytest.mark.parametrize(
    ("kind", "name", "details"),
    [
        ("Pod", "p", {"name": "p", "kind": "Pod"}),
        ("Pod", "", {"kind": "Pod"}),
        ("Deployment.apps", "d", {"name": "d", "kind": "Deployment", "group": "apps"}),
        ("A.b.c", "d", {"name": "d", "kind": "A", "group": "b.c"}),
    ],
)
def test_details(kind: str, name: str, details: dict[str, Any]) -> None:
    causes = ({"reason": "r"},)
    assert invalid_details(kind, name, causes) == {**details, "causes": [{"reason": "r"}]}


def test_warnings_come_once_and_before_those_that_are_there() -> None:
    decision = Decision(True, warnings=("b", "c"))
    assert with_warnings(decision, ["a", "b", "a"]).warnings == ("a", "b", "c")
    assert with_warnings(decision, ()) is decision
