"""`kubectl describe pod`: what of a spec is listed, and in which words."""

from typing import Any

import pytest

from podproof.kubelet.describe import describe

NOW = 1_700_000_000.0


def lines(
    container: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    *,
    metadata: dict[str, Any] | None = None,
    pod_status: dict[str, Any] | None = None,
    **spec: Any,
) -> list[str]:
    """The description, each line with single spaces."""
    pod = {
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}, **(metadata or {})},
        "spec": {"containers": [{"name": "a", "image": "app:1", **(container or {})}], **spec},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.7",
            "containerStatuses": [{"name": "a", **status}] if status is not None else [],
            **(pod_status or {}),
        },
    }
    return [" ".join(line.split()) for line in describe(pod, (), NOW).splitlines()]


def section(found: list[str], heading: str, count: int) -> list[str]:
    start = found.index(heading) + 1
    return found[start : start + count]


def secret_key(optional: Any) -> dict[str, Any]:
    return {"secretKeyRef": {"name": "s", "key": "k", **optional}}


@pytest.mark.parametrize(
    ("variable", "shown"),
    [
        ({"value": "1"}, "V: 1"),
        ({}, "V:"),
        ({"valueFrom": secret_key({})}, "V: <set to the key 'k' in secret 's'> Optional: false"),
        ({"valueFrom": secret_key({"optional": True})},
         "V: <set to the key 'k' in secret 's'> Optional: true"),
        ({"valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
         "V: <set to the key 'k' of config map 'm'> Optional: false"),
        ({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, "V: web (v1:metadata.name)"),
        ({"valueFrom": {"fieldRef": {"fieldPath": "status.podIP", "apiVersion": "v1"}}},
         "V: 10.0.0.7 (v1:status.podIP)"),
        ({"valueFrom": {"fieldRef": {"fieldPath": "no.such"}}}, "V: (v1:no.such)"),
        ({"valueFrom": {"resourceFieldRef": {"resource": "requests.cpu"}}}, "V: 1 (requests.cpu)"),
        ({"valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
         "V: node allocatable (limits.memory)"),
        ({"valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
         "V: node allocatable (limits.cpu)"),
        ({"valueFrom": {"resourceFieldRef": {"resource": "requests.memory"}}}, "V: 0 (requests.memory)"),
        ({"valueFrom": {"resourceFieldRef": {"resource": "pods"}}}, "V: (pods)"),
    ],
)  # fmt: skip
def test_variables(variable: dict[str, Any], shown: str) -> None:
    container = {"env": [{"name": "V", **variable}], "resources": {"requests": {"cpu": "1"}}}
    assert section(lines(container), "Environment:", 1) == [shown]


def test_a_variable_of_several_lines() -> None:
    assert section(lines({"env": [{"name": "V", "value": "1\n2\n3"}]}), "Environment:", 3) == [
        "V: 1",
        "2",
        "3",
    ]
    assert "Environment: <none>" in lines()


def test_sources_of_variables() -> None:
    sources = [
        {"configMapRef": {"name": "m"}},
        {"secretRef": {"name": "s", "optional": True}, "prefix": "P_"},
    ]
    assert section(lines({"envFrom": sources}), "Environment Variables from:", 2) == [
        "m ConfigMap Optional: false",
        "s Secret with prefix 'P_' Optional: true",
    ]
    assert "Environment Variables from:" not in lines()


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ({"emptyDir": {}},
         ["Type: EmptyDir (a temporary directory that shares a pod's lifetime)", "Medium:",
          "SizeLimit: <unset>"]),
        ({"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
         ["Type: EmptyDir (a temporary directory that shares a pod's lifetime)", "Medium: Memory",
          "SizeLimit: 1Mi"]),
        ({"configMap": {"name": "m"}},
         ["Type: ConfigMap (a volume populated by a ConfigMap)", "Name: m", "Optional: false"]),
        ({"configMap": {"name": "m", "optional": True}},
         ["Type: ConfigMap (a volume populated by a ConfigMap)", "Name: m", "Optional: true"]),
        ({"secret": {"secretName": "s"}},
         ["Type: Secret (a volume populated by a Secret)", "SecretName: s", "Optional: false"]),
        ({"secret": {"secretName": "s", "optional": True}},
         ["Type: Secret (a volume populated by a Secret)", "SecretName: s", "Optional: true"]),
        ({"hostPath": {"path": "/x"}},
         ["Type: HostPath (bare host directory volume)", "Path: /x", "HostPathType:"]),
        ({"hostPath": {"path": "/x", "type": "File"}},
         ["Type: HostPath (bare host directory volume)", "Path: /x", "HostPathType: File"]),
        ({"persistentVolumeClaim": {"claimName": "c", "readOnly": True}},
         ["Type: PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
          "ClaimName: c", "ReadOnly: true"]),
        ({"persistentVolumeClaim": {"claimName": "c"}},
         ["Type: PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
          "ClaimName: c", "ReadOnly: false"]),
        ({"downwardAPI": {}}, ["Type: DownwardAPI (a volume populated by information about the pod)"]),
        ({"projected": {"sources": []}},
         ["Type: Projected (a volume that contains injected data from multiple sources)"]),
        ({"nfs": {"server": "s"}}, ["Type: nfs"]),
        ({}, ["Type: EmptyDir (a temporary directory that shares a pod's lifetime)", "Medium:",
              "SizeLimit: <unset>"]),
    ],
)  # fmt: skip
def test_volumes(source: dict[str, Any], shown: list[str]) -> None:
    found = lines(volumes=[{"name": "v", **source}])
    start = found.index("Volumes:") + 1
    assert found[start : found.index("QoS Class:")] == ["v:", *shown]
    assert "Volumes: <none>" in lines()


def test_mounts_are_sorted_by_their_path() -> None:
    mounts = [
        {"name": "v", "mountPath": "/b", "readOnly": True},
        {"name": "w", "mountPath": "/a", "subPath": "x"},
    ]
    assert section(lines({"volumeMounts": mounts}), "Mounts:", 2) == [
        '/a from w (rw,path="x")',
        "/b from v (ro)",
    ]
    assert "Mounts: <none>" in lines()


@pytest.mark.parametrize(
    ("ports", "shown"),
    [
        ([], ["Port: <none>", "Host Port: <none>"]),
        ([{"containerPort": 80}], ["Port: 80/TCP", "Host Port: 0/TCP"]),
        ([{"containerPort": 80, "name": "http"}, {"containerPort": 53, "protocol": "UDP", "hostPort": 5353}],
         ["Ports: 80/TCP (http), 53/UDP", "Host Ports: 0/TCP, 5353/UDP"]),
    ],
)  # fmt: skip
def test_ports(ports: list[dict[str, Any]], shown: list[str]) -> None:
    found = lines({"ports": ports})
    assert [line for line in found if "Port" in line] == shown


NUMBERS = "delay=0s timeout=1s period=10s successThreshold=1 failureThreshold=3"


@pytest.mark.parametrize(
    ("probe", "shown"),
    [
        ({"exec": {"command": ["a", "b"]}}, f"exec [a b] {NUMBERS}"),
        ({"httpGet": {"port": 80, "path": "/x"}}, f"http-get http://:80/x {NUMBERS}"),
        ({"httpGet": {"port": 80, "path": "x", "host": "h", "scheme": "HTTPS"}},
         f"http-get https://h:80/x {NUMBERS}"),
        ({"httpGet": {"port": 80}}, f"http-get http://:80 {NUMBERS}"),
        ({"tcpSocket": {"port": 80}}, f"tcp-socket :80 {NUMBERS}"),
        ({"tcpSocket": {"port": 80, "host": "h"}}, f"tcp-socket h:80 {NUMBERS}"),
        ({"grpc": {"port": 80, "service": "s"}}, f"grpc <pod>:80 s {NUMBERS}"),
        ({"initialDelaySeconds": 2, "timeoutSeconds": 3, "periodSeconds": 4, "successThreshold": 5,
          "failureThreshold": 6},
         "unknown delay=2s timeout=3s period=4s successThreshold=5 failureThreshold=6"),
    ],
)  # fmt: skip
def test_probes(probe: dict[str, Any], shown: str) -> None:
    for label, field in (
        ("Liveness", "livenessProbe"),
        ("Readiness", "readinessProbe"),
        ("Startup", "startupProbe"),
    ):
        assert f"{label}: {shown}" in lines({field: probe})


def test_commands_and_resources() -> None:
    container = {
        "command": ["sh", "-c"],
        "args": ["a\nb", None],
        "resources": {"limits": {"memory": "1Mi", "cpu": "1"}, "requests": {"cpu": "2"}},
    }
    found = lines(container)
    assert section(found, "Command:", 2) == ["sh", "-c"]
    assert section(found, "Args:", 3) == ["a", "b", ""]
    assert section(found, "Limits:", 2) == ["cpu: 1", "memory: 1Mi"]
    assert section(found, "Requests:", 1) == ["cpu: 2"]
    assert {"Command:", "Args:", "Limits:", "Requests:"}.isdisjoint(lines())


TIMES = {"startedAt": "2026-01-02T03:04:05Z", "finishedAt": "2026-01-02T03:04:06Z"}


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ({"running": {"startedAt": "2026-01-02T03:04:05Z"}},
         ["State: Running", "Started: Fri, 02 Jan 2026 03:04:05 +0000"]),
        ({"running": {}}, ["State: Running", "Started: Mon, 01 Jan 0001 00:00:00 +0000"]),
        ({"waiting": {"reason": "ContainerCreating"}}, ["State: Waiting", "Reason: ContainerCreating"]),
        ({"waiting": {}}, ["State: Waiting"]),
        ({}, ["State: Waiting"]),
        ({"terminated": {"exitCode": 1, "reason": "Error", "message": "m", "signal": 9, **TIMES}},
         ["State: Terminated", "Reason: Error", "Message: m", "Exit Code: 1", "Signal: 9",
          "Started: Fri, 02 Jan 2026 03:04:05 +0000", "Finished: Fri, 02 Jan 2026 03:04:06 +0000"]),
        ({"terminated": TIMES},
         ["State: Terminated", "Exit Code: 0", "Started: Fri, 02 Jan 2026 03:04:05 +0000",
          "Finished: Fri, 02 Jan 2026 03:04:06 +0000"]),
    ],
)  # fmt: skip
def test_states(state: dict[str, Any], shown: list[str]) -> None:
    found = lines(None, {"state": state, "ready": True, "restartCount": 2})
    start = found.index(shown[0])
    assert found[start : start + len(shown) + 2] == [*shown, "Ready: True", "Restart Count: 2"]


def test_a_containers_identity_is_told_once_it_has_a_status() -> None:
    found = lines(None, {"containerID": "containerd://x1", "imageID": "sha256:1"})
    start = found.index("a:") + 1
    assert found[start : start + 3] == ["Container ID: containerd://x1", "Image: app:1", "Image ID: sha256:1"]
    assert {"Container ID:", "Image ID:", "Ready: False"}.isdisjoint(lines())
    assert "Ready: False" in found
    for nothing in ({}, {"containerID": None, "imageID": None}):
        found = lines(None, nothing)
        start = found.index("a:") + 1
        assert found[start : start + 3] == ["Container ID:", "Image: app:1", "Image ID:"]


def test_the_pod_itself() -> None:
    found = lines(
        metadata={
            "annotations": {"b": "2", "a": None},
            "ownerReferences": [{"kind": "Job", "name": "j"}, {"kind": "X", "name": "x", "controller": True}],
        },
        pod_status={
            "reason": "Evicted", "message": "full", "startTime": "2026-01-02T03:04:05Z",
            "hostIP": "192.0.2.1", "podIPs": [{"ip": "10.0.0.7"}], "qosClass": "BestEffort",
            "conditions": [{"type": "Ready", "status": "True"}],
        },
        nodeName="n", priority=0, priorityClassName="", runtimeClassName="rc", serviceAccountName="sa",
        nodeSelector={"disk": "ssd"},
        securityContext={"seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"}},
    )  # fmt: skip
    assert found[: found.index("Containers:")] == [
        "Name: web",
        "Namespace: shop",
        "Priority: 0",
        "Runtime Class Name: rc",
        "Service Account: sa",
        "Node: n/192.0.2.1",
        "Start Time: Fri, 02 Jan 2026 03:04:05 +0000",
        "Labels: app=web",
        "Annotations: a:",
        "b: 2",
        "Status: Running",
        "Reason: Evicted",
        "Message: full",
        "SeccompProfile: Localhost",
        "LocalhostProfile: p.json",
        "IP: 10.0.0.7",
        "IPs:",
        "IP: 10.0.0.7",
        "Controlled By: X/x",
    ]
    assert section(found, "Conditions:", 2) == ["Type Status", "Ready True"]
    assert found[found.index("QoS Class: BestEffort") :] == [
        "QoS Class: BestEffort",
        "Node-Selectors: disk=ssd",
        "Tolerations: <none>",
        "Events: <none>",
    ]


def test_what_a_pod_does_not_have() -> None:
    found = lines()
    assert {"Node: <none>", "Annotations: <none>", "IPs: <none>", "Node-Selectors: <none>"} <= set(found)
    assert {"Conditions:", "Init Containers:", "Ephemeral Containers:"}.isdisjoint(found)


def test_every_kind_of_container_is_listed() -> None:
    found = lines(initContainers=[{"name": "i"}], ephemeralContainers=[{"name": "d"}])
    headings = ["Init Containers:", "i:", "Containers:", "a:", "Ephemeral Containers:", "d:"]
    assert [line for line in found if line in headings] == headings
    profile = {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}
    assert "SeccompProfile: RuntimeDefault" in lines(profile)


@pytest.mark.parametrize(
    ("path", "pod_status", "spec", "shown"),
    [
        ("status.podIP", {}, {}, "V: 10.0.0.7 (v1:status.podIP)"),
        ("status.podIP", {"podIP": None}, {}, "V: (v1:status.podIP)"),
        ("status.hostIP", {"hostIP": "192.0.2.1"}, {}, "V: 192.0.2.1 (v1:status.hostIP)"),
        ("status.hostIP", {}, {}, "V: (v1:status.hostIP)"),
        ("spec.nodeName", {}, {"nodeName": "worker"}, "V: worker (v1:spec.nodeName)"),
        ("spec.nodeName", {}, {}, "V: (v1:spec.nodeName)"),
    ],
)
def test_variables_of_where_a_pod_runs(
    path: str, pod_status: dict[str, Any], spec: dict[str, Any], shown: str
) -> None:
    variable = {"name": "V", "valueFrom": {"fieldRef": {"fieldPath": path}}}
    assert section(lines({"env": [variable]}, pod_status=pod_status, **spec), "Environment:", 1) == [shown]
