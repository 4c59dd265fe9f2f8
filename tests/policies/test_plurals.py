"""The words of the levels where there is one of a thing and where there are several, and a pod with
everything at once: the whole text, to the letter."""

from typing import Any

import pytest

from podproof.policies.pod_security import evaluate

_GOOD: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _container(name: str, context: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    return {"name": name, "securityContext": {**_GOOD, **(context or {})}, **rest}


def _ports(name: str, *ports: int) -> dict[str, Any]:
    return _container(name, ports=[{"containerPort": port, "hostPort": port} for port in ports])


def _probed(name: str, *hosts: str) -> dict[str, Any]:
    keys = ("livenessProbe", "readinessProbe")
    probes = {key: {"httpGet": {"host": host, "port": 80}} for key, host in zip(keys, hosts, strict=False)}
    return _container(name, **probes)


def _volume(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, kind: {}}


def _sc(**context: Any) -> dict[str, Any]:
    return {"containers": [_container("a", context), _container("b")]}


def _both(**context: Any) -> dict[str, Any]:
    return {"containers": [_container("a", context), _container("b", context)]}


@pytest.mark.parametrize(
    ("spec", "detail"),
    [
        ({"containers": [_ports("a", 80)]}, 'hostPort (container "a" uses hostPort 80)'),
        ({"containers": [_ports("a", 80, 9)]}, 'hostPort (container "a" uses hostPorts 80, 9)'),
        (
            {"containers": [_ports("a", 80), _ports("b", 80)]},
            'hostPort (containers "a", "b" use hostPort 80)',
        ),
        (
            {"containers": [_ports("a", 80), _ports("b", 443, 9)]},
            'hostPort (containers "a", "b" use hostPorts 443, 80, 9)',
        ),
        (
            {"containers": [_probed("a", "x")]},
            'probe or lifecycle host (container "a" uses probe or lifecycle host "x")',
        ),
        (
            {"containers": [_probed("a", "y", "x")]},
            'probe or lifecycle host (container "a" uses probe or lifecycle hosts "x", "y")',
        ),
        (
            {"containers": [_probed("b", "x"), _probed("a", "x")]},
            'probe or lifecycle host (containers "a", "b" use probe or lifecycle host "x")',
        ),
        (
            {"containers": [_probed("b", "y"), _probed("a", "x")]},
            'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "x", "y")',
        ),
        (
            {"volumes": [_volume("h", "nfs")]},
            'restricted volume types (volume "h" uses restricted volume type "nfs")',
        ),
        (
            {"volumes": [_volume("h", "nfs"), _volume("n", "nfs")]},
            'restricted volume types (volumes "h", "n" use restricted volume type "nfs")',
        ),
        (
            {"volumes": [_volume("n", "nfs"), _volume("h", "hostPath")]},
            'restricted volume types (volumes "n", "h" use restricted volume types "hostPath", "nfs")',
        ),
        (_sc(privileged=True), 'privileged (container "a" must not set securityContext.privileged=true)'),
        (
            _both(privileged=True),
            'privileged (containers "a", "b" must not set securityContext.privileged=true)',
        ),
        (
            _sc(seLinuxOptions={"type": "x", "role": "r"}),
            'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "x"; '
            "role may not be set)",
        ),
        (
            {"containers": [_container(n, {"seLinuxOptions": {"type": t}}) for n, t in ("ay", "bx")]},
            'seLinuxOptions (containers "a", "b" set forbidden securityContext.seLinuxOptions: '
            'types "x", "y")',
        ),
        (
            {"containers": [_container("a")], "securityContext": {"seLinuxOptions": {"user": "u"}}},
            "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set)",
        ),
        (
            {
                "containers": [_container("a", {"windowsOptions": {"hostProcess": True}})],
                "securityContext": {"windowsOptions": {"hostProcess": True}},
            },
            'hostProcess (pod and container "a" must not set '
            "securityContext.windowsOptions.hostProcess=true)",
        ),
        (
            _both(windowsOptions={"hostProcess": True}),
            'hostProcess (containers "a", "b" must not set securityContext.windowsOptions.hostProcess=true)',
        ),
        (
            _both(procMount="Unmasked"),
            'procMount (containers "a", "b" must not set securityContext.procMount to "Unmasked")',
        ),
        (_sc(runAsUser=0), 'runAsUser=0 (container "a" must not set runAsUser=0)'),
        (
            {"containers": [_container("a", {"runAsUser": 0})], "securityContext": {"runAsUser": 0}},
            'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
        ),
        (
            {
                "containers": [_container("a", {"runAsNonRoot": False})],
                "securityContext": {"runAsNonRoot": False},
            },
            'runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)',
        ),
        (
            _sc(seccompProfile={"type": "Unconfined"}),
            'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            _both(capabilities={"add": ["KILL"], "drop": ["ALL"]}),
            'unrestricted capabilities (containers "a", "b" must not include "KILL" in '
            "securityContext.capabilities.add)",
        ),
        (
            _sc(appArmorProfile={"type": "Unconfined"}),
            'forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined")',
        ),
    ],
)
def test_restricted(spec: dict[str, Any], detail: str) -> None:
    assert evaluate({"spec": {"containers": [_container("a")], **spec}}, "restricted").detail == detail


@pytest.mark.parametrize(
    ("spec", "detail"),
    [
        ({"volumes": [_volume("a", "hostPath")]}, 'hostPath volumes (volume "a")'),
        (
            {"volumes": [_volume("a", "hostPath"), _volume("b", "hostPath")]},
            'hostPath volumes (volumes "a", "b")',
        ),
        ({"hostNetwork": True}, "host namespaces (hostNetwork=true)"),
        ({"hostIPC": True, "hostPID": True}, "host namespaces (hostPID=true, hostIPC=true)"),
        (
            _sc(capabilities={"add": ["NET_RAW", "ALL"]}),
            'non-default capabilities (container "a" must not include "ALL", "NET_RAW" in '
            "securityContext.capabilities.add)",
        ),
        (
            _both(capabilities={"add": ["all"]}),
            'non-default capabilities (containers "a", "b" must not include "all" in '
            "securityContext.capabilities.add)",
        ),
        (
            {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
            "forbidden sysctls (kernel.msgmax)",
        ),
    ],
)
def test_baseline(spec: dict[str, Any], detail: str) -> None:
    assert evaluate({"spec": {"containers": [_container("a")], **spec}}, "baseline").detail == detail


_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"


@pytest.mark.parametrize(
    ("version", "annotations", "detail"),
    [
        (
            "latest",
            {f"{_APPARMOR}a": "unconfined"},
            "forbidden AppArmor profile (annotation must not set AppArmor profile type to "
            f'"{_APPARMOR}a="unconfined"")',
        ),
        (
            "latest",
            {f"{_APPARMOR}b": "x", f"{_APPARMOR}a": "unconfined"},
            "forbidden AppArmor profiles (annotations must not set AppArmor profile type to "
            f'"{_APPARMOR}a="unconfined"", "{_APPARMOR}b="x"")',
        ),
        (
            "v1.18",
            {_SECCOMP: "unconfined"},
            f'seccompProfile (forbidden annotation {_SECCOMP}="unconfined")',
        ),
        (
            "v1.18",
            {_SECCOMP: "", f"container.{_SECCOMP.removesuffix('pod')}a": "x"},
            "seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/a="
            f'"x", {_SECCOMP}="")',
        ),
        ("v1.19", {_SECCOMP: "unconfined"}, ""),
    ],
)
def test_annotations(version: str, annotations: dict[str, str], detail: str) -> None:
    pod = {"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "a"}]}}
    assert evaluate(pod, "baseline", version, as_written=True).detail == detail


def test_a_pod_with_everything_at_once() -> None:
    pod = {
        "spec": {
            "hostNetwork": True,
            "hostPID": True,
            "initContainers": [{"name": "i", "securityContext": {"privileged": True}}],
            "containers": [
                {
                    "name": "a",
                    "ports": [{"containerPort": port, "hostPort": port} for port in (9, 80, 443)],
                    "securityContext": {"capabilities": {"add": ["NET_RAW", "CAP_SYS_ADMIN", "all"]}},
                }
            ],
            "volumes": [_volume("h", "hostPath"), _volume("n", "nfs")],
        }
    }
    assert evaluate(pod, "restricted", "v1.37").detail == (
        "host namespaces (hostNetwork=true, hostPID=true), "
        'hostPort (container "a" uses hostPorts 443, 80, 9), '
        'privileged (container "i" must not set securityContext.privileged=true), '
        'allowPrivilegeEscalation != false (containers "i", "a" must set '
        "securityContext.allowPrivilegeEscalation=false), "
        'unrestricted capabilities (containers "i", "a" must set securityContext.capabilities.drop=["ALL"]; '
        'container "a" must not include "CAP_SYS_ADMIN", "NET_RAW", "all" in '
        "securityContext.capabilities.add), "
        'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs"), '
        'runAsNonRoot != true (pod or containers "i", "a" must set securityContext.runAsNonRoot=true), '
        'seccompProfile (pod or containers "i", "a" must set securityContext.seccompProfile.type to '
        '"RuntimeDefault" or "Localhost")'
    )
