"""`run --verify`: compares what was predicted of each container with what its process is, field by field."""

import os
from collections.abc import Callable

from ...effective.compare import compare, differences
from ...effective.container_in_pod import ContainerInPod, place_containers
from ...effective.context import EffectiveSecurityContext
from ...effective.resolve import resolve
from ...effective.value import Origin, known
from ...kube.pod import raw_pod
from ...runtimes.engine import Engine
from ...runtimes.observation import ObservationRequest, observe, wait_for_start
from ...runtimes.observation.enforced import observe_enforced
from ...runtimes.pods.values import PodSnapshot, RunOptions
from ..prove.enforced import compare_enforced
from .image_facts import Facts, configs_of, known_images
from .plan import Locate, Plan

__all__ = ["verifier"]


def verifier(
    engine: Engine, options: RunOptions, facts: Facts = lambda _: None, plan: Plan | None = None
) -> Callable[[PodSnapshot], tuple[str, ...]]:
    """Make the function that gives one line for every field that differs, with both values and the origin.

    `facts` gives what the engine does not tell of an image, its passwd and group files; with the `plan` that
    the pods are of, origins have file and line.
    """
    planned = {pod.name: pod for pod in plan.pods} if plan is not None else {}

    def verify(snapshot: PodSnapshot) -> tuple[str, ...]:
        typed = raw_pod({key: value for key, value in snapshot.pod.items() if key != "status"})
        images = configs_of(known_images(snapshot.pod, snapshot.running, engine=engine, facts=facts))
        lines: list[str] = []
        for placed in place_containers(typed, options.setting.with_images(images)):
            running = snapshot.running.get(placed.container.name or "")
            if running is not None and running.pid is not None:
                pod_plan = planned.get(str(snapshot.pod["metadata"]["name"]))
                locate = pod_plan.locate if pod_plan else None
                lines += _differences(placed, running.pid, snapshot, locate, engine)
        return tuple(lines)

    return verify


_OF_ITSELF = frozenset(("oom_score_adj", "limits", "environment"))
"""What a program can change of itself: `prove` looks at it in an attacker beside it."""


def _differences(
    placed: ContainerInPod, pid: int, snapshot: PodSnapshot, locate: Locate | None, engine: Engine
) -> list[str]:
    pod, name = snapshot.pod["metadata"]["name"], placed.container.name
    if not wait_for_start(pid):
        return []  # it ended by itself, so there is nothing to compare
    request = ObservationRequest(
        sysctls=tuple(item.name or "" for item in placed.pod_context.sysctls or ()),
        volumes={mount.name or "": mount.mount_path or "" for mount in placed.container.volume_mounts or ()},
    )
    predicted, observed = resolve(placed), observe(pid, request)
    started = snapshot.running[name or ""].request
    compared = compare(predicted, observed, existing=_existing(predicted), terminal=started.tty)
    features = engine.features()
    around = compare_enforced(
        started,
        observe_enforced(pid, started.mounts, crio=features.name == "cri-o"),
        None,
        mounted=[mount.mount_path or "" for mount in placed.container.volume_mounts or ()],
        runtime=features.runtime,
    )
    lines = [
        f'pod {pod}: container "{name}": {one.field} was predicted {one.predicted!r} '
        f"({_who(one.origin, locate)}), and is {one.observed!r}"
        for one in differences(compared)
    ]
    for one in differences([one for one in around if one.field not in _OF_ITSELF]):
        what = one.why or f"was asked for as {one.predicted!r}, and is {one.observed!r}"
        lines.append(f'pod {pod}: container "{name}": {one.field}: {what} ({one.origin})')
    return lines


def _who(origin: Origin, locate: Locate | None) -> str:
    if not origin.route or locate is None:
        return str(origin)
    file, line = locate(origin.route)
    return f"{file}:{line}: {origin}"


def _existing(predicted: EffectiveSecurityContext) -> frozenset[str]:
    """Say which of the paths to be hidden or read-only this machine's kernel has at all."""
    paths = {*(known(predicted.masked_paths.value) or ()), *(known(predicted.readonly_paths.value) or ())}
    return frozenset(path for path in paths if os.path.exists(path))
