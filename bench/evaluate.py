"""From JSON bytes to a Pod Security verdict, for a pod as the API server stores it (4 to 5 KB)."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from podproof.errors import ManifestError
from podproof.kube.default_pod import default_pod
from podproof.kube.outlined_pod import ServerPodReader, server_pod_reader
from podproof.kube.read_pod import read_text
from podproof.policies.asked_checks import look_of_checks
from podproof.policies.pod_security import evaluate, evaluator
from podproof.policies.read_fields import JUDGED_FIELDS

ROUNDS = 300
CALLS = 20

_MARK = "c0ffee00"
"""Stands in the names, images, arguments and volumes of a pod; with another one, it is another workload's."""

_Call = Callable[[Any], Any]
_Times = dict[str, float]


def stored_pod() -> dict[str, Any]:
    """Make a pod of a Deployment: an init container, an application and a sidecar; allowed at restricted."""
    workload = f"web-{_MARK}"

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
            "image": f"registry.example/team/{name}@sha256:{_MARK * 8}",
            "args": ["--listen", f":{port}", "--log-format=json", f"--config=/etc/app/{workload}.yaml"],
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
            "name": f"{workload}-6d4b75cb6d-x7k2p",
            "namespace": "shop",
            "uid": "0b5a1e3e-6c0e-4d5b-9c53-0d5a6e2a7d10",
            "labels": {"app.kubernetes.io/name": workload, "pod-template-hash": "6d4b75cb6d"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": f"{workload}-6d4b75cb6d",
                    "uid": "5c1f9c0e-88f5-4e55-9a5e-b3f5be0f8f5d",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "volumes": [
                {"name": "tmp", "emptyDir": {}},
                {"name": "config", "configMap": {"name": workload, "defaultMode": 420}},
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
            "containers": [container(workload, 8080), container("proxy", 9090)],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": workload,
            "serviceAccount": workload,
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
        "host network": data.replace(b'"spec":{', b'"spec":{"hostNetwork":true,', 1),
        "null in a list": data.replace(b'"args":[', b'"args":[null,', 1),
        "half a surrogate": data.replace(b'"scheme":"HTTP', rb'"scheme":"HTTP\ud800', 1),
        "no UTF-8": data.replace(b'"scheme":"HTTP', b'"scheme":"HTTP\xff', 1),
        "key twice": data[:-1] + b',"spec":{}}',
        "null over a key": data[:-1] + b',"spec":null}',
        "list twice": data.replace(b'"volumes":[', b'"volumes":[{"name":"v"}],"volumes":[', 1),
        "many keys twice": data.replace(b'"readOnly":true', b'"readOnly":false,"readOnly":true'),
        "a wrong type": data.replace(b'"runAsUser":1000', b'"runAsUser":"0"', 1),
        "list for a map": data.replace(b'"labels":{', b'"labels":[],"others":{', 1),
        "no quantity": data.replace(b'"256Mi"', b'"256Mx"', 1),
        "zone": data.replace(b'"uid":', b'"creationTimestamp":"2020-01-01T00:00:00+01:00","uid":', 1),
        "another case": data.replace(b'"kind":"Pod"', b'"Kind":"Pod"', 1),
        "deep": data[:-1] + b',"unknown":' + b"[" * 250 + b"]" * 250 + b"}",
        "no JSON": data[:-1],
    }
    assert all(text != data for text in odd.values())
    return odd


def _judge(text: bytes) -> None:
    """Judge a pod; one that is refused has no verdict."""
    with contextlib.suppress(ManifestError):
        evaluate(text)


def _microseconds(calls: Mapping[str, _Call], given: Callable[[range], Mapping[str, list[Any]]]) -> _Times:
    """Take the best of each in turns, so that a slow moment of the machine hits all of them.

    `given` makes what each is called with, by the numbers of pods: in no round the same as in one before.
    """
    best = dict.fromkeys(calls, float("inf"))
    for number in range(ROUNDS):
        arguments = given(range(number * CALLS, (number + 1) * CALLS))
        for name, call in calls.items():
            start = time.perf_counter()
            for argument in arguments[name]:
                call(argument)
            best[name] = min(best[name], (time.perf_counter() - start) / CALLS * 1e6)
    return best


@cache
def _reader() -> ServerPodReader | None:
    """Make the reader of `evaluate`."""
    return server_pod_reader(JUDGED_FIELDS, look_of_checks())


def _text(pod: Mapping[str, Any]) -> bytes:
    return json.dumps(pod, separators=(",", ":")).encode()


def _others(text: bytes, numbers: range) -> list[bytes]:
    return [text.replace(_MARK.encode(), b"%08x" % number) for number in numbers]


def run() -> Iterator[str]:
    """Give the lines of the report; what is allowed is first held against reading the JSON alone."""
    read, judge = partial(read_text, outlined=_reader), evaluator("restricted").evaluate
    calls: dict[str, _Call] = {
        "evaluate": evaluate,
        "read": read,
        "judge": lambda pod: judge(*pod),
        "loads": json.loads,
    }
    for word, pod, limit in (("allowed", stored_pod(), 12), ("denied", open_pod(), 20)):
        data = _text(pod)
        verdict = evaluate(data)
        assert verdict.allowed is (word == "allowed"), verdict.detail

        def given(numbers: range, data: bytes = data) -> dict[str, list[Any]]:
            texts = _others(data, numbers)
            typed = [(default_pod(pod), facts) for pod, facts in map(read, texts)]
            return {"evaluate": texts, "read": texts, "judge": typed, "loads": texts}

        took = _microseconds(calls, given)
        yield (
            f"{word:8} {len(data)} bytes to verdict: {_held(took['evaluate'], limit, 'µs')}; of it reading "
            f"{took['read']:.1f}, judging {took['judge']:.1f}; {took['evaluate'] / took['loads']:.2f} × "
            f"json.loads ({took['loads']:.1f})"
        )
    data = _text(stored_pod())
    odd = {"plain": data, **odd_texts(data)}
    took = _microseconds(
        dict.fromkeys(odd, _judge),
        lambda numbers: {name: _others(text, numbers) for name, text in odd.items()},
    )
    plain = took.pop("plain")
    for name, spent in took.items():
        times = _held(spent / plain, 3, "×")
        yield f"{name:16} {spent:6.1f} µs to its verdict; as multiple of the allowed pod's: {times}"


def _held(measured: float, limit: int, unit: str) -> str:
    """Say what was measured, what the limit is, and which of them is more."""
    return f"{measured:.1f} {unit} ({'over' if measured > limit else 'within'} the limit of {limit} {unit})"
