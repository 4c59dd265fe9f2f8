"""Every attack is found by its file, says what should stop it, and predicts by the kernel's rules."""

import pkgutil
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

import podproof.attacks
from podproof.attacks.model.attack import (
    Attack,
    AttackOutcome,
    Expectation,
    Neighbour,
    NodeFacts,
    NotTried,
    Owner,
    Scene,
    Trial,
    as_expected,
)
from podproof.attacks.model.confinement import confine
from podproof.attacks.model.program import CallResult, Program
from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.resolve import resolve
from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.effective.value import Field, Origin
from podproof.kube.pod import raw_pod
from podproof.registry import members

ATTACKS = {attack.id: attack for attack in members(podproof.attacks, "ATTACK", Attack)}

FACTS = NodeFacts(port_start=1024, ptrace_scope=0, user_namespaces=True, modules=True)


def scene(
    context: Mapping[str, Any], *, pod: Mapping[str, Any] = {}, node: NodeFacts = FACTS, **fields: Any
) -> Scene:
    """A scene of one container with this security context."""
    containers = [{"name": "a", "image": "i", "securityContext": dict(context)}]
    typed = raw_pod({"metadata": {"name": "p"}, "spec": {"containers": containers, **pod}})
    images = {"i": ImageConfig(user="", passwd="", group="", command=("/x",))}
    (placed,) = place_containers(typed, Setting(images=images, runtime=RUNTIMES["containerd-1.6.20"]))
    return Scene(
        container="a",
        context=resolve(placed),
        node=node,
        root=Owner(0, 0, 0o755),
        folder="/f",
        scratch="/r",
        stranger=61337,
        existing=frozenset(("/proc/sys/kernel/core_pattern", "/sys/module/kernel/parameters/panic")),
        **fields,
    )


def expected(id: str, of: Scene) -> list[str]:
    return [
        "not tried" if isinstance(trial, NotTried) else str(trial.expected)
        for trial in ATTACKS[id].trials(of)
    ]


def test_a_runtimes_filter_answers_unshare_in_its_own_way() -> None:
    held = {"seccompProfile": {"type": "RuntimeDefault"}}
    for error in ("EPERM", "ENOSYS"):
        of = scene(held, node=NodeFacts(user_namespaces=True, unshare_error=error))
        assert expected("unshare-namespace", of) == expected("new-user-namespace", of) == [error]


def test_an_attack_is_its_file() -> None:
    modules = pkgutil.iter_modules(podproof.attacks.__path__)
    files = {m.name for m in modules if not (m.ispkg or m.name.startswith("_"))}
    assert {id.replace("-", "_") for id in ATTACKS} == files
    for attack in ATTACKS.values():
        assert attack.title
        assert attack.claim.startswith(("the ", "a "))


def test_every_attack_can_be_written_for_both_machines() -> None:
    for machine in ("x86_64", "aarch64"):
        program = Program(machine, "/f/program")
        here = scene(
            {"runAsUser": 1000},
            file_capability="NET_RAW",
            dropped_capability="SYS_ADMIN",
            neighbours=(Neighbour("b", 7, True, 1000, 0, frozenset()),),
        )
        for attack in ATTACKS.values():
            for number, trial in enumerate(attack.trials(here)):
                assert isinstance(trial, Trial), attack.id
                with program.script(f"{attack.id}-{number}") as script:
                    trial.write(script)
        assert len(program.encode()) > 10_000


DROP = {"capabilities": {"drop": ["ALL"]}}
USER = {"runAsUser": 1000}
DEFAULT = {"seccompProfile": {"type": "RuntimeDefault"}}
LOCALHOST = {"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}}
PRIVILEGED = {"privileged": True}


@pytest.mark.parametrize(
    ("id", "context", "answers"),
    [
        ("write-root-filesystem", {"readOnlyRootFilesystem": True}, ["EROFS"]),
        ("write-root-filesystem", {"readOnlyRootFilesystem": True, **USER}, ["EROFS"]),
        ("write-root-filesystem", {}, ["allowed"]),
        ("write-root-filesystem", DROP, ["allowed"]),
        ("write-root-filesystem", USER, ["EACCES"]),
        ("set-user-id-binary", USER, ["allowed"]),
        ("set-user-id-binary", USER | {"allowPrivilegeEscalation": False}, ["still UID 1000"]),
        ("set-user-id-binary", {}, ["not tried"]),
        ("bind-port-80", {}, ["allowed"]),
        ("bind-port-80", USER, ["EACCES"]),
        ("bind-port-80", USER | {"capabilities": {"add": ["NET_BIND_SERVICE"]}}, ["EACCES"]),
        ("bind-port-443", DROP, ["EACCES"]),
        ("raw-socket", {}, ["allowed", "allowed"]),
        ("raw-socket", {"capabilities": {"drop": ["NET_RAW"]}}, ["EPERM", "EPERM"]),
        ("change-owner", DROP, ["EPERM"]),
        ("override-permissions", {}, ["allowed", "allowed"]),
        ("override-permissions", DROP, ["EACCES", "EACCES"]),
        (
            "override-permissions",
            {"capabilities": {"drop": ["ALL"], "add": ["DAC_READ_SEARCH"]}},
            ["allowed", "EACCES"],
        ),
        ("make-device-node", {}, ["allowed"]),
        ("make-device-node", USER, ["EPERM"]),
        ("open-device-node", {}, ["EPERM"] * 7),
        ("open-device-node", PRIVILEGED, ["allowed"] * 7),
        ("mount-filesystem", {}, ["EPERM"]),
        ("mount-filesystem", PRIVILEGED, ["allowed"]),
        ("pivot-root", {"capabilities": {"add": ["SYS_ADMIN"]}}, ["allowed"]),
        ("pivot-root", {"capabilities": {"add": ["SYS_ADMIN"]}} | DEFAULT, ["EPERM"]),
        ("unshare-namespace", {"capabilities": {"add": ["SYS_ADMIN"]}} | DEFAULT, ["allowed"]),
        ("new-user-namespace", USER | DROP, ["allowed"]),
        ("new-user-namespace", USER | DROP | DEFAULT, ["EPERM"]),
        ("new-user-namespace", LOCALHOST, ["not predicted"]),
        ("regain-by-user-namespace", {}, ["EPERM"]),
        ("write-proc-sys", {}, ["EROFS"]),
        ("write-proc-sys", USER, ["EACCES or EROFS"]),
        ("write-proc-sys", PRIVILEGED, ["allowed"]),
        ("write-sys", PRIVILEGED, ["not predicted"]),
        ("load-module", {}, ["EPERM"]),
        ("load-module", PRIVILEGED, ["allowed"]),
        ("set-clock", {}, ["EPERM"]),
        ("set-clock", PRIVILEGED, ["allowed"]),
        ("change-user", USER, ["EPERM", "EPERM", "EPERM"]),
        ("change-root", {}, ["allowed"]),
        ("regain-by-capset", {}, ["not tried"]),
        ("kill-neighbour", {}, ["not tried"]),
    ],
)  # fmt: skip
def test_predictions(id: str, context: dict[str, Any], answers: list[str]) -> None:
    assert expected(id, scene(context)) == answers


def test_what_the_node_is_set_to_counts() -> None:
    none = NodeFacts(port_start=80, ptrace_scope=1, user_namespaces=False, modules=False)
    on_node = scene(USER, pod={"hostNetwork": True}, node=none)
    assert expected("bind-port-80", on_node) == ["allowed"]
    assert expected("new-user-namespace", on_node) == ["EPERM or ENOSPC or EINVAL"]
    assert expected("load-module", scene(PRIVILEGED, node=none)) == ["EPERM or ENOSYS"]
    assert expected("bind-port-80", scene(USER, pod={"hostNetwork": True}, node=NodeFacts())) == [
        "not predicted"
    ]
    nosuid = NodeFacts(set_user_id=False, device_files=False)
    assert expected("set-user-id-binary", scene(USER, node=nosuid)) == ["not tried"]
    assert expected("open-device-node", scene(USER, node=nosuid)) == ["not tried"]
    bare = NodeFacts(unopened=frozenset(("fuse", "loop-control", "kvm", "loop0")))
    assert expected("open-device-node", scene(USER, node=bare)) == ["EPERM", *["not tried"] * 4]


def test_neighbours() -> None:
    def beside(context: Mapping[str, Any], other: Neighbour, node: NodeFacts = FACTS) -> Scene:
        return scene(context, node=node, neighbours=(other,))

    apart = Neighbour("b", 7, False, 1000, 0, frozenset())
    assert expected("kill-neighbour", beside(USER, apart)) == ["ESRCH"]
    same = Neighbour("b", 7, True, 1000, 0, frozenset())
    assert expected("kill-neighbour", beside(USER, same)) == ["allowed"]
    assert expected("trace-neighbour", beside(USER, same)) == ["allowed"]
    assert expected("trace-neighbour", beside(USER, same, NodeFacts(ptrace_scope=1))) == ["EPERM"]
    assert expected("read-neighbours-data", beside(USER, same)) == ["allowed"]
    strong = Neighbour("b", 7, True, 1000, 0, frozenset(("NET_RAW",)))
    assert expected("trace-neighbour", beside(USER, strong)) == ["EPERM"]
    other = Neighbour("b", 7, True, 1001, 0, frozenset())
    assert expected("kill-neighbour", beside(USER, other)) == ["EPERM"]
    assert expected("read-neighbours-data", beside(USER, other)) == ["EACCES"]
    assert expected("read-neighbours-data", beside({}, other)) == ["allowed"]
    assert expected("kill-neighbour", beside({}, other)) == ["allowed"]
    ended = Neighbour("b", None, True, 1001, 0, frozenset())
    assert expected("kill-neighbour", beside({}, ended)) == ["not tried"]


def test_what_is_not_known_is_not_predicted() -> None:
    typed = raw_pod({"spec": {"containers": [{"name": "a", "image": "unknown"}]}})
    (placed,) = place_containers(typed)
    context = resolve(placed)
    here = Scene(
        container="a", context=context, node=FACTS, root=None, folder="/f", scratch="/r", stranger=7
    )  # fmt: skip
    for id in ("raw-socket", "set-clock", "override-permissions", "write-root-filesystem", "change-user"):
        assert set(expected(id, here)) == {"not predicted"}, id


@pytest.mark.parametrize(
    ("id", "changes", "answers"),
    [
        ("raw-socket", {}, ["allowed", "allowed"]),
        ("raw-socket", {"seccomp": "Localhost/mine"}, ["not predicted", "not predicted"]),
        ("raw-socket", {"apparmor": "RuntimeDefault"}, ["allowed", "allowed"]),
        ("raw-socket", {"apparmor": "Localhost/mine"}, ["not predicted", "not predicted"]),
        ("raw-socket", {"selinux": "*:*:container_t:*"}, ["not predicted", "not predicted"]),
        ("new-user-namespace", {"apparmor": "RuntimeDefault"}, ["not predicted"]),
        ("mount-filesystem", {"apparmor": "RuntimeDefault"}, ["EPERM or EACCES"]),
        ("write-proc-sys", {"apparmor": "RuntimeDefault"}, ["EROFS or EACCES or EPERM"]),
        ("regain-by-user-namespace", {"apparmor": "RuntimeDefault"}, ["EPERM or EACCES"]),
    ],
)
def test_confinement(id: str, changes: dict[str, str], answers: list[str]) -> None:
    here = scene({})
    fields = {name: Field(value, Origin("runtime")) for name, value in changes.items()}
    # the scene's own: no profile and no label, as on a node without security modules
    plain: dict[str, Any] = {
        "apparmor": Field("Unconfined", Origin("runtime")), "selinux": Field(None, Origin("runtime")),
    }  # fmt: skip
    context = msgspec.structs.replace(here.context, **(plain | fields))
    trials = [trial for trial in ATTACKS[id].trials(here) if isinstance(trial, Trial)]
    assert [str(confine(ATTACKS[id], trial.expected, context)) for trial in trials] == answers


@pytest.mark.parametrize(
    ("prediction", "outcome", "verdict"),
    [
        (Expectation(True), AttackOutcome(True), True),
        (Expectation(True), AttackOutcome(False, "EPERM"), False),
        (Expectation(False, ("EPERM",)), AttackOutcome(False, "EPERM"), True),
        (Expectation(False, ("EPERM",)), AttackOutcome(False, "EACCES"), False),
        (Expectation(False, ("EPERM",)), AttackOutcome(True), False),
        (Expectation(False), AttackOutcome(False, "EIO"), False),
        (Expectation(False, ("EPERM",)), AttackOutcome(None), None),
        (Expectation(None), AttackOutcome(True), None),
    ],
)
def test_verdicts(prediction: Expectation, outcome: AttackOutcome, verdict: bool | None) -> None:
    assert as_expected(prediction, outcome) is verdict


def trial_of(id: str, of: Scene) -> Trial:
    """The first trial of an attack."""
    trial = next(iter(ATTACKS[id].trials(of)))
    assert isinstance(trial, Trial)
    return trial


def test_an_attack_whose_deciding_call_was_never_made_is_not_reached() -> None:
    port = trial_of("bind-port-80", scene({}))
    opened, refused_socket = CallResult("socket", "socket()", 3), CallResult("socket", "socket()", -1)
    never = CallResult("bind", "bind()", None)
    assert port.outcome_of((refused_socket, never)) == AttackOutcome(None)
    assert port.outcome_of((CallResult("socket", "socket()", None), never)) == AttackOutcome(None)
    assert port.outcome_of((opened, CallResult("bind", "bind()", -98))) == AttackOutcome(True)
    assert port.outcome_of((opened, CallResult("bind", "bind()", -13))) == AttackOutcome(False, "EACCES")


@pytest.mark.parametrize("id", ["set-user-id-binary", "file-capability-binary", "regain-by-set-user-id"])
def test_a_helper_that_was_not_executed_shows_nothing(id: str) -> None:
    here = scene(
        USER | {"allowPrivilegeEscalation": False}, file_capability="NET_RAW", dropped_capability="SYS_ADMIN"
    )
    trials = [one for one in ATTACKS[id].trials(here) if isinstance(one, Trial)]
    outcome = trials[-1].outcome_of((CallResult("execve", "execve()", -13),))
    assert outcome == AttackOutcome(None)
    assert as_expected(trials[-1].expected, outcome) is None


def test_an_earlier_call_refuses_where_an_attack_says_so() -> None:
    here = scene({}, dropped_capability="SYS_ADMIN")
    execution = (CallResult("execve", "execve()", -1),)
    assert trial_of("regain-by-file-capability", here).outcome_of(execution) == AttackOutcome(False, "EPERM")
    made = (CallResult("unshare", "unshare()", -28), CallResult("socket", "socket()", None))
    assert trial_of("regain-by-user-namespace", here).outcome_of(made) == AttackOutcome(False, "ENOSPC")


def test_every_refusal_that_is_predicted_is_named() -> None:
    contexts = ({}, USER, USER | {"allowPrivilegeEscalation": False}, DROP, DEFAULT, PRIVILEGED)
    for context in contexts:
        here = scene(
            context,
            file_capability="NET_RAW",
            dropped_capability="SYS_ADMIN",
            neighbours=(Neighbour("b", 7, True, 1001, 0, frozenset(("NET_RAW",))),),
        )
        for attack in ATTACKS.values():
            for trial in attack.trials(here):
                if isinstance(trial, Trial) and trial.expected.allowed is False:
                    assert trial.expected.errors, attack.id
