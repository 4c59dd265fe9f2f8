"""A cluster's answer to a request: a typical pod, many policies and bindings, a namespace's dry run."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from podproof import Cluster

ROUNDS = 30
PREFIX = "pod-security.kubernetes.io/"
SAFE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
SECCOMP = "seccomp.security.alpha.kubernetes.io/allowedProfileNames"
ANY = {"rule": "RunAsAny"}


def pod(name: str = "web", context: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make a pod as people write them: a port, a variable, a limit, a volume; it meets restricted."""
    container = {
        "name": "web",
        "image": "registry.example/shop/web:1.27",
        "ports": [{"containerPort": 8080}],
        "env": [{"name": "MODE", "value": "production"}],
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        "resources": {"limits": {"memory": "64Mi"}},
        "securityContext": SAFE if context is None else context,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web"}},
        "spec": {
            "serviceAccountName": "default",
            "containers": [container],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def namespace(**labels: str) -> dict[str, Any]:
    named = {PREFIX + key: value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": named}}


def request(object_: Any, old: Any = None, resource: str = "pods") -> dict[str, Any]:
    return {
        "operation": "CREATE" if old is None else "UPDATE",
        "resource": {"group": "", "version": "v1", "resource": resource},
        "namespace": "shop",
        "name": object_["metadata"]["name"],
        "userInfo": {"username": "ann", "groups": ["system:authenticated"]},
        "object": object_,
        "oldObject": old,
    }


def policies(count: int, bindings: int) -> Cluster:
    """Make a cluster of 1.24 whose last policy by name is the one that the service account may use."""
    spec = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY, "volumes": ["*"]}
    objects: list[dict[str, Any]] = [
        {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {"name": f"p{n:02}", "annotations": {SECCOMP: "*"}},
            "spec": {**spec, "requiredDropCapabilities": ["NET_RAW"]},
        }
        for n in range(count)
    ]
    group = "rbac.authorization.k8s.io"
    rule = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
    for n in range(count):
        role = {"kind": "ClusterRole", "apiVersion": f"{group}/v1", "metadata": {"name": f"use-p{n:02}"}}
        objects.append({**role, "rules": [{**rule, "resourceNames": [f"p{n:02}"]}]})
    for n in range(bindings):
        account = {"kind": "ServiceAccount", "name": "default" if n < count else f"a{n}", "namespace": "shop"}
        objects.append(
            {
                "kind": "RoleBinding",
                "apiVersion": f"{group}/v1",
                "metadata": {"name": f"b{n}", "namespace": "shop"},
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": f"use-p{n % count:02}"},
                "subjects": [account],
            }
        )
    return Cluster.from_objects(objects, kubernetes_version="v1.24")


def _seconds(call: Callable[[], Any], calls: int, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the best and the median seconds of one call."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        times.append((time.perf_counter() - started) / calls)
    return min(times), statistics.median(times)


def run() -> Iterator[str]:
    """Yield a line for each promise: what was measured, and what is promised."""
    cluster, asked = Cluster.from_objects([namespace(enforce="restricted")]), request(pod())
    assert cluster.admit(asked).allowed
    best, middle = _seconds(partial(cluster.admit, asked), 200)
    yield f"pod at restricted:latest    {best * 1e6:8.0f} µs best, {middle * 1e6:.0f} median (at most 100)"
    for count, bindings in ((20, 1000), (20, 10_000), (40, 1000)):
        old = policies(count, bindings)
        assert old.admit(asked).allowed
        best, middle = _seconds(partial(old.admit, asked), 20)
        promise = " (at most 1000)" if (count, bindings) == (20, 1000) else ""
        yield (
            f"{count} policies, {bindings:6,} bindings          {best * 1e6:8.0f} µs best, "
            f"{middle * 1e6:.0f} median{promise}"
        )
    for count in (750, 1500, 3000):
        pods = [pod(f"web-{n}", {} if n % 2 else SAFE) for n in range(count)]
        tightened = request(namespace(enforce="restricted"), namespace(), "namespaces")
        full = Cluster.from_objects([namespace(), *pods])
        assert full.admit(tightened).warnings
        best, middle = _seconds(partial(full.admit, tightened), 1, 5)
        promise = " (at most 0.5)" if count == 3000 else ""
        yield f"namespace dry run over {count:5,} pods    {best:8.3f} s best, {middle:.3f} median{promise}"
