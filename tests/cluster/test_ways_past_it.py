"""The known ways past an admission webhook, each tried at a real API server: none leads past this one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .api_server import ApiServer
from .guarded import ENFORCE, STRICT, Guarded, guarded, is_denied, pod

_JSON_PATCH = "application/json-patch+json"
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"
_PODS = "/api/v1/namespaces/{}/pods"
_VIOLATES = 'pods "{}" is forbidden: violates PodSecurity "restricted:latest": '
_CONTROLLER = "system:serviceaccount:kube-system:replicaset-controller"
_PRIVILEGED = {"privileged": True}


def _namespace(name: str, **labels: str) -> dict[str, Any]:
    named = {key.replace("_", "-").replace("enforce", ENFORCE): value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": named}}


_NAMESPACES = [
    _namespace("restricted", enforce="restricted"),
    _namespace("malformed", enforce="of-no-level"),
    _namespace("misversioned", enforce="baseline", enforce_version="1.30"),
    _namespace("pretender", enforce="restricted"),
    _namespace("podproof", enforce="restricted"),
]
_LABEL = {"metadata": {"labels": {"a": "c"}}}
_OTHER_IMAGE = {**pod("old", _PRIVILEGED)["spec"]["containers"][0], "image": "i:2"}
_IMAGE = {"spec": {"containers": [{"name": "c", "image": "i:2"}]}}


def _prepare(server: ApiServer) -> None:
    """Make pods that violate the level: `old` by its container, `debugged` by an ephemeral one."""
    path = _PODS.format("restricted")
    for made in (pod("old", _PRIVILEGED), pod("strict"), pod("debugged")):
        server.must("POST", path, made)
    debugger = {"name": "debugger", "image": "i", "securityContext": _PRIVILEGED}
    body = {"spec": {"ephemeralContainers": [debugger]}}
    server.must("PATCH", f"{path}/debugged/ephemeralcontainers", body, content_type=_STRATEGIC)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A guarded cluster with pods that were there before."""
    with guarded(tmp_path_factory.mktemp("scene"), _NAMESPACES, _prepare) as running:
        yield running


def _ask(scene: Guarded, method: str, path: str, body: Any, **options: Any) -> Any:
    return scene.server.request(method, f"{_PODS.format('restricted')}{path}", body, **options)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    "context",
    [None, _PRIVILEGED, {"capabilities": {"add": ["SYS_PTRACE"]}}],
    ids=["none", "privileged", "SYS_PTRACE"],
)
def test_a_debugger_in_a_running_pod(scene: Guarded, method: str, context: Any) -> None:
    """What `kubectl debug` does: an ephemeral container, by its own subresource."""
    debugger = {"name": "debugger", "image": "i"} | ({"securityContext": context} if context else {})
    body: Any = {"spec": {"ephemeralContainers": [debugger]}}
    if method == "PUT":
        body = _ask(scene, "GET", "/strict", None).value
        body["spec"]["ephemeralContainers"] = [debugger]
    kind = _STRATEGIC if method == "PATCH" else "application/json"
    reply = _ask(scene, method, "/strict/ephemeralcontainers?dryRun=All", body, content_type=kind)
    assert is_denied(reply, _VIOLATES.format("strict"))
    debugger["securityContext"] = STRICT
    assert (
        _ask(scene, method, "/strict/ephemeralcontainers?dryRun=All", body, content_type=kind).status == 200
    )


@pytest.mark.parametrize("name", ["debugged", "old"])
def test_a_pod_that_is_there_may_be_labelled(scene: Guarded, name: str) -> None:
    """An ephemeral container cannot be taken out again: who labels the pod must not be denied for it."""
    user = f"labels {name}"
    reply = _ask(scene, "PATCH", f"/{name}?dryRun=All", _LABEL, content_type=_MERGE, user=user)
    assert reply.status == 200
    assert scene.wait_for_decision(user=user)["allowed"] is True


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (_STRATEGIC, _IMAGE),
        (_MERGE, {"spec": {"containers": [_OTHER_IMAGE]}}),
        (_JSON_PATCH, [{"op": "replace", "path": "/spec/containers/0/image", "value": "i:2"}]),
        (_APPLY, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "old"}, **_IMAGE}),
        ("application/json", None),
    ],
    ids=["strategic", "merge", "JSON patch", "server-side apply", "put"],
)
def test_another_image_in_a_pod_that_should_not_run(scene: Guarded, kind: str, body: Any) -> None:
    """Each of the ways to write it, and none of them reads as a change of labels alone."""
    method, query = "PATCH", "?dryRun=All"
    if body is None:
        method, body = "PUT", _ask(scene, "GET", "/old", None).value
        body["spec"]["containers"][0]["image"] = "i:2"
    elif kind == _APPLY:
        query, body = "?dryRun=All&fieldManager=test&force=true", json.dumps(body).encode()
    reply = _ask(scene, method, f"/old{query}", body, content_type=kind)
    assert is_denied(reply, _VIOLATES.format("old"))


def test_a_resized_pod_is_looked_at(scene: Guarded) -> None:
    """As with the plugin, more processor time alone does not stop a pod that was there before its level."""
    sized = {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "10m"}}}]}}
    for name in ("strict", "old"):
        reply = _ask(scene, "PATCH", f"/{name}/resize?dryRun=All", sized, content_type=_STRATEGIC)
        assert reply.status == 200
        assert scene.wait_for_decision(subresource="resize", name=name)["allowed"] is True


def test_a_resize_cannot_carry_more(scene: Guarded) -> None:
    wished = {"spec": {"containers": [{"name": "c", "securityContext": _PRIVILEGED}]}}
    reply = _ask(scene, "PATCH", "/strict/resize", wished, content_type=_STRATEGIC)
    assert reply.status in (200, 403, 422)
    assert _ask(scene, "GET", "/strict", None).value["spec"]["containers"][0]["securityContext"] == STRICT


@pytest.mark.parametrize("query", ["", "?dryRun=All"])
@pytest.mark.parametrize("user", [None, _CONTROLLER, "system:node:n"])
def test_a_new_pod_whoever_makes_it(scene: Guarded, query: str, user: str | None) -> None:
    """A controller's pod is judged as any other, whatever its Deployment was allowed to say."""
    made = pod("made", _PRIVILEGED)
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "uid": "u", "controller": True}
    made["metadata"]["ownerReferences"] = [owner] if user == _CONTROLLER else []
    assert is_denied(_ask(scene, "POST", query, made, user=user), _VIOLATES.format("made"))
    assert _ask(scene, "GET", "/made", None).status == 404


def test_a_name_that_the_server_makes(scene: Guarded) -> None:
    made = pod("", _PRIVILEGED)
    made["metadata"] = {"generateName": "made-"}
    reply = _ask(scene, "POST", "", made)
    assert is_denied(reply, 'pods "made-')


def test_a_pod_created_by_server_side_apply(scene: Guarded) -> None:
    body = json.dumps(pod("applied", _PRIVILEGED)).encode()
    reply = _ask(scene, "PATCH", "/applied?fieldManager=test&force=true", body, content_type=_APPLY)
    assert is_denied(reply, _VIOLATES.format("applied"))


@pytest.mark.parametrize("encoded", ["yaml", "spaces"])
def test_a_pod_in_another_encoding(scene: Guarded, encoded: str) -> None:
    text = json.dumps(pod("written", _PRIVILEGED), indent=4 if encoded == "spaces" else None)
    kind = "application/yaml" if encoded == "yaml" else "application/json"
    reply = _ask(scene, "POST", "", text.encode(), content_type=kind)
    assert is_denied(reply, _VIOLATES.format("written"))


@pytest.mark.parametrize("field", ["containers", "initContainers"])
def test_a_second_container(scene: Guarded, field: str) -> None:
    made = pod("second")
    added = {"name": "d", "image": "i", "securityContext": _PRIVILEGED, "restartPolicy": "Always"}
    if field == "containers":
        del added["restartPolicy"]
    made["spec"][field] = [*made["spec"].get(field, []), added]
    assert is_denied(_ask(scene, "POST", "", made), _VIOLATES.format("second"))


@pytest.mark.parametrize("sub_resource", ["status", "binding", "eviction"])
def test_subresources_that_are_not_reviewed_change_no_container(scene: Guarded, sub_resource: str) -> None:
    path = f"/strict/{sub_resource}?dryRun=All"
    before = _ask(scene, "GET", "/strict", None).value["spec"]
    if sub_resource == "status":
        body = {"spec": {"containers": [{"name": "c", "image": "i:2", "securityContext": _PRIVILEGED}]}}
        reply = _ask(scene, "PATCH", path, body, content_type=_STRATEGIC)
        assert reply.value["spec"] == before
    else:
        group = {"binding": "v1", "eviction": "policy/v1"}[sub_resource]
        body = {"apiVersion": group, "kind": sub_resource.capitalize(), "metadata": {"name": "strict"}}
        if sub_resource == "binding":
            body["target"] = {"kind": "Node", "name": "n"}
        reply = _ask(scene, "POST", path, {**body, "spec": {"containers": []}})
        assert reply.status == 201
    assert _ask(scene, "GET", "/strict", None).value["spec"] == before


@pytest.mark.parametrize("name", ["malformed", "misversioned"])
def test_a_label_that_cannot_be_read_is_no_open_door(scene: Guarded, name: str) -> None:
    """It is read as the strictest level, or version, that it could mean."""
    reply = scene.server.request("POST", f"{_PODS.format(name)}?dryRun=All", pod("p", _PRIVILEGED))
    level = {"malformed": "restricted", "misversioned": "baseline"}[name]
    assert is_denied(reply, f'pods "p" is forbidden: violates PodSecurity "{level}:latest": ')


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_label_that_cannot_be_read_is_not_stored(scene: Guarded, method: str) -> None:
    body = _namespace("unlabelled", enforce="none")
    path = "/api/v1/namespaces"
    if method == "PATCH":
        path, body = f"{path}/restricted", {"metadata": {"labels": {ENFORCE: "none"}}}
    reply = scene.server.request(
        method, path, body, content_type=_MERGE if method == "PATCH" else "application/json"
    )
    assert reply.status == 422
    assert "must be one of privileged, baseline, restricted" in (reply.message or "")


@pytest.mark.parametrize("stated", ["podproof", "kube-system"])
def test_a_namespace_cannot_call_itself_one_that_is_left_out(scene: Guarded, stated: str) -> None:
    """Who may label a namespace cannot make the selector believe that it is another one."""
    label = {"metadata": {"labels": {"kubernetes.io/metadata.name": stated}}}
    path = "/api/v1/namespaces/pretender"
    scene.server.request("PATCH", path, label, content_type=_MERGE)
    labels = scene.server.request("GET", path).value["metadata"]["labels"]
    assert labels["kubernetes.io/metadata.name"] == "pretender"
    reply = scene.server.request("POST", f"{_PODS.format('pretender')}?dryRun=All", pod("p", _PRIVILEGED))
    assert is_denied(reply, _VIOLATES.format("p"))


def test_a_namespace_that_was_made_a_moment_ago(scene: Guarded) -> None:
    """Its first pod is judged by its labels: there is no moment in which it has none."""
    for number in range(10):
        made = _namespace(f"new-{number}", enforce="restricted")
        assert scene.server.request("POST", "/api/v1/namespaces", made).status == 201
        path = f"{_PODS.format(f'new-{number}')}?dryRun=All"
        reply = scene.server.request("POST", path, pod("p", _PRIVILEGED))
        assert is_denied(reply, _VIOLATES.format("p"))


def test_the_webhook_does_not_stand_in_its_own_way(scene: Guarded) -> None:
    """Its own namespace is not reviewed: after an outage its pods come back without it."""
    reply = scene.server.request("POST", f"{_PODS.format('podproof')}?dryRun=All", pod("p", _PRIVILEGED))
    assert reply.status == 201
    assert _ask(scene, "POST", "?dryRun=All", pod("next"), user="comes next").status == 201
    scene.wait_for_decision(user="comes next")
    assert scene.decisions(namespace="podproof") == []


def test_every_version_in_which_a_pod_or_workload_can_be_written_is_reviewed(scene: Guarded) -> None:
    """Discovery names them; another version of one would be sent as the one that the rules name."""
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/podproof-webhook"
    webhooks = scene.server.request("GET", path).value["webhooks"]
    assert {webhook["matchPolicy"] for webhook in webhooks} == {"Equivalent"}
    named = {
        (group, version, resource)
        for webhook in webhooks
        for rule in webhook["rules"]
        for group in rule["apiGroups"]
        for version in rule["apiVersions"]
        for resource in rule["resources"]
    }
    groups = scene.server.request("GET", "/apis").value["groups"]
    served = [version["groupVersion"] for group in groups for version in group["versions"]]
    kinds = {"Pod", "PodTemplate", "ReplicationController", "Deployment", "ReplicaSet", "DaemonSet"}
    kinds |= {"StatefulSet", "Job", "CronJob"}
    found = set()
    for prefix, group_version in [("api", "v1"), *(("apis", one) for one in served)]:
        for resource in scene.server.request("GET", f"/{prefix}/{group_version}").value["resources"]:
            if resource["kind"] in kinds and "/" not in resource["name"]:
                group, _, version = group_version.rpartition("/")
                found.add((group, version, resource["name"]))
    assert len(found) == len(kinds)
    assert found <= named


def test_a_workload_is_warned_of_and_its_pods_are_denied(scene: Guarded) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": pod("p", _PRIVILEGED)["spec"]}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
    reply = scene.server.request("POST", "/apis/apps/v1/namespaces/restricted/deployments?dryRun=All", body)
    assert reply.status == 201
    (warning,) = reply.warnings
    assert warning.startswith('would violate PodSecurity "restricted:latest": privileged')
