"""Bad input of `admit`: denied or reported with its place; nothing is allowed because it was not read."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run
from .test_admit import EVERYONE, LABELS, POD, event, grant, policy, review, write

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}


@pytest.fixture
def pod(tmp_path: Path) -> str:
    return write(tmp_path / "web.yaml", POD)


def test_invalid_labels_fail_closed(podproof: Run, pod: str, tmp_path: Path) -> None:
    result = podproof("admit", pod, "--namespace-labels", "pod-security.kubernetes.io/enforce=restrictd")
    assert result.returncode == 1
    assert b'violates PodSecurity "restricted:latest"' in result.stdout
    note = (
        'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "restrictd": must be one of '
        "privileged, baseline, restricted"
    )
    assert f"podproof: note: --namespace-labels: namespace 'default': {note}" in result.stderr.decode()
    labels = {"labels": {"pod-security.kubernetes.io/enforce": "restrictd"}}
    write(tmp_path / "cluster/ns.yaml", {**NAMESPACE, "metadata": {"name": "default", **labels}})
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 1
    assert f"cluster/ns.yaml:1: namespace 'default': {note}" in result.stderr.decode()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("enforce=restricted", "does nothing, write pod-security.kubernetes.io/enforce=restricted"),
        ("a", '"a" is not a label, write KEY=VALUE'),
        ("a=b,a=c", "a is set twice, keep one of them"),
    ],
)
def test_labels_on_the_command_line(podproof: Run, pod: str, labels: str, said: str) -> None:
    result = podproof("admit", pod, "--namespace-labels", labels)
    assert (result.returncode, result.stdout) == (2, b"")
    assert said in result.stderr.decode()


HEAD = "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEAD + "defaults: {enforce: strict}\n",
            "config.yaml:1: PodSecurity configuration error: enforce: must",
        ),
        (HEAD + "defaults: {enforce: baseline}\ndefaults: {}\n", "config.yaml:4:1: defaults is set twice"),
        (HEAD + "exemptions: {usernames: [a, a]}\n", "exemptions.usernames[1]: Duplicate value"),
        (HEAD + "exemption: {}\n", 'strict decoding error: unknown field "exemption"'),
        (HEAD.replace("/v1", "/v2"), 'no kind "PodSecurityConfiguration" is registered for version'),
        (
            "kind: Pod\napiVersion: v1\n",
            "or a PodproofConfiguration, is Pod",
        ),
        ("a: [\n", "config.yaml:2:1:"),
        ("", "must be one YAML document, there are 0"),
        (f"{HEAD}---\n{HEAD}", "must be one YAML document, there are 2"),
        (None, "no such file or folder"),
    ],
)
def test_a_wrong_configuration(podproof: Run, pod: str, tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "config.yaml").write_text(text)
    result = podproof("admit", pod, "--admission-control-config-file", "config.yaml")
    assert (result.returncode, result.stdout) == (2, b"")
    assert said in result.stderr.decode()


def test_two_configurations_contradict_each_other(podproof: Run, pod: str, tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    for name in ("config.yaml", "cluster/config.yaml"):
        (tmp_path / name).write_text(HEAD)
    result = podproof("admit", pod, "--admission-control-config-file", "config.yaml", "--cluster", "cluster")
    assert result.returncode == 2
    assert b"there are two configurations of PodSecurity; keep one" in result.stderr


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (
            {**review(), "apiVersion": "admission.k8s.io/v2"},
            'apiVersion "admission.k8s.io/v2" of the AdmissionRev',
        ),
        (
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"},
            "the AdmissionReview has no request",
        ),
        (
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {}},
            "the AdmissionReview has a response only",
        ),
        (
            {**event(), "apiVersion": "audit.k8s.io/v9"},
            'apiVersion "audit.k8s.io/v9" of the audit event is unkno',
        ),
        (event(user=None), "the audit event does not say who asked"),
        (event(requestObject=7), "requestObject of the audit event must be a mapping, is a number"),
    ],
)
def test_requests_that_cannot_be_read(podproof: Run, tmp_path: Path, held: Any, said: str) -> None:
    (tmp_path / "request.json").write_text(json.dumps(held))
    result = podproof("admit", "request.json")
    assert result.returncode == 4
    assert f"podproof: request.json:1: {said}" in result.stderr.decode()
    assert b"0 allowed, 0 denied" in result.stdout


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"object": None}, "failed to decode object"),
        ({"object": 7}, "request.object must be a mapping, is a number"),
        ({"object": {**POD, "kind": "Deployment"}}, "the object is a Deployment, the review says Pod"),
        (
            {"resource": {"group": "", "version": "v1", "resource": "configmaps"}},
            "the object is a Pod, the review is about configmaps",
        ),
        ({"name": "other"}, "the name of the object (web) does not match the name on the URL (other)"),
        (
            {"namespace": "other"},
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        ({"object": {**POD, "spec": []}}, "json: cannot unmarshal array into Go struct field Pod.spec"),
        ({"operation": "UPDATE"}, "failed to decode old object"),
    ],
)
def test_reviews_that_contradict_themselves(
    podproof: Run, tmp_path: Path, request_: dict[str, Any], said: str
) -> None:
    (tmp_path / "review.json").write_text(json.dumps(review(**request_)))
    result = podproof("admit", "review.json", "--namespace-labels", LABELS)
    assert result.returncode == 1
    assert result.stdout.decode().startswith("Error from server (BadRequest): ")
    assert said in result.stdout.decode()


def test_a_broken_line_of_a_log(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text(json.dumps(event()) + "\n{broken\n")
    result = podproof("admit", "audit.log")
    assert result.returncode == 4
    assert b"audit.log:2: this line is no JSON" in result.stderr
    assert b"1 allowed, 0 denied" in result.stdout


def test_manifests_that_cannot_be_read(podproof: Run, pod: str, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("kind: Pod\nspec: {\n")
    result = podproof("admit", pod, "broken.yaml", "missing.yaml")
    assert result.returncode == 4
    assert b"pod/web created" in result.stdout
    assert b"podproof: broken.yaml:3: " in result.stderr
    assert b"podproof: missing.yaml:1: no such file or folder" in result.stderr


def test_nothing_to_ask(podproof: Run, tmp_path: Path) -> None:
    write(tmp_path / "other.yaml", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    result = podproof("admit", "other.yaml", "-v")
    assert result.returncode == 3
    assert b"other.yaml:1  pod security does not look at v1 ConfigMap" in result.stdout
    assert podproof("admit").returncode == 2
    assert podproof("admit", "other.yaml", "--cluster", "nowhere").returncode == 2
    assert podproof("admit", "other.yaml", "--kubernetes-version", "one").returncode == 2
    assert podproof("admit", "other.yaml", "--service-account", "a:b:c").returncode == 2


# clusters


def test_ten_thousand_bindings(podproof: Run, pod: str, tmp_path: Path) -> None:
    role, binding = grant(["open"], {"kind": "User", "name": "ann"})
    bindings = [
        {**binding, "metadata": {"name": f"b{n}"}, "subjects": [{"kind": "User", "name": f"u{n}"}]}
        for n in range(10_000)
    ]
    (tmp_path / "cluster").mkdir()
    listed = {"apiVersion": "v1", "kind": "List", "items": [policy("open"), role, *bindings]}
    (tmp_path / "cluster/all.json").write_text(json.dumps(listed))
    assert podproof("admit", pod, "--cluster", "cluster", "--user", "u9999").returncode == 0
    assert podproof("admit", pod, "--cluster", "cluster", "--user", "u10000").returncode == 1


def test_roles_that_aggregate_themselves(podproof: Run, pod: str, tmp_path: Path) -> None:
    role, binding = grant(["open"], EVERYONE)
    looped = {
        **role,
        "metadata": {"name": "use", "labels": {"x": "on-it"}},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"x": "on-it"}}]},
    }
    write(tmp_path / "cluster/all.yaml", policy("open"), looped, binding)
    assert podproof("admit", pod, "--cluster", "cluster").returncode == 1
    source = {**role, "metadata": {"name": "source", "labels": {"x": "on-it"}}}
    write(tmp_path / "cluster/more.yaml", source)
    assert podproof("admit", pod, "--cluster", "cluster").returncode == 0


def test_a_missing_service_account(podproof: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "web.yaml", {**POD, "spec": {**POD["spec"], "serviceAccountName": "build"}})
    write(tmp_path / "cluster/all.yaml", NAMESPACE)
    result = podproof("admit", file, "--cluster", "cluster")
    assert result.returncode == 0
    assert b"cluster: no ServiceAccounts there: 'default/build' is taken to exist" in result.stderr
    account: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": "default"},
    }
    write(tmp_path / "cluster/accounts.yaml", account)
    result = podproof("admit", file, "--cluster", "cluster")
    assert result.returncode == 1
    assert result.stdout.decode().splitlines()[0] == (
        'Error from server (Forbidden): error when creating "web.yaml": pods "web" is forbidden: error '
        'looking up service account default/build: serviceaccount "build" not found'
    )
    account["metadata"]["name"] = "build"
    write(tmp_path / "cluster/more.yaml", account)
    assert podproof("admit", file, "--cluster", "cluster").returncode == 0


def test_a_malformed_policy_among_good_ones(podproof: Run, pod: str, tmp_path: Path) -> None:
    wrong = policy("a-wrong", fsGroup={"rule": "x"})
    typed = policy("b-type", privileged="yes")
    broken = policy("c-broken", fsGroup={"rule": "MustRunAs"})
    write(tmp_path / "cluster/all.yaml", wrong, typed, broken, policy("d-good"))
    names = ["a-wrong", "b-type", "c-broken", "d-good"]
    write(tmp_path / "cluster/rbac.yaml", *grant(names, EVERYONE))
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 4
    said = result.stderr.decode()
    assert "podproof: cluster/all.yaml:1: PodSecurityPolicy 'a-wrong' counts as absent: " in said
    assert "PodSecurityPolicy 'b-type' counts as absent: " in said
    assert "note: cluster/all.yaml:" in said
    assert "PodSecurityPolicy 'c-broken' admits nothing: ranges must be supplied for MustRunAs" in said
    assert "  policy d-good    chosen" in result.stdout.decode()
    # alone, what cannot be read admits nothing
    write(tmp_path / "cluster/all.yaml", wrong, typed)
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 4
    assert b"PodSecurityPolicy: no providers available to validate pod request" in result.stdout


@pytest.mark.parametrize(
    ("object_", "said"),
    [
        ({"kind": "Role", "metadata": {"name": "r"}, "rules": {}}, "Role 'r' has rules that are not a list"),
        (
            {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [{"verbs": "use"}]},
            "ClusterRole 'r' has rules[0].verbs that is not a list of strings",
        ),
        (
            {"kind": "RoleBinding", "metadata": {"name": "r"}},
            "RoleBinding 'r' has a roleRef without kind and name",
        ),
        (
            {
                "kind": "RoleBinding",
                "metadata": {"name": "r"},
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": 1,
            },
            "RoleBinding 'r' has subjects that are not a list",
        ),
        (
            {"kind": "Role", "metadata": {"name": "r", "labels": {"x": True}}},
            "Role 'r' has labels that are not strings",
        ),
        (
            {
                "kind": "ClusterRole",
                "metadata": {"name": "r"},
                "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"x": True}}]},
            },
            "ClusterRole 'r' has an aggregationRule that cannot be read",
        ),
        ({"kind": "Namespace", "metadata": {}}, "a Namespace has no name"),
        ({"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": 1}}, "Pod 'p' cannot be read"),
    ],
)
def test_objects_of_the_cluster_that_cannot_be_read(
    podproof: Run, pod: str, tmp_path: Path, object_: dict[str, Any], said: str
) -> None:
    write(tmp_path / "cluster/all.yaml", NAMESPACE, {"apiVersion": "v1", **object_})
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 4
    assert f"podproof: cluster/all.yaml:6: {said}" in result.stderr.decode()


def test_a_namespace_that_cannot_be_read_does_not_exist(podproof: Run, pod: str, tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster/ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: default\n")
    for version in ("v1.22", "v1.24", "v1.37"):
        result = podproof("admit", pod, "--cluster", "cluster", "--kubernetes-version", version)
        assert result.returncode == 4
        assert b'namespaces "default" not found' in result.stdout
        assert b"podproof: cluster/ns.yaml:3: " in result.stderr


def test_a_binding_to_a_role_that_is_missing(podproof: Run, pod: str, tmp_path: Path) -> None:
    write(tmp_path / "cluster/all.yaml", policy("open"), grant(["open"], EVERYONE)[1])
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 1
    assert b"ClusterRoleBinding 'use' grants nothing: there is no ClusterRole 'use'" in result.stderr


def test_a_binding_that_is_replaced_grants_nothing_any_more(podproof: Run, pod: str, tmp_path: Path) -> None:
    role, binding = grant(["open"], EVERYONE)
    write(tmp_path / "cluster/all.yaml", policy("open"), role, binding)
    assert podproof("admit", pod, "--cluster", "cluster").returncode == 0
    write(tmp_path / "all.yaml", {**binding, "subjects": [{"kind": "User", "name": "ann"}]}, POD)
    assert podproof("admit", "all.yaml", "--cluster", "cluster").returncode == 1
    assert podproof("admit", "all.yaml", "--cluster", "cluster", "--user", "ann").returncode == 0


def test_unknown_field_of_own_configuration_is_named_with_its_place(
    podproof: Run, pod: str, tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text(
        "apiVersion: podproof.dev/v1alpha1\nkind: PodproofConfiguration\npodSecurityPolicy:\n  enable: true\n"
    )
    result = podproof("admit", pod, "--admission-control-config-file", "config.yaml")
    assert (result.returncode, result.stdout) == (2, b"")
    said = 'config.yaml:4:3: unknown field "podSecurityPolicy.enable"; did you mean enabled?'
    assert said in result.stderr.decode()
