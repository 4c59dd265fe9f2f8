"""Each violation that a manifest can set right is set right: all controls, all versions, on both systems."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import requires
import yaml

from podproof.checks.model.catalogue import pod_security_checks
from podproof.findings import Finding
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.judge import Judge
from podproof.session.judging.settings import make_judge

PODS = requires.SHARED / "conformance" / "psa"

LINUX_ONLY = frozenset(
    (
        "runAsUser",
        "runAsGroup",
        "allowPrivilegeEscalation",
        "capabilities",
        "seccompProfile",
        "appArmorProfile",
        "seLinuxOptions",
        "fsGroup",
        "sysctls",
        "procMount",
        "privileged",
    )
)


@cache
def judge_of(level: str) -> Judge:
    return make_judge(
        ProjectConfiguration(),
        level=level,
        kubernetes_version=None,
        runtime=None,
        images={},
        node=None,
        feature_gates=(),
    )


def fixed(value: Any, level: str) -> ObjectFix:
    judge = judge_of(level)
    return fix_object(
        value, judge.judge(value), judge, FixOptions(), lambda check: True, lambda finding: False, None
    )


def of_controls(findings: tuple[Finding, ...]) -> list[str]:
    controls = {check.id for check in pod_security_checks()}
    return [finding.message for finding in findings if finding.check in controls]


def upstreams_pods() -> Iterator[tuple[str, Path]]:
    for path in sorted(PODS.glob("*/*/fail/*.yaml")):
        yield f"{path.parts[-4]}:{path.parts[-3]}", path


@requires.needs(requires.shared("conformance/psa"))
@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_upstreams_pods_are_mended(level: str) -> None:
    pods = [(asked, path) for asked, path in upstreams_pods() if asked.startswith(level)]
    assert len(pods) > 100
    for asked, path in pods:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
        fix = fixed(value, asked)
        assert of_controls(fix.left) == [], path
        assert not fix.worse, path
        assert fix.changes, path
        assert judge_of(asked).judge(fix.value).pods[0].pod_security.allowed, path  # type: ignore[union-attr]  # it is decided


AT_CONTAINER = {
    "privileged": "securityContext: {privileged: true}",
    "capabilities": "securityContext: {capabilities: {add: [SYS_ADMIN, NET_BIND_SERVICE, CHOWN, CAP_KILL]}}",
    "host ports": "ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 8081}]",
    "AppArmor": "securityContext: {appArmorProfile: {type: Unconfined}}",
    "SELinux": "securityContext: {seLinuxOptions: {type: spc_t, user: u, role: r, level: s0}}",
    "procMount": "securityContext: {procMount: Unmasked}",
    "seccomp": "securityContext: {seccompProfile: {type: Unconfined}}",
    "probes": "livenessProbe: {httpGet: {host: 127.0.0.1, port: 80}}",
    "hooks": "lifecycle: {preStop: {httpGet: {host: localhost, port: 80}}}",
    "root": "securityContext: {runAsUser: 0, runAsNonRoot: false}",
    "escalation": "securityContext: {allowPrivilegeEscalation: true}",
    "nothing": "env: []",
    "all at once": "securityContext: {privileged: true, runAsUser: 0, capabilities: {drop: [KILL], "
    "add: [NET_ADMIN]}, allowPrivilegeEscalation: true, seccompProfile: {type: Unconfined}}",
}

AT_POD = {
    "nothing": "hostname: a",
    "host namespaces": "hostNetwork: true\nhostPID: true\nhostIPC: true",
    "AppArmor": "securityContext: {appArmorProfile: {type: Unconfined}}",
    "SELinux": "securityContext: {seLinuxOptions: {type: spc_t}}",
    "seccomp": "securityContext: {seccompProfile: {type: Unconfined}}",
    "sysctls": "securityContext: {sysctls: [{name: kernel/shm_rmid_forced, value: '1'}, "
    "{name: kernel.msgmax, value: '1'}, {name: kernel.sem, value: '1'}]}",
    "root": "securityContext: {runAsUser: 0, runAsNonRoot: false}",
    "volumes that nobody mounts": "volumes: [{name: a, hostPath: {path: /a}}, {name: b, emptyDir: {}}, "
    "{name: c, hostPath: {path: /c}}]",
}

ANNOTATIONS = {
    "container.apparmor.security.beta.kubernetes.io/a": "unconfined",
    "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
    "container.seccomp.security.alpha.kubernetes.io/b": "unconfined",
}

LEVELS = [
    *(f"baseline:v1.{minor}" for minor in (0, 18, 19, 26, 31, 34, 37)),
    *(f"restricted:v1.{minor}" for minor in (0, 8, 18, 19, 22, 23, 24, 25, 35, 37)),
]


def pod(at_pod: str, at_container: str, place: str) -> dict[str, Any]:
    spec = yaml.safe_load(at_pod)
    odd = {"name": "b", "image": "i", **yaml.safe_load(at_container)}
    spec["containers"] = [{"name": "a", "image": "i"}]
    spec.setdefault(place, []).append(odd)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def is_refused(value: dict[str, Any]) -> bool:
    """Tell whether the API server would not take a pod as it is: nothing is asked of those."""
    controls = {check.id for check in pod_security_checks()} | {"will-not-start"}
    found = judge_of("baseline:v1.0").judge(value).findings
    return any(finding.severity == "error" and finding.check not in controls for finding in found)


@pytest.mark.parametrize("level", LEVELS)
def test_every_control(level: str) -> None:
    tried = 0
    for (named, at_pod), (other, at_container) in product(AT_POD.items(), AT_CONTAINER.items()):
        for place in ("containers", "initContainers"):
            value = pod(at_pod, at_container, place)
            if is_refused(value):
                continue
            tried += 1
            fix = fixed(value, level)
            where = f"{named}, {other} in {place}"
            assert of_controls(fix.left) == [], where
            assert not fix.worse, where
            again = fixed(fix.value, level)
            assert again.changes == (), where
    assert tried > 150


@pytest.mark.parametrize("level", LEVELS)
def test_annotations(level: str) -> None:
    value = pod("hostname: a", "env: []", "containers")
    value["metadata"]["annotations"] = dict(ANNOTATIONS, mine="yes")
    fix = fixed(value, level)
    assert of_controls(fix.left) == []
    assert fix.value["metadata"]["annotations"]["mine"] == "yes"


def fields(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner)


WINDOWS = {
    "nothing": "env: []",
    "HostProcess": "securityContext: {windowsOptions: {hostProcess: true}}",
    "host ports": AT_CONTAINER["host ports"],
    "probes": AT_CONTAINER["probes"],
    "runAsNonRoot": "securityContext: {runAsNonRoot: false}",
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("above", ["hostname: a", "hostNetwork: true"])
def test_nothing_of_linux_is_written_for_windows(level: str, above: str) -> None:
    for named, at_container in WINDOWS.items():
        value = pod(f"{above}\nos: {{name: windows}}", at_container, "containers")
        if "HostProcess" in named:
            if "hostNetwork" not in above:
                continue
            for container in value["spec"]["containers"]:
                container["securityContext"] = {"windowsOptions": {"hostProcess": True}}
        fix = fixed(value, level)
        written = set(fields(fix.value)) & LINUX_ONLY
        assert written == set(), named
        minor = int(re.findall(r"\d+", level)[-1])
        if level.startswith("baseline") or minor >= 25:
            assert of_controls(fix.left) == [], named
