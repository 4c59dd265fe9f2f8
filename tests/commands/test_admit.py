"""The verb `admit`: examples whole, the three forms of a request, who asks, formats and exit codes."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = "examples/admit"
LABELS = "pod-security.kubernetes.io/enforce=restricted"
CONFIG = "--admission-control-config-file"
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web"},
    "spec": {"containers": [{"name": "web", "image": "nginx"}]},
}
VIOLATES = (
    'pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
    '(container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities '
    '(container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or '
    'container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" '
    'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
)
ANY = {"rule": "RunAsAny"}
OPEN = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY, "volumes": ["*"]}


def policy(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": name},
        "spec": {**OPEN, **spec},
    }


def grant(names: list[str], *subjects: dict[str, str], namespace: str = "") -> list[dict[str, Any]]:
    """Make a role that may use policies, and a binding of it: in a namespace, or everywhere."""
    rule = {
        "apiGroups": ["policy"],
        "resources": ["podsecuritypolicies"],
        "verbs": ["use"],
        "resourceNames": names,
    }
    group = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": "use"}, "rules": [rule]}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": "use", **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "use"},
        "subjects": list(subjects),
    }
    return [role, binding]


EVERYONE = {"kind": "Group", "name": "system:authenticated"}


def write(path: Path, *objects: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump_all(objects, sort_keys=False))
    return path.name


@pytest.fixture
def pod(tmp_path: Path) -> str:
    return write(tmp_path / "web.yaml", POD)


def _golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("PODPROOF_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("admit-labels.txt", ["labels/web.yaml", "--cluster", "labels/cluster"], 1),
        ("admit-policies.txt", ["policies/pods.yaml", "--cluster", "policies/cluster"], 1),
        ("admit-verbose.txt", ["labels/web.yaml", "--cluster", "labels/cluster", "-v"], 1),
        ("admit-compare.txt", ["--compare", "policies/cluster", "labels/cluster", "policies/pods.yaml"], 0),
    ],
)
def test_the_examples_are_answered_as_shown(
    podproof: Run, name: str, arguments: list[str], code: int
) -> None:
    result = podproof("admit", *arguments, cwd=ROOT / EXAMPLES)
    _golden(name, result.stdout.decode() + result.stderr.decode())
    assert result.returncode == code


def test_a_pod_is_denied_by_labels(podproof: Run, pod: str) -> None:
    result = podproof("admit", pod, "--namespace-labels", LABELS)
    assert result.returncode == 1
    first, *_, last = result.stdout.decode().splitlines()
    assert first == f'Error from server (Forbidden): error when creating "web.yaml": {VIOLATES}'
    assert last == "1 request · Kubernetes v1.37    0 allowed, 1 denied"


def test_without_labels_everything_is_privileged(podproof: Run, pod: str) -> None:
    result = podproof("admit", pod)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode().splitlines()[0] == "pod/web created"


def test_standard_input_has_kubectls_name(podproof: Run) -> None:
    result = podproof("admit", "-", "--namespace-labels", LABELS, stdin=json.dumps(POD).encode())
    assert b'error when creating "STDIN": pods "web"' in result.stdout


def test_a_namespace_manifest_labels_its_pods(podproof: Run, tmp_path: Path) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": labels}}
    for order in ((POD, space), (space, POD)):
        write(tmp_path / "all.yaml", *order)
        result = podproof("admit", "all.yaml")
        assert b"namespace/default created" in result.stdout
        assert VIOLATES.encode() in result.stdout
    # a namespace that is refused does not exist, so nothing is let into it
    labels["pod-security.kubernetes.io/enforce"] = "strict"
    write(tmp_path / "all.yaml", POD, space)
    result = podproof("admit", "all.yaml")
    assert b'namespaces "default" not found' in result.stdout
    assert b"0 allowed, 2 denied" in result.stdout


def test_exemptions_of_a_configuration(podproof: Run, pod: str, tmp_path: Path) -> None:
    configuration = {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "defaults": {"enforce": "restricted"},
        "exemptions": {"usernames": ["ann", "system:serviceaccount:ci:deployer"]},
    }
    wrapped = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AdmissionConfiguration",
        "plugins": [{"name": "PodSecurity", "configuration": configuration}],
    }
    for held in (configuration, wrapped):
        config = write(tmp_path / "config.yaml", held)
        assert podproof("admit", pod, CONFIG, config).returncode == 1
        assert podproof("admit", pod, CONFIG, config, "--user", "bob").returncode == 1
        assert podproof("admit", pod, CONFIG, config, "--user", "ann").returncode == 0
        assert podproof("admit", pod, CONFIG, config, "--service-account", "ci:deployer").returncode == 0


# who may use a policy


@pytest.mark.parametrize(
    ("subject", "options", "code"),
    [
        ({"kind": "User", "name": "ann"}, ["--user", "ann"], 0),
        ({"kind": "User", "name": "ann"}, ["--user", "bob"], 1),
        ({"kind": "User", "name": "ann"}, [], 1),
        ({"kind": "Group", "name": "dev"}, ["--user", "bob", "--groups", "ops,dev"], 0),
        ({"kind": "Group", "name": "dev"}, ["--user", "bob", "--groups", "ops"], 1),
        (EVERYONE, [], 0),
        ({"kind": "Group", "name": "system:unauthenticated"}, [], 1),
        ({"kind": "ServiceAccount", "name": "default", "namespace": "default"}, [], 0),
        ({"kind": "ServiceAccount", "name": "build", "namespace": "default"}, [], 1),
        (
            {"kind": "ServiceAccount", "name": "build", "namespace": "default"},
            ["--service-account", "build"],
            0,
        ),
        (
            {"kind": "ServiceAccount", "name": "build", "namespace": "ci"},
            ["--service-account", "ci:build"],
            0,
        ),
        ({"kind": "ServiceAccount", "name": "build", "namespace": "ci"}, ["--service-account", "build"], 1),
        (
            {"kind": "ServiceAccount", "name": "build", "namespace": "default"},
            ["--user", "ann", "--service-account", "build"],
            0,
        ),
    ],
)
def test_who_may_use_a_policy(
    podproof: Run, pod: str, tmp_path: Path, subject: dict[str, str], options: list[str], code: int
) -> None:
    write(tmp_path / "cluster/all.yaml", policy("open"), *grant(["open"], subject))
    result = podproof("admit", pod, "--cluster", "cluster", *options)
    assert result.returncode == code, result.stdout.decode()
    assert b"v1.24, the last version that has them, is assumed" in result.stderr


def test_a_role_binding_counts_in_its_namespace(podproof: Run, pod: str, tmp_path: Path) -> None:
    write(tmp_path / "cluster/all.yaml", policy("open"), *grant(["open"], EVERYONE, namespace="shop"))
    assert podproof("admit", pod, "--cluster", "cluster").returncode == 1
    assert podproof("admit", pod, "--cluster", "cluster", "--namespace", "shop").returncode == 0


def test_the_token_volume_counts(podproof: Run, pod: str, tmp_path: Path) -> None:
    """A policy without volumes admits nothing that has a service account's token."""
    write(tmp_path / "cluster/all.yaml", policy("none", volumes=[]), *grant(["none"], EVERYONE))
    result = podproof("admit", pod, "--cluster", "cluster")
    assert b'spec.volumes[0]: Invalid value: "projected": projected volumes are not allowed' in result.stdout
    result = podproof("admit", pod, "--cluster", "cluster", "--kubernetes-version", "v1.20")
    assert b'spec.volumes[0]: Invalid value: "secret": secret volumes are not allowed' in result.stdout
    without = {**POD, "spec": {**POD["spec"], "automountServiceAccountToken": False}}
    write(tmp_path / "web.yaml", without)
    assert podproof("admit", pod, "--cluster", "cluster").returncode == 0


def test_policies_do_nothing_in_newer_versions(podproof: Run, pod: str, tmp_path: Path) -> None:
    write(
        tmp_path / "cluster/all.yaml",
        policy("open"),
        {**POD, "kind": "Namespace", "metadata": {"name": "default"}},
    )
    result = podproof("admit", pod, "--cluster", "cluster", "--kubernetes-version", "v1.25")
    assert result.returncode == 0
    assert b"cluster/all.yaml:1: PodSecurityPolicy 'open' does nothing: Kubernetes 1.25" in result.stderr


# forms of a request


def review(**request: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "web",
            "namespace": "default",
            "operation": "CREATE",
            "userInfo": {"username": "ann", "groups": ["system:authenticated"]},
            "object": {**POD, "metadata": {"name": "web", "namespace": "default"}},
            **request,
        },
    }


def test_a_review_is_answered_with_its_uid(podproof: Run, tmp_path: Path) -> None:
    for version in ("admission.k8s.io/v1", "admission.k8s.io/v1beta1"):
        file = write(tmp_path / "review.yaml", {**review(), "apiVersion": version})
        result = podproof("admit", file, "--namespace-labels", LABELS, "--format", "json")
        assert result.returncode == 1
        assert json.loads(result.stdout) == {
            "kind": "AdmissionReview",
            "apiVersion": version,
            "response": {
                "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
                "allowed": False,
                "status": {"status": "Failure", "message": VIOLATES, "reason": "Forbidden", "code": 403},
                "auditAnnotations": {"pod-security.kubernetes.io/enforce-policy": "restricted:latest"},
            },
        }


def event(**members: Any) -> dict[str, Any]:
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Request",
        "auditID": "a1",
        "stage": "ResponseComplete",
        "verb": "create",
        "user": {"username": "ann", "groups": ["system:authenticated"]},
        "objectRef": {"resource": "pods", "namespace": "default", "name": "web", "apiVersion": "v1"},
        "requestObject": {**POD, "metadata": {"name": "web", "namespace": "default"}},
        **members,
    }


def test_audit_log_lines(podproof: Run, tmp_path: Path) -> None:
    events = [
        event(),
        event(impersonatedUser={"username": "exempt"}),
        event(verb="get"),
        event(verb="delete"),
        event(verb="patch"),
        event(stage="RequestReceived"),
        event(requestObject=None, level="Metadata"),
        event(
            objectRef={"resource": "pods", "subresource": "binding", "namespace": "default", "name": "web"}
        ),
    ]
    (tmp_path / "audit.log").write_text("".join(json.dumps(e) + "\n" for e in events))
    config = {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "exemptions": {"usernames": ["exempt"]},
    }
    write(tmp_path / "config.yaml", config)
    result = podproof(
        "admit",
        "audit.log",
        "--namespace-labels",
        LABELS,
        CONFIG,
        "config.yaml",
        "-v",
    )
    lines = result.stdout.decode().splitlines()
    assert result.returncode == 1
    assert lines[0] == f"Error from server (Forbidden): {VIOLATES}"
    assert lines[1] == "pod/web created"
    assert "  audit.log:3  get: admission does not look at reads" in lines
    assert "  audit.log:4  delete: pod security does not look at deletions" in lines
    assert "  audit.log:5  patch: the log has the patch only, not the object" in lines
    assert "  audit.log:6  stage RequestReceived: the event comes again when the request is done" in lines
    assert any(
        line.startswith("  audit.log:7  the event has no requestObject (level Metadata)") for line in lines
    )
    assert "  audit.log:8  pod security does not look at pods/binding" in lines
    assert lines[-1].endswith("1 allowed, 1 denied")
    # one event alone, and a list of them, are the same
    (tmp_path / "one.json").write_text(json.dumps(events[0]))
    (tmp_path / "list.json").write_text(
        json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": events[:1]})
    )
    for name in ("one.json", "list.json"):
        assert VIOLATES.encode() in podproof("admit", name, "--namespace-labels", LABELS).stdout


def test_an_audited_update_needs_the_old_object(podproof: Run, tmp_path: Path) -> None:
    old = {**POD, "metadata": {"name": "web", "namespace": "default"}}
    old = json.loads(json.dumps(old))
    old["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    new = json.loads(json.dumps(old))
    new["spec"]["containers"][0]["image"] = "nginx:2"
    (tmp_path / "audit.log").write_text(json.dumps(event(verb="update", requestObject=new)))
    result = podproof("admit", "audit.log", "-v")
    assert result.returncode == 3
    assert (
        b"audit.log:1  update: the log does not have the old object, and --cluster does not either"
        in result.stdout
    )
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    write(tmp_path / "cluster/all.yaml", space, old)
    result = podproof("admit", "audit.log", "--cluster", "cluster", "--namespace-labels", LABELS)
    assert result.returncode == 1
    assert VIOLATES.encode() in result.stdout


def test_json_has_a_line_and_yaml_a_document_for_each_request(podproof: Run, tmp_path: Path) -> None:
    write(tmp_path / "two.yaml", POD, {**POD, "metadata": {"name": "Web"}})
    write(
        tmp_path / "cluster/all.yaml",
        policy("open", requiredDropCapabilities=["KILL"]),
        *grant(["open"], EVERYONE),
    )
    result = podproof("admit", "two.yaml", "--cluster", "cluster", "--format", "json")
    first, second = [json.loads(line)["response"] for line in result.stdout.splitlines()]
    assert (first["uid"], first["allowed"], first["patchType"]) == ("two.yaml:1", True, "JSONPatch")
    patch = json.loads(base64.b64decode(first["patch"]))
    assert {"op": "add", "path": "/spec/serviceAccountName", "value": "default"} in patch
    capabilities = "/spec/containers/0/securityContext/capabilities"
    assert {"op": "add", "path": capabilities, "value": {"drop": ["KILL"]}} in patch
    assert second["status"]["code"] == 422
    assert second["status"]["details"]["kind"] == "Pod"
    assert second["status"]["details"]["causes"][0]["field"] == "metadata.name"
    result = podproof("admit", "two.yaml", "--cluster", "cluster", "--format", "yaml", "--output", "out.yaml")
    assert result.stdout == b""
    written = list(yaml.safe_load_all((tmp_path / "out.yaml").read_text()))
    assert [document["response"] for document in written] == [first, second]


def test_the_patch_makes_the_admitted_pod(podproof: Run, pod: str, tmp_path: Path) -> None:
    """Applied to the manifest, the patch gives a pod that is admitted again without a change."""
    strict = policy("strict", runAsUser={"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 2000}]})
    write(tmp_path / "cluster/all.yaml", strict, *grant(["strict"], EVERYONE))
    result = podproof("admit", pod, "--cluster", "cluster", "--format", "json")
    object_: Any = {**POD, "metadata": {"name": "web", "namespace": "default"}}
    object_ = json.loads(json.dumps(object_))
    for step in json.loads(base64.b64decode(json.loads(result.stdout)["response"]["patch"])):
        *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:])
        at = object_
        for key in parents:
            at = at[int(key)] if isinstance(at, list) else at[key]
        at[last] = step["value"]
    assert object_["spec"]["containers"][0]["securityContext"] == {"runAsUser": 1000}
    write(tmp_path / "again.yaml", object_)
    response = json.loads(podproof("admit", "again.yaml", "--cluster", "cluster", "--format", "json").stdout)[
        "response"
    ]
    assert response["allowed"]
    assert "patch" not in response or all(
        step["op"] == "replace" for step in json.loads(base64.b64decode(response["patch"]))
    )


# compare


def test_compare_two_configurations(podproof: Run, pod: str, tmp_path: Path) -> None:
    def config(level: str) -> str:
        held = {
            "apiVersion": "pod-security.admission.config.k8s.io/v1",
            "kind": "PodSecurityConfiguration",
            "defaults": {"enforce": level},
        }
        return write(tmp_path / f"{level}.yaml", held)

    open_, strict = config("privileged"), config("restricted")
    result = podproof("admit", "--compare", open_, strict, pod)
    assert result.returncode == 1
    assert result.stdout.decode().splitlines() == [
        "web.yaml:1  pod/web in namespace default: newly denied",
        "  privileged.yaml  allowed",
        f"  restricted.yaml  {VIOLATES}",
        "",
        "1 request compared    1 newly denied, 0 newly allowed, 0 denied differently",
    ]
    result = podproof("admit", "--compare", strict, open_, pod, "--format", "json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["change"] == "newly allowed"
    assert podproof("admit", "--compare", open_, open_, pod).returncode == 0
    assert podproof("admit", "--compare", open_, ".", pod).returncode == 2


def test_compare_looks_at_the_pods_of_a_workload(podproof: Run, tmp_path: Path) -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": POD["spec"]},
        },
    }
    file = write(tmp_path / "web.yaml", deployment)
    for name, level in (("old", "privileged"), ("new", "restricted")):
        labels = {"pod-security.kubernetes.io/enforce": level}
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": labels}}
        write(tmp_path / name / "namespace.yaml", space)
    result = podproof("admit", "--compare", "old", "new", file)
    assert result.returncode == 1
    assert b"deployment.apps/web in namespace default: its pods newly denied" in result.stdout


PREFIX = "pod-security.kubernetes.io/"


def workload(kind: str, name: str = "web", **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {**POD["spec"], **spec.pop("pod", {})}}
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            **({} if kind == "Job" else {"selector": {"matchLabels": {"a": "b"}}}),
            "template": template,
            **spec,
        },
    }


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("Deployment", 'Error creating: pods "web-xxxxxxxxxx-xxxxx" is forbidden: '),
        ("ReplicaSet", 'Error creating: pods "web-xxxxx" is forbidden: '),
        ("StatefulSet", 'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: '),
    ],
)
def test_a_workload_whose_pods_will_be_denied_is_counted(
    podproof: Run, tmp_path: Path, kind: str, event: str
) -> None:
    file = write(tmp_path / "w.yaml", workload(kind, pod={"hostNetwork": True}))
    labels = f"{PREFIX}enforce=baseline,{PREFIX}warn=privileged"
    result = podproof("admit", file, "--namespace-labels", labels)
    text = result.stdout.decode()
    assert text.startswith(f"{kind.lower()}.apps/web created\n")
    violation = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
    assert f"  its pods will be denied: FailedCreate: {event}{violation}" in text
    assert text.endswith("1 allowed, 0 denied, 1 workload whose pods will be denied\n")
    assert result.returncode == 1
    written = json.loads(podproof("admit", file, "--namespace-labels", labels, "--format", "json").stdout)
    assert written["response"]["allowed"] is True
    assert written["pods"]["allowed"] is False
    assert written["pods"]["event"].startswith(f"{event}{violation}")
    assert written["pods"]["event"].endswith(written["pods"]["message"])
    two = write(
        tmp_path / "two.yaml", workload(kind, pod={"hostNetwork": True}), workload("StatefulSet", "s")
    )
    result = podproof("admit", two, "--namespace-labels", labels)
    assert result.stdout.endswith(b"2 allowed, 0 denied, 1 workload whose pods will be denied\n")


def test_a_stateful_sets_claims_are_volumes_of_its_pod(podproof: Run, tmp_path: Path) -> None:
    container = {**POD["spec"]["containers"][0], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    claiming = workload("StatefulSet", pod={"containers": [container]}, volumeClaimTemplates=[claim])
    result = podproof("admit", write(tmp_path / "s.yaml", claiming))
    assert result.stdout.endswith(b"1 allowed, 0 denied\n")
    assert result.returncode == 0


@pytest.mark.parametrize("version", ["v1.25", "v1.37"])
@pytest.mark.parametrize("kind", ["Pod", "Job"])
def test_a_reviewed_object_is_named_before_it_is_validated(
    podproof: Run, tmp_path: Path, kind: str, version: str
) -> None:
    made = POD if kind == "Pod" else workload(kind, pod={"restartPolicy": "Never"})
    made = {**made, "metadata": {"generateName": "web-6d4cf56db6-"}}
    group, resource = ("", "pods") if kind == "Pod" else ("batch", "jobs")
    asked = {
        "uid": "1",
        "kind": {"group": group, "version": "v1", "kind": kind},
        "resource": {"group": group, "version": "v1", "resource": resource},
        "namespace": "default",
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": made,
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked}
    file = write(tmp_path / "review.yaml", review)
    result = podproof("admit", file, "--kubernetes-version", version)
    assert result.returncode == 0
    group_name = f"{kind.lower()}.{group}" if group else kind.lower()
    assert result.stdout.startswith(f"{group_name}/web-6d4cf56db6-xxxxx created\n".encode())


def test_compare_shows_pods_that_are_denied_for_another_reason(podproof: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "web.yaml", workload("Deployment", pod={"hostNetwork": True}))
    for name, level in (("old", "baseline"), ("new", "restricted")):
        space = {"apiVersion": "v1", "kind": "Namespace"}
        write(
            tmp_path / name / "namespace.yaml",
            {**space, "metadata": {"name": "default", "labels": {f"{PREFIX}enforce": level}}},
        )
    result = podproof("admit", "--compare", "old", "new", file)
    assert b"deployment.apps/web in namespace default: its pods denied differently" in result.stdout
    assert result.stdout.endswith(b"0 newly denied, 0 newly allowed, 1 denied differently\n")
    assert result.returncode == 0


CONTROLLED_BY = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "r", "controller": True}
LIVE = {
    **POD,
    "metadata": {**POD["metadata"], "uid": "u", "resourceVersion": "7", "ownerReferences": [CONTROLLED_BY]},
    "spec": {
        **POD["spec"],
        "nodeName": "n1",
        "ephemeralContainers": [{"name": "dbg", "image": "i", "securityContext": {"privileged": True}}],
    },
    "status": {"phase": "Running"},
}


def space(level: str) -> dict[str, Any]:
    labels = {f"{PREFIX}enforce": level}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": labels}}


def test_a_stored_pod_is_judged_as_it_is_stored(podproof: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "live.yaml", LIVE)
    labels = ("--namespace-labels", f"{PREFIX}enforce=baseline")
    result = podproof("admit", file, *labels)
    assert b'violates PodSecurity "baseline:latest": privileged (container "dbg" must not' in result.stdout
    assert b"cannot be set on create" not in result.stdout
    assert result.returncode == 1
    result = podproof("admit", file)
    assert result.stdout.startswith(b"pod/web created\n")
    assert result.returncode == 0
    assert podproof("admit", file, *labels, "--recreate").returncode == 0
    assert podproof("check", file, "--level", "privileged").returncode == 0


@pytest.mark.parametrize("missing", ["uid", "resourceVersion"])
def test_a_new_pod_has_no_ephemeral_containers(podproof: Run, tmp_path: Path, missing: str) -> None:
    metadata = {key: value for key, value in LIVE["metadata"].items() if key != missing}
    file = write(tmp_path / "new.yaml", {**LIVE, "metadata": metadata})
    result = podproof("admit", file)
    assert b"spec.ephemeralContainers: Forbidden: cannot be set on create" in result.stdout
    assert result.returncode == 1
    assert podproof("check", file, "--level", "privileged").returncode == 1


@pytest.mark.parametrize(
    ("options", "exempt"),
    [
        ((), True),
        (("--user", "ann"), False),
        (("--service-account", "builder"), False),
    ],
)
def test_a_stored_pod_is_its_controllers(
    podproof: Run, tmp_path: Path, options: tuple[str, ...], exempt: bool
) -> None:
    configuration = {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "defaults": {"enforce": "restricted"},
        "exemptions": {"usernames": ["system:serviceaccount:kube-system:replicaset-controller"]},
    }
    write(tmp_path / "config.yaml", configuration)
    file = write(tmp_path / "live.yaml", LIVE)
    assert podproof("admit", file, CONFIG, "config.yaml", *options).returncode == (0 if exempt else 1)


def test_a_stored_job_keeps_its_uid(podproof: Run, tmp_path: Path) -> None:
    job = workload("Job", "j", pod={"restartPolicy": "Never"})
    job["metadata"] |= {"uid": "u", "resourceVersion": "7"}
    job["spec"]["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}
    labels = {"job-name": "j", "controller-uid": "u"}
    labels |= {f"batch.kubernetes.io/{key}": value for key, value in labels.items()}
    job["spec"]["template"]["metadata"]["labels"] = labels
    file = write(tmp_path / "job.yaml", job)
    assert podproof("admit", file).stdout.startswith(b"job.batch/j created\n")
    assert podproof("check", file, "--level", "privileged").returncode == 0
    del job["metadata"]["resourceVersion"]
    assert podproof("admit", write(tmp_path / "new.yaml", job)).returncode == 1


def test_will_enforcing_a_level_break_anything(podproof: Run, tmp_path: Path) -> None:
    metadata = {**LIVE["metadata"], "namespace": "default"}
    running = {**LIVE, "metadata": metadata, "spec": {**POD["spec"], "hostNetwork": True}}
    making = workload("Deployment", pod={"hostNetwork": True})
    write(tmp_path / "today" / "all.yaml", space("privileged"), running, making)
    write(tmp_path / "baseline" / "all.yaml", space("privileged"), running, making)
    write(tmp_path / "baseline" / "default.yaml", space("baseline"))
    result = podproof("admit", "--compare", "today", "baseline", "today")
    assert result.stdout.endswith(
        b"2 requests compared    1 newly denied, 0 newly allowed, 0 denied differently\n"
    )
    assert b"1 pod is judged as an update of what runs; with --recreate, as if created anew" in result.stderr
    result = podproof("admit", "--recreate", "--compare", "today", "baseline", "today")
    assert b"pod/web of replicaset.apps/web in namespace default: newly denied" in result.stdout
    assert b"deployment.apps/web in namespace default: its pods newly denied" in result.stdout
    assert result.stdout.endswith(
        b"2 requests compared    2 newly denied, 0 newly allowed, 0 denied differently\n"
    )
    assert (result.returncode, result.stderr) == (1, b"")
    result = podproof("admit", "--recreate", "--compare", "today", "today", "today")
    assert result.stdout == b"2 requests compared    0 newly denied, 0 newly allowed, 0 denied differently\n"
    assert result.returncode == 0


def test_recreating_leaves_the_clusters_namespaces_as_they_are(podproof: Run, tmp_path: Path) -> None:
    write(tmp_path / "cluster" / "all.yaml", space("baseline"))
    file = write(tmp_path / "w.yaml", space("privileged"), workload("Deployment", pod={"hostNetwork": True}))
    result = podproof("admit", "--recreate", "--cluster", "cluster", file, "-v")
    assert (
        b"w.yaml:1  --recreate asks for what makes pods, the cluster is what cluster holds" in result.stdout
    )
    assert b"1 workload whose pods will be denied" in result.stdout
    assert result.returncode == 1


def test_without_a_cluster_every_account_exists(podproof: Run, tmp_path: Path) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "one"}}
    file = write(tmp_path / "w.yaml", account, workload("Deployment", pod={"serviceAccountName": "other"}))
    result = podproof("admit", file)
    assert result.stdout.startswith(b"deployment.apps/web created\n")
    assert result.returncode == 0
    write(tmp_path / "cluster" / "all.yaml", space("privileged"), account)
    result = podproof("admit", file, "--cluster", "cluster")
    assert b'serviceaccount "other" not found' in result.stdout
    assert result.returncode == 1


def test_a_number_is_sent_as_kubectl_writes_it(podproof: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "pod.yaml"
    text = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: nginx, securityContext: {runAsUser: %s}}]}
"""
    for number, words in (("1000.0", "pod/web created"), ("1e3", "pod/web created"), ("0.5", "number 0.5")):
        manifest.write_text(text % number)
        answer = podproof("admit", str(manifest))
        assert words.encode() in answer.stdout, number
        assert (answer.returncode == 0) == ("created" in words)
