"""Responses of reviews, whole: as the API server reads them."""

import base64

from podproof.admission.decision import Decision, invalid
from podproof.admission.review import response_to
from podproof.kube.field_error import FieldError


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
