"""A check that is not asked, since no fact that it names holds, would have found nothing."""

import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from podproof.checks.model.acceptance import ReviewedObject, facts_of_review
from podproof.checks.model.catalogue import all_checks
from podproof.checks.model.effect import EffectCheck, Running
from podproof.effective.image import ImageConfig
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.inputs.input import InputFile, InputObject
from podproof.inputs.objects import read_file
from podproof.kube.default_pod import default_pod
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.read_pod import read_exactly
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.effects import put_on_node
from podproof.session.judging.pods import Stored, owned_pod, pods_of
from podproof.session.judging.settings import make_judge
from podproof.session.judging.suppress_repeats import covering_all
from tests.checks.effects import USER_1000, is_asked

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "apps.tar.gz"
JUDGE = make_judge(ProjectConfiguration())
CHECKS = [check for check in all_checks() if isinstance(check, EffectCheck)]
SETTINGS = (
    Setting(),
    Setting(version=24),
    Setting(images={"i": USER_1000}),
    Setting(images={"i": USER_1000}, runtime=parse_runtime("containerd-1.6.20"), version=30),
    Setting(images={"other": USER_1000}),
    Setting(images={"i": ImageConfig(user="1000:wheel", passwd="", group="wheel:x:10:\n")}),
)
PROFILES: list[Any] = [
    {"type": "RuntimeDefault"},
    {"type": "Unconfined"},
    {"type": "Localhost", "localhostProfile": "localhost/audit.json"},
    {"type": "Localhost"},
]
CAPABILITIES: list[Any] = [
    {"add": ["NET_ADMIN"]},
    {"drop": ["ALL"]},
    {"add": ["CAP_SYS_TIME", "CHOWN"], "drop": ["chown"]},
    {"add": [], "drop": []},
]
CONTEXT: dict[str, list[Any]] = {
    "runAsUser": [0, 5, 1000],
    "runAsGroup": [0, 1000],
    "runAsNonRoot": [True, False],
    "seccompProfile": PROFILES,
    "appArmorProfile": PROFILES,
    "windowsOptions": [{"runAsUserName": "ContainerUser"}],
}
OF_CONTAINERS: dict[str, list[Any]] = {
    **CONTEXT,
    "capabilities": CAPABILITIES,
    "privileged": [True, False],
    "allowPrivilegeEscalation": [True, False],
    "readOnlyRootFilesystem": [True],
    "procMount": ["Unmasked"],
}
OF_PODS: dict[str, list[Any]] = {
    **CONTEXT,
    "fsGroup": [0, 2000],
    "supplementalGroups": [[10]],
    "supplementalGroupsPolicy": ["Strict", "Merge"],
    "sysctls": [[{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}], [{"name": "kernel.sem"}]],
}
VOLUMES: list[dict[str, Any]] = [
    {"emptyDir": {}},
    {"hostPath": {"path": "/run"}},
    {"hostPath": {"path": "/run/containerd/containerd.sock"}},
    {"secret": {"secretName": "s", "defaultMode": 400}},
    {"configMap": {"name": "c", "items": [{"key": "k", "path": "p", "mode": 0o600}]}},
    {"projected": {"defaultMode": 644, "sources": []}},
    {"persistentVolumeClaim": {"claimName": "data"}},
    {"nfs": {"server": "s", "path": "/"}},
]
ANNOTATIONS = (
    "seccomp.security.alpha.kubernetes.io/pod",
    "container.seccomp.security.alpha.kubernetes.io/c0",
    "container.apparmor.security.beta.kubernetes.io/c0",
)


def some(chance: random.Random, choices: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: chance.choice(values) for name, values in choices.items() if chance.random() < 0.25}


def container(chance: random.Random, name: str, volumes: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "image": "i"}
    if chance.random() < 0.7:
        made["securityContext"] = some(chance, OF_CONTAINERS)
    if chance.random() < 0.3:
        made["ports"] = [{"containerPort": chance.choice([80, 1023, 1024, 8080])}]
    made["volumeMounts"] = [
        {"name": volume, "mountPath": f"/{volume}", "readOnly": chance.random() < 0.3} for volume in volumes
    ]
    return made


def random_pod(chance: random.Random) -> dict[str, Any]:
    volumes = [{"name": f"v{number}", **chance.choice(VOLUMES)} for number in range(chance.randrange(3))]
    names = [volume["name"] for volume in volumes]
    spec: dict[str, Any] = {
        "containers": [container(chance, f"c{number}", names) for number in range(chance.randint(1, 2))],
        "volumes": volumes,
    }
    if chance.random() < 0.3:
        spec["initContainers"] = [container(chance, "first", names)]
    if chance.random() < 0.6:
        spec["securityContext"] = some(chance, OF_PODS)
    if chance.random() < 0.1:
        spec["nodeSelector"] = {"kubernetes.io/os": chance.choice(["windows", "linux"])}
    for name in ("hostUsers", "hostNetwork"):
        if chance.random() < 0.1:
            spec[name] = chance.random() < 0.5
    metadata: dict[str, Any] = {"name": "p"}
    if chance.random() < 0.2:
        values = ("runtime/default", "unconfined", "localhost/audit.json")
        metadata["annotations"] = {chance.choice(ANNOTATIONS): chance.choice(values)}
    return {"kind": "Pod", "metadata": metadata, "spec": spec}


def left_out(running: Running) -> Iterator[str]:
    """Name the checks that are not asked, though they would have found something."""
    for check in CHECKS:
        if not is_asked(check, running) and list(check.find(running)):
            yield check.id


def test_of_random_pods_nothing_is_left_out() -> None:
    spoke: set[str] = set()
    for seed in range(1_500):
        chance = random.Random(seed)
        pod = default_pod(read_exactly(random_pod(chance)))
        running = put_on_node(chance.choice(SETTINGS), pod)
        assert not list(left_out(running)), seed
        spoke |= {check.id for check in CHECKS if check.when and list(check.find(running))}
    # the pods are worth something: every check with facts has found something in one of them
    assert {check.id for check in CHECKS if check.when} == spoke


def corpus() -> Iterator[tuple[str, InputObject]]:
    with tarfile.open(CORPUS) as archive:
        for member in archive:
            held = archive.extractfile(member) if member.name.endswith((".yaml", ".yml")) else None
            for item in read_file(InputFile(member.name, held.read())) if held is not None else ():
                if isinstance(item, InputObject):
                    yield member.name, item


needs_corpus = pytest.mark.skipif(not CORPUS.is_file(), reason="the manifests of real projects are not there")


@needs_corpus
def test_of_real_projects_nothing_is_left_out() -> None:
    pods = 0
    for name, item in corpus():
        for stored in pods_of(item.value, FeatureGates(37)):
            if isinstance(stored, Stored):
                running = put_on_node(Setting(), owned_pod(stored, item.value))
                assert not list(left_out(running)), name
                pods += 1
    assert pods > 1_000


def mutated(value: Any, chance: random.Random) -> Any:
    """Change some of an object: values of other types, misspelt and missing keys, empty texts."""
    if chance.random() < 0.02:
        return chance.choice([None, "", 0, -1, True, [], {}, "x y", [None], {"name": None}])
    if isinstance(value, dict):
        return {
            key + "x" if chance.random() < 0.02 and key != "kind" else key: mutated(held, chance)
            for key, held in value.items()
            if chance.random() > 0.02
        }
    return [mutated(held, chance) for held in value] if isinstance(value, list) else value


@needs_corpus
def test_of_mutated_objects_no_check_of_acceptance_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    spoke: set[str] = set()

    def listen(reviewed: ReviewedObject) -> int:
        facts = facts_of_review(reviewed)
        for check in JUDGE.acceptance:
            if list(check.find(reviewed)):
                assert not check.when or check.when & facts, check.id
                spoke.add(check.id)
        return facts

    monkeypatch.setattr("podproof.session.judging.judge.facts_of_review", listen)
    judge = msgspec.structs.replace(JUDGE, find_effects=None)
    chance = random.Random(8)
    for number, (_, item) in enumerate(corpus()):
        if number % 3 == 0:
            judge.judge(mutated(item.value, chance), duplicates=((("kind",),) if number % 2 else ()))
    asked = {check.id for check in JUDGE.acceptance if check.when}
    # grants of PodSecurityPolicy are rare, and limits are tested where they are met
    assert asked - spoke <= {"search-limit", "pod-security-policy-grant", "gated-field"}


@needs_corpus
def test_advice_that_is_not_looked_for_would_have_been_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(9)
    values = [random_pod(chance) for _ in range(500)] + [mutated(item.value, chance) for _, item in corpus()]

    def heard(check: str) -> bool:
        return check != "run-as-non-root"

    quick = [(JUDGE.judge(value).findings, JUDGE.judge(value, reports=heard).findings) for value in values]
    left_out = 0

    def ask_all(*asked: Any) -> frozenset[str]:
        nonlocal left_out
        left_out += bool(covering_all(*asked))
        return frozenset()

    monkeypatch.setattr("podproof.session.judging.judge.covering_all", ask_all)
    asked = [(JUDGE.judge(value).findings, JUDGE.judge(value, reports=heard).findings) for value in values]
    assert asked == quick
    assert left_out > 500
