"""What a server stores already keeps what a feature gate would drop or refuse by now; new objects do not."""

import copy
from typing import Any

import msgspec
import pytest

from podproof import Cluster
from podproof.admission.decision import Decision
from podproof.admission.request import read_request

from .requests import namespace, pod, request

# 1.30 has both gates, off: UserNamespacesSupport drops the field, RelaxedEnvironmentVariableValidation
# refuses the name
CLUSTER = Cluster.from_objects([namespace()], kubernetes_version="v1.30")
GATED: dict[str, Any] = {"hostUsers": False}


def _pod(env: str = "A", **spec: Any) -> dict[str, Any]:
    made = pod(**spec)
    made["spec"]["containers"][0]["env"] = [{"name": env, "value": "x"}]
    return made


def _deployment(env: str = "A", **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": _pod(env, **spec)["spec"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "w", "namespace": "n"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }


def _answer(
    object_: Any, old: Any = None, *, stored: bool = False, cluster: Cluster = CLUSTER, **rest: Any
) -> Decision:
    asked = request(object_, old, **rest)
    if object_["kind"] == "Deployment":
        asked["resource"] = {"group": "apps", "version": "v1", "resource": "deployments"}
    return cluster.admit(msgspec.structs.replace(read_request(asked), stored=stored))


def _pod_spec(decision: Decision) -> dict[str, Any]:
    assert decision.completed is not None
    spec: dict[str, Any] = decision.completed["spec"]
    return spec["template"]["spec"] if "template" in spec else spec


@pytest.mark.parametrize("make", [_pod, _deployment])
def test_a_gated_field_is_dropped_from_what_is_new(make: Any) -> None:
    new = _answer(make(**GATED))
    assert "hostUsers" not in _pod_spec(new)
    assert [field.gate for field in new.dropped] == ["UserNamespacesSupport"]
    stored = _answer(make(**GATED), stored=True)
    assert _pod_spec(stored)["hostUsers"] is False
    assert stored.dropped == ()


def test_an_update_keeps_a_gated_field_that_was_there() -> None:
    updated = _answer(_deployment(**GATED), _deployment(**GATED))
    assert (_pod_spec(updated)["hostUsers"], updated.dropped) == (False, ())
    added = _answer(_deployment(**GATED), _deployment())
    assert "hostUsers" not in _pod_spec(added)
    assert len(added.dropped) == 1
    # the old object of a creation says nothing
    created = _answer(_deployment(**GATED), _deployment(**GATED), operation="CREATE")
    assert "hostUsers" not in _pod_spec(created)


@pytest.mark.parametrize("make", [_pod, _deployment])
def test_a_rule_that_a_gate_lifts_does_not_concern_what_is_stored(make: Any) -> None:
    refused = _answer(make("1 a"))
    assert (refused.code, refused.reason) == (422, "Invalid")
    assert _answer(make("1 a"), stored=True).allowed
    wrong = make("1 a", restartPolicy="Sometimes")
    assert _answer(wrong, stored=True).code == 422


def test_an_update_may_keep_what_was_allowed_once() -> None:
    assert _answer(_deployment("1 a"), _deployment("1 a")).allowed
    assert _answer(_deployment("1 a"), _deployment()).code == 422
    assert _answer(_deployment("1 a"), _deployment("1 a"), operation="CREATE").code == 422
    broken = _deployment("1 a", restartPolicy="Sometimes")
    assert _answer(broken, _deployment("1 a")).code == 422


def test_a_stored_pod_may_have_ephemeral_containers() -> None:
    debugged = _pod(ephemeralContainers=[{"name": "d", "image": "i"}])
    assert _answer(debugged).code == 422
    assert _answer(debugged, stored=True).allowed


def test_a_stored_pod_is_not_completed_again() -> None:
    spread = {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {},
        "matchLabelKeys": ["app"],
    }
    sent = pod(topologySpreadConstraints=[spread])
    sent["metadata"]["labels"] = {"app": "web"}
    cluster = Cluster.from_objects([namespace()], kubernetes_version="v1.37")
    (made,) = _pod_spec(_answer(sent, cluster=cluster))["topologySpreadConstraints"]
    assert made["labelSelector"]["matchExpressions"] == [{"key": "app", "operator": "In", "values": ["web"]}]
    (kept,) = _pod_spec(_answer(sent, stored=True, cluster=cluster))["topologySpreadConstraints"]
    assert "matchExpressions" not in kept["labelSelector"]


@pytest.mark.parametrize(("version", "warned"), [("v1.24", False), ("v1.25", True), ("v1.37", True)])
@pytest.mark.parametrize("make", [_pod, _deployment])
def test_since_when_fields_are_warned_of(make: Any, version: str, warned: bool) -> None:
    twice = make()
    spec = twice["spec"].get("template", twice)["spec"]
    spec["containers"][0]["env"] = [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]
    spec["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    cluster = Cluster.from_objects([namespace(), {"kind": "Other"}], kubernetes_version=version)
    asked = request(twice)
    if twice["kind"] == "Deployment":
        asked["resource"] = {"group": "apps", "version": "v1", "resource": "deployments"}
    assert any("beta.kubernetes.io/os" in text for text in cluster.admit(asked).warnings) is warned
    updated = cluster.admit({**asked, "oldObject": copy.deepcopy(twice), "operation": "UPDATE"})
    assert updated.warnings == ()


@pytest.mark.parametrize(
    ("make", "order"), [(_pod, "annotations nodeSelector"), (_deployment, "nodeSelector annotations")]
)
def test_what_completing_a_pod_warns_of_comes_first(make: Any, order: str) -> None:
    wrong = make()
    owner = wrong["spec"].get("template", wrong)
    owner["spec"]["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    key = "container.apparmor.security.beta.kubernetes.io/c"
    owner["metadata"] = {**owner["metadata"], "annotations": {key: "runtime/default"}}
    found = _answer(wrong, cluster=Cluster.from_objects([namespace()])).warnings
    assert [text.partition("[")[0].rpartition(".")[2] for text in found] == order.split()


@pytest.mark.parametrize("make", [_pod, _deployment])
@pytest.mark.parametrize(
    ("gates", "valid"), [({}, False), ({"RelaxedEnvironmentVariableValidation": True}, True)]
)
def test_the_gates_of_the_cluster_decide_what_is_valid(
    make: Any, gates: dict[str, bool], valid: bool
) -> None:
    cluster = Cluster.from_objects([namespace()], kubernetes_version="v1.30", feature_gates=gates)
    assert _answer(make("1 a"), cluster=cluster).allowed is valid
    assert _answer(_deployment("1 a"), _deployment(), cluster=cluster).allowed is valid


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
@pytest.mark.parametrize(("make", "kind"), [(_pod, "Pod"), (_deployment, "Deployment")])
def test_name_and_namespace_are_those_of_the_path(make: Any, kind: str, operation: str) -> None:
    sent = make()
    name = "sent" if operation == "CREATE" else ""
    sent["metadata"] = {"name": name}
    old = {**make(), "metadata": {"name": "path", "namespace": "n"}} if operation == "UPDATE" else None
    answer = _answer(sent, old, operation=operation, name="path")
    assert answer.completed is not None, answer.message
    metadata = answer.completed["metadata"]
    assert (metadata["name"], metadata["namespace"]) == (name or "path", "n")
    assert answer.completed["kind"] == kind


@pytest.mark.parametrize("own", [None, {}, {"c": "d"}])
@pytest.mark.parametrize("of_template", [None, {"a": "b"}])
def test_a_new_job_without_labels_has_those_of_its_template(own: Any, of_template: Any) -> None:
    template = {"metadata": {"labels": of_template}, "spec": _pod(restartPolicy="Never")["spec"]}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", "namespace": "n", "labels": own},
        "spec": {"template": template},
    }
    answer = CLUSTER.admit(request(job, resource="jobs", group="batch"))
    assert answer.completed is not None, answer.message
    found = answer.completed["spec"]["template"]["metadata"]["labels"]
    assert {"job-name", "controller-uid", *(of_template or {})} <= found.keys()
    assert answer.completed["metadata"]["labels"] == (own or found)


@pytest.mark.parametrize("status", [None, {}, {"unknown": 1}])
@pytest.mark.parametrize("make", [_pod, _deployment])
def test_an_empty_status_is_not_shown(make: Any, status: Any) -> None:
    shown = _answer({**make(), "status": status}).object
    assert shown is not None
    assert set(shown) == {"kind", "apiVersion", "metadata", "spec"}
