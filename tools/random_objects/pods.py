"""Random specs and metadata of pods."""

from collections.abc import Callable
from typing import Any

from .chance import Chance
from .containers import make_container
from .security_contexts import make_pod_security_context
from .values import NAMES
from .volumes import make_volume

APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"


def make_spec(chance: Chance) -> dict[str, Any]:
    """Make a pod's spec."""
    out: dict[str, Any] = {
        "containers": [
            make_container(chance, f"c{i}", "containers")
            for i in range(chance.pick([1, 1, 2, 2, 3, 0] if chance.some(0.2) else [1, 2]))
        ]
    }
    if chance.some(0.3):
        out["initContainers"] = [
            make_container(chance, chance.pick(["i0", "i0", "c0"]), "initContainers")
            for _ in range(chance.pick([1, 2]))
        ]
    if chance.some(0.05):
        out["ephemeralContainers"] = [make_container(chance, chance.pick(["e", "c0"]), "ephemeralContainers")]
    if chance.some(0.5):
        out["volumes"] = [make_volume(chance) for _ in range(chance.random.randint(0, 3))]
    if chance.some(0.5):
        out["securityContext"] = make_pod_security_context(chance)
    flags = [
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "hostUsers",
        "shareProcessNamespace",
        "automountServiceAccountToken",
        "setHostnameAsFQDN",
    ]
    makers: dict[str, Callable[[], Any]] = {key: lambda: chance.pick([True, False]) for key in flags}
    makers.update(
        {
            "os": lambda: chance.pick(
                [{}, {"name": "linux"}, {"name": "windows"}, {"name": "x"}, {"name": ""}]
            ),
            "restartPolicy": lambda: chance.pick(["Always", "Never", "OnFailure", "", "x"]),
            "dnsPolicy": lambda: chance.pick(["None", "Default", "ClusterFirst", "", "x"]),
            "dnsConfig": lambda: chance.pick(
                [
                    {},
                    {"nameservers": ["1.1.1.1"]},
                    {
                        "nameservers": ["x", "01.1.1.1", "::1", "::ffff:1.2.3.4"],
                        "searches": ["a.", "A"],
                        "options": [{}],
                    },
                ]
            ),
            "hostname": lambda: chance.pick(NAMES),
            "subdomain": lambda: chance.pick(NAMES),
            "hostnameOverride": lambda: chance.pick(NAMES),
            "serviceAccountName": lambda: chance.pick(NAMES),
            "serviceAccount": lambda: chance.pick(["a", ""]),
            "nodeName": lambda: chance.pick(["n", "N", ""]),
            "runtimeClassName": lambda: chance.pick(["N", ""]) if chance.some(0.1) else "N",
            "terminationGracePeriodSeconds": lambda: chance.pick([0, 30, -1]),
            "activeDeadlineSeconds": lambda: chance.pick([0, 1, 2**31]),
            "nodeSelector": lambda: chance.pick([{"a": "b"}, {"a b": "c"}, {"a": "b c"}]),
            "imagePullSecrets": lambda: chance.pick([[{"name": "a"}, {"name": "a"}], [{}], [{"name": "a"}]]),
            "tolerations": lambda: [
                chance.pick(
                    [
                        {},
                        {"operator": "Exists"},
                        {"key": "k", "operator": "x"},
                        {"key": "k", "effect": "x"},
                        {"key": "a b", "operator": "Exists", "value": "v"},
                    ]
                )
            ],
            "hostAliases": lambda: [chance.pick([{"ip": "1.2.3.4", "hostnames": ["A"]}, {"ip": "x"}])],
            "schedulingGates": lambda: chance.pick([[{"name": "a"}, {"name": "a"}], [{"name": "a b"}]]),
            "readinessGates": lambda: [{"conditionType": chance.pick(["a", "a b"])}],
        }
    )
    out.update(chance.of(makers, 0.08))
    return out


def make_metadata(chance: Chance, *, template: bool) -> dict[str, Any]:
    """Make the metadata of an object, or of a pod's `template`."""
    out: dict[str, Any] = {"labels": {"a": "b"}} if template else {"name": "p"}
    if chance.some(0.2):
        annotations = {}
        for _ in range(chance.pick([1, 1, 2]) if not chance.some(0.1) else 1):
            key = chance.pick(
                [
                    APPARMOR + "c0",
                    SECCOMP + "c0",
                    "seccomp.security.alpha.kubernetes.io/pod",
                    APPARMOR + "x",
                    "a",
                    "a b",
                ]
            )
            annotations[key] = chance.pick(
                [
                    "unconfined",
                    "runtime/default",
                    "localhost/p",
                    "localhost/../p",
                    "",
                    'x<"é',
                    "docker/default",
                    "localhost/",
                    "localhost/ p",
                ]
            )
        if sum(key.startswith((APPARMOR, SECCOMP, "a b")) for key in annotations) > 1:
            annotations = dict([next(iter(annotations.items()))])
        out["annotations"] = annotations
    if not template and chance.some(0.1):
        out["name"] = chance.pick(["P", "a.b", "", "-a", "x" * 60, "é"])
    if not template and chance.some(0.05):
        out["labels"] = chance.pick([{"a b": "c"}, {"a": "b c"}, {"a/b/c": ""}, {"/a": ""}, {"A/b": "c"}])
    if not template and chance.some(0.05):
        out["finalizers"] = [chance.pick(["a/b", "x", "orphan"])]
    return out
