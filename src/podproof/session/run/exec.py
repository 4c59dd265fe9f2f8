"""`run --exec`: a command in a container of a run's pods, in a thread of its own.

The container's id and the command go in, their result comes out when it is asked for and there.
"""

import threading

from ...errors import UsageError
from ...kube.visit import visit_mappings
from ...runtimes.engine import Engine, EngineError, ExecResult
from .plan import Plan

__all__ = ["Execution", "check_container", "refused_code"]

_GONE = ("Unavailable", "Canceled")
"""Codes that mean that the engine is gone; any other is its answer about the command."""

_NOT_FOUND, _NOT_RUN = 127, 126
"""What a shell ends with for a command that is not there, or that cannot be run. Source: POSIX, sh."""


def check_container(plan: Plan, name: str) -> None:
    """Raise UsageError when no pod of the plan has the container: `name` is CONTAINER or POD/CONTAINER."""
    known = [
        container["name"] for planned in plan.pods for _, container, _ in visit_mappings(planned.pod["spec"])
    ]
    if name.rpartition("/")[2] not in known:
        raise UsageError(f"--exec {name}: no such container, there are {', '.join(known)}")


class Execution:
    """A command in a container, in a thread of its own, so that signals are handled while it runs."""

    def __init__(self, engine: Engine, name: str, id: str | None, command: tuple[str, ...]) -> None:
        """`id` None: the container of this name does not run, which is then the result."""
        self._engine = engine
        self._held: list[ExecResult | EngineError] = []
        if id is not None:
            threading.Thread(target=self._run, args=(id, command), daemon=True).start()
        else:
            self._held.append(ExecResult(b"", f"container {name} does not run\n".encode(), 1))

    def _run(self, id: str, command: tuple[str, ...]) -> None:
        try:
            self._held.append(self._engine.exec(id, command))
        except EngineError as error:
            self._held.append(error if error.code in _GONE else _refused(error))

    def outcome(self) -> ExecResult | None:
        """Give the result, None while it runs. Raises EngineError: the engine is gone."""
        if not self._held:
            return None
        if isinstance(self._held[0], EngineError):
            raise self._held[0]
        return self._held[0]


def _refused(error: EngineError) -> ExecResult:
    """Make a result with the runtime's words of a command that it could not start."""
    return ExecResult(b"", f"{error.detail}\n".encode(), refused_code(error.detail))


def refused_code(words: str) -> int:
    """Give what a command ends with that the runtime could not start, in its words."""
    missing = ("executable file not found", "no such file or directory")
    return _NOT_FOUND if any(word in words for word in missing) else _NOT_RUN
