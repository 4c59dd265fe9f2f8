"""What `run` makes of manifests: pods as controllers make them, refusals as the API server words them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from podproof.runtimes.pods.dangers import Allowed, refusals
from podproof.session.run.node import node_name
from podproof.session.run.plan import Plan, plan_objects, plan_paths


def plan(text: str) -> Plan:
    values = [(value, f"m.yaml:{index}") for index, value in enumerate(yaml.safe_load_all(text), 1)]
    return plan_objects(values, suffix=lambda count: "abcde"[:count])


TEMPLATE = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}"
JOB_TEMPLATE = "template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}"


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c, image: i}]}}",
            "web",
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {generateName: web-}, "
            "spec: {containers: [{name: c, image: i}]}}",
            "web-abcde",
        ),
        (
            f"{{apiVersion: apps/v1, kind: DaemonSet, metadata: {{name: d}}, "
            f"spec: {{selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}}}}}",
            "d-abcde",
        ),
        (
            f"{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: s}}, "
            f"spec: {{replicas: 3, selector: {{matchLabels: {{a: b}}}}, serviceName: x, {TEMPLATE}}}}}",
            "s-0",
        ),
        (f"{{apiVersion: batch/v1, kind: Job, metadata: {{name: j}}, spec: {{{JOB_TEMPLATE}}}}}", "j-abcde"),
        (
            f"{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: c}}, "
            f"spec: {{schedule: '* * * * *', jobTemplate: {{spec: {{{JOB_TEMPLATE}}}}}}}}}",
            "c-manual-abcde",
        ),
    ],
)
def test_names_as_controllers_give_them(manifest: str, name: str) -> None:
    made = plan(manifest)
    assert made.refused == ()
    assert [pod.name for pod in made.pods] == [name]
    assert made.pods[0].pod["spec"]["serviceAccountName"] == "default"


def test_a_deployment_runs_one_pod_of_its_replica_set() -> None:
    (pod,) = plan(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, "
        f"spec: {{replicas: 5, selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}}}}}"
    ).pods
    name, revision, suffix = pod.name.split("-")
    assert (name, suffix, len(revision)) == ("web", "abcde", 10)
    metadata = pod.pod["metadata"]
    assert metadata["labels"] == {"a": "b", "pod-template-hash": revision}
    assert metadata["namespace"] == "shop"
    assert metadata["ownerReferences"][0]["kind"] == "ReplicaSet"


def test_a_job_counts() -> None:
    (pod,) = plan(
        "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, "
        f"spec: {{completions: 4, parallelism: 2, backoffLimit: 1, {JOB_TEMPLATE}}}}}"
    ).pods
    assert pod.job is not None
    assert (pod.job.completions, pod.job.parallelism, pod.job.backoff_limit) == (4, 2, 1)
    assert pod.again(lambda count: "z" * count).name == "j-zzzzz"
    assert pod.pod["metadata"]["labels"]["job-name"] == "j"


def test_an_indexed_jobs_pods_have_an_index() -> None:
    (pod,) = plan(
        "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, "
        f"spec: {{completions: 2, completionMode: Indexed, {JOB_TEMPLATE}}}}}"
    ).pods
    second = pod.again(lambda count: "z" * count, index=1)
    assert [(one.name, one.index, one.pod["spec"]["hostname"]) for one in (pod, second)] == [
        ("j-0-abcde", 0, "j-0"),
        ("j-1-zzzzz", 1, "j-1"),
    ]
    (variable,) = pod.pod["spec"]["containers"][0]["env"]
    field = variable["valueFrom"]["fieldRef"]["fieldPath"]
    assert field == "metadata.labels['batch.kubernetes.io/job-completion-index']"


def test_a_daemon_sets_pod_is_bound_to_this_machine() -> None:
    (pod,) = plan(
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d}, "
        f"spec: {{selector: {{matchLabels: {{a: b}}}}, {TEMPLATE}}}}}"
    ).pods
    affinity = pod.pod["spec"]["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchFields"][0]["values"] == [node_name()]
    assert pod.index is None


def test_a_stateful_set_claims_its_volumes() -> None:
    made = plan(
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, "
        "spec: {selector: {matchLabels: {a: b}}, serviceName: db, "
        "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], "
        f"resources: {{requests: {{storage: 1Gi}}}}}}}}], {TEMPLATE}}}}}"
    )
    assert made.refused == ()
    spec = made.pods[0].pod["spec"]
    assert spec["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    assert (spec["hostname"], spec["subdomain"]) == ("db-0", "db")
    assert made.objects.find("PersistentVolumeClaim", "default", "data-db-0") is not None


def test_pull_secrets_come_with_the_account() -> None:
    made = plan(
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default}, "
        "imagePullSecrets: [{name: s}]}\n---\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c, image: i}]}}"
    )
    assert made.pods[0].pod["spec"]["imagePullSecrets"] == [{"name": "s"}]


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: []}}",
            'm.yaml:1: Pod "web" is invalid: spec.containers: Required value',
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: 5}}",
            'm.yaml:1: Pod "web" cannot be read by the API server: ',
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: web}, "
            "spec: {runtimeClassName: gone, containers: [{name: c, image: i}]}}",
            'm.yaml:1: pods "web" is forbidden: pod rejected: RuntimeClass "gone" not found',
        ),
        ("{containers: [{name: c, image: i}]}", "m.yaml:1: a piece of a manifest cannot be run"),
    ],
)
def test_what_the_server_would_not_take_is_not_run(manifest: str, words: str) -> None:
    made = plan(manifest)
    assert made.pods == ()
    assert made.refused[0].startswith(words)


def test_a_runtime_class_names_its_handler() -> None:
    made = plan(
        "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: g}, handler: runsc}\n---\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, "
        "spec: {runtimeClassName: g, containers: [{name: c, image: i}]}}"
    )
    assert made.pods[0].handler == "runsc"


C: dict[str, Any] = {"name": "c", "image": "i"}


def secured(**context: Any) -> dict[str, Any]:
    return {"containers": [{**C, "securityContext": context}]}


@pytest.mark.parametrize(
    ("spec", "flag", "allow"),
    [
        ({"hostNetwork": True, "containers": [C]}, "--allow-host-network", Allowed(host_network=True)),
        ({"hostPID": True, "containers": [C]}, "--allow-host-pid", Allowed(host_pid=True)),
        ({"hostIPC": True, "containers": [C]}, "--allow-host-ipc", Allowed(host_ipc=True)),
        (secured(privileged=True), "--allow-privileged", Allowed(privileged=True)),
        (secured(procMount="Unmasked"), "--allow-privileged", Allowed(privileged=True)),
        (
            secured(capabilities={"add": ["sys_admin"]}),
            "--allow-capability SYS_ADMIN",
            Allowed(capabilities=("SYS_ADMIN",)),
        ),
        (
            secured(capabilities={"add": ["CAP_sys_admin"]}),
            "--allow-capability SYS_ADMIN",
            Allowed(capabilities=("SYS_ADMIN",)),
        ),
        (secured(capabilities={"add": ["ALL"]}), "--allow-capability ALL", Allowed(privileged=True)),
        (secured(capabilities={"add": ["CAP_ALL"]}), "--allow-capability ALL", Allowed(privileged=True)),
        (
            {"initContainers": [{**C, "securityContext": {"privileged": True}}], "containers": [C]},
            "--allow-privileged",
            Allowed(privileged=True),
        ),
        (
            {"volumes": [{"name": "v", "hostPath": {"path": "/usr"}}], "containers": [C]},
            "--allow-host-path /usr",
            Allowed(host_paths=("/usr",)),
        ),
        (
            {"volumes": [{"name": "v", "hostPath": {"path": "/usr/../etc"}}], "containers": [C]},
            "--allow-host-path /usr/../etc",
            Allowed(host_paths=("/etc",)),
        ),
        (
            {"containers": [{**C, "livenessProbe": {"httpGet": {"host": "169.254.169.254", "port": 80}}}]},
            "--allow-host-network",
            Allowed(host_network=True),
        ),
    ],
)
def test_dangers_need_their_flag(spec: dict[str, Any], flag: str, allow: Allowed) -> None:
    (line,) = refusals({"spec": spec}, Allowed())
    assert line.endswith(f"run it only with {flag}")
    assert refusals({"spec": spec}, allow) == []


@pytest.mark.parametrize(
    "spec",
    [
        secured(privileged=False, capabilities={"add": ["NET_BIND_SERVICE"]}, procMount="Default"),
        {"hostUsers": False, **secured(procMount="Unmasked")},
        {"hostNetwork": False, "containers": [C], "volumes": [{"name": "v", "emptyDir": {}}]},
    ],
)
def test_what_stays_inside_needs_none(spec: dict[str, Any]) -> None:
    assert refusals({"spec": spec}, Allowed()) == []


def test_a_prefix_is_a_folder_and_not_a_beginning() -> None:
    spec = {"volumes": [{"name": "v", "hostPath": {"path": "/usr-local"}}], "containers": [C]}
    assert refusals({"spec": spec}, Allowed(host_paths=("/usr",))) != []


def test_a_pod_knows_where_its_fields_are_written(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n  spec:\n"
        "    selector: {matchLabels: {a: b}}\n    template:\n      metadata: {labels: {a: b}}\n      spec:\n"
        "        containers:\n        - name: app\n          image: demo\n"
        "          securityContext:\n            runAsUser: 1000\n"
    )
    (pod,) = plan_paths([str(path)]).pods
    assert pod.locate is not None
    container = ("spec", "containers", 0, "securityContext")
    assert pod.locate((*container, "runAsUser")) == (str(path), 16)
    assert pod.locate((*container, "runAsGroup")) == (str(path), 16), "what is absent has its parent's place"


def test_a_token_needs_no_account_in_the_manifest() -> None:
    token = "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}]"
    made = plan(
        "{apiVersion: v1, kind: Pod, metadata: {name: web},"
        f" spec: {{containers: [{{name: c, image: i}}], {token}}}}}"
    )
    assert made.refused == ()
    assert made.pods[0].pod["spec"]["serviceAccountName"] == "default"


def test_a_pod_whose_containers_a_controller_writes_is_refused() -> None:
    value = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": "k8s"},
        "spec": {"hostNetwork": True},
    }
    plan = plan_objects([(value, "a.yaml")], suffix=lambda count: "abcde"[:count])
    assert plan.pods == ()
    assert plan.refused == (
        'a.yaml: Prometheus "k8s" cannot be run: its controller writes prometheus itself',
    )


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: 1}}",
            'm.yaml:1: ConfigMap "c" cannot be read by the API server: json: cannot unmarshal number into Go'
            " struct field ConfigMap.data of type string",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: '%'}}",
            'm.yaml:1: Secret "s" cannot be read by the API server: illegal base64 data at input byte 0',
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: [c]}",
            'm.yaml:1: ConfigMap "" cannot be read by the API server: json: cannot unmarshal array into Go'
            " struct field ConfigMap.metadata of type v1.ObjectMeta",
        ),
    ],
)
def test_what_the_server_would_not_store_is_refused_before_anything_runs(manifest: str, words: str) -> None:
    assert plan(manifest).refused == (words,)


def test_objects_without_metadata_end_nothing() -> None:
    made = plan("{apiVersion: v1, kind: Service, metadata: [x]}\n---\n{kind: Other}")
    assert (made.pods, made.refused) == ((), ())
    (line,) = plan("{apiVersion: apps/v1, kind: Deployment, metadata: 1, spec: {}}").refused
    assert line.startswith('m.yaml:1: Deployment "" cannot be read by the API server: json: cannot unmarshal')


def test_another_projects_kind_of_that_name_is_no_secret() -> None:
    made = plan("{apiVersion: example.com/v1, kind: Secret, metadata: {name: s}, data: 5}")
    assert made.refused == ()
    assert made.objects.find("Secret", "default", "s") is None


@pytest.mark.parametrize(
    ("number", "notes"), [(110, ()), (111, ("111 pods: 110 run at a time, as many as a node takes",))]
)
def test_more_pods_than_a_node_takes_are_named(number: int, notes: tuple[str, ...]) -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: p%d}, spec: {containers: [{name: c, image: i}]}}"
    made = plan("\n---\n".join(pod % index for index in range(number)))
    assert (len(made.pods), made.notes) == (number, notes)
