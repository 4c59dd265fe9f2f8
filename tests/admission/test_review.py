"""AdmissionReviews in bytes: whatever comes in, one review goes out, and nothing unreadable is allowed."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podproof import Cluster
from podproof.admission.review import answer_review

from .requests import namespace, pod, request

_CLUSTER = Cluster.from_objects([namespace(enforce="restricted")])


def _review(asked: Any, version: str = "admission.k8s.io/v1") -> dict[str, Any]:
    return {"apiVersion": version, "kind": "AdmissionReview", "request": asked}


def _answer(body: Any, cluster: Cluster = _CLUSTER) -> dict[str, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answered: dict[str, Any] = json.loads(answer_review(data, cluster))
    assert answered["kind"] == "AdmissionReview"
    return answered


@pytest.mark.parametrize("version", ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"])
def test_an_answer_has_the_version_and_the_uid_of_its_request(version: str) -> None:
    answered = _answer(_review(request(pod(), uid="u-1"), version))
    assert answered["apiVersion"] == version
    assert answered["response"]["uid"] == "u-1"
    assert answered["response"]["allowed"] is True
    assert "status" not in answered["response"]


def test_a_denial_has_a_status() -> None:
    response = _answer(_review(request(pod({}))))["response"]
    assert response["allowed"] is False
    assert (response["status"]["code"], response["status"]["reason"]) == (403, "Forbidden")
    assert response["status"]["message"].startswith('pods "p" is forbidden: violates PodSecurity')


def test_a_policy_answers_with_a_patch_and_no_account_is_filled_in() -> None:
    any_ = {"rule": "RunAsAny"}
    spec = {"seLinux": any_, "runAsUser": any_, "supplementalGroups": any_, "fsGroup": any_, "volumes": ["*"]}
    policy = {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "a"},
        "spec": {**spec, "readOnlyRootFilesystem": True},
    }
    masters = {"userInfo": {"username": "root", "groups": ["system:masters"]}}
    cluster = Cluster.from_objects([policy], kubernetes_version="v1.24")
    response = _answer(_review({**request(pod({})), **masters}), cluster)["response"]
    assert response["patchType"] == "JSONPatch"
    patch = json.loads(base64.b64decode(response["patch"]))
    assert [operation["path"] for operation in patch] == [
        "/spec/containers/0/securityContext/readOnlyRootFilesystem",
        "/metadata/annotations",
        "/metadata/annotations/kubernetes.io~1psp",
    ]


_DEEP = b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":' + b'{"a":' * 100_000
_TWICE = json.dumps(_review(request(pod()))).replace('"uid": "1"', '"uid": "1", "uid": "2"').encode()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is not one JSON object"),
        (b"\xff\xfe", "the body is not one JSON object"),
        (b"{", "the body cannot be read as JSON: "),
        (b"[]", "an AdmissionReview must be a mapping, is a list"),
        (b"7", "an AdmissionReview must be a mapping, is a number"),
        (b"{}{}", "the body cannot be read as JSON: more than 1 values"),
        (b"{}", "the body is not an AdmissionReview: its kind is another"),
        (_DEEP, "the body cannot be read as JSON: nested deeper than 200 levels"),
        (b'{"a":' + b"9" * 5000 + b"}", "the body cannot be read as JSON: "),
        (b'{"a":NaN}', "the body cannot be read as JSON: "),
        (_TWICE, "request.uid is set twice, which contradicts itself"),
        (b" " * (8 * 1024 * 1024 + 1), "the body has more than 8388608 bytes"),
        (_review(None), "the AdmissionReview has no request: write what the API server sent"),
        (_review([]), "the AdmissionReview has no request: write what the API server sent"),
        (
            _review(request(pod()), "admission.k8s.io/v2"),
            'apiVersion "admission.k8s.io/v2" of the AdmissionReview is unknown, write admission.k8s.io/v1',
        ),
        (
            _review(request(pod(), uid=7)),
            "request.uid of the AdmissionReview must be a string that is not empty, is a number",
        ),
        (
            _review(request(pod(), uid="")),
            "request.uid of the AdmissionReview must be a string that is not empty, is a string",
        ),
        (_review(request("pod")), "request.object must be a mapping, is a string"),
        (_review({**request(pod()), "userInfo": 7}), "request.userInfo must be a mapping, is a number"),
        (
            _review(request(pod(), name="q")),
            "the name of the object (p) does not match the name on the URL (q)",
        ),
    ],
)
def test_what_cannot_be_read_is_denied(body: Any, message: str) -> None:
    response = _answer(body)["response"]
    assert response["allowed"] is False
    assert response["status"]["code"] == 400
    assert response["status"]["message"].startswith(message)


def test_half_a_surrogate_pair_is_answered() -> None:
    response = _answer(_review(request(pod({}, name="\ud800"))))["response"]
    assert response["allowed"] is False
    assert response["uid"] == "1"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(request(pod()))), _JSON)
@settings(max_examples=150, deadline=None)
def test_any_value_anywhere_is_answered(key: str, value: Any) -> None:
    response = _answer(_review({**request(pod({})), key: value}))["response"]
    assert response["allowed"] is not None
    if not response["allowed"]:
        assert response["status"]["message"]


@given(st.binary(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_denied(data: bytes) -> None:
    assert _answer(data)["response"]["allowed"] is False
