"""What API servers send is read by outlines, with all that admission asks of it."""

import json
from typing import Any

import msgspec
import pytest

from podproof import Cluster
from podproof.admission import outlined_review, phases
from podproof.admission.consistency import read_consistent
from podproof.admission.decision import bad_request
from podproof.admission.outlined_review import outline_review, read_outlined
from podproof.admission.phases import Phase
from podproof.admission.request import RequestError
from podproof.admission.review import answer_review, decide, read_body, write_response
from podproof.admission.review_text import REVIEW_VERSIONS
from podproof.admission.sent_pod import SentPod
from podproof.kube.default_pod import default_pod
from podproof.kube.pod import Pod
from podproof.kube.versions import NEWEST
from podproof.manifest.native import native_module
from podproof.policies.read_fields import READ_FIELDS

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)
KIND = {"group": "", "version": "v1", "kind": "Pod"}
RESOURCE = {"group": "", "version": "v1", "resource": "pods"}
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "namespace": "n", "labels": {"a": "b"}, "annotations": {"c": "d"}},
    "spec": {
        "runtimeClassName": "r",
        "hostUsers": False,
        "os": {"name": "linux"},
        "volumes": [{"name": "v", "hostPath": {"path": "/v"}}],
        "containers": [
            {"name": "c", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": True}]}
        ],
    },
}
REQUEST: dict[str, Any] = {
    "uid": "1",
    "kind": KIND,
    "resource": RESOURCE,
    "subResource": "resize",
    "requestKind": KIND,
    "requestResource": RESOURCE,
    "requestSubResource": "resize",
    "name": "p",
    "namespace": "n",
    "operation": "UPDATE",
    "userInfo": {"username": "u", "uid": "2", "groups": ["g"], "extra": {"e": ["f"]}},
    "object": POD,
    "oldObject": POD,
    "dryRun": True,
    "options": {"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1"},
}


def test_every_field_of_a_review_is_known() -> None:
    body = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": REQUEST}
    outlines = outline_review(json.dumps(body).encode(), NEWEST)
    assert outlines is not None
    reader = outlined_review._reader(NEWEST)
    assert reader is not None
    assert reader.read_known(json.dumps(body).encode()) is not None
    read = read_outlined(outlines, REVIEW_VERSIONS, NEWEST)
    assert read is not None
    assert (read.uid, read.version) == ("1", "admission.k8s.io/v1")
    request = read.request
    assert (request.operation, request.sub_resource, request.namespace, request.name) == (
        "UPDATE", "resize", "n", "p",
    )  # fmt: skip
    assert (request.user.name, request.user.groups, request.dry_run) == ("u", ("g",), True)
    for sent in (request.object, request.old_object):
        assert isinstance(sent, SentPod)
        assert sent == POD
        spec = sent.typed.spec
        assert spec is not None
        assert (spec.runtime_class_name, spec.host_users, spec.os and spec.os.name) == ("r", False, "linux")
        assert [volume.host_path and volume.host_path.path for volume in spec.volumes or ()] == ["/v"]
        (container,) = spec.containers or ()
        assert (container.name, container.image) == ("c", "i")
        assert [mount.name for mount in container.volume_mounts or ()] == ["v"]


def test_read_fields_are_fields() -> None:
    for struct, read in READ_FIELDS.items():
        assert read <= set(struct.__struct_fields__), struct


@pytest.mark.parametrize("phase", ["validating", "advising", "mutating"])
def test_who_asks_for_what_was_not_read_gets_the_whole_pod(
    phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new rule must not deny everything until its fields are read."""
    asked_for = []

    def ask(pod: Pod, minor: int) -> Pod:
        assert pod.metadata is not None
        asked_for.append(pod.metadata.name)
        asked_for.append(pod.metadata.generate_name)
        return default_pod(pod, minor)

    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "labels": labels}}
    cluster = Cluster.from_objects([namespace])
    request = {**REQUEST, "subResource": "", "oldObject": {**POD, "spec": {"containers": [{"name": "c"}]}}}
    body = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
    outlines = outline_review(json.dumps(body).encode(), NEWEST)
    assert outlines is not None
    read = read_outlined(outlines, REVIEW_VERSIONS, NEWEST)
    assert read is not None
    plain = msgspec.structs.replace(read.request, object=request["object"], old_object=request["oldObject"])
    monkeypatch.setattr(phases, "default_pod", ask)
    decision = decide(read.request, cluster, phase=phase)
    assert decision == decide(plain, cluster, phase=phase)
    assert decision.code == (None if phase == "mutating" else 403)
    assert asked_for == ([] if phase == "mutating" else ["p"])


_OPEN = Cluster.from_objects([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}])


def _decided_exactly(body: bytes, phase: Phase) -> bytes:
    review = read_body(body)
    try:
        decision = decide(read_consistent(review.request), _OPEN, phase=phase)
    except RequestError as error:
        decision = bad_request(str(error))
    return write_response(review.uid, review.version, decision)


@pytest.mark.parametrize(
    "route",
    [
        "name", "namespace", "operation", "subResource", "resource", "kind", "userInfo", "userInfo.username",
        "userInfo.groups", "dryRun", "oldObject", "oldObject.kind", "object.kind", "object.apiVersion",
        "object.metadata", "object.metadata.name", "object.metadata.namespace",
    ],
)  # fmt: skip
@pytest.mark.parametrize("phase", ["validating", "advising", "mutating"])
def test_a_wrong_type_in_the_object_hides_no_other_one(route: str, phase: Phase) -> None:
    """Whoever is told of the first value alone would take the others for null, which may be allowed."""
    request = json.loads(json.dumps({"object": REQUEST["object"], **REQUEST, "subResource": ""}))
    request["object"] = {"spec": {"hostPID": "yes"}, **request["object"]}
    request["object"]["spec"]["hostPID"] = "yes"  # the first of all
    *way, last = route.split(".")
    holder: Any = request
    for key in way:
        holder = holder[key]
    holder[last] = 5
    body = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
    text = json.dumps(body).encode()
    assert answer_review(text, _OPEN, phase=phase) == _decided_exactly(text, phase)
