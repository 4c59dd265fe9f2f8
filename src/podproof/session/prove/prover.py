"""The pipeline of `prove`: pods run, are observed, compared with their prediction, and attacked.

run → runtimes.observation → effective.compare → runtimes.attackers → one Proof. Pods come one after another,
so that no pod's attack meets another's; nothing is printed here, a callback hears what is under way.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ...attacks.model.attack import Attack
from ...effective.compare import Comparison, compare
from ...effective.container_in_pod import ContainerInPod, place_containers
from ...effective.resolve import resolve
from ...effective.setting import Setting
from ...errors import OutputError
from ...kube.pod import raw_pod
from ...kubelet.start import predict_start
from ...kubelet.start_prediction import StartPrediction
from ...results.pictured import picture_of
from ...results.proved import AttackLine, ProvedContainer
from ...runtimes.attackers import Attacked, AttackResult, Target, attack_pod
from ...runtimes.engine import Engine
from ...runtimes.observation.enforced import own_score
from ...runtimes.observation.node import kernel_paths
from ...runtimes.pods.values import PodSnapshot, RunOptions
from ..run.image_facts import Facts, configs_of, known_images
from ..run.plan import Plan, PlannedPod
from ..run.progress import is_stuck
from ..run.supervise import SupervisedPod, Supervisor
from .enforced import compare_attacker, compare_enforced
from .start import blocker, compare_start, state_of
from .target import make_target

__all__ = ["Prover"]

_TICK = 0.01
_SETTLING = 0.25
"""Seconds for which a container that has started is given a chance to end at once."""


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
        """`facts` gives an image's passwd and group, which the engine does not. `timeout` is one pod's."""
        setting = options.setting
        node = msgspec.structs.replace(setting.node, paths=kernel_paths(setting.version))
        self._options = msgspec.structs.replace(options, setting=msgspec.structs.replace(setting, node=node))
        self._supervisor = Supervisor(
            engine=engine, options=self._options, directory=directory, session=session
        )
        self._engine = engine
        self._attacks = attacks
        self._facts = facts
        self._timeout = timeout
        self._interrupted = interrupted
        self._crio = engine.features().name == "cri-o"
        self._own_score = own_score()
        self.digests: dict[str, str | None] = {}
        """Digest of every image that was used, by reference."""

    @property
    def setting(self) -> Setting:
        """What is known of this machine and the engine, as predictions are told it; images are not."""
        return self._options.setting

    def prove(self, plan: Plan, planned: PlannedPod) -> tuple[ProvedContainer, ...]:
        """Run one pod, prove all of its containers, and remove it; nothing where a signal came in between.

        Raises EngineError: the engine is gone.
        """
        with self._supervisor.running(planned, plan.objects) as pod:
            snapshot = self._settled(pod)
            if pod.failure is not None:
                raise pod.failure
            if self._interrupted():
                return ()  # a pod that has not settled proves nothing
            return self._look(planned, snapshot, pod.directory)

    def _settled(self, pod: SupervisedPod) -> PodSnapshot:
        """Wait until every container has started, or what has not has a reason that will not change."""
        end = time.monotonic() + self._timeout
        running_since: float | None = None
        while time.monotonic() < end and pod.alive and not self._interrupted():
            snapshot = pod.snapshot
            if snapshot.finished or pod.failure is not None:
                break
            spec = snapshot.pod["spec"]
            regular = [container["name"] for container in spec.get("containers") or ()]
            if all(name in snapshot.started for name in regular):
                running_since = running_since or time.monotonic()
                if time.monotonic() - running_since >= _SETTLING and _is_up_to_date(snapshot):
                    break
            elif snapshot.settled and (is_stuck(snapshot) or blocker(snapshot.pod["status"])):
                break
            time.sleep(_TICK)
        return pod.snapshot

    def _look(self, planned: PlannedPod, snapshot: PodSnapshot, folder: Path) -> tuple[ProvedContainer, ...]:
        pod = {key: value for key, value in snapshot.pod.items() if key != "status"}
        typed = raw_pod(pod)
        known = known_images(pod, snapshot.started, engine=self._engine, facts=self._facts)
        self.digests |= {reference: image.digest for reference, image in known.items()}
        images = configs_of(known)
        setting = self._options.setting.with_images(images)
        containers = place_containers(typed, setting)
        start = predict_start(typed, containers, setting)
        targets = tuple(
            make_target(placed, running, capabilities=setting.node.capabilities, crio=self._crio)
            for placed in containers
            if (running := snapshot.started.get(placed.container.name or "")) is not None
        )
        results = self._attack(targets, folder)
        by_name = {target.name: target for target in targets}
        pictured = picture_of(typed, ((placed, resolve(placed)) for placed in containers))
        return tuple(
            msgspec.structs.replace(
                self._container(planned, placed, prediction, snapshot, by_name, results), pictured=pictured
            )
            for placed, prediction in zip(containers, start.containers, strict=True)
        )

    def _attack(self, targets: tuple[Target, ...], folder: Path) -> Mapping[str, Attacked]:
        try:
            return attack_pod(self._engine, targets, self._attacks, folder)
        except OSError as error:
            raise OutputError(
                f"cannot write {error.filename or folder}: {error.strerror or error}"
            ) from error

    def _container(
        self,
        planned: PlannedPod,
        placed: ContainerInPod,
        prediction: StartPrediction,
        snapshot: PodSnapshot,
        targets: Mapping[str, Target],
        results: Mapping[str, Attacked],
    ) -> ProvedContainer:
        name = placed.container.name or ""
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
            existing = frozenset(self._options.setting.node.paths or ())
            if observed is not None:
                compared = compare(target.predicted, observed, existing=existing, terminal=terminal)
                comparisons = tuple(_placed(one, planned) for one in compared)
                comparisons += self._surroundings(placed, target, attacked, existing)
            if target.observed is None:
                state += ", not observed" if observed is None else ", observed by its attacker"
        return ProvedContainer(
            object=planned.owner or f"Pod/{metadata['name']}",
            source=planned.source,
            container=name,
            kind=placed.kind,
            image=placed.container.image or "",
            state=state,
            start=compare_start(prediction, reason, message),
            comparisons=comparisons,
            attacks=tuple(_line(result) for result in (attacked.results if attacked is not None else ())),
        )

    def _surroundings(
        self,
        placed: ContainerInPod,
        target: Target,
        attacked: Attacked | None,
        existing: frozenset[str],
    ) -> tuple[Comparison, ...]:
        """Compare what surrounds the process, and the process with its attacker's."""
        comparisons: tuple[Comparison, ...] = ()
        witness = attacked.surroundings if attacked is not None else None
        seen = target.enforced or witness
        if seen is not None:
            comparisons = compare_enforced(
                target.running.request,
                seen,
                witness,
                mounted=[mount.mount_path or "" for mount in placed.container.volume_mounts or ()],
                runtime=self._engine.features().runtime,
                own_score=self._own_score,
            )
        if target.observed is not None and attacked is not None and attacked.witness is not None:
            comparisons += tuple(compare_attacker(target.observed, attacked.witness, existing=existing))
        return comparisons


def _is_up_to_date(snapshot: PodSnapshot) -> bool:
    """Tell whether nothing has ended that the worker has yet to deal with: it stops a pod that is over."""
    processes = (running.pid for running in snapshot.running.values())
    return snapshot.settled and all(pid is None or os.path.exists(f"/proc/{pid}") for pid in processes)


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
        claim=attack.claim,
        field=attack.field,
        target=result.target,
        predicted="not tried" if result.outcome is None else str(result.expected),
        why=result.expected.why,
        observed=None if result.outcome is None else str(result.outcome),
        evidence=result.evidence,
        as_predicted=result.as_predicted,
    )
