"""One attacker for each container of a pod: made, started, let loose together, read, removed.

Attackers wait for each other once, so that late attacks find what early ones have left. All attacks of a
container are one program in one container: a container takes a quarter of a second, an attack nothing.
"""

import os
import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ...attacks.model.attack import (
    Attack,
    AttackOutcome,
    Expectation,
    NodeFacts,
    NotTried,
    Scene,
    Trial,
    as_expected,
)
from ...attacks.model.confinement import confine
from ...attacks.model.kept_files import keep, remove_kept
from ...attacks.model.program import CallResult, Program
from ...effective.context import EffectiveSecurityContext
from ...effective.runtime import runtime_of
from ...effective.value import Field, Unknown
from ..engine import ContainerRequest, Engine, EngineError, Mount
from ..helper import helper
from ..observation import observe
from ..observation.enforced import Enforced, observe_enforced
from ..pods.values import RunningContainer
from .facts import node_facts
from .logs import read_log
from .scenes import FOLDER, SCRATCH, Target, free_id, scene_of
from .scratch import HELPER, PROGRAM, make_copies, make_scratch, remove

__all__ = ["AttackResult", "Attacked", "Target", "attack_pod"]

_END = "end"
_PATIENCE = 60.0
"""Seconds for all attackers of a pod; they take a fraction of one."""


class AttackResult(msgspec.Struct, frozen=True):
    """How one attack came out. `outcome` None: not tried, and `expected.why` says why.

    `evidence` are the calls as strace writes them. `as_predicted` None: nothing was predicted, or tried.
    """

    attack: Attack
    target: str
    expected: Expectation
    outcome: AttackOutcome | None
    evidence: tuple[str, ...]
    as_predicted: bool | None


class Attacked(msgspec.Struct, frozen=True):
    """A container's attacks, and its attacker's process as it was observed; None when it did not run.

    `surroundings` are the witness's mounts, cgroups, limits and environment.
    """

    results: tuple[AttackResult, ...]
    witness: EffectiveSecurityContext | None
    surroundings: Enforced | None = None


class _Attacker(msgspec.Struct):
    target: Target
    request: ContainerRequest
    program: Program
    trials: dict[str, tuple[Attack, Trial]]
    untried: list[AttackResult]
    log: Path
    id: str = ""
    problem: str = ""
    output: str = ""
    witness: EffectiveSecurityContext | None = None
    surroundings: Enforced | None = None


def attack_pod(
    engine: Engine, targets: tuple[Target, ...], attacks: Iterable[Attack], directory: Path
) -> Mapping[str, Attacked]:
    """Attack a pod from each of its containers; the results by container, in the order of the attacks.

    `directory` is an existing folder of the session, for what attackers need; what is made there is removed.
    An attacker that does not start or finish makes its attacks not reached, hence not as predicted.
    Raises HelperError: there is no helper for this machine. OSError: the folder cannot be written.
    """
    chosen = tuple(attacks)
    if not targets or not chosen:
        return {}
    folder = directory / "attackers"
    folder.mkdir()
    folder.chmod(0o755)
    try:
        stranger = free_id(targets)
        features = engine.features()
        node = msgspec.structs.replace(
            node_facts(folder),
            unshare_error=runtime_of(features.runtime).unshare_error,
            known_filter=features.name == "containerd",
        )
        make_scratch(folder / "room", (t.name for t in targets), stranger, device=node.device_files)
        attackers = [
            _prepare(target, targets, chosen, node, stranger, folder, str(index))
            for index, target in enumerate(targets)
        ]
        with _sandbox(engine, targets[0].running) as sandbox:
            try:
                _run(engine, attackers, sandbox, folder / "room")
            finally:
                _remove_containers(engine, attackers)
        return {
            attacker.target.name: Attacked(
                _results(attacker, chosen), attacker.witness, attacker.surroundings
            )
            for attacker in attackers
        }
    finally:
        remove(folder)


@contextmanager
def _sandbox(engine: Engine, running: RunningContainer) -> Iterator[str]:
    """Give the pod's sandbox; one just like it where the pod has ended and its own is stopped."""
    if engine.sandbox(running.sandbox_id).ready:
        yield running.sandbox_id
        return
    request = running.sandbox_request
    id = engine.run_sandbox(msgspec.structs.replace(request, attempt=request.attempt + 1))
    try:
        yield id
    finally:
        engine.stop_sandbox(id)
        engine.remove_sandbox(id)


def _prepare(
    target: Target,
    targets: tuple[Target, ...],
    attacks: tuple[Attack, ...],
    node: NodeFacts,
    stranger: int,
    folder: Path,
    number: str,
) -> _Attacker:
    scene = scene_of(target, targets, node, stranger)
    machine = platform.machine()
    make_copies(
        folder / number,
        helper(machine),
        capability=scene.file_capability if node.set_user_id else None,
        dropped=scene.dropped_capability if node.set_user_id else None,
    )
    program = Program(machine, f"{FOLDER}/{PROGRAM}")
    attacker = _Attacker(
        target=target,
        request=_request(target.running, folder, number),
        program=program,
        trials={},
        untried=[],
        log=Path(target.running.sandbox_request.log_directory) / _log_name(number),
    )
    kept = sorted({scene.scratch, *(path for paths in scene.shared.values() for path in paths)})
    for path in kept:
        with program.script("keep") as script:
            keep(script, path, target.name)
    _write(attacker, scene, (attack for attack in attacks if not attack.late))
    with program.script("ready") as script:
        script.touch(f"{SCRATCH}/ready-{number}")
    with program.script("wait") as script:
        script.wait_for(f"{SCRATCH}/go")
    _write(attacker, scene, (attack for attack in attacks if attack.late))
    with program.script("done") as script:
        script.touch(f"{SCRATCH}/done-{number}")
    with program.script("wait") as script:
        script.wait_for(f"{SCRATCH}/over")
    for path in kept:
        with program.script("keep") as script:
            remove_kept(script, path, target.name)
    program.finish(_END)
    (folder / number / PROGRAM).write_bytes(program.encode())
    (folder / number / PROGRAM).chmod(0o644)
    return attacker


def _request(running: RunningContainer, folder: Path, number: str) -> ContainerRequest:
    mounts = (
        Mount(FOLDER, str(folder / number), read_only=True),
        Mount(SCRATCH, str(folder / "room")),
    )
    return msgspec.structs.replace(
        running.request,
        name=f"podproof-attack-{number}",
        attempt=0,
        command=(f"{FOLDER}/{HELPER}", f"{FOLDER}/{PROGRAM}"),
        args=(),
        mounts=(*running.request.mounts, *mounts),
        labels={**running.request.labels, "io.kubernetes.container.name": f"podproof-attack-{number}"},
        log_path=_log_name(number),
        stdin=False,
        tty=False,
    )


def _log_name(number: str) -> str:
    return f"podproof-attack-{number}.log"


def _write(attacker: _Attacker, scene: Scene, attacks: Iterable[Attack]) -> None:
    for attack in attacks:
        for trial in attack.trials(scene):
            if isinstance(trial, NotTried):
                expected = Expectation(None, (), trial.reason)
                attacker.untried.append(AttackResult(attack, "", expected, None, (), None))
                continue
            expected = confine(attack, trial.expected, scene.context)
            trial = msgspec.structs.replace(trial, expected=expected)
            key = f"trial-{len(attacker.trials)}"
            attacker.trials[key] = (attack, trial)
            with attacker.program.script(key) as script:
                trial.write(script)


def _run(engine: Engine, attackers: list[_Attacker], sandbox: str, scratch: Path) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda attacker: _start(engine, attacker, sandbox), attackers))
    running = [attacker for attacker in attackers if not attacker.problem]
    end = time.monotonic() + _PATIENCE
    for signs, answer in (("ready", "go"), ("done", "over")):
        for attacker in running:
            sign = f"{signs}-{attackers.index(attacker)}"
            while not os.path.lexists(scratch / sign) and time.monotonic() < end:
                if not attacker.problem and _ended(engine, attacker):
                    attacker.problem = f"it ended before it was {signs}"
                    break
                time.sleep(0.005)
            if signs == "ready" and not attacker.problem:
                _observe(engine, attacker)
        # attackers may write here: nothing of theirs is followed or overwritten
        os.close(os.open(scratch / answer, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644))
    for attacker in running:
        attacker.output = _output(attacker, end)


def _observe(engine: Engine, attacker: _Attacker) -> None:
    """Look at the attacker, which waits: it was asked for as its container was, and has to be the same."""
    try:
        pid = engine.container(attacker.id).pid
    except EngineError:
        return
    if pid is None:
        return
    seen = observe(pid, attacker.target.asked)
    paths = seen.writable.value
    if not isinstance(paths, Unknown):
        # the scratch folder is the attacker's own
        own = Field(tuple(path for path in paths if path != SCRATCH), seen.writable.origin)
        seen = msgspec.structs.replace(seen, writable=own)
    attacker.witness = seen
    crio = engine.features().name == "cri-o"
    around = observe_enforced(pid, attacker.request.mounts, crio=crio)
    if not isinstance(around.mounts, Unknown):
        mounts = tuple(mount for mount in around.mounts if mount.path not in (FOLDER, SCRATCH))
        around = msgspec.structs.replace(around, mounts=mounts)
    attacker.surroundings = around


def _start(engine: Engine, attacker: _Attacker, sandbox: str) -> None:
    running = attacker.target.running
    try:
        attacker.id = engine.create_container(sandbox, attacker.request, running.sandbox_request)
        engine.start_container(attacker.id)
    except EngineError as error:
        attacker.problem = error.detail


def _ended(engine: Engine, attacker: _Attacker) -> bool:
    try:
        return engine.container(attacker.id).state == "exited"
    except EngineError as error:
        attacker.problem = error.detail
        return True


def _output(attacker: _Attacker, end: float) -> str:
    """Read what the attacker printed; its last line says that nothing is missing."""
    last = f"{attacker.program.last_tag} 0"
    output = ""
    while time.monotonic() < end:
        output = read_log(attacker.log)
        if last in output.splitlines():
            return output
        if attacker.problem:
            break
        time.sleep(0.005)
    attacker.problem = attacker.problem or "it did not finish in time"
    return output


def _remove_containers(engine: Engine, attackers: list[_Attacker]) -> None:
    def drop(attacker: _Attacker) -> None:
        if attacker.id:
            try:
                engine.stop_container(attacker.id, 0)
                engine.remove_container(attacker.id)
            except EngineError:
                # the sandbox is removed soon, and takes with it what is left
                return

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(drop, attackers))


def _results(attacker: _Attacker, attacks: tuple[Attack, ...]) -> tuple[AttackResult, ...]:
    answers = attacker.program.answers(attacker.output)
    results = list(attacker.untried)
    for key, (attack, trial) in attacker.trials.items():
        results.append(_result(attack, trial, answers.get(key, ()), attacker.problem))
    order = {attack.id: index for index, attack in enumerate(attacks)}
    return tuple(sorted(results, key=lambda result: order[result.attack.id]))


def _result(attack: Attack, trial: Trial, answers: tuple[CallResult, ...], problem: str) -> AttackResult:
    outcome = trial.outcome_of(answers)
    reached = tuple(str(answer) for answer in answers if answer.value is not None)
    if not reached and problem:
        reached = (f"the attacker did not run: {problem}",)
    return AttackResult(
        attack, trial.target, trial.expected, outcome, reached, as_expected(trial.expected, outcome)
    )
