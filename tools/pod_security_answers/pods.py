"""Writes the pods that Pod Security is asked about: one JSON object a line, the same each time.

Each pod has one or a few fields that a control looks at, absent, null, empty or set, in the pod, in an init
container, a sidecar, a regular or an ephemeral container.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

Pod = dict[str, Any]
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
FIT: Pod = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}

PROFILES: list[Any] = [
    None, {}, {"type": ""}, {"type": "Unconfined"}, {"type": "RuntimeDefault"},
    {"type": "Localhost", "localhostProfile": "p"}, {"type": "Other"},
]  # fmt: skip
BOTH: dict[str, list[Any]] = {
    "seccompProfile": PROFILES,
    "appArmorProfile": PROFILES,
    "runAsNonRoot": [None, True, False],
    "runAsUser": [None, 0, 1],
    "seLinuxOptions": [
        None, {}, {"type": ""}, {"type": "container_t"}, {"type": "container_init_t"},
        {"type": "container_kvm_t"}, {"type": "container_engine_t"}, {"type": "spc_t"}, {"user": "u"},
        {"role": "r"}, {"level": "s0"}, {"user": "u", "role": "r", "type": "x"}, {"user": "", "role": ""},
    ],
    "windowsOptions": [None, {}, {"hostProcess": None}, {"hostProcess": False}, {"hostProcess": True}],
}  # fmt: skip
NAMES = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "NET_RAW", "SYS_ADMIN", "ALL", "all",
    "CAP_CHOWN", "",
]  # fmt: skip
OWN: dict[str, list[Any]] = {
    "privileged": [None, False, True],
    "allowPrivilegeEscalation": [None, False, True],
    "procMount": [None, "", "Default", "Unmasked", "Other"],
    "capabilities": [
        None, {}, {"add": None, "drop": None}, {"add": [], "drop": []}, {"drop": ["ALL", "KILL"]},
        {"drop": ["KILL"]}, {"drop": ["all"]}, {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_TIME", "CHOWN"]},
        *({"drop": ["ALL"], "add": [name]} for name in NAMES),
    ],
}  # fmt: skip
PORTS: list[Any] = [
    None, [], [{"containerPort": 1}], [{"containerPort": 1, "hostPort": None}],
    [{"containerPort": 1, "hostPort": 0}], [{"containerPort": 1, "hostPort": 80}],
    [{"containerPort": 1, "hostPort": 8080}, {"containerPort": 2, "hostPort": 80}, {"containerPort": 3}],
]  # fmt: skip
HANDLERS: list[Any] = [
    None, {}, {"httpGet": {"port": 1}}, {"httpGet": {"port": 1, "host": ""}}, {"tcpSocket": {"port": 1}},
    {"httpGet": {"port": 1, "host": "a"}}, {"tcpSocket": {"port": 1, "host": "b"}},
    {"exec": {"command": ["x"]}},
]  # fmt: skip
SPEC: dict[str, list[Any]] = {
    "hostNetwork": [None, False, True],
    "hostPID": [None, False, True],
    "hostIPC": [None, False, True],
    "hostUsers": [None, False, True],
    "os": [None, {}, {"name": "linux"}, {"name": "windows"}, {"name": "Windows"}],
}
VOLUMES = (
    "hostPath", "emptyDir", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "secret", "nfs", "iscsi",
    "glusterfs", "persistentVolumeClaim", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "downwardAPI",
    "fc", "azureFile", "configMap", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk",
    "projected", "portworxVolume", "scaleIO", "storageos", "csi", "ephemeral", "image",
)  # fmt: skip
SYSCTLS = (
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat", "kernel.msgmax",
    "net/ipv4/tcp_syncookies", "",
)  # fmt: skip
ANNOTATED = ("runtime/default", "docker/default", "localhost/p", "unconfined", "", "other", "localhost")


def pod(*, fit: bool = True, annotations: Any = None, context: Any = None, **spec: Any) -> Pod:
    """Make a pod whose containers, one of each kind, are fit for restricted unless they say otherwise."""
    whole: Pod = {"metadata": {"name": "p"}, "spec": {}}
    if annotations is not None:
        whole["metadata"]["annotations"] = annotations
    for listing in CONTAINERS:
        own = dict(spec.pop(listing, {}))
        security = {**(FIT if fit else {}), **own.pop("securityContext", {})}
        whole["spec"][listing] = [{"name": listing[0], "securityContext": security, **own}]
    if context is not None:
        whole["spec"]["securityContext"] = context
    whole["spec"] |= spec
    return whole


def one_at_a_time() -> Iterator[Pod]:
    """Each value alone, in each place."""
    yield pod()
    yield pod(fit=False)
    yield {"metadata": {}, "spec": {}}
    yield {"metadata": {}, "spec": {"containers": [{"name": "a"}, {"name": "b", "securityContext": {}}]}}
    nameless: list[Pod] = [
        {"ports": PORTS[-1]}, {"livenessProbe": HANDLERS[-2]},
        *({"securityContext": {k: v[-1]}} for k, v in OWN.items()),
        {"securityContext": {"seccompProfile": {}, "appArmorProfile": {}, "runAsUser": 0}},
    ]  # fmt: skip
    for container in nameless:
        yield {"spec": {"containers": [container, {**container, "name": "b"}], "initContainers": [container]}}
    yield {"spec": {"volumes": [{"hostPath": {"path": "/"}}, {"nfs": {}}, {}]}}
    yield {"spec": {"securityContext": {"sysctls": [{"value": "1"}]}}}
    yield {"metadata": {"annotations": {SECCOMP: "x", APPARMOR: "x"}}, "spec": {"containers": [{}]}}
    for field, values in {**BOTH, **OWN}.items():
        for value in values:
            for listing in CONTAINERS:
                yield pod(**{listing: {"securityContext": {field: value}}})
            yield pod(**{listing: {"securityContext": {field: value}} for listing in CONTAINERS})
    for field, values in BOTH.items():
        for value in values:
            yield pod(context={field: value})
            yield pod(fit=False, context={field: value})
            yield pod(context={field: value}, containers={"securityContext": {field: values[-1]}})
    for value in PORTS:
        for listing in CONTAINERS:
            yield pod(**{listing: {"ports": value}})
    for value in HANDLERS:
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            yield pod(containers={probe: value}, initContainers={probe: value})
        for hook in ("postStart", "preStop"):
            yield pod(
                containers={"lifecycle": {hook: value}}, ephemeralContainers={"lifecycle": {hook: value}}
            )
    for field, values in SPEC.items():
        for value in values:
            yield pod(**{field: value})
            yield pod(fit=False, context={"runAsUser": 0}, **{field: value})
            yield pod(containers={"securityContext": {"procMount": "Unmasked"}}, **{field: value})
    for source in VOLUMES:
        yield pod(volumes=[{"name": "v", source: {}}])
        yield pod(volumes=[{"name": "v", source: {}}, {"name": "w", "hostPath": {"path": "/"}}])
    yield pod(volumes=[{"name": "v"}, {"name": "w"}])
    yield pod(volumes=[])
    for name in SYSCTLS:
        yield pod(context={"sysctls": [{"name": name, "value": "1"}]})
    yield pod(context={"sysctls": [{"name": name, "value": "1"} for name in SYSCTLS]})
    yield pod(context={"sysctls": []})
    for value in ANNOTATED:
        for key in ("seccomp.security.alpha.kubernetes.io/pod", f"{SECCOMP}c", f"{SECCOMP}i", f"{SECCOMP}x"):
            yield pod(annotations={key: value})
        for key in (f"{APPARMOR}c", f"{APPARMOR}x", "other"):
            yield pod(annotations={key: value})
        yield pod(
            annotations={f"{APPARMOR}c": value, f"{APPARMOR}e": "unconfined", f"{SECCOMP}e": "unconfined"},
            context={"appArmorProfile": {"type": "Unconfined"}},
        )


def several(random: Random) -> Iterator[Pod]:
    """A few values each, by chance."""
    for _ in range(600):
        own = {
            listing: {
                "securityContext": {
                    f: random.choice({**BOTH, **OWN}[f]) for f in _some(random, {**BOTH, **OWN})
                },
                "ports": random.choice(PORTS),
                "livenessProbe": random.choice(HANDLERS),
            }
            for listing in CONTAINERS
            if random.random() < 0.7
        }
        context = {field: random.choice(BOTH[field]) for field in _some(random, BOTH)}
        context["sysctls"] = [{"name": name, "value": "1"} for name in random.sample(SYSCTLS, 2)]
        spec = {field: random.choice(values) for field, values in SPEC.items() if random.random() < 0.3}
        volumes = [{"name": f"v{n}", source: {}} for n, source in enumerate(random.sample(VOLUMES, 3))]
        annotations = {
            f"{prefix}{name}": random.choice(ANNOTATED)
            for prefix in (SECCOMP, APPARMOR)
            for name in "ice"
            if random.random() < 0.3
        }
        yield pod(
            fit=random.random() < 0.5,
            context=context,
            annotations=annotations,
            volumes=volumes,
            **own,
            **spec,
        )


def _some(random: Random, fields: dict[str, Any]) -> list[str]:
    return random.sample(sorted(fields), random.randint(0, 3))


if __name__ == "__main__":
    for made in (*one_at_a_time(), *several(Random(7))):
        print(json.dumps(made))
