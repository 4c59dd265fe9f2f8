"""Random policies, and random pods that use one or two of what policies speak of, for the tests of levels."""

import copy
from typing import Any

from hypothesis import strategies as st

SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APPARMOR = "apparmor.security.beta.kubernetes.io/"
SOURCES: dict[str, dict[str, Any]] = {
    "hostPath": {"hostPath": {"path": "/data/a"}},
    "emptyDir": {"emptyDir": {}},
    "secret": {"secret": {"secretName": "s"}},
    "configMap": {"configMap": {"name": "c"}},
    "nfs": {"nfs": {"server": "s", "path": "/p"}},
    "gitRepo": {"gitRepo": {"repository": "r"}},
    "persistentVolumeClaim": {"persistentVolumeClaim": {"claimName": "p"}},
    "flexVolume": {"flexVolume": {"driver": "a/b"}},
    "csi": {"csi": {"driver": "example.com"}},
    "cephFS": {"cephfs": {"monitors": ["m"]}},
    "downwardAPI": {"downwardAPI": {"items": []}},
    "projected": {"projected": {"sources": []}},
}
"""A volume of each kind that the API server takes, by the policies' word for the kind."""

_CONTAINER: list[dict[str, Any]] = [
    {"privileged": True, "allowPrivilegeEscalation": True},
    {"privileged": True},
    {"allowPrivilegeEscalation": True},
    {"allowPrivilegeEscalation": False},
    *({"capabilities": {"add": [name]}} for name in ("SYS_ADMIN", "NET_RAW", "CHOWN", "NET_BIND_SERVICE")),
    *({"capabilities": {"drop": [name]}} for name in ("ALL", "all", "KILL")),
    *({"runAsUser": user} for user in (0, 1, 1000)),
    *({"runAsNonRoot": flag} for flag in (True, False)),
    *({"seLinuxOptions": options} for options in ({"type": "spc_t"}, {"level": "s0:c1"}, {"user": "u"}, {})),
    {"seccompProfile": {"type": "RuntimeDefault"}},
    {"seccompProfile": {"type": "Unconfined"}},
    {"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}},
    {"procMount": "Unmasked"},
    {"readOnlyRootFilesystem": True},
]
_POD: list[dict[str, Any]] = [
    {"hostNetwork": True},
    {"hostPID": True},
    {"hostIPC": True},
    *({"securityContext": {"sysctls": [{"name": name, "value": "1"}]}} for name in ("net.core.somaxconn",)),
    {"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}},
    {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
    *(
        {"securityContext": context}
        for context in _CONTAINER
        if next(iter(context)) in ("runAsUser", "runAsNonRoot", "seLinuxOptions", "seccompProfile")
    ),
    {"securityContext": {"fsGroup": 0, "supplementalGroups": [0]}},
    *({"volumes": [{"name": "v", **source}]} for source in SOURCES.values()),
]
_ANNOTATIONS: list[dict[str, str]] = [
    {f"{SECCOMP}pod": "unconfined"},
    {f"{SECCOMP}pod": "docker/default"},
    {f"container.{SECCOMP}c": "unconfined"},
    {f"container.{SECCOMP}i": "runtime/default"},
    {f"container.{APPARMOR}c": "unconfined"},
    {f"container.{APPARMOR}i": "localhost/x"},
]


def make_pod(
    contexts: list[dict[str, Any]],
    spec: list[dict[str, Any]],
    annotations: list[dict[str, str]],
    *,
    port: int | None = None,
) -> dict[str, Any]:
    """Make a pod: an init container `i` and a container `c` where there are two contexts, else `c` alone."""
    merged: dict[str, Any] = {}
    for part in spec:
        for key, value in copy.deepcopy(part).items():
            if isinstance(value, dict):
                merged[key] = {**merged.get(key, {}), **value}
            else:
                merged[key] = value
    own, *first = ({"name": "c", "image": "i", "securityContext": dict(context)} for context in contexts)
    if port is not None:
        own["ports"] = [{"containerPort": port, "hostPort": port}]
    if first:
        merged["initContainers"] = [{**first[0], "name": "i"}]
    named = {
        key: value
        for part in annotations
        for key, value in part.items()
        if first or not key.endswith("kubernetes.io/i")
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n", "annotations": named},
        "spec": {"containers": [own], **merged},
    }


def _few(choices: list[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(choices), max_size=most)


_CONTEXTS = st.builds(lambda parts: {k: v for part in parts for k, v in part.items()}, _few(_CONTAINER))
PODS = st.builds(
    make_pod,
    st.lists(_CONTEXTS, min_size=1, max_size=2),
    _few(_POD, 1),
    _few(_ANNOTATIONS, 1),
    port=st.sampled_from([None, None, None, 80]),
)

_ANY = {"rule": "RunAsAny"}
_RANGES = [[{"min": 0, "max": 9}], [{"min": 1, "max": 5}, {"min": 1000, "max": 2000}]]
_USERS = [
    _ANY,
    {"rule": "MustRunAsNonRoot"},
    *({"rule": "MustRunAs", "ranges": ranges} for ranges in _RANGES),
]
_GROUPS = [_ANY, *({"rule": rule, "ranges": r} for rule in ("MustRunAs", "MayRunAs") for r in _RANGES)]
_LABELS = [{}, {"type": "spc_t"}, {"level": "s0:c1"}, {"type": "container_t", "user": "u"}]


def _make_policy(required: dict[str, Any], optional: dict[str, Any], annotations: dict[str, str]) -> Any:
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "example", "annotations": annotations},
        "spec": {**required, **optional},
    }


POLICIES = st.builds(
    _make_policy,
    st.fixed_dictionaries(
        {
            "seLinux": st.sampled_from(
                [_ANY, *({"rule": "MustRunAs", "seLinuxOptions": options} for options in _LABELS)]
            ),
            "runAsUser": st.sampled_from(_USERS),
            "supplementalGroups": st.sampled_from(_GROUPS),
            "fsGroup": st.sampled_from(_GROUPS),
            "volumes": st.sampled_from([["*"], [], ["emptyDir", "secret", "configMap"]])
            | st.lists(st.sampled_from(list(SOURCES)), max_size=3, unique=True),
        }
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "privileged": st.booleans(),
            "hostNetwork": st.booleans(),
            "hostPID": st.booleans(),
            "hostIPC": st.booleans(),
            "hostPorts": st.sampled_from([[{"min": 80, "max": 80}], [{"min": 1, "max": 9000}], []]),
            "runAsGroup": st.sampled_from(_GROUPS),
            "readOnlyRootFilesystem": st.booleans(),
            "allowPrivilegeEscalation": st.booleans(),
            "defaultAllowPrivilegeEscalation": st.just(False),
            "requiredDropCapabilities": st.sampled_from([["ALL"], ["KILL"], ["ALL", "NET_RAW"]]),
            "defaultAddCapabilities": st.sampled_from([["CHOWN"], ["NET_BIND_SERVICE"], ["SYS_TIME"]]),
            "allowedCapabilities": st.sampled_from(
                [["*"], ["SYS_ADMIN"], ["CHOWN", "NET_BIND_SERVICE"], ["NET_BIND_SERVICE"]]
            ),
            "allowedHostPaths": st.sampled_from(
                [[{"pathPrefix": "/data"}], [{"pathPrefix": "/data", "readOnly": True}]]
            ),
            "allowedFlexVolumes": st.just([{"driver": "a/b"}]),
            "allowedCSIDrivers": st.just([{"name": "example.com"}]),
            "allowedUnsafeSysctls": st.sampled_from(
                [["kernel.msg*"], ["*"], ["net.core.somaxconn", "net.ipv4.tcp_rmem"]]
            ),
            "forbiddenSysctls": st.sampled_from([["net.ipv4.tcp_syncookies"], ["kernel.shm*"]]),
            "allowedProcMountTypes": st.sampled_from([["Default"], ["Default", "Unmasked"]]),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            f"{SECCOMP}allowedProfileNames": st.sampled_from(
                ["*", "runtime/default", "runtime/default,unconfined", "localhost/x,docker/default"]
            ),
            f"{SECCOMP}defaultProfileName": st.sampled_from(["runtime/default", "unconfined"]),
            f"{APPARMOR}allowedProfileNames": st.sampled_from(
                ["runtime/default", "runtime/default,localhost/x", "unconfined,runtime/default"]
            ),
            f"{APPARMOR}defaultProfileName": st.just("runtime/default"),
        },
    ),
)
