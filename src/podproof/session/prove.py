"""The pipeline of `prove`: pods run, are observed, compared with their prediction, and attacked.

run → runtimes.observation → effective.compare → runtimes.attackers → one Proof. Pods come one after another,
so that no pod's attack meets another's; nothing is printed here, a callback hears what is under way.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from .. import attacks as room
from ..attacks._attack import Attack
from ..effective.compare import Comparison, compare
from ..effective.image import ImageConfig
from ..effective.node import Node
from ..effective.resolve import resolve_subject
from ..effective.subject import Subject
from ..effective.value import Unknown
from ..errors import OutputError, UsageError
from ..kube.pod import Pod, raw_pod
from ..kubelet.start import predict_start, subjects_of
from ..kubelet.verdict import ContainerStart
from ..outputs.prove_result import AttackLine, ProvedContainer
from ..registry import members
from ..runtimes.attackers import Attacked, AttackResult, Target, attack_pod
from ..runtimes.engine import Engine
from ..runtimes.observation import Asked, observe, wait_for_start
from ..runtimes.observation.accounts import with_accounts
from ..runtimes.observation.node import kernel_paths
from ..runtimes.observation.status import parse_status
from ..runtimes.pods.runner import PodRunner
from ..runtimes.pods.values import PodSnapshot, RunningContainer, RunOptions
from .prove_start import blocker, compare_start, state_of
from .run_plan import Plan, PlannedPod
from .run_progress import is_stuck

__all__ = ["Prover", "all_attacks", "chosen_attacks"]

Facts = Callable[[str], ImageConfig | None]

_TICK = 0.01
_SETTLING = 0.25
"""Seconds for which a container that has started is given a chance to end at once."""


@cache
def all_attacks() -> tuple[Attack, ...]:
    """Give every attack, sorted by its module's name. Raises RegistryError: a module of the room has none."""
    return members(room, "ATTACK", Attack)


def chosen_attacks(ids: Iterable[str]) -> tuple[Attack, ...]:
    """Give the attacks of these ids, all for none. Raises UsageError: there is no such attack."""
    wanted = tuple(ids)
    known = {attack.id: attack for attack in all_attacks()}
    for id in wanted:
        if id not in known:
            from difflib import get_close_matches

            close = get_close_matches(id, known, 2, 0.4)
            hint = f", did you mean {' or '.join(close)}?" if close else ""
            raise UsageError(f"no such attack: {id}{hint} (podproof prove --list-attacks)")
    return tuple(attack for attack in known.values() if not wanted or attack.id in wanted)


class Prover:
    """Proves pods on one engine, within one session."""

    def __init__(
        self,
        *,
        engine: Engine,
        options: RunOptions,
        directory: Path,
        session: str,
        attacks: tuple[Attack, ...],
        facts: Facts = lambda _: None,
        timeout: float = 60.0,
        interrupted: Callable[[], int] = lambda: 0,
    ) -> None:
        """`facts` tells what the engine does not: an image's passwd and group. `timeout` is one pod's."""
        node = msgspec.structs.replace(options.node, paths=kernel_paths(options.version))
        self._options = msgspec.structs.replace(options, node=node)
        self._engine = engine
        self._directory = directory
        self._session = session
        self._attacks = attacks
        self._facts = facts
        self._timeout = timeout
        self._interrupted = interrupted
        self._count = 0
        self.digests: dict[str, str | None] = {}
        """Digest of every image that was used, by reference."""

    @property
    def node(self) -> Node:
        """Give what this machine has, as predictions know it."""
        return self._options.node

    def prove(self, plan: Plan, planned: PlannedPod) -> tuple[ProvedContainer, ...]:
        """Run one pod, prove all of its containers, and remove it. Raises EngineError: the engine is gone."""
        self._count += 1
        folder = self._directory / "pods" / f"{planned.name}-{self._count}"
        runner = PodRunner(
            planned.pod,
            engine=self._engine,
            objects=plan.objects,
            options=self._options,
            directory=folder,
            session=self._session,
            images=self._facts,
            handler=planned.handler,
            user_range=self._count,
        )
        stop = threading.Event()
        thread = threading.Thread(target=runner.run, args=(stop,), name=planned.name, daemon=True)
        thread.start()
        try:
            snapshot = self._settled(runner, thread)
            if runner.failure is not None:
                raise runner.failure
            return self._look(planned, snapshot, folder)
        finally:
            # the pod is not wanted for its own sake: no grace
            runner.hurry.set()
            stop.set()
            thread.join()

    def _settled(self, runner: PodRunner, thread: threading.Thread) -> PodSnapshot:
        """Wait until every container has started, or what has not has a reason that will not change."""
        end = time.monotonic() + self._timeout
        running_since: float | None = None
        while time.monotonic() < end and thread.is_alive() and not self._interrupted():
            snapshot = runner.snapshot()
            if snapshot.finished or runner.failure is not None:
                break
            spec = snapshot.pod["spec"]
            regular = [container["name"] for container in spec.get("containers") or ()]
            if all(name in snapshot.started for name in regular):
                running_since = running_since or time.monotonic()
                if time.monotonic() - running_since >= _SETTLING:
                    break
            elif snapshot.settled and (is_stuck(snapshot) or blocker(snapshot.pod["status"])):
                break
            time.sleep(_TICK)
        return runner.snapshot()

    def _look(self, planned: PlannedPod, snapshot: PodSnapshot, folder: Path) -> tuple[ProvedContainer, ...]:
        pod = {key: value for key, value in snapshot.pod.items() if key != "status"}
        typed = raw_pod(pod)
        images = self._images(typed, snapshot.started)
        options = self._options
        subjects = subjects_of(
            typed, images, node=options.node, runtime=options.runtime, version=options.version
        )
        start = predict_start(
            typed, images, node=options.node, runtime=options.runtime, version=options.version
        )
        targets = tuple(
            target
            for subject in subjects
            if (target := self._target(subject, snapshot.started.get(subject.container.name or "")))
            is not None
        )
        results = self._attack(targets, folder)
        held = {target.name: target for target in targets}
        return tuple(
            self._container(planned, subject, verdict, snapshot, held, results)
            for subject, verdict in zip(subjects, start.containers, strict=True)
        )

    def _attack(self, targets: tuple[Target, ...], folder: Path) -> Mapping[str, Attacked]:
        try:
            return attack_pod(self._engine, targets, self._attacks, folder)
        except OSError as error:
            raise OutputError(
                f"cannot write {error.filename or folder}: {error.strerror or error}"
            ) from error

    def _images(self, pod: Pod, started: Mapping[str, RunningContainer]) -> dict[str, ImageConfig]:
        found: dict[str, ImageConfig] = {}
        spec = pod.spec
        for containers in (spec.init_containers, spec.containers, spec.ephemeral_containers) if spec else ():
            for container in containers or ():
                reference = container.image or ""
                record = self._engine.image(reference)
                config = self._facts(reference) or (record.config if record is not None else None)
                running = started.get(container.name or "")
                pid = running.pid if running is not None else None
                config = with_accounts(found.get(reference, config), pid)
                if config is not None:
                    found[reference] = config
                self.digests[reference] = (record.digest or record.id) if record is not None else None
        return found

    def _target(self, subject: Subject, running: RunningContainer | None) -> Target | None:
        if running is None:
            return None
        predicted = resolve_subject(subject)
        sysctls = predicted.sysctls.value
        mounts = subject.container.volume_mounts or ()
        paths = {mount.name or "": mount.mount_path or "" for mount in mounts}
        asked = Asked(() if isinstance(sysctls, Unknown) else tuple(name for name, _ in sysctls), paths)
        target = Target(
            name=subject.container.name or "",
            running=running,
            predicted=predicted,
            asked=asked,
            volumes=_own_volumes(subject),
            capabilities=self._options.node.capabilities,
        )
        inner = _inner_pid(running.pid)
        if running.pid is None or inner is None:
            return target
        return msgspec.structs.replace(
            target, observed=observe(running.pid, asked), pid=running.pid, inner_pid=inner
        )

    def _container(
        self,
        planned: PlannedPod,
        subject: Subject,
        verdict: ContainerStart,
        snapshot: PodSnapshot,
        targets: Mapping[str, Target],
        results: Mapping[str, Attacked],
    ) -> ProvedContainer:
        name = subject.container.name or ""
        metadata = snapshot.pod["metadata"]
        target = targets.get(name)
        attacked = results.get(name)
        state, reason, message = state_of(snapshot.pod["status"], name)
        if reason == "ContainerCreating":
            message = next((e.message for e in reversed(snapshot.events) if e.type == "Warning"), message)
        comparisons: tuple[Comparison, ...] = ()
        if target is not None:
            observed = target.observed or (attacked.witness if attacked is not None else None)
            terminal = target.running.request.tty and target.observed is not None
            existing = frozenset(self._options.node.paths or ())
            if observed is not None:
                compared = compare(target.predicted, observed, existing=existing, terminal=terminal)
                comparisons = tuple(_placed(one, planned) for one in compared)
            if target.observed is None:
                state += ", observed by its attacker"
        return ProvedContainer(
            object=planned.owner or f"Pod/{metadata['name']}",
            source=planned.source,
            container=name,
            kind=subject.kind,
            image=subject.container.image or "",
            state=state,
            start=compare_start(verdict, reason, message),
            comparisons=comparisons,
            attacks=tuple(_line(result) for result in (attacked.results if attacked is not None else ())),
        )


def _inner_pid(pid: int | None) -> int | None:
    """Give the pid as the process's own PID namespace counts; None when it is gone."""
    if pid is None or not wait_for_start(pid):
        return None
    try:
        return parse_status(Path(f"/proc/{pid}/status").read_text()).inner_pid
    except (OSError, ValueError):
        return None


def _own_volumes(subject: Subject) -> dict[str, str]:
    """Name the volumes that are the pod's own and that the container may write: no file of the node's."""
    own = {
        volume.name
        for volume in subject.spec.volumes or ()
        if volume.empty_dir is not None or volume.persistent_volume_claim is not None
    }
    return {
        mount.name or "": mount.mount_path or ""
        for mount in subject.container.volume_mounts or ()
        if mount.name in own and not mount.read_only and not mount.sub_path and not mount.sub_path_expr
    }


def _placed(one: Comparison, planned: PlannedPod) -> Comparison:
    """Add the file and line of the field that decided, if one did and there is a text."""
    if not one.origin.route or planned.locate is None:
        return one
    file, line = planned.locate(one.origin.route)
    return msgspec.structs.replace(one, origin=msgspec.structs.replace(one.origin, file=file, line=line))


def _line(result: AttackResult) -> AttackLine:
    attack = result.attack
    return AttackLine(
        id=attack.id,
        title=attack.title,
        claim=attack.claim,
        field=attack.field,
        target=result.target,
        predicted="not tried" if result.outcome is None else str(result.expected),
        why=result.expected.why,
        observed=None if result.outcome is None else str(result.outcome),
        evidence=result.evidence,
        as_predicted=result.as_predicted,
    )
