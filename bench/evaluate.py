"""From JSON bytes to a Pod Security verdict, for a pod as the API server stores it (4 to 5 KB)."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from podproof.kube.default_pod import default_pod
from podproof.kube.outlined_pod import OutlinedPodReader, server_pod_reader
from podproof.kube.read_pod import read_pod
from podproof.policies.pod_security import evaluate, evaluator
from podproof.policies.read_fields import JUDGED_FIELDS

ROUNDS = 300
CALLS = 20


def stored_pod() -> dict[str, Any]:
    """Make a pod of a Deployment: an init container, an application and a sidecar; allowed at restricted."""

    def container(name: str, port: int) -> dict[str, Any]:
        probe = {
            "httpGet": {"path": "/healthz", "port": port, "scheme": "HTTP"},
            "timeoutSeconds": 1,
            "periodSeconds": 10,
            "successThreshold": 1,
            "failureThreshold": 3,
        }
        return {
            "name": name,
            "image": f"registry.example/team/{name}@sha256:{'0123456789abcdef' * 4}",
            "args": ["--listen", f":{port}", "--log-format=json", "--config=/etc/app/config.yaml"],
            "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}],
            "env": [
                {
                    "name": f"SETTING_{i}",
                    "valueFrom": {"configMapKeyRef": {"name": name, "key": f"setting.{i}"}},
                }
                for i in range(3)
            ],
            "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
            "volumeMounts": [
                {"name": "tmp", "mountPath": "/tmp"},
                {"name": "config", "mountPath": "/etc/app", "readOnly": True},
                {
                    "name": "kube-api-access",
                    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                    "readOnly": True,
                },
            ],
            "livenessProbe": probe,
            "readinessProbe": probe,
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "imagePullPolicy": "IfNotPresent",
            "securityContext": {
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
                "allowPrivilegeEscalation": False,
            },
        }

    init = container("migrate", 8080)
    del init["livenessProbe"], init["readinessProbe"], init["ports"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web-6d4b75cb6d-x7k2p",
            "namespace": "shop",
            "uid": "0b5a1e3e-6c0e-4d5b-9c53-0d5a6e2a7d10",
            "labels": {"app.kubernetes.io/name": "web", "pod-template-hash": "6d4b75cb6d"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": "web-6d4b75cb6d",
                    "uid": "5c1f9c0e-88f5-4e55-9a5e-b3f5be0f8f5d",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "volumes": [
                {"name": "tmp", "emptyDir": {}},
                {"name": "config", "configMap": {"name": "web", "defaultMode": 420}},
                {
                    "name": "kube-api-access",
                    "projected": {
                        "sources": [
                            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                            {"configMap": {"name": "kube-root-ca.crt"}},
                        ],
                        "defaultMode": 420,
                    },
                },
            ],
            "initContainers": [init],
            "containers": [container("web", 8080), container("proxy", 9090)],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "web",
            "serviceAccount": "web",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "fsGroup": 2000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "schedulerName": "default-scheduler",
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
            ],
            "enableServiceLinks": True,
        },
    }


def open_pod() -> dict[str, Any]:
    """Make the same pod without any security context: four controls deny it."""
    pod = stored_pod()
    pod["spec"]["securityContext"] = {}
    for container in (*pod["spec"]["initContainers"], *pod["spec"]["containers"]):
        del container["securityContext"]
    return pod


def odd_texts(data: bytes) -> dict[str, bytes]:
    """Write the pod with what costs its sender a few bytes and must not cost its reader much more."""
    odd = {
        "blanks": json.dumps(json.loads(data)).encode(),
        "indented": json.dumps(json.loads(data), indent=2).encode(),
        "unknown field": data.replace(b'"spec":{', b'"spec":{"unknown":1,', 1),
        "null in a list": data.replace(b'"args":[', b'"args":[null,', 1),
        "half a surrogate": data.replace(b'"scheme":"HTTP', rb'"scheme":"HTTP\ud800', 1),
        "no UTF-8": data.replace(b'"scheme":"HTTP', b'"scheme":"HTTP\xff', 1),
        "key twice": data[:-1] + b',"spec":{}}',
        "null over a key": data[:-1] + b',"spec":null}',
        "list twice": data.replace(b'"volumes":[', b'"volumes":[{"name":"v"}],"volumes":[', 1),
        "many keys twice": data.replace(b'"readOnly":true', b'"readOnly":false,"readOnly":true'),
    }
    assert all(text != data for text in odd.values())
    return odd


def _microseconds(calls: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """Take the best of each in turns, so that a slow moment of the machine hits all of them."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(CALLS):
                call()
            best[name] = min(best[name], (time.perf_counter() - start) / CALLS * 1e6)
    return best


@cache
def _reader() -> OutlinedPodReader | None:
    """Make the reader of `evaluate`."""
    return server_pod_reader(JUDGED_FIELDS)


def run() -> Iterator[str]:
    """Give the lines of the report; what is allowed is first held against reading the JSON alone."""
    for word, pod, limit in (("allowed", stored_pod(), 12), ("denied", open_pod(), 20)):
        data = json.dumps(pod, separators=(",", ":")).encode()
        verdict = evaluate(data)
        assert verdict.allowed is (word == "allowed"), verdict.detail
        read = partial(read_pod, data, _reader)
        typed, judge = default_pod(read()), evaluator("restricted").evaluate
        took = _microseconds(
            {
                "evaluate": partial(evaluate, data),
                "read": read,
                "judge": partial(judge, typed),
                "loads": partial(json.loads, data),
            }
        )
        yield (
            f"{word:8} {len(data)} bytes to verdict: {_held(took['evaluate'], limit, 'µs')}; of it reading "
            f"{took['read']:.1f}, judging {took['judge']:.1f}; {took['evaluate'] / took['loads']:.2f} × "
            f"json.loads ({took['loads']:.1f})"
        )
    data = json.dumps(stored_pod(), separators=(",", ":")).encode()
    took = _microseconds(
        {"plain": partial(evaluate, data)} | {n: partial(evaluate, t) for n, t in odd_texts(data).items()}
    )
    plain = took.pop("plain")
    for name, spent in took.items():
        times = _held(spent / plain, 3, "×")
        yield f"{name:16} {spent:6.1f} µs to its verdict; as multiple of the allowed pod's: {times}"


def _held(measured: float, limit: int, unit: str) -> str:
    """Say what was measured, what the limit is, and which of them is more."""
    return f"{measured:.1f} {unit} ({'over' if measured > limit else 'within'} the limit of {limit} {unit})"
