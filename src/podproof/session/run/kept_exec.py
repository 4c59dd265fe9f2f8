"""A command in a container of a kept pod: names go in, what it printed and its exit code come out."""

from collections.abc import Callable

from ...errors import UsageError
from ...kubelet.which_container import container_status, running_attempt
from ...runtimes.cri.client import CriEngine
from ...runtimes.engine import ExecResult
from .exec import Execution
from .kept_pods import KeptPod

__all__ = ["exec_in_kept"]

_LOOK = 0.02


def exec_in_kept(
    kept: KeptPod, container: str, command: tuple[str, ...], interrupted: Callable[[], int]
) -> ExecResult | None:
    """Run a command and wait for its end; None when a signal came before.

    Raises UsageError: the container does not run. Raises EngineError: the engine is gone.
    """
    import time

    phase = (kept.pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise UsageError(f"cannot exec into a container in a completed pod; current phase is {phase}")
    id = running_attempt(kept.pod, container)
    if id is None:
        state = container_status(kept.pod, container).get("state") or {}
        reasons = [str((value or {}).get("reason") or "") for value in state.values()]
        why = f": {reasons[0]}" if reasons and reasons[0] else ""
        raise UsageError(f'container "{container}" of pod {kept.name} does not run{why}')
    engine = CriEngine(kept.endpoint)
    try:
        execution = Execution(engine, container, id, command)
        while (result := execution.outcome()) is None and not interrupted():
            time.sleep(_LOOK)
        return result
    finally:
        engine.close()
