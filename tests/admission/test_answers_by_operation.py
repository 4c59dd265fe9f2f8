"""What is answered by operation, kind, subresource and version."""

from typing import Any

import msgspec
import pytest

from podproof import Cluster
from podproof.admission.attributes import Attributes
from podproof.admission.lifecycle import NAMESPACE_LIFECYCLE, missing_namespace
from podproof.admission.request import read_request
from podproof.admission.resources.policies import POLICY_VERSIONS
from podproof.admission.server import name_to_come
from podproof.admission.service_account import SERVICE_ACCOUNT
from podproof.admission.state import ClusterState

from .requests import namespace, pod, request
from .test_pod_security_policy import _policy, _use

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}
NAMED = {**CONFIG_MAP, "metadata": {"generateName": "c-", "namespace": "n"}}


def _cluster(version: str = "v1.37", *objects: Any) -> Cluster:
    return Cluster.from_objects([namespace(), *objects], kubernetes_version=version)


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"generateName": "web-"}, "web-xxxxx"),
        ({"generateName": "web-", "name": ""}, "web-xxxxx"),
        ({"generateName": "web-", "name": None}, "web-xxxxx"),
        ({"generateName": "web-", "name": "own"}, ""),
        ({"generateName": ""}, ""),
        ({"generateName": None}, ""),
        ({"generateName": 7}, ""),
        ({}, ""),
        (None, ""),
        (7, ""),
        (["name"], ""),
    ],
)
def test_a_name_to_come(metadata: Any, name: str) -> None:
    assert name_to_come({"metadata": metadata}) == name
    assert (name_to_come({}), name_to_come(None)) == ("", "")


@pytest.mark.parametrize(
    ("version", "rest", "name"),
    [
        ("v1.37", {}, "c-xxxxx"),
        ("v1.25", {}, "c-xxxxx"),
        ("v1.24", {}, None),
        ("v1.37", {"operation": "UPDATE"}, None),
        ("v1.37", {"subResource": "status"}, None),
        ("v1.37", {"name": "c-abcde"}, "c-xxxxx"),
    ],
)
def test_when_a_name_is_made_up(version: str, rest: dict[str, Any], name: str | None) -> None:
    decision = _cluster(version).admit(request(NAMED, resource="configmaps", **rest))
    assert decision.completed is not None
    assert decision.completed["metadata"].get("name") == name
    assert "name" not in NAMED["metadata"]


@pytest.mark.parametrize("version", ["v1.24", "v1.25"])
@pytest.mark.parametrize(("operation", "name"), [("CREATE", "p-xxxxx"), ("UPDATE", None)])
def test_only_a_new_pod_is_named(version: str, operation: str, name: str | None) -> None:
    unnamed = pod({})
    unnamed["metadata"] = {"generateName": "p-", "namespace": "n", "resourceVersion": "1"}
    decision = _cluster(version, _policy("a"), *_use()).admit(request(unnamed, unnamed, operation=operation))
    assert (decision.completed or {}).get("metadata", {}).get("name") == name


def test_a_webhook_is_sent_an_object_before_its_name_is_made_up() -> None:
    decision = _cluster().admit(request(NAMED, resource="configmaps"), mutated=True)
    assert decision.completed == NAMED


@pytest.mark.parametrize("resource", ["configmaps", "pods/exec", "deployments"])
@pytest.mark.parametrize("operation", ["DELETE", "CONNECT"])
def test_what_neither_makes_nor_changes_has_no_object(operation: str, resource: str) -> None:
    asked = request(CONFIG_MAP, resource=resource, operation=operation)
    decision = _cluster().admit(asked)
    assert (decision.allowed, decision.completed, decision.code) == (True, None, None)


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
def test_another_kind_is_kept_as_it_is(operation: str) -> None:
    decision = _cluster().admit(request(CONFIG_MAP, resource="configmaps", operation=operation))
    assert (decision.allowed, decision.completed) == (True, CONFIG_MAP)
    nothing = _cluster().admit(request(None, resource="configmaps", operation=operation))
    assert (nothing.allowed, nothing.completed) == (True, None)


@pytest.mark.parametrize(
    ("kind", "name", "refused"),
    [("Pod", "gone", True), ("", "gone", True), ("Pod", "n", False), ("Pod", "", False),
     ("Namespace", "gone", False)],
)  # fmt: skip
def test_a_namespace_that_is_missing(kind: str, name: str, refused: bool) -> None:
    decision = missing_namespace(ClusterState.from_objects([namespace()]), kind, name)
    if not refused:
        assert decision is None
        return
    assert decision is not None
    assert (decision.allowed, decision.code, decision.reason) == (False, 404, "NotFound")
    assert decision.message == 'namespaces "gone" not found'


@pytest.mark.parametrize(
    ("operation", "refused"), [("CREATE", True), ("UPDATE", True), ("CONNECT", True), ("DELETE", False)]
)
def test_what_a_missing_namespace_refuses(operation: str, refused: bool) -> None:
    asked = read_request(request(pod(), namespace="gone", operation=operation))
    assert NAMESPACE_LIFECYCLE.mutate is not None
    mutation = NAMESPACE_LIFECYCLE.mutate(ClusterState.from_objects([namespace()]), Attributes(asked))
    assert (mutation.refusal is not None) is refused
    assert (mutation.edits, mutation.assumed_accounts) == ((), ())


@pytest.mark.parametrize(
    ("rest", "filled"),
    [
        ({}, True),
        ({"operation": "UPDATE"}, False),
        ({"operation": "DELETE"}, False),
        ({"resource": "podtemplates"}, False),
        ({"group": "metrics.k8s.io"}, False),
        ({"subResource": "binding"}, False),
        ({"object": None}, False),
        ({"object": {"kind": "Pod", "spec": None}}, False),
        ({"object": {"kind": "Pod", "spec": ["x"]}}, False),
        ({"object": {"kind": "Pod", "spec": {}}}, True),
    ],
)
def test_which_requests_are_given_an_account(rest: dict[str, Any], filled: bool) -> None:
    asked = read_request({**request(pod()), **request(pod(), **rest)})
    assert SERVICE_ACCOUNT.mutate is not None
    state = ClusterState.from_objects([namespace()])
    assert bool(SERVICE_ACCOUNT.mutate(state, Attributes(asked)).edits) is filled
    assert SERVICE_ACCOUNT.mutate(state, Attributes(asked, mutated=True)).edits == ()


def _account(name: str, where: str = "n", **rest: Any) -> dict[str, Any]:
    return {"kind": "ServiceAccount", "metadata": {"name": name, "namespace": where}, **rest}


@pytest.mark.parametrize(
    ("objects", "incomplete", "assumed", "name", "answer"),
    [
        ([_account("robot")], False, False, "robot", "found"),
        ([_account("other")], False, False, "robot", "refused"),
        ([_account("robot", "m")], False, False, "robot", "refused"),
        ([_account("other")], False, True, "robot", "assumed"),
        ([], False, False, "robot", "assumed"),
        ([], True, False, "robot", "refused"),
        ([], True, True, "robot", "refused"),
        ([_account("other")], True, True, "robot", "refused"),
        ([7], False, False, "robot", "refused"),
        ([], True, False, "default", "found"),
        ([_account("other")], False, False, "default", "found"),
    ],
)
@pytest.mark.parametrize("field", ["serviceAccountName", "serviceAccount"])
def test_which_accounts_exist(
    objects: list[Any], incomplete: bool, assumed: bool, name: str, answer: str, field: str
) -> None:
    state = ClusterState.from_objects([namespace(), *objects], incomplete=incomplete)
    state = msgspec.structs.replace(state, assumes_accounts=assumed)
    asked = read_request(request(pod(**{field: name})))
    assert SERVICE_ACCOUNT.mutate is not None
    mutation = SERVICE_ACCOUNT.mutate(state, Attributes(asked))
    assert mutation.assumed_accounts == (("n/robot",) if answer == "assumed" else ())
    assert (mutation.refusal is not None) is (answer == "refused")
    if mutation.refusal is not None:
        assert mutation.refusal.message == (
            'pods "p" is forbidden: error looking up service account n/robot: serviceaccount "robot" not '
            "found"
        )


def test_a_refused_pod_without_a_name_is_unknown() -> None:
    state = ClusterState.from_objects([namespace(), _account("other")])
    asked = read_request(request({"kind": "Pod", "spec": {"serviceAccountName": "robot"}}))
    assert SERVICE_ACCOUNT.mutate is not None
    refusal = SERVICE_ACCOUNT.mutate(state, Attributes(asked)).refusal
    assert refusal is not None
    assert str(refusal.message).startswith('pods "Unknown" is forbidden: ')


@pytest.mark.parametrize(("version", "volumes"), [("v1.24", 1), ("v1.25", 0)])
def test_the_token_is_mounted_where_policies_may_forbid_it(version: str, volumes: int) -> None:
    state = ClusterState.from_objects([namespace()], kubernetes_version=version)
    assert SERVICE_ACCOUNT.mutate is not None
    edits = SERVICE_ACCOUNT.mutate(state, Attributes(read_request(request(pod())))).edits
    assert [edit.route for edit in edits].count(("spec", "volumes")) == volumes


def test_an_accounts_own_word_about_its_token_counts() -> None:
    silent = _account("default", automountServiceAccountToken=False)
    state = ClusterState.from_objects([namespace(), silent], kubernetes_version="v1.24")
    assert SERVICE_ACCOUNT.mutate is not None
    edits = SERVICE_ACCOUNT.mutate(state, Attributes(read_request(request(pod())))).edits
    assert [edit.route for edit in edits] == [("spec", "serviceAccountName")]


def test_the_versions_of_policies() -> None:
    assert POLICY_VERSIONS == {"policy/v1beta1": 24, "extensions/v1beta1": 15}


@pytest.mark.parametrize("metadata", [{"name": "a"}, {}, None])
def test_an_invalid_policy_is_answered_with_its_causes(metadata: Any) -> None:
    wrong = {**_policy("a", fsGroup={}), "metadata": metadata}
    decision = _cluster("v1.24").admit(request(wrong, resource="podsecuritypolicies", group="policy"))
    assert (decision.allowed, decision.code, decision.reason) == (False, 422, "Invalid")
    assert decision.details is not None
    assert decision.details.get("name") == (metadata or {}).get("name")
    assert (decision.details["kind"], decision.details["group"]) == ("PodSecurityPolicy", "policy")
    assert "spec.fsGroup.rule" in [cause["field"] for cause in decision.details["causes"]]


def test_a_policy_that_cannot_be_read_has_no_details() -> None:
    wrong = {**_policy("a"), "spec": 7}
    decision = _cluster("v1.24").admit(request(wrong, resource="podsecuritypolicies", group="policy"))
    assert (decision.code, decision.reason, decision.details) == (400, "BadRequest", None)
    assert str(decision.message).startswith(
        'PodSecurityPolicy in version "v1beta1" cannot be handled as a PodSecurityPolicy: json: '
    )


def test_a_policys_subresource_is_not_validated() -> None:
    wrong = _policy("a", fsGroup={})
    asked = request(wrong, resource="podsecuritypolicies", group="policy", subResource="status")
    assert _cluster("v1.24").admit(asked).completed == wrong


@pytest.mark.parametrize(
    "options",
    [{}, {"service_account": "robot"}, {"mutated": True}, {"service_account": "robot", "mutated": True}],
)
def test_a_request_is_answered_alike_raw_and_read(options: dict[str, Any]) -> None:
    cluster = _cluster("v1.37", _account("robot"))
    for raw in (request(pod()), request(pod({"privileged": True})), request(NAMED, resource="configmaps")):
        answer = cluster.admit(read_request(raw), **options)
        assert answer == cluster.admit(raw, **options)
        if raw["object"]["kind"] == "Pod":
            assert answer.object is not None
            account = answer.object["spec"].get("serviceAccountName")
            assert account == (None if "mutated" in options else options.get("service_account", "default"))


@pytest.mark.parametrize("read", [False, True])
def test_the_clock_ends_the_look_at_pods(read: bool) -> None:
    pods = [pod({"privileged": True}, name=name) for name in "abc"]
    cluster = _cluster("v1.37", *pods)
    asked = request(namespace(enforce="baseline"), namespace(), resource="namespaces", name="n")
    whole = cluster.admit(read_request(asked) if read else asked).warnings
    assert len(whole) == 2
    ticks = iter(range(0, 1000, 100))
    cut = cluster.admit(read_request(asked) if read else asked, clock=lambda: next(ticks)).warnings
    assert cut[0] == ("new PodSecurity enforce level only checked against the first 1 of 3 existing pods")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"resource": 7}, "request.resource must be a mapping, is a number"),
        (
            request(pod(), name="other"),
            "the name of the object (p) does not match the name on the URL (other)",
        ),
    ],
)
def test_a_request_that_contradicts_itself(raw: dict[str, Any], message: str) -> None:
    decision = _cluster().admit(raw)
    assert (decision.allowed, decision.code, decision.message) == (False, 400, message)
