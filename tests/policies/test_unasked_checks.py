"""A check that is not asked about a pod, which has nothing of what it looks for, would have found nothing."""

import json
import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from podproof.checks.model.catalogue import pod_security_checks
from podproof.checks.model.pod_security import ExemptingFunction
from podproof.kube.outlined_pod import server_pod_reader
from podproof.kube.pod import (
    Capabilities,
    ContainerPort,
    HTTPGetAction,
    PodOS,
    PodSecurityContext,
    PodSpec,
    SecurityContext,
    TCPSocketAction,
    Volume,
    WindowsSecurityContextOptions,
)
from podproof.manifest.native import native_module
from podproof.policies import pod_security as module
from podproof.policies.asked_checks import AskedChecks, look_of_checks
from podproof.policies.pod_security import Verdict, evaluate, evaluator
from podproof.policies.read_fields import JUDGED_FIELDS
from tests.checks.test_asked_checks import random_pod

ODD_PROFILE = {"type": "Unconfined"}


def of_pod(**context: Any) -> dict[str, Any]:
    return {"securityContext": context}


def of_container(**context: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "securityContext": context}]}


def with_hook(**action: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "lifecycle": {"preStop": action}}]}


def with_port(**port: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "ports": [{}, port]}]}


FOUND: dict[tuple[type, str] | str, dict[str, Any]] = {
    (PodSecurityContext, "app_armor_profile"): of_pod(appArmorProfile=ODD_PROFILE),
    (SecurityContext, "app_armor_profile"): of_container(appArmorProfile=ODD_PROFILE),
    (PodSpec, "host_network"): {"hostNetwork": True, **with_port(containerPort=80)},
    (PodSpec, "host_pid"): {"hostPID": True},
    (PodSpec, "host_ipc"): {"hostIPC": True},
    (Volume, "host_path"): {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
    (ContainerPort, "host_port"): with_port(hostPort=80),
    (HTTPGetAction, "host"): with_hook(httpGet={"port": 80, "host": "node"}),
    (TCPSocketAction, "host"): with_hook(tcpSocket={"port": 80, "host": "node"}),
    (SecurityContext, "privileged"): of_container(privileged=True),
    (PodSecurityContext, "se_linux_options"): of_pod(seLinuxOptions={"user": "u"}),
    (SecurityContext, "se_linux_options"): of_container(seLinuxOptions={"user": "u"}),
    (PodSecurityContext, "sysctls"): of_pod(sysctls=[{"name": "kernel.sem", "value": "1"}]),
    (WindowsSecurityContextOptions, "host_process"): of_container(windowsOptions={"hostProcess": True}),
    (Capabilities, "add"): of_container(capabilities={"add": ["NET_ADMIN"]}),
    (SecurityContext, "proc_mount"): of_container(procMount="Unmasked"),
    (PodSecurityContext, "run_as_user"): of_pod(runAsUser=0),
    (SecurityContext, "run_as_user"): of_container(runAsUser=0),
    (PodSecurityContext, "seccomp_profile"): of_pod(seccompProfile=ODD_PROFILE),
    (SecurityContext, "seccomp_profile"): of_container(seccompProfile=ODD_PROFILE),
    "container.apparmor.security.beta.kubernetes.io/": {},
    "seccomp.security.alpha.kubernetes.io/pod": {},
    "container.seccomp.security.alpha.kubernetes.io/": {},
}
"""By what a check looks for: a spec, in which a check that does finds something at some version."""
ALWAYS_ASKED = {
    "allow-privilege-escalation",
    "capabilities-restricted",
    "restricted-volumes",
    "run-as-non-root",
    "seccomp-profile-restricted",
}
"""The controls of restricted that find something in a pod which says nothing."""
OF_NEWER = {"seccomp-profile-baseline": 19}
"""Since which version a check reads fields, and no annotations any more."""


def looked_for() -> Iterator[tuple[str, tuple[type, str] | str]]:
    for check in pod_security_checks():
        if check.when is not None:
            for sought in (*check.when.fields, *check.when.annotations):
                yield check.id, sought


def pod_with(sought: tuple[type, str] | str) -> dict[str, Any]:
    annotations = {}
    if isinstance(sought, str):
        annotations = {sought + "c" if sought.endswith("/") else sought: "unconfined"}
    spec = {"containers": [{"name": "c"}], **FOUND[sought]}
    return {"metadata": {"annotations": annotations}, "spec": spec}


def said(verdict: Verdict) -> tuple[Any, ...]:
    return verdict.allowed, verdict.reason, verdict.detail, verdict.findings


@pytest.mark.parametrize(("id_", "sought"), list(looked_for()), ids=str)
def test_what_is_looked_for_is_found(id_: str, sought: tuple[type, str] | str) -> None:
    check = next(check for check in pod_security_checks() if check.id == id_)
    first, last = check.versions[0][0], check.versions[-1][0]
    minor = first if isinstance(sought, str) else max(last, OF_NEWER.get(id_, 0))
    pod = pod_with(sought)
    verdict = evaluate(json.dumps(pod), check.level, f"v1.{minor}")
    assert said(verdict) == said(evaluate(pod, check.level, f"v1.{minor}"))
    assert check.id in {violated.id for violated, _ in verdict.violations}


def test_each_finds_nothing_in_the_pods_of_others() -> None:
    for sought in FOUND:
        text, pod = json.dumps(pod_with(sought)), pod_with(sought)
        for level in ("baseline", "restricted"):
            for minor in (0, 18, 19, 24, 34, 35, 37):
                asked = level, f"v1.{minor}"
                assert said(evaluate(text, *asked)) == said(evaluate(pod, *asked)), (sought, asked)


def test_of_random_pods_nothing_goes_unsaid() -> None:
    spoke = set()
    for seed in range(1_500):
        chance = random.Random(seed)
        pod = random_pod(chance)
        asked = (
            chance.choice(("baseline", "restricted")),
            chance.choice(("latest", "v1.18", "v1.24", "v1.34")),
        )
        as_written = chance.random() < 0.1
        verdict = evaluate(json.dumps(pod), *asked, as_written)
        assert said(verdict) == said(evaluate(pod, *asked, as_written)), seed
        spoke |= {check.id for check, _ in verdict.violations if check.when is not None}
    assert len(spoke) > 8


needs_native = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)


@needs_native
def test_an_ordinary_pod_is_not_asked_about() -> None:
    read = server_pod_reader(JUDGED_FIELDS, look_of_checks())
    assert read is not None
    context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {"name": "c", "ports": [{"containerPort": 80}], "livenessProbe": {"httpGet": {"port": 80}}}
    spec = {"securityContext": {"fsGroup": 5}, "containers": [{**container, "securityContext": context}]}
    text = json.dumps({"metadata": {"annotations": {"a/b": "c"}}, "spec": spec}).encode()
    given = read(text)
    assert given is not None
    pod, facts = given
    assert (facts, pod.metadata) == (0, None)
    assert pod.spec is not None
    assert pod.spec.containers is not None
    assert pod.spec.containers[0].liveness_probe is None
    chosen = AskedChecks(evaluator("restricted").checks).about(facts, pod.spec)
    assert {check.id for check, _ in chosen} == ALWAYS_ASKED


@needs_native
@pytest.mark.parametrize("sought", FOUND, ids=str)
def test_each_thing_tells_of_those_who_look_for_it_alone(sought: tuple[type, str] | str) -> None:
    read = server_pod_reader(JUDGED_FIELDS, look_of_checks())
    assert read is not None
    given = read(json.dumps(pod_with(sought)).encode())
    assert given is not None
    for level in ("baseline", "restricted"):
        for check, _ in AskedChecks(evaluator(level).checks).about(given[1], PodSpec()):
            if check.when is not None:
                assert sought in (*check.when.fields, *check.when.annotations), check.id


def test_what_is_asked_about_a_pod_without_anything_that_is_looked_for() -> None:
    for spec in (PodSpec(), PodSpec(host_users=True), PodSpec(os=PodOS("linux"))):
        chosen = AskedChecks(evaluator("restricted").checks).about(0, spec)
        assert {check.id for check, _ in chosen} == ALWAYS_ASKED
    in_namespace = AskedChecks(evaluator("restricted").checks).about(0, PodSpec(host_users=False))
    assert {check.id for check, _ in in_namespace} == ALWAYS_ASKED - {"run-as-non-root"}
    of_windows = AskedChecks(evaluator("restricted").checks).about(0, PodSpec(os=PodOS("windows")))
    assert {check.id for check, _ in of_windows} == {"restricted-volumes", "run-as-non-root"}


def test_functions_that_are_asked_exempt_nobody_any_more() -> None:
    for version in ("v1.24", "latest"):
        checks = evaluator("restricted", version).checks
        asked = AskedChecks(checks).about(-1, PodSpec())
        assert [check for check, _ in asked] == [check for check, _ in checks]
        assert not any(isinstance(function, ExemptingFunction) for _, function in asked)


def test_choices_are_forgotten_when_there_are_too_many() -> None:
    checks = evaluator("baseline", "v1.18").checks
    asked = AskedChecks(checks)
    assert asked.about(-1, PodSpec()) == checks
    none = AskedChecks(checks).about(0, PodSpec())
    facts = [1 << bit for bit in range(64) if AskedChecks(checks).about(1 << bit, PodSpec()) != none][:9]
    choices = [sum(some) for count in range(10) for some in combinations(facts, count)]
    asked = AskedChecks(checks)
    first = asked.about(choices[1], PodSpec())
    for choice in choices[:256]:
        assert asked.about(choice, PodSpec()) == AskedChecks(checks).about(choice, PodSpec())
        assert asked.about(choices[1], PodSpec()) is first
    asked.about(choices[256], PodSpec())
    again = asked.about(choices[1], PodSpec())
    assert again == first
    assert again is not first


@needs_native
def test_a_field_that_was_not_read_has_all_of_the_pod_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {**JUDGED_FIELDS, PodSpec: JUDGED_FIELDS[PodSpec] - {"host_pid", "host_network"}}
    monkeypatch.setattr(module, "_reader", lambda: server_pod_reader(fewer, look_of_checks()))
    pod = {"spec": {"hostPID": True, "containers": [{"name": "c"}]}}
    for as_written in (False, True):
        verdict = evaluate(json.dumps(pod), "baseline", as_written=as_written)
        assert verdict.detail == "host namespaces (hostPID=true)"
        assert [finding.route for finding in verdict.findings] == [("spec", "hostPID")]
