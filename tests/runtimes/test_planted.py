"""A runtime that does otherwise than it was asked is noticed: by what it enforces, and by the attacks."""

import errno
import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from attacked import IMAGES, attacked, this_node
from test_attackers import ATTACKS

from podproof.attacks import filtered_calls, open_device_node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kubelet.cri import Capability, SecurityProfile
from podproof.runtimes.attackers import attack_pod
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.runtimes.engine import ContainerRequest, Device, Mount, SandboxRequest
from podproof.runtimes.observation.enforced import observe_enforced
from podproof.runtimes.pods.values import PodSnapshot, RunOptions
from podproof.session.prove.enforced import compare_attacker, compare_enforced
from podproof.session.run.verify import verifier

Plant = Callable[[ContainerRequest], ContainerRequest]


class PlantingEngine:
    """The embedded engine, which makes some containers otherwise than it is asked for."""

    def __init__(self, engine: EmbeddedEngine, plants: dict[str, Plant]) -> None:
        self._engine = engine
        self._plants = plants

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def run_sandbox(self, request: SandboxRequest) -> str:
        return self._engine.run_sandbox(_privileged(request))

    def create_container(self, sandbox: str, request: ContainerRequest, of: SandboxRequest) -> str:
        planted = self._plants.get(request.name, lambda asked: asked)(request)
        return self._engine.create_container(sandbox, planted, _privileged(of))


def _privileged(request: SandboxRequest) -> SandboxRequest:
    """Let a sandbox have privileged containers, which none takes that was not asked for so."""
    return msgspec.structs.replace(
        request, security=msgspec.structs.replace(request.security, privileged=True)
    )


def changed(**fields: Any) -> Plant:
    return lambda asked: msgspec.structs.replace(asked, **fields)


def resources(**fields: int) -> Plant:
    return lambda asked: msgspec.structs.replace(
        asked, resources=msgspec.structs.replace(asked.resources, **fields)
    )


def security(**fields: Any) -> Plant:
    return lambda asked: msgspec.structs.replace(
        asked, security=msgspec.structs.replace(asked.security, **fields)
    )


def with_mount(path: str, *, read_only: bool, instead: bool = False) -> Plant:
    """One mount more, of another folder; `instead`: of the one that was asked for at this path."""

    def plant(asked: ContainerRequest) -> ContainerRequest:
        kept = tuple(mount for mount in asked.mounts if not (instead and mount.container_path == path))
        return msgspec.structs.replace(asked, mounts=(*kept, Mount(path, "/usr", read_only=read_only)))

    return plant


def without_mount(path: str) -> Plant:
    return lambda asked: msgspec.structs.replace(
        asked, mounts=tuple(mount for mount in asked.mounts if mount.container_path != path)
    )


def unsealed(asked: ContainerRequest) -> ContainerRequest:
    mounts = tuple(msgspec.structs.replace(mount, read_only=False) for mount in asked.mounts)
    return msgspec.structs.replace(asked, mounts=mounts)


PLANTS: dict[str, tuple[Plant, str, str]] = {
    "extra": (with_mount("/extra", read_only=False), "mounts", "/extra rw was not asked for"),
    "extra-sealed": (with_mount("/etc/extra", read_only=True), "mounts", "/etc/extra ro was not asked for"),
    "over": (with_mount("/var", read_only=True), "mounts", "/var ro was not asked for"),
    "missing": (without_mount("/data"), "mounts", "/data is missing"),
    "swapped": (
        with_mount("/data", read_only=False, instead=True), "mounts",
        "/data is another file than was asked for",
    ),
    "unsealed": (unsealed, "mounts", "/sealed is writable"),
    "device": (
        changed(devices=(Device("/dev/kmsg", "/dev/kmsg", "r"),)), "device_cgroup", "c 1:11 r is allowed",
    ),
    "memory": (resources(memory_limit_in_bytes=1 << 30), "cgroup.memory", ""),
    "shares": (resources(cpu_shares=4096), "cgroup.cpu_shares", ""),
    "quota": (resources(cpu_quota=200000, cpu_period=100000), "cgroup.cpu_quota", ""),
    "score": (resources(oom_score_adj=900), "oom_score_adj", ""),
    "value": (changed(environment=(("KEY", "other"),)), "environment", "KEY has another value"),
    "nothing": (changed(environment=()), "environment", "KEY is missing"),
}  # fmt: skip
"""Name of a container to its plant, the field that shows it, and what is said."""


def pod(name: str, containers: list[str], **context: Any) -> dict[str, Any]:
    mounts = [
        {"name": "data", "mountPath": "/data"},
        {"name": "sealed", "mountPath": "/sealed", "readOnly": True},
    ]
    return {
        "metadata": {"name": name},
        "spec": {
            "volumes": [{"name": "data", "emptyDir": {}}, {"name": "sealed", "emptyDir": {}}],
            "containers": [
                {"name": one, "image": "local.lab/bb:1", "volumeMounts": mounts, "securityContext": context}
                for one in containers
            ],
        },
    }


def asked_for(asked: ContainerRequest) -> ContainerRequest:
    """What is asked for, beside what the pod has: limits, a score and a variable."""
    limits = msgspec.structs.replace(
        asked.resources, memory_limit_in_bytes=1 << 26, cpu_quota=50000, cpu_period=100000, cpu_shares=512,
        oom_score_adj=500,
    )  # fmt: skip
    return msgspec.structs.replace(asked, resources=limits, environment=(("KEY", "value"),))


def test_what_is_enforced_otherwise_is_noticed(embedded: EmbeddedEngine) -> None:
    plants: dict[str, Plant] = {
        name: lambda asked, plant=plant: plant(asked_for(asked))  # type: ignore[misc]  # bound now
        for name, (plant, _, _) in PLANTS.items()
    }
    engine: Any = PlantingEngine(embedded, plants | {"limits": asked_for, "honest": asked_for})
    runtime = embedded.features().runtime
    # cgroup v2 lists no devices: test_every_device_that_is_allowed_too_much_is_noticed tries them
    unlisted = {"device_cgroup"} if Path("/sys/fs/cgroup/cgroup.controllers").exists() else set()
    with attacked(engine, pod("planted", [*PLANTS, "limits", "honest"])) as targets:
        found: dict[str, dict[str, str]] = {}
        for target in targets:
            assert target.pid is not None
            if target.name == "limits":
                resource.prlimit(target.pid, resource.RLIMIT_NOFILE, (77, 77))
            request = asked_for(target.running.request)
            seen = observe_enforced(target.pid, request.mounts)
            compared = compare_enforced(request, seen, None, mounted=["/data", "/sealed"], runtime=runtime)
            assert {one.field for one in compared if one.equal is None} == unlisted
            found[target.name] = {one.field: one.why for one in compared if one.equal is False}
    assert found == {
        **{name: {field: why} if field not in unlisted else {} for name, (_, field, why) in PLANTS.items()},
        "limits": {"limits": "Max open files is 77"},
        "honest": {},
    }


def test_an_attacker_that_is_not_as_its_container_is_noticed(embedded: EmbeddedEngine) -> None:
    more = security(privileged=True, readonly_rootfs=False)
    engine: Any = PlantingEngine(embedded, {"podproof-attack-0": more})
    with attacked(engine, pod("unlike", ["planted", "honest"], readOnlyRootFilesystem=True)) as targets:
        results = attack_pod(engine, targets, ATTACKS[:1], log_folder(targets))
        fields = {}
        for target in targets:
            witness = results[target.name].witness
            assert target.observed is not None
            assert witness is not None, results[target.name]
            compared = compare_attacker(target.observed, witness, existing=frozenset(this_node().paths or ()))
            fields[target.name] = {one.field for one in compared if one.equal is False}
    assert fields["honest"] == set()
    assert fields["planted"] >= {"attacker", "attacker.read_only_root", "attacker.capabilities.effective",
                                 "attacker.masked_paths", "attacker.devices"}  # fmt: skip


def log_folder(targets: Any) -> Path:
    return Path(targets[0].running.sandbox_request.log_directory)


RESTRICTED: dict[str, Any] = {
    "runAsNonRoot": True, "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
}  # fmt: skip

NOT_HERE = {"load-module", "regain-by-user-namespace", "write-sys"}
"""What no container of this engine can do on every machine: tests/attacks/test_let_through.py has them."""


def test_every_attack_that_the_kernel_lets_through_is_noticed(embedded: EmbeddedEngine) -> None:
    """A runtime that gives a restricted container everything, or only leaves out no_new_privs."""
    everything = security(
        privileged=True, run_as_user=0, no_new_privs=False, readonly_rootfs=False, capabilities=Capability(),
        seccomp=None,
    )  # fmt: skip
    plants = {"podproof-attack-0": everything, "podproof-attack-1": security(no_new_privs=False)}
    engine: Any = PlantingEngine(embedded, plants)
    users = ({**RESTRICTED, "runAsUser": 10001}, {**RESTRICTED, "runAsUser": 10002})
    planted = pod("let-through", ["all", "some"])
    planted["spec"]["shareProcessNamespace"] = True
    for container, context in zip(planted["spec"]["containers"], users, strict=True):
        container["securityContext"] = context
    planted["spec"]["containers"][1]["securityContext"] = {**users[1], "capabilities": {"add": ["NET_RAW"]}}
    noticed = set()
    with attacked(engine, planted) as targets:
        for attacked_one in attack_pod(engine, targets, ATTACKS, log_folder(targets)).values():
            for result in attacked_one.results:
                if result.outcome is not None and result.outcome.allowed and result.as_predicted is False:
                    noticed.add(result.attack.id)
    assert {attack.id for attack in ATTACKS} - noticed - NOT_HERE == set()


def test_a_filter_answers_by_its_profile_and_another_one_is_noticed(embedded: EmbeddedEngine) -> None:
    folder = embedded.session.directory
    strict, loose = folder / "strict.json", folder / "loose.json"
    rule = {"names": ["keyctl", "setns"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EPROTO}
    strict.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}))
    loose.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW"}))

    def filtered(path: Path) -> Plant:
        return security(seccomp=SecurityProfile("Localhost", str(path)))

    asked = filtered(strict)
    plants = {"honest": asked, "planted": asked, "podproof-attack-1": filtered(loose)}
    engine: Any = PlantingEngine(embedded, plants)
    profile = {"type": "Localhost", "localhostProfile": "strict.json"}
    ended: dict[str, dict[str, tuple[str, bool | None]]] = {}
    with attacked(engine, pod("by-profile", ["honest", "planted"], seccompProfile=profile)) as targets:
        held = tuple(
            msgspec.structs.replace(
                one, running=msgspec.structs.replace(one.running, request=asked(one.running.request))
            )
            for one in targets
        )
        for name, found in attack_pod(engine, held, [filtered_calls.ATTACK], log_folder(targets)).items():
            ended[name] = {one.target: (str(one.outcome), one.as_predicted) for one in found.results}
    calls = dict.fromkeys((probe.call for probe in filtered_calls.PROBES), ("allowed", True))
    assert ended["honest"] == calls | dict.fromkeys(("keyctl", "setns"), ("EPROTO", True))
    assert ended["planted"] == calls | dict.fromkeys(("keyctl", "setns"), ("allowed", False))


def test_every_device_that_is_allowed_too_much_is_noticed(embedded: EmbeddedEngine) -> None:
    """On cgroup v2 no file lists them: they are tried one by one, to read and to write."""
    more = (Device("/dev/loop-control", "/dev/loop-control", "r"), Device("/dev/fuse", "/dev/fuse", "w"))
    given = tuple(device for device in more if Path(device.host_path).exists())
    engine: Any = PlantingEngine(embedded, {"podproof-attack-0": changed(devices=given)})
    with attacked(engine, pod("devices", ["planted", "honest"])) as targets:
        found = attack_pod(engine, targets, [open_device_node.ATTACK], log_folder(targets))
    outcomes = {
        name: {one.target: (str(one.outcome), one.as_predicted) for one in attacked_one.results if one.target}
        for name, attacked_one in found.items()
    }
    assert set(outcomes["honest"].values()) == {("EPERM", True)}
    wanted = {
        f"{device.host_path} {'to read' if device.permissions == 'r' else 'to write'}" for device in given
    }
    assert {name for name, ended in outcomes["planted"].items() if ended == ("allowed", False)} == (
        wanted & outcomes["planted"].keys()
    )


def test_run_verify_says_what_is_enforced_otherwise(embedded: EmbeddedEngine) -> None:
    plants = {
        "mounted": with_mount("/more", read_only=True),
        "memory": resources(memory_limit_in_bytes=1 << 26),
    }
    engine: Any = PlantingEngine(embedded, plants)
    verified = pod("verified", [*plants, "honest"])
    runtime = parse_runtime(embedded.features().runtime)
    options = RunOptions(setting=Setting(images=IMAGES, node=this_node(), runtime=runtime))
    with attacked(engine, verified) as targets:
        running = {target.name: target.running for target in targets}
        lines = verifier(engine, options)(PodSnapshot(verified, running=running))
    kubelet = "(what the kubelet asks the runtime for)"
    assert [line for line in lines if "honest" in line] == []
    assert f'pod verified: container "mounted": mounts: /more ro was not asked for {kubelet}' in lines
    (of_memory,) = [line for line in lines if 'container "memory"' in line]
    assert of_memory.endswith(f"cgroup.memory: was asked for as None, and is {1 << 26} {kubelet}")
