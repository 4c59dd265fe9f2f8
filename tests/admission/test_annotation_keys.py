"""A webhook's audit annotations are named as an API server takes them: it drops a key that has a slash."""

import json

from podproof.admission.decision import Decision
from podproof.admission.review import write_response


def test_a_key_has_no_prefix() -> None:
    decision = Decision(
        True, audit_annotations={"pod-security.kubernetes.io/enforce-policy": "baseline:v1.30"}
    )
    response = json.loads(write_response("u", "admission.k8s.io/v1", decision))["response"]
    assert response["auditAnnotations"] == {"enforce-policy": "baseline:v1.30"}


def test_without_annotations_there_is_no_key() -> None:
    response = json.loads(write_response("u", "admission.k8s.io/v1", Decision(True)))["response"]
    assert response == {"uid": "u", "allowed": True}
