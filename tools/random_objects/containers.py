"""Random containers, with their ports, probes, variables and resources."""

from collections.abc import Callable
from typing import Any

from .chance import Chance, Makers
from .security_contexts import make_security_context
from .values import NAMES, SIZES

IMAGES = [
    "i",
    "i:1",
    "i:latest",
    "",
    " x",
    "x ",
    "I",
    "r.io/i",
    "localhost:5000/i",
    "R/i",
    "i@sha256:" + "a" * 64,
    "i@sha256:" + "a" * 32,
    "i:1@sha256:" + "b" * 64,
    "i:",
    "a//b",
    "a" * 64,
    "i:latest ",
    "r.io/A:1",
    "\u3000x",
]


def make_container(chance: Chance, name: str, kind: str) -> dict[str, Any]:
    """Make a container for one of the lists of containers: `kind` is the field that holds it."""
    out: dict[str, Any] = {
        "name": name if chance.some(0.95) else chance.pick(NAMES),
        "image": chance.pick(IMAGES) if chance.some(0.2) else "i:1",
    }
    makers: Makers = {
        "securityContext": lambda: make_security_context(chance),
        "ports": lambda: [make_port(chance) for _ in range(chance.random.randint(0, 3))],
        "volumeMounts": lambda: [make_volume_mount(chance) for _ in range(chance.random.randint(0, 2))],
        "volumeDevices": lambda: [
            {"name": chance.pick(["v", "p", "", "x"]), "devicePath": chance.pick(["/d", "", "/../d"])}
        ],
        "env": lambda: [make_variable(chance) for _ in range(chance.random.randint(0, 3))],
        "envFrom": lambda: [
            chance.pick([{}, {"configMapRef": {"name": "n"}}, {"secretRef": {"name": ""}, "prefix": "="}])
        ],
        "resources": lambda: make_resources(chance),
        "livenessProbe": lambda: make_probe(chance),
        "readinessProbe": lambda: make_probe(chance),
        "startupProbe": lambda: make_probe(chance),
        "lifecycle": lambda: {
            chance.pick(["postStart", "preStop"]): make_handler(
                chance, {"sleep": lambda: {"seconds": chance.pick([0, 5, 100, -1])}}
            )
        },
        "restartPolicy": lambda: chance.pick(["Always", "Never", "OnFailure", "", "x"]),
        "imagePullPolicy": lambda: chance.pick(["Always", "Never", "IfNotPresent", "", "x<"]),
        "terminationMessagePolicy": lambda: chance.pick(["File", "FallbackToLogsOnError", "", "x"]),
        "resizePolicy": lambda: [
            {
                "resourceName": chance.pick(["cpu", "x", ""]),
                "restartPolicy": chance.pick(["NotRequired", "RestartContainer", ""]),
            }
        ],
    }
    out.update(chance.of(makers, 0.12))
    if kind == "initContainers" and chance.some(0.3):
        out["restartPolicy"] = "Always"
    if kind == "ephemeralContainers" and chance.some(0.5):
        out["targetContainerName"] = chance.pick(["c0", "x", ""])
    return out


def make_port(chance: Chance) -> dict[str, Any]:
    """Make a container's port, now and then out of range or with a bad name."""
    numbers = [0, 80, 8080, 65535, 65536, -1]
    return {
        "containerPort": chance.pick(numbers),
        **chance.of(
            {
                "hostPort": lambda: chance.pick(numbers),
                "name": lambda: chance.pick(["http", "", "a--b", "-a", "1", "A", "x" * 16, "é"]),
                "protocol": lambda: chance.pick(["TCP", "UDP", "SCTP", "", "x"]),
                "hostIP": lambda: chance.pick(["", "1.2.3.4", "x"]),
            },
            0.3,
        ),
    }


def make_volume_mount(chance: Chance) -> dict[str, Any]:
    """Make a mount of a volume that may not be there."""
    return {
        "name": chance.pick(["v", "v", "v2", "", "x"]),
        "mountPath": chance.pick(["/m", "/n", "", "m:x"]),
        **chance.of(
            {
                "readOnly": lambda: chance.pick([True, False]),
                "recursiveReadOnly": lambda: chance.pick(["Disabled", "Enabled", "IfPossible", "", "x"]),
                "mountPropagation": lambda: chance.pick(
                    ["None", "HostToContainer", "Bidirectional", "", "x"]
                ),
                "subPath": lambda: chance.pick(["", "a", "/a", "../a", "a/.."]),
                "subPathExpr": lambda: chance.pick(["", "$(A)", "/a", ".."]),
            },
            0.25,
        ),
    }


def make_handler(chance: Chance, extra: Makers) -> dict[str, Any]:
    """Make what a probe and a hook share, and some of the `extra` fields."""
    ports = [80, 0, 65536, "http", "", "a--b"]
    out = chance.of(
        {
            "exec": lambda: chance.pick([{}, {"command": ["x"]}]),
            "httpGet": lambda: {
                "port": chance.pick(ports),
                **chance.of(
                    {
                        "host": lambda: "h",
                        "path": lambda: "/p",
                        "scheme": lambda: chance.pick(["HTTPS", "x"]),
                        "httpHeaders": lambda: [{"name": chance.pick(["A", "a b", ""]), "value": "v"}],
                    },
                    0.3,
                ),
            },
            "tcpSocket": lambda: {"port": chance.pick(ports)},
        },
        0.45,
    )
    out.update(chance.of(extra, 0.2))
    return out


def make_probe(chance: Chance) -> dict[str, Any]:
    """Make a probe, with no handler, one or several."""
    numbers = [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ]
    extra: dict[str, Callable[[], Any]] = {key: lambda: chance.pick([0, 1, 2, -1]) for key in numbers}
    extra["terminationGracePeriodSeconds"] = lambda: chance.pick([0, 1, -1])
    extra["grpc"] = lambda: chance.pick([{"port": 1}, {"port": 0, "service": "s"}])
    return make_handler(chance, extra)


def make_variable(chance: Chance) -> dict[str, Any]:
    """Make an environment variable, with a value, a source, both or neither."""
    out: dict[str, Any] = {"name": chance.pick(["A", "A", "B", "", "a=b", "é"])}
    if chance.some(0.4):
        out["value"] = chance.pick(["", "x", "$(A)", "$(A)x"])
    if chance.some(0.4):
        out["valueFrom"] = chance.of(
            {
                "fieldRef": lambda: {
                    "fieldPath": chance.pick(
                        [
                            "metadata.name",
                            "x",
                            "",
                            "status.phase",
                            "spec.host",
                            "metadata.labels['a']",
                            "metadata.annotations['A/B/C']",
                            "spec.x['a']",
                            "metadata.labels",
                        ]
                    )
                },
                "resourceFieldRef": lambda: {
                    "resource": chance.pick(["limits.cpu", "x", "", "limits.memory"]),
                    **chance.of({"divisor": lambda: chance.pick(["1m", "1", "2", "1Ki", "0"])}, 0.5),
                },
                "configMapKeyRef": lambda: {
                    "name": chance.pick(["n", "", "N"]),
                    "key": chance.pick(["k", "", "..", "a b"]),
                },
                "secretKeyRef": lambda: {"name": chance.pick(["n", ""]), "key": "k"},
            },
            0.4,
        )
    return out


def make_resources(chance: Chance) -> dict[str, Any]:
    """Make limits and requests of one resource each."""
    names = ["cpu", "memory", "ephemeral-storage", "foo", "a.b/c", "hugepages-2Mi", "pods", "A B"]
    out = {}
    for side in ("limits", "requests"):
        if chance.some(0.6):
            out[side] = {chance.pick(names): chance.pick(SIZES)}
    return out
