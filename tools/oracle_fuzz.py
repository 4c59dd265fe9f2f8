"""Ask a real API server and Podproof the same questions and print where the answers differ.

    python tools/oracle_fuzz.py --server https://127.0.0.1:6443 --token T --seed 1 --count 1000

Seeded random pods and workloads are made here; nothing is stored on the server (`dryRun=All`). It needs a
namespace without policy and is no part of the test suite. The whole answer of `podproof.accept` is compared:
code, message, causes, warnings, object. `--oddness` is the share of bodies that are spoilt (wrong types,
nulls, unknown and doubled fields), `--yaml` the share that is sent as YAML.
"""

import argparse
import collections
import copy
import http.client
import json
import random
import re
import ssl
import sys
import urllib.parse

UID = "00000000-0000-0000-0000-000000000000"
PATHS = {
    "Pod": ("v1", "/api/v1", "pods"),
    "PodTemplate": ("v1", "/api/v1", "podtemplates"),
    "ReplicationController": ("v1", "/api/v1", "replicationcontrollers"),
    "Deployment": ("apps/v1", "/apis/apps/v1", "deployments"),
    "ReplicaSet": ("apps/v1", "/apis/apps/v1", "replicasets"),
    "DaemonSet": ("apps/v1", "/apis/apps/v1", "daemonsets"),
    "StatefulSet": ("apps/v1", "/apis/apps/v1", "statefulsets"),
    "Job": ("batch/v1", "/apis/batch/v1", "jobs"),
    "CronJob": ("batch/v1", "/apis/batch/v1", "cronjobs"),
}
NAMES = ["c0", "c1", "v", "v2", "", "A", "a.b", "a_b", "-a", "x" * 64, "é", 'a<b>&"\n', "\u200b\x7f"]
IDS = [0, 1, 1000, 65534, 2147483647, 2147483648, -1, -(2**63), 2**63 - 1]
WINDOWS_USERS = [
    "",
    "u",
    "D\\u",
    "\\u",
    "D\\",
    "a\\b\\c",
    "a\tb",
    "x" * 105,
    ". .",
    "u@d",
    "d:1\\u",
    "d.e\\u",
    "D*\\u",
    ("d" * 256) + "\\u",
    ".d\\u",
    "d" * 16 + "\\u",
    "é\\<u>",
    "\x7f",
]
SYSCTLS = [
    "kernel.shm_rmid_forced",
    "net.ipv4.tcp_syncookies",
    "net/ipv4/tcp_syncookies",
    "",
    "A",
    "a..b",
    "kernel.msgmax",
    "kernel.shmx",
    "kernel.sem",
    "fs.mqueue.x",
    "a" * 254,
    "net.ipv4.conf.eno2/100.rp_filter",
    "*",
    "net.*",
]
SIZES = ["1", "100m", "1Gi", "1.5", "0.5", "-1", "1e3", "1k", "0", "128974848", "1500Mi", "0.1Mi", "1234n"]
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
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


class Generator:
    """Makes objects with few faults each, so that no fault hides the rest."""

    def __init__(self, seed: int, density: float) -> None:
        self.density = density
        self.random = random.Random(seed)

    def some(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, values: list) -> object:
        return copy.deepcopy(self.random.choice(values))

    def of(self, makers: dict, probability: float) -> dict:
        return {key: maker() for key, maker in makers.items() if self.some(probability * self.density)}

    def profile(self, kinds: list) -> dict:
        out = {"type": self.pick(kinds)} if self.some(0.9) else {}
        if self.some(0.5):
            names = ["", "p", "/p", "../p", "a/../b", " p", "p ", "x" * 4096, "a<b", "é\u00a0"]
            out["localhostProfile"] = self.pick(names)
        return out

    def windows(self) -> dict:
        return self.of(
            {
                "runAsUserName": lambda: self.pick(WINDOWS_USERS),
                "hostProcess": lambda: self.pick([True, False]),
                "gmsaCredentialSpecName": lambda: self.pick(["g", "G", "", "a<b", "x" * 254]),
                "gmsaCredentialSpec": lambda: self.pick(["", "s", "x" * 65537]),
            },
            0.4,
        )

    def context(self) -> dict:
        kinds = ["Localhost", "RuntimeDefault", "Unconfined", "", "x", "a<b"]
        capabilities = ["SYS_ADMIN", "CAP_SYS_ADMIN", "ALL", "", "x"]
        return self.of(
            {
                "runAsUser": lambda: self.pick(IDS),
                "runAsGroup": lambda: self.pick(IDS),
                "runAsNonRoot": lambda: self.pick([True, False]),
                "privileged": lambda: self.pick([True, False]),
                "allowPrivilegeEscalation": lambda: self.pick([True, False]),
                "readOnlyRootFilesystem": lambda: self.pick([True, False]),
                "procMount": lambda: self.pick(["Default", "Unmasked", "", "x<y"]),
                "capabilities": lambda: self.of(
                    {
                        "add": lambda: [self.pick(capabilities) for _ in range(self.random.randint(0, 2))],
                        "drop": lambda: ["ALL"],
                    },
                    0.7,
                ),
                "seLinuxOptions": lambda: self.pick([{}, {"user": "u"}, {"type": "t", "level": "s0"}]),
                "seccompProfile": lambda: self.profile(kinds),
                "appArmorProfile": lambda: self.profile(kinds),
                "windowsOptions": self.windows,
            },
            0.2,
        )

    def pod_context(self) -> dict:
        out = self.context()
        for key in (
            "privileged",
            "allowPrivilegeEscalation",
            "readOnlyRootFilesystem",
            "procMount",
            "capabilities",
        ):
            out.pop(key, None)
        out.update(
            self.of(
                {
                    "fsGroup": lambda: self.pick(IDS),
                    "supplementalGroups": lambda: [self.pick(IDS) for _ in range(self.random.randint(0, 3))],
                    "supplementalGroupsPolicy": lambda: self.pick(["Merge", "Strict", "", "x"]),
                    "fsGroupChangePolicy": lambda: self.pick(["Always", "OnRootMismatch", "", "x"]),
                    "seLinuxChangePolicy": lambda: self.pick(["Recursive", "MountOption", "", "x"]),
                    "sysctls": lambda: [
                        {"name": self.pick(SYSCTLS), "value": "1"} for _ in range(self.random.randint(0, 3))
                    ],
                },
                0.2,
            )
        )
        return out

    def port(self) -> dict:
        numbers = [0, 80, 8080, 65535, 65536, -1]
        return {
            "containerPort": self.pick(numbers),
            **self.of(
                {
                    "hostPort": lambda: self.pick(numbers),
                    "name": lambda: self.pick(["http", "", "a--b", "-a", "1", "A", "x" * 16, "é"]),
                    "protocol": lambda: self.pick(["TCP", "UDP", "SCTP", "", "x"]),
                    "hostIP": lambda: self.pick(["", "1.2.3.4", "x"]),
                },
                0.3,
            ),
        }

    def mount(self) -> dict:
        return {
            "name": self.pick(["v", "v", "v2", "", "x"]),
            "mountPath": self.pick(["/m", "/n", "", "m:x"]),
            **self.of(
                {
                    "readOnly": lambda: self.pick([True, False]),
                    "recursiveReadOnly": lambda: self.pick(["Disabled", "Enabled", "IfPossible", "", "x"]),
                    "mountPropagation": lambda: self.pick(
                        ["None", "HostToContainer", "Bidirectional", "", "x"]
                    ),
                    "subPath": lambda: self.pick(["", "a", "/a", "../a", "a/.."]),
                    "subPathExpr": lambda: self.pick(["", "$(A)", "/a", ".."]),
                },
                0.25,
            ),
        }

    def handler(self, extra: dict) -> dict:
        ports = [80, 0, 65536, "http", "", "a--b"]
        out = self.of(
            {
                "exec": lambda: self.pick([{}, {"command": ["x"]}]),
                "httpGet": lambda: {
                    "port": self.pick(ports),
                    **self.of(
                        {
                            "host": lambda: "h",
                            "path": lambda: "/p",
                            "scheme": lambda: self.pick(["HTTPS", "x"]),
                            "httpHeaders": lambda: [{"name": self.pick(["A", "a b", ""]), "value": "v"}],
                        },
                        0.3,
                    ),
                },
                "tcpSocket": lambda: {"port": self.pick(ports)},
            },
            0.45,
        )
        out.update(self.of(extra, 0.2))
        return out

    def probe(self) -> dict:
        numbers = [
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
        ]
        extra = {key: lambda: self.pick([0, 1, 2, -1]) for key in numbers}
        extra["terminationGracePeriodSeconds"] = lambda: self.pick([0, 1, -1])
        extra["grpc"] = lambda: self.pick([{"port": 1}, {"port": 0, "service": "s"}])
        return self.handler(extra)

    def variable(self) -> dict:
        out = {"name": self.pick(["A", "A", "B", "", "a=b", "é"])}
        if self.some(0.4):
            out["value"] = self.pick(["", "x", "$(A)", "$(A)x"])
        if self.some(0.4):
            out["valueFrom"] = self.of(
                {
                    "fieldRef": lambda: {
                        "fieldPath": self.pick(
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
                        "resource": self.pick(["limits.cpu", "x", "", "limits.memory"]),
                        **self.of({"divisor": lambda: self.pick(["1m", "1", "2", "1Ki", "0"])}, 0.5),
                    },
                    "configMapKeyRef": lambda: {
                        "name": self.pick(["n", "", "N"]),
                        "key": self.pick(["k", "", "..", "a b"]),
                    },
                    "secretKeyRef": lambda: {"name": self.pick(["n", ""]), "key": "k"},
                },
                0.4,
            )
        return out

    def resources(self) -> dict:
        names = ["cpu", "memory", "ephemeral-storage", "foo", "a.b/c", "hugepages-2Mi", "pods", "A B"]
        out = {}
        for side in ("limits", "requests"):
            if self.some(0.6):
                out[side] = {self.pick(names): self.pick(SIZES)}
        return out

    def container(self, name: str, kind: str) -> dict:
        out = {
            "name": name if self.some(0.95) else self.pick(NAMES),
            "image": self.pick(IMAGES) if self.some(0.2) else "i:1",
        }
        makers = {
            "securityContext": self.context,
            "ports": lambda: [self.port() for _ in range(self.random.randint(0, 3))],
            "volumeMounts": lambda: [self.mount() for _ in range(self.random.randint(0, 2))],
            "volumeDevices": lambda: [
                {"name": self.pick(["v", "p", "", "x"]), "devicePath": self.pick(["/d", "", "/../d"])}
            ],
            "env": lambda: [self.variable() for _ in range(self.random.randint(0, 3))],
            "envFrom": lambda: [
                self.pick([{}, {"configMapRef": {"name": "n"}}, {"secretRef": {"name": ""}, "prefix": "="}])
            ],
            "resources": self.resources,
            "livenessProbe": self.probe,
            "readinessProbe": self.probe,
            "startupProbe": self.probe,
            "lifecycle": lambda: {
                self.pick(["postStart", "preStop"]): self.handler(
                    {"sleep": lambda: {"seconds": self.pick([0, 5, 100, -1])}}
                )
            },
            "restartPolicy": lambda: self.pick(["Always", "Never", "OnFailure", "", "x"]),
            "imagePullPolicy": lambda: self.pick(["Always", "Never", "IfNotPresent", "", "x<"]),
            "terminationMessagePolicy": lambda: self.pick(["File", "FallbackToLogsOnError", "", "x"]),
            "resizePolicy": lambda: [
                {
                    "resourceName": self.pick(["cpu", "x", ""]),
                    "restartPolicy": self.pick(["NotRequired", "RestartContainer", ""]),
                }
            ],
        }
        out.update(self.of(makers, 0.12))
        if kind == "initContainers" and self.some(0.3):
            out["restartPolicy"] = "Always"
        if kind == "ephemeralContainers" and self.some(0.5):
            out["targetContainerName"] = self.pick(["c0", "x", ""])
        return out

    def volume(self) -> dict:
        items = [
            {
                "key": self.pick(["k", ""]),
                "path": self.pick(["p", "", "/p", "..p", "../p", "a/b"]),
                "mode": self.pick([0, 511, 512, -1]),
            }
        ]
        sources = {
            "hostPath": lambda: {
                "path": self.pick(["/", "", "/../x", "a"]),
                **self.of({"type": lambda: self.pick(["", "File", "x"])}, 0.4),
            },
            "emptyDir": lambda: self.of(
                {"sizeLimit": lambda: self.pick(SIZES), "medium": lambda: self.pick(["", "Memory", "x"])}, 0.4
            ),
            "secret": lambda: {
                "secretName": self.pick(["s", ""]),
                **self.of({"items": lambda: items, "defaultMode": lambda: self.pick([0, 420, 512, -1])}, 0.4),
            },
            "configMap": lambda: {
                "name": self.pick(["s", ""]),
                **self.of({"items": lambda: items, "defaultMode": lambda: self.pick([0, 512])}, 0.4),
            },
            "persistentVolumeClaim": lambda: {"claimName": self.pick(["c", ""])},
            "nfs": lambda: {"server": self.pick(["s", ""]), "path": self.pick(["/p", "", "p"])},
            "downwardAPI": lambda: {
                "items": [
                    self.pick(
                        [
                            {"path": "p"},
                            {"path": "", "fieldRef": {"fieldPath": "metadata.name"}},
                            {"path": "p", "resourceFieldRef": {"resource": "limits.cpu"}},
                        ]
                    )
                ]
            },
            "projected": lambda: {
                "sources": [
                    self.pick(
                        [
                            {},
                            {"secret": {"name": "s", "items": items}},
                            {"serviceAccountToken": {"path": "p", "expirationSeconds": 1}},
                            {"configMap": {"name": ""}, "secret": {"name": "a"}},
                            {"serviceAccountToken": {"path": "/p"}},
                        ]
                    )
                    for _ in range(2)
                ]
            },
            "csi": lambda: {
                "driver": self.pick(["d", "", "D.e", "x" * 64, "a_b"]),
                **self.of(
                    {"nodePublishSecretRef": lambda: self.pick([{}, {"name": "n"}, {"name": "N"}])}, 0.4
                ),
            },
            "image": lambda: self.of(
                {
                    "reference": lambda: self.pick(["r", "", "r:1"]),
                    "pullPolicy": lambda: self.pick(["Always", "x"]),
                },
                0.6,
            ),
            "gitRepo": lambda: {
                "repository": self.pick(["r", ""]),
                **self.of({"directory": lambda: self.pick(["/a", "..", "a"])}, 0.5),
            },
            "iscsi": lambda: {
                "targetPortal": "1.2.3.4",
                "iqn": self.pick(["iqn.2001-04.com.example:s", "x", "iqn.x", ""]),
                "lun": self.pick([0, 256]),
            },
            "flexVolume": lambda: {"driver": self.pick(["d", ""])},
            "gcePersistentDisk": lambda: {"pdName": self.pick(["p", ""]), "partition": self.pick([0, 256])},
            "awsElasticBlockStore": lambda: {
                "volumeID": self.pick(["p", ""]),
                "partition": self.pick([0, 256]),
            },
            "rbd": lambda: {"monitors": self.pick([["m"], []]), "image": self.pick(["i", ""])},
            "cephfs": lambda: {"monitors": self.pick([["m"], []])},
            "fc": lambda: self.pick(
                [
                    {},
                    {"targetWWNs": ["a"]},
                    {"wwids": ["a"]},
                    {"targetWWNs": ["a"], "wwids": ["b"], "lun": 300},
                ]
            ),
            "azureDisk": lambda: {
                "diskName": "d",
                "diskURI": self.pick(["https://x", "/subscriptions/x", "x"]),
                **self.of(
                    {
                        "kind": lambda: self.pick(["Managed", "Dedicated", "x"]),
                        "cachingMode": lambda: self.pick(["None", "x"]),
                    },
                    0.5,
                ),
            },
            "storageos": lambda: self.pick([{}, {"volumeName": "V", "secretRef": {}}]),
            "ephemeral": lambda: self.pick([{}]),
            "glusterfs": lambda: {"endpoints": self.pick(["e", ""]), "path": "p"},
            "quobyte": lambda: {
                "registry": self.pick(["h:1", "h", "", "h:1,x"]),
                "volume": self.pick(["v", ""]),
            },
        }
        out = {"name": self.pick(["v", "v", "v2", "p", *NAMES[4:8]])}
        for _ in range(self.pick([0, 1, 1, 1, 1, 1, 2])):
            key = self.pick(list(sources))
            out[key] = sources[key]()
        return out

    def spec(self) -> dict:
        out = {
            "containers": [
                self.container(f"c{i}", "containers")
                for i in range(self.pick([1, 1, 2, 2, 3, 0] if self.some(0.2) else [1, 2]))
            ]
        }
        if self.some(0.3):
            out["initContainers"] = [
                self.container(self.pick(["i0", "i0", "c0"]), "initContainers")
                for _ in range(self.pick([1, 2]))
            ]
        if self.some(0.05):
            out["ephemeralContainers"] = [self.container(self.pick(["e", "c0"]), "ephemeralContainers")]
        if self.some(0.5):
            out["volumes"] = [self.volume() for _ in range(self.random.randint(0, 3))]
        if self.some(0.5):
            out["securityContext"] = self.pod_context()
        flags = [
            "hostNetwork",
            "hostPID",
            "hostIPC",
            "hostUsers",
            "shareProcessNamespace",
            "automountServiceAccountToken",
            "setHostnameAsFQDN",
        ]
        makers = {key: lambda: self.pick([True, False]) for key in flags}
        makers.update(
            {
                "os": lambda: self.pick(
                    [{}, {"name": "linux"}, {"name": "windows"}, {"name": "x"}, {"name": ""}]
                ),
                "restartPolicy": lambda: self.pick(["Always", "Never", "OnFailure", "", "x"]),
                "dnsPolicy": lambda: self.pick(["None", "Default", "ClusterFirst", "", "x"]),
                "dnsConfig": lambda: self.pick(
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
                "hostname": lambda: self.pick(NAMES),
                "subdomain": lambda: self.pick(NAMES),
                "hostnameOverride": lambda: self.pick(NAMES),
                "serviceAccountName": lambda: self.pick(NAMES),
                "serviceAccount": lambda: self.pick(["a", ""]),
                "nodeName": lambda: self.pick(["n", "N", ""]),
                "runtimeClassName": lambda: self.pick(["N", ""]) if self.some(0.1) else "N",
                "terminationGracePeriodSeconds": lambda: self.pick([0, 30, -1]),
                "activeDeadlineSeconds": lambda: self.pick([0, 1, 2**31]),
                "nodeSelector": lambda: self.pick([{"a": "b"}, {"a b": "c"}, {"a": "b c"}]),
                "imagePullSecrets": lambda: self.pick(
                    [[{"name": "a"}, {"name": "a"}], [{}], [{"name": "a"}]]
                ),
                "tolerations": lambda: [
                    self.pick(
                        [
                            {},
                            {"operator": "Exists"},
                            {"key": "k", "operator": "x"},
                            {"key": "k", "effect": "x"},
                            {"key": "a b", "operator": "Exists", "value": "v"},
                        ]
                    )
                ],
                "hostAliases": lambda: [self.pick([{"ip": "1.2.3.4", "hostnames": ["A"]}, {"ip": "x"}])],
                "schedulingGates": lambda: self.pick([[{"name": "a"}, {"name": "a"}], [{"name": "a b"}]]),
                "readinessGates": lambda: [{"conditionType": self.pick(["a", "a b"])}],
            }
        )
        out.update(self.of(makers, 0.08))
        return out

    def metadata(self, template: bool) -> dict:
        out = {"labels": {"a": "b"}} if template else {"name": "p"}
        if self.some(0.2):
            annotations = {}
            for _ in range(self.pick([1, 1, 2]) if not self.some(0.1) else 1):
                key = self.pick(
                    [
                        APPARMOR + "c0",
                        SECCOMP + "c0",
                        "seccomp.security.alpha.kubernetes.io/pod",
                        APPARMOR + "x",
                        "a",
                        "a b",
                    ]
                )
                annotations[key] = self.pick(
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
        if not template and self.some(0.1):
            out["name"] = self.pick(["P", "a.b", "", "-a", "x" * 60, "é"])
        if not template and self.some(0.05):
            out["labels"] = self.pick([{"a b": "c"}, {"a": "b c"}, {"a/b/c": ""}, {"/a": ""}, {"A/b": "c"}])
        if not template and self.some(0.05):
            out["finalizers"] = [self.pick(["a/b", "x", "orphan"])]
        return out

    def object(self) -> tuple[str, dict]:
        kind = "Pod" if self.some(0.6) else self.pick(list(PATHS))
        out = {"apiVersion": PATHS[kind][0], "kind": kind, "metadata": self.metadata(False)}
        if kind == "Pod":
            out["spec"] = self.spec()
            return kind, out
        template = {"metadata": self.metadata(True), "spec": self.spec()}
        if kind == "PodTemplate":
            out["template"] = template
        elif kind == "CronJob":
            template["spec"].setdefault("restartPolicy", "Never")
            out["spec"] = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}}
        elif kind == "Job":
            template["spec"].setdefault("restartPolicy", "Never")
            out["spec"] = {
                "template": template,
                **self.of(
                    {
                        "completionMode": lambda: self.pick(["Indexed", "x"]),
                        "parallelism": lambda: -1,
                        "backoffLimit": lambda: 3,
                    },
                    0.1,
                ),
            }
        else:
            selector = {"a": "b"} if self.some(0.93) else self.pick([{"a": "c"}, {}, {"a b": "c"}])
            out["spec"] = {
                "template": template,
                "selector": selector if kind == "ReplicationController" else {"matchLabels": selector},
            }
            if self.some(0.05):
                del out["spec"]["selector"]
            out["spec"].update(
                self.of(
                    {"replicas": lambda: self.pick([-1, 2]), "minReadySeconds": lambda: self.pick([-1, 700])},
                    0.08,
                )
            )
            if kind == "Deployment" and self.some(0.2):
                out["spec"]["strategy"] = self.pick(
                    [
                        {"type": "Recreate"},
                        {"type": "x"},
                        {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}},
                        {"type": "Recreate", "rollingUpdate": {}},
                        {"rollingUpdate": {"maxUnavailable": "101%", "maxSurge": "x"}},
                    ]
                )
            if kind in ("DaemonSet", "StatefulSet") and self.some(0.2):
                out["spec"]["updateStrategy"] = self.pick(
                    [{"type": "OnDelete"}, {"type": "x"}, {"rollingUpdate": {"maxUnavailable": 0}}]
                )
        return kind, out


ODD = [
    *(None, True, False, 0, 1, -1, 5, 1000, 2**31, 2**63, -(2**63) - 1, 1.5, "", "x", "5", "true", [], {}),
    *([None], [1], ["x"], {"x": 1}, [[]], [{}]),
]
LITERALS = [
    "1.0",
    "1e3",
    "1E3",
    "1e400",
    "-0",
    "-0.0",
    "0.0",
    "1000.0",
    "1e18",
    "9223372036854775808",
    "1e-7",
]
UNKNOWN = [
    *("privileged", "runAsUser", "runasuser", "capabilities", "add", "readonlyRootFilesystem", "sysctls"),
    *(
        "hostNetwork",
        "hostnetwork",
        "securityContext",
        "securitycontext",
        "volumes",
        "foo",
        "a.b",
        "",
        "é",
        'x"',
    ),
    *("drop", "fsGroup", "image", "name", "spec", "template", "status", "Kind", "APIVERSION", "metadata"),
]
YAML_SCALARS = [
    *("yes", "No", "on", "OFF", "y", "n", "~", "null", "Null", "", "=", "0x10", "0b11", "0o17", "017", "08"),
    *(
        "1_000",
        "1_0.5",
        "1e3",
        "1.0",
        "1000.0",
        "-.inf",
        ".nan",
        "+1",
        "-0",
        "12:30",
        "1:2:3.5",
        "2001-01-01",
    ),
    *(
        "2001-01-01T00:00:00Z",
        "!!str 5",
        "!!int '5'",
        "!!float 5",
        "!!bool 'yes'",
        "!!binary eA==",
        "'5'",
        '"5"',
    ),
    *("*a", "&b 5", "!foo 5", "[]", "{}", "[1, 2]", "{a: b}", "|\n          x", "<<", "0x", ".5", "5.", "1e"),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e400",
        "@x",
        "`x",
        "%x",
        "- x",
        "a: b",
    ),
    *(
        "'it''s'",
        '"\\x41"',
        '"\\u00e9"',
        "é",
        "a #b",
        "a#b",
        "?x",
        "-x",
        ":x",
        "!!null x",
        "!!map x",
        "True",
        "TRUE",
        "tRUE",
    ),
]


class Spoiler:
    """Spoils objects in ways that decoding notices, and writes them as JSON or YAML."""

    def __init__(self, chance: random.Random) -> None:
        self.random = chance

    def spoil(self, value: dict) -> None:
        """Change a few places of an object."""
        for _ in range(self.random.choice((1, 1, 2, 3, 5))):
            places = list(places_of(value, None, None, 0))
            holder, key, _ = self.random.choice(
                [p for p in places if self.random.random() < p[2] * 0.15] or places
            )
            how = self.random.random()
            if how < 0.5:
                holder[key] = self.odd()
            elif how < 0.8 and isinstance(holder, dict):
                holder[self.random.choice(UNKNOWN)] = self.odd()
            elif isinstance(holder, dict):
                # one key twice: the text is made so in `text`
                holder[Twice(key)] = self.odd() if self.random.random() < 0.6 else holder[key]
            elif isinstance(holder, list):
                holder.insert(self.random.randint(0, len(holder)), self.odd())

    def odd(self) -> object:
        if self.random.random() < 0.15:
            return Literal(self.random.choice(LITERALS))
        return copy.deepcopy(self.random.choice(ODD))

    def text(self, value: object) -> str:
        """Write JSON with doubled keys and odd literals."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(str(k))}: {self.text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.text(item) for item in value) + "]"
        return str(value) if isinstance(value, Literal) else json.dumps(value)

    def yaml(self, value: object, indent: int = 0) -> str:
        """Write block YAML, now and then with an odd scalar."""
        pad = "  " * indent
        if isinstance(value, dict) and value:
            lines = []
            for key, item in value.items():
                nested = isinstance(item, dict | list) and item and self.random.random() < 0.95
                name = key if re.fullmatch("[a-zA-Z]+", key) else json.dumps(str(key))
                text = "\n" + self.yaml(item, indent + 1) if nested else " " + self.scalar(item)
                lines.append(f"{pad}{name}:{text}")
            return "\n".join(lines)
        if isinstance(value, list) and value:
            return "\n".join(
                f"{pad}-\n{self.yaml(item, indent + 1)}"
                if isinstance(item, dict | list) and item
                else f"{pad}- {self.scalar(item)}"
                for item in value
            )
        return pad + self.scalar(value)

    def scalar(self, value: object) -> str:
        return self.random.choice(YAML_SCALARS) if self.random.random() < 0.03 else self.text(value)


class Twice(str):
    """A key that equals no other, so that a dict holds it twice."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Literal(str):
    """A number as it is to be written."""

    __slots__ = ()


def places_of(value: object, holder: object, key: object, depth: int):
    """Yield holder, key and weight of every place below a value."""
    if holder is not None:
        yield holder, key, depth
    for name, item in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places_of(item, value, name, depth + 1)


def ask(
    connection: http.client.HTTPSConnection,
    token: str,
    namespace: str,
    kind: str,
    body: str,
    media: str,
    how: str,
) -> tuple[int, dict, list[str]]:
    """Create an object without storing it; gives code, answer and warnings."""
    _, base, plural = PATHS[kind]
    path = f"{base}/namespaces/{namespace}/{plural}?dryRun=All&fieldValidation={how}"
    connection.request(
        "POST", path, body.encode(), {"Authorization": f"Bearer {token}", "Content-Type": media}
    )
    response = connection.getresponse()
    answer = json.loads(response.read())
    texts = [value for name, value in response.getheaders() if name.lower() == "warning"]
    return response.status, answer, [text.encode("latin-1").decode() for text in texts]


def normal(answer: object) -> dict:
    """Leave out of an object what admission plugins, the clock and chance put there."""
    text = json.dumps(answer)
    uid = answer["metadata"].get("uid")
    answer = json.loads(text.replace(uid, UID)) if uid else json.loads(text)
    for key in ("uid", "creationTimestamp", "managedFields", "generation"):
        answer["metadata"].pop(key, None)
    answer.pop("status", None)
    if answer["kind"] == "Pod":
        for key in ("tolerations", "priority", "preemptionPolicy"):
            answer["spec"].pop(key, None)
    return answer


def unlike(mine: object, theirs: object, path: str = ""):
    """Yield where two objects differ; empty values that the server leaves out are equal to absent ones."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in sorted({*mine, *theirs}):
            if key not in mine:
                if theirs[key] not in ("", 0, False, {}, []):
                    yield f"{path}.{key}: missing {theirs[key]!r}"
            elif key not in theirs:
                if mine[key] not in ("", 0, False, {}, []):
                    yield f"{path}.{key}: surplus {mine[key]!r}"
            else:
                yield from unlike(mine[key], theirs[key], f"{path}.{key}")
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for index, (left, right) in enumerate(zip(mine, theirs, strict=True)):
            yield from unlike(left, right, f"{path}[{index}]")
    elif mine != theirs:
        yield f"{path}: {mine!r}, server {theirs!r}"


def parts(message: str | None) -> list[str]:
    """Cut a message of causes, whose order is random in places."""
    return sorted(re.split(r", (?=[a-z])", (message or "").replace("[", "").replace("]", "")))


def by_place(cause: dict) -> tuple[str, str]:
    """Order causes that the server gives in random order."""
    return cause["field"].partition("resources")[0], json.dumps(cause)


def order(mine: list, theirs: list) -> str:
    """Show causes that are the same but come in another order or number."""
    shown = [[f"{cause['field']}: {cause['message'][:40]}" for cause in causes] for causes in (mine, theirs)]
    return f"order of causes: {shown[0]}, server {shown[1]}"


def compare(mine: object, code: int, answer: dict, warned: list[str]) -> list[str]:
    """Say where Podproof's answer and the server's differ."""
    found = []
    if mine.code != code:
        return [f"code {mine.code}, server {code}", f"mine {mine.message}", f"server {answer.get('message')}"]
    if code == 201:
        left, right = normal(mine.object), normal(answer)
        if left != right:
            found += list(unlike(left, right)) or ["objects differ in empty values"]
    else:
        theirs, message = answer.get("details", {}).get("causes", []), answer["message"]
        theirs = [{key: cause.get(key, "") for key in ("reason", "message", "field")} for cause in theirs]
        uid = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", json.dumps(theirs))
        if uid:
            theirs = json.loads(json.dumps(theirs).replace(uid[0], UID))
            message = message.replace(uid[0], UID)
        causes = [dict(cause) for cause in mine.causes]
        random_order = "resources" in json.dumps(theirs)  # the server walks resource maps in random order
        if random_order:
            theirs, causes = sorted(theirs, key=by_place), sorted(causes, key=by_place)
        if theirs != causes:
            rest = [cause for cause in causes if cause not in theirs]
            lost = [cause for cause in theirs if cause not in causes]
            found.append(f"causes: missing {lost}, surplus {rest}" if rest or lost else order(causes, theirs))
        same = parts(mine.message) == parts(message) if random_order else mine.message == message
        if not same:
            found.append(f"message {mine.message!r}\n  server  {message!r}")
        if mine.reason != answer.get("reason"):
            found.append(f"reason {mine.reason}, server {answer.get('reason')}")
    texts = [json.loads('"' + text[len('299 - "') :]) for text in warned]
    if texts != list(mine.warnings) and sum(map(len, mine.warnings)) < 4096:
        found.append(f"warnings: {list(mine.warnings)}, server {texts}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="https://127.0.0.1:6443")
    parser.add_argument("--token", required=True)
    parser.add_argument("--namespace", default="oracle")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--density", type=float, default=1.0, help="how many fields are set")
    parser.add_argument("--oddness", type=float, default=0.3, help="share of bodies that are spoilt")
    parser.add_argument("--yaml", type=float, default=0.2, help="share of bodies that are YAML")
    options = parser.parse_args()
    from podproof import accept

    url = urllib.parse.urlsplit(options.server)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(url.hostname or "", url.port or 443, context=context)
    generator, tally, shown = Generator(options.seed, options.density), collections.Counter(), 0
    spoiler = Spoiler(generator.random)
    for _ in range(options.count):
        kind, obj = generator.object()
        if generator.some(options.oddness):
            spoiler.spoil(obj)
        yaml = generator.some(options.yaml)
        body = spoiler.yaml(obj) if yaml else spoiler.text(obj)
        media = f"application/{'yaml' if yaml else 'json'}"
        how = generator.pick(["Strict", "Strict", "Strict", "Strict", "Warn", "Ignore"])
        code, answer, warned = ask(connection, options.token, options.namespace, kind, body, media, how)
        if code not in (201, 400, 422):
            tally[f"skipped {code}"] += 1
            continue
        mine = accept(body, kind=kind, namespace=options.namespace, content_type=media, field_validation=how)
        found = compare(mine, code, answer, warned)
        tally[f"{code} {'differs' if found else 'agrees'}"] += 1
        if found and shown < options.show:
            shown += 1
            print(kind, media, how, body[:3000], *found, "", sep="\n  ")
    print(dict(tally))
    return int(any("differs" in key for key in tally))


if __name__ == "__main__":
    sys.exit(main())
