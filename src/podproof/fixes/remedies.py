"""What a person can do about what no edit mends: a finding and its object come in, a sentence goes out.

Nothing is decided for anybody here: each sentence says what to use instead, or which level allows it.
"""

from collections.abc import Callable
from typing import Any

from ..checks.capabilities_baseline import ALLOWED
from ..findings import Finding
from ..manifest.route import Route, value_at
from .node_paths import AGENT, instead_of

__all__ = ["remedy_of"]


def remedy_of(finding: Finding, value: Any) -> str:
    """Say what a person can do about a finding in an object; "" where its message says it all."""
    rule = _RULES.get(finding.check)
    return rule(finding.route, value) if rule is not None else ""


_DRIVERS = frozenset(
    (
        "gcePersistentDisk",
        "awsElasticBlockStore",
        "flexVolume",
        "cinder",
        "azureFile",
        "azureDisk",
        "vsphereVolume",
        "portworxVolume",
        "scaleIO",
        "storageos",
        "photonPersistentDisk",
        "quobyte",
        "flocker",
    )
)
"""Volume types of one storage each. Source: k8s.io/api core/v1 VolumeSource, where most are deprecated."""


def _of_volume(route: Route, value: Any) -> str:
    kind = route[-1]
    source = value_at(value, route)
    if kind == "hostPath":
        path = source.get("path") if isinstance(source, dict) else None
        return instead_of(path) if isinstance(path, str) else ""
    if kind == "gitRepo":
        return "clone it into an emptyDir, in an init container"
    if kind in _DRIVERS:
        return (
            "use a persistentVolumeClaim, whose class is that of the storage's CSI driver; baseline allows it"
        )
    return "declare it as a PersistentVolume and use a persistentVolumeClaim; baseline allows it"


def _of_namespace(route: Route, _value: Any) -> str:
    if route[-1] == "hostNetwork":
        return f"to be reached from outside, use a Service; {AGENT}"
    if route[-1] == "hostPID":
        return f"shareProcessNamespace shows the pod's own processes to its containers; {AGENT}"
    return f"containers of one pod share memory by an emptyDir with medium: Memory at /dev/shm; {AGENT}"


def _of_privileged(route: Route, value: Any) -> str:
    container = _container(route, value)
    if _propagates(container):
        return f"a mount that propagates to the node needs it: storage belongs in a CSI driver; {AGENT}"
    if _sees_devices(container, route, value):
        return "for a device, use a device plugin or a driver for dynamic resource allocation"
    return f"add the capabilities that the program needs instead; {AGENT}"


def _beside_privileged(route: Route, value: Any) -> str:
    context = _container(route, value).get("securityContext")
    if isinstance(context, dict) and context.get("privileged") is True:
        return "this stays while the container is privileged"
    return ""


def _of_capability(route: Route, value: Any) -> str:
    name = value_at(value, route)
    if not isinstance(name, str) or route[-2:-1] != ("add",):
        return _beside_privileged(route, value)
    if name in ALLOWED:
        return f"if the program needs {name}: baseline allows it"
    return f"if the program needs {name}: only privileged allows it; {AGENT}"


def _of_user(route: Route, value: Any) -> str:
    return _beside_privileged(route, value) or (
        "build the image with a numeric USER other than 0, or write such a runAsUser"
    )


def _of_host_port(_route: Route, _value: Any) -> str:
    return f"to be reached from outside, use a Service of type NodePort or LoadBalancer; {AGENT}"


def _of_sysctl(_route: Route, _value: Any) -> str:
    return "have the node's administrator set it, or ask for a namespace at level privileged"


def _of_type(_route: Route, _value: Any) -> str:
    return "nothing else of the object is judged, or mended, before its value has that type"


def _of_policy(_route: Route, value: Any) -> str:
    if isinstance(value, dict) and value.get("kind") == "PodSecurityPolicy":
        return "label the namespaces of the pods that may use it with the level that stands for it"
    return ""


_RULES: dict[str, Callable[[Route, Any], str]] = {
    "restricted-volumes": _of_volume,
    "host-path-volumes": _of_volume,
    "host-namespaces": _of_namespace,
    "host-ports": _of_host_port,
    "privileged": _of_privileged,
    "capabilities-baseline": _of_capability,
    "capabilities-restricted": _of_capability,
    "allow-privilege-escalation": _beside_privileged,
    "seccomp-profile-restricted": _beside_privileged,
    "run-as-non-root": _of_user,
    "run-as-user": _of_user,
    "sysctls": _of_sysctl,
    "wrong-type": _of_type,
    "removed-api-version": _of_policy,
}


def _container(route: Route, value: Any) -> dict[str, Any]:
    """Give the container that a route leads into; an empty one where it leads into none."""
    place = _place(route)
    there = value_at(value, place) if place else None
    return there if isinstance(there, dict) else {}


def _place(route: Route) -> Route:
    """Give the route of the container that another leads into; () where it leads into none."""
    for position, step in enumerate(route):
        if step in ("containers", "initContainers", "ephemeralContainers"):
            return route[: position + 2]
    return ()


def _mounts(container: dict[str, Any]) -> list[dict[str, Any]]:
    mounts = container.get("volumeMounts")
    return [one for one in mounts if isinstance(one, dict)] if isinstance(mounts, list) else []


def _propagates(container: dict[str, Any]) -> bool:
    return any(mount.get("mountPropagation") == "Bidirectional" for mount in _mounts(container))


def _sees_devices(container: dict[str, Any], route: Route, value: Any) -> bool:
    if container.get("volumeDevices"):
        return True
    volumes = value_at(value, (*_place(route)[:-2], "volumes"))
    named = {mount.get("name") for mount in _mounts(container)}
    for volume in volumes if isinstance(volumes, list) else ():
        path = value_at(volume, ("hostPath", "path"))
        if isinstance(path, str) and f"{path}/".startswith("/dev/") and volume.get("name") in named:
            return True
    return False
