"""Compares Podproof with upstream's own library on random pods, text for text.

    PYTHONPATH=src python tools/pod_security_oracle/compare.py [COUNT] [SEED]

Needs Go (development time only). Nothing is defaulted on either side. Prints the first differences; the exit
code is 1 when there are any.
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from podproof.kube.versions import NEWEST
from podproof.policies.pod_security import evaluate

HERE = Path(__file__).parent
NAMES = ["web", "a", "b", "", 'q"uote', "ü", "x" * 70, "\u2028", "tab\t"]
SOURCES = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
]
SYSCTLS = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_notsent_lowat",
    "kernel.msgmax",
    "net/ipv4/tcp_syncookies",
]
CAPABILITIES = [
    "ALL",
    "all",
    "NET_BIND_SERVICE",
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "NET_RAW",
    "SYS_ADMIN",
    "CAP_CHOWN",
    "",
    'Q"',
]
PROFILES = ["RuntimeDefault", "Localhost", "Unconfined", "", "runtimeDefault", None]
PROC = ["Default", "Unmasked", "", "default", None]
TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", "", "Z", None]
ANNOTATIONS = [
    *("", "runtime/default", "docker/default", "localhost/x", "unconfined", 'é"\\', "\u0007\n", "\U0001f600"),
    *(
        "\u200b",
        "\ufeff",
        "\U000e0001",
        "\u0378",
        "\x7f",
        "\u00ad",
        "\ufffd",
        "\u3000",
        "\U0001fae8",
        "\ue000",
    ),
]


class Pods:
    """Random pods, most of them near the border."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, target: dict[str, Any], key: str, make: Any, chance: float = 0.35) -> None:
        if self.random.random() < chance:
            target[key] = make() if self.random.random() > 0.06 else None

    def some(self, values: list[Any], most: int = 3) -> list[Any]:
        return [self.random.choice(values) for _ in range(self.random.randint(0, most))]

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def either_context(self) -> dict[str, Any]:
        r, sc = self.random, dict[str, Any]()
        self.maybe(sc, "runAsNonRoot", lambda: r.random() < 0.8)
        self.maybe(sc, "runAsUser", lambda: self.pick(0, 1, 1000, 1000))
        self.maybe(sc, "seccompProfile", lambda: {"type": r.choice([*PROFILES[:2] * 3, *PROFILES])})
        self.maybe(sc, "appArmorProfile", lambda: {"type": r.choice([*PROFILES[:2] * 3, *PROFILES])}, 0.15)
        self.maybe(sc, "windowsOptions", lambda: {"hostProcess": self.pick(True, False, None)}, 0.1)
        self.maybe(sc, "seLinuxOptions", self.selinux, 0.15)
        return sc

    def selinux(self) -> dict[str, Any]:
        out: dict[str, Any] = {"type": self.random.choice(TYPES)}
        self.maybe(out, "user", lambda: self.pick("", "u", "system_u"), 0.2)
        self.maybe(out, "role", lambda: self.pick("", "r"), 0.2)
        self.maybe(out, "level", lambda: "s0", 0.2)
        return out

    def context(self) -> dict[str, Any]:
        sc = self.either_context()
        self.maybe(sc, "privileged", lambda: self.random.random() < 0.3, 0.2)
        self.maybe(sc, "allowPrivilegeEscalation", lambda: self.random.random() < 0.15, 0.8)
        self.maybe(sc, "procMount", lambda: self.random.choice(PROC), 0.15)
        self.maybe(sc, "capabilities", self.capabilities, 0.75)
        return sc

    def capabilities(self) -> dict[str, Any]:
        out = dict[str, Any]()
        self.maybe(out, "drop", lambda: self.pick(["ALL"], ["ALL"], self.some(CAPABILITIES)), 0.85)
        self.maybe(out, "add", lambda: self.pick(["NET_BIND_SERVICE"], self.some(CAPABILITIES)), 0.3)
        return out

    def handler(self) -> dict[str, Any]:
        out = dict[str, Any]()
        hosts = ("", "", "127.0.0.1", "::1", "x.example", None)
        self.maybe(out, "httpGet", lambda: {"host": self.pick(*hosts)}, 0.5)
        self.maybe(out, "tcpSocket", lambda: {"host": self.pick(*hosts)}, 0.3)
        return out

    def container(self) -> dict[str, Any]:
        out: dict[str, Any] = {"name": self.random.choice(NAMES)}
        self.maybe(out, "securityContext", self.context, 0.9)
        ports = [
            {},
            {"hostPort": 0},
            {"hostPort": 80},
            {"hostPort": 443},
            {"hostPort": 9},
            {"containerPort": 8080},
        ]
        self.maybe(out, "ports", lambda: self.some(ports), 0.3)
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            self.maybe(out, probe, self.handler, 0.1)
        self.maybe(out, "lifecycle", lambda: {self.pick("postStart", "preStop"): self.handler()}, 0.1)
        return out

    def volume(self) -> dict[str, Any]:
        out: dict[str, Any] = {"name": self.random.choice(NAMES)}
        for source in self.some(SOURCES, 2):
            out[source] = self.pick({}, {}, {}, None)
        return out

    def annotations(self) -> dict[str, Any]:
        keys = [
            *("container.apparmor.security.beta.kubernetes.io/" + n for n in NAMES),
            *("container.seccomp.security.alpha.kubernetes.io/" + n for n in NAMES),
            "seccomp.security.alpha.kubernetes.io/pod",
            "other",
        ]
        return {key: self.random.choice(ANNOTATIONS) for key in self.some(keys, 4)}

    def pod_context(self) -> dict[str, Any]:
        sc = self.either_context()
        self.maybe(sc, "sysctls", lambda: [{"name": n} for n in self.some(SYSCTLS)] + self.some([{}], 1), 0.2)
        return sc

    def pod(self) -> dict[str, Any]:
        spec = dict[str, Any]()
        self.maybe(
            spec, "initContainers", lambda: [self.container() for _ in range(self.random.randint(0, 2))]
        )
        self.maybe(
            spec, "containers", lambda: [self.container() for _ in range(self.random.randint(0, 3))], 0.95
        )
        self.maybe(spec, "ephemeralContainers", lambda: [self.container()], 0.1)
        self.maybe(spec, "securityContext", self.pod_context, 0.7)
        self.maybe(spec, "volumes", lambda: [self.volume() for _ in range(self.random.randint(0, 3))], 0.3)
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            self.maybe(spec, field, lambda: self.random.random() < 0.5, 0.1)
        self.maybe(spec, "hostUsers", lambda: self.random.random() < 0.5, 0.2)
        self.maybe(
            spec, "os", lambda: {"name": self.pick("windows", "windows", "linux", "Windows", "")}, 0.15
        )
        pod: dict[str, Any] = {"spec": spec}
        self.maybe(pod, "metadata", lambda: {"annotations": self.annotations()}, 0.4)
        return pod


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    pods = Pods(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    questions = []
    for _ in range(count):
        version = pods.pick(
            "latest", f"v1.{pods.random.randint(0, 40)}", f"v1.{pods.random.randint(0, NEWEST)}"
        )
        level = pods.pick("baseline", "restricted", "restricted", "privileged")
        questions.append({"pod": pods.pod(), "level": level, "version": version})
    text = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        ["go", "run", "."], cwd=HERE, input=text, capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(answers) == count, done.stderr
    different = 0
    for question, answer in zip(questions, answers, strict=True):
        for pod in (question["pod"], json.dumps(question["pod"])):
            verdict = evaluate(pod, question["level"], question["version"], as_written=True)
            mine = {"allowed": verdict.allowed, "reason": verdict.reason, "detail": verdict.detail}
            assert verdict.allowed is not bool(verdict.findings), question
            if mine != answer and (different := different + 1) <= 5:
                print(json.dumps(question), f"\n  upstream {answer}\n  podproof {mine}")
    allowed = sum(answer["allowed"] for answer in answers)
    print(f"{count} pods, {allowed} allowed, {different} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
