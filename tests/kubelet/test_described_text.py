"""`kubectl describe pod`, whole: every line, its indentation and its columns, as kubectl 1.37 prints them."""

from pathlib import Path
from typing import Any

from podproof.kubelet.describe import describe, describe_events
from podproof.kubelet.events import PodEvent

NOW = 1_700_000_000.0
TIME = "2023-11-14T22:13:20Z"
POD: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "labels": {"tier": "front", "app": "web"},
        "annotations": {"note": "x"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-1", "controller": True}],
    },
    "spec": {
        "priority": 0,
        "serviceAccountName": "default",
        "nodeName": "node",
        "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"}},
        "initContainers": [{"name": "init", "image": "i:1", "command": ["sh", "-c", "a\nb"]}],
        "containers": [
            {
                "name": "app",
                "image": "app:1",
                "args": ["x"],
                "ports": [
                    {"containerPort": 80, "name": "http"},
                    {"containerPort": 81, "hostPort": 82, "protocol": "UDP"},
                ],
                "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "c.json"}},
                "resources": {"limits": {"memory": "1Gi", "cpu": "1"}, "requests": {"cpu": "500m"}},
                "livenessProbe": {"httpGet": {"port": 80, "path": "/ok"}},
                "envFrom": [{"secretRef": {"name": "s"}}],
                "env": [
                    {"name": "A", "value": "1\n2"},
                    {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                    {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                ],
                "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": True}],
            }
        ],
        "volumes": [{"name": "data", "emptyDir": {}}],
        "nodeSelector": {"disk": "ssd"},
    },
    "status": {
        "phase": "Running",
        "reason": "R",
        "message": "m",
        "startTime": TIME,
        "hostIP": "192.0.2.1",
        "podIP": "10.0.0.7",
        "podIPs": [{"ip": "10.0.0.7"}],
        "qosClass": "Burstable",
        "conditions": [{"type": "Ready", "status": "False"}],
        "initContainerStatuses": [
            {
                "name": "init",
                "containerID": "containerd://1",
                "imageID": "sha256:1",
                "ready": True,
                "restartCount": 0,
                "state": {
                    "terminated": {
                        "reason": "Error",
                        "message": "m",
                        "exitCode": 1,
                        "signal": 9,
                        "startedAt": TIME,
                        "finishedAt": TIME,
                    }
                },
            }
        ],
        "containerStatuses": [
            {
                "name": "app",
                "containerID": "containerd://2",
                "imageID": "sha256:2",
                "ready": False,
                "restartCount": 2,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 2, "startedAt": TIME, "finishedAt": TIME}},
            }
        ],
    },
}
EVENTS = (
    PodEvent("Normal", "Pulled", "image is there\n", "spec.containers{app}", "kubelet", NOW - 65, NOW - 65),
    PodEvent("Warning", "BackOff", "back-off", "", "kubelet", NOW - 60, NOW - 5, 3),
)


def test_a_pod_with_everything() -> None:
    expected = Path(__file__).with_name("described.txt").read_text(encoding="utf-8")
    assert describe(POD, EVENTS, NOW) == expected


def test_a_pod_with_nothing() -> None:
    assert describe({"spec": {"containers": [{"name": "c"}]}}, (), NOW).splitlines() == [
        "Name:         ",
        "Namespace:    default",
        "Node:         <none>",
        "Labels:       <none>",
        "Annotations:  <none>",
        "Status:       ",
        "IP:           ",
        "IPs:          <none>",
        "Containers:",
        "  c:",
        "    Image:        ",
        "    Port:         <none>",
        "    Host Port:    <none>",
        "    Environment:  <none>",
        "    Mounts:       <none>",
        "Volumes:          <none>",
        "QoS Class:        ",
        "Node-Selectors:   <none>",
        "Tolerations:      <none>",
        "Events:  <none>",
    ]


def test_events_in_the_order_of_their_last_time() -> None:
    later = PodEvent("Normal", "Killing", "stop", "", "kubelet", NOW - 90, NOW - 1, 2)
    assert describe_events((later, *EVENTS), NOW).splitlines() == [
        "Events:",
        "  Type     Reason   Age               From     Message",
        "  ----     ------   ----              ----     -------",
        "  Normal   Pulled   65s               kubelet  spec.containers{app}: image is there",
        "  Warning  BackOff  5s (x3 over 60s)  kubelet  back-off",
        "  Normal   Killing  1s (x2 over 90s)  kubelet  stop",
    ]


def test_no_events() -> None:
    assert describe_events((), NOW) == "Events:  <none>\n"


def test_a_pod_whose_node_has_only_heard_of_it() -> None:
    spec = {"nodeName": "n", "priority": 0, "containers": [{"name": "c"}]}
    text = describe({"spec": spec, "status": {"containerStatuses": [{"name": "c"}]}}, (), NOW)
    assert text.splitlines() == [
        "Name:         ",
        "Namespace:    default",
        "Priority:     0",
        "Node:         n/",
        "Labels:       <none>",
        "Annotations:  <none>",
        "Status:       ",
        "IP:           ",
        "IPs:          <none>",
        "Containers:",
        "  c:",
        "    Container ID:   ",
        "    Image:          ",
        "    Image ID:       ",
        "    Port:           <none>",
        "    Host Port:      <none>",
        "    State:          Waiting",
        "    Ready:          False",
        "    Restart Count:  0",
        "    Environment:    <none>",
        "    Mounts:         <none>",
        "Volumes:            <none>",
        "QoS Class:          ",
        "Node-Selectors:     <none>",
        "Tolerations:        <none>",
        "Events:  <none>",
    ]
