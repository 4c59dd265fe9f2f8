"""A command in a container of a kept pod: names go in; what it prints comes out, and then its exit code.

Standard input, and the size of a terminal, are given by whoever calls; no stream of this process is touched.
"""

import json
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from ...errors import StateError
from ...kubelet.which_container import container_status, running_attempt
from ...runtimes.cri.client import CriEngine
from ...runtimes.cri.streaming import ExecConnection, StreamName
from ...runtimes.engine import EngineError
from .exec import refused_code
from .kept_pods import KeptPod

__all__ = ["ExecStreams", "exec_in_kept"]

_LOOK = 0.1
"""Seconds without output after which `idle` is called, and signals and the terminal's size are looked at."""


class ExecStreams(msgspec.Struct, frozen=True):
    """How a command is connected.

    `write` takes what it prints, `idle` is called when it prints nothing. `read` waits for standard input and
    gives b"" at its end; None: the command has none. `size` gives columns and rows; None: it has no terminal.
    """

    write: Callable[[StreamName, bytes], None]
    idle: Callable[[], None]
    read: Callable[[], bytes] | None = None
    size: Callable[[], tuple[int, int]] | None = None


def exec_in_kept(
    kept: KeptPod,
    container: str,
    command: tuple[str, ...],
    streams: ExecStreams,
    interrupted: Callable[[], int],
) -> int | None:
    """Run a command to its end and give its exit code; None when a signal came before.

    A command that cannot be run ends with 126 or 127, its reason on standard error.
    Raises UsageError: the container does not run. Raises EngineError: the engine is gone.
    """
    phase = (kept.pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise StateError(f"cannot exec into a container in a completed pod; current phase is {phase}")
    id = running_attempt(kept.pod, container)
    if id is None:
        state = container_status(kept.pod, container).get("state") or {}
        reasons = [str((value or {}).get("reason") or "") for value in state.values()]
        why = f": {reasons[0]}" if reasons and reasons[0] else ""
        raise StateError(f'container "{container}" of pod {kept.name} does not run{why}')
    engine = CriEngine(kept.endpoint)
    try:
        connection = engine.exec_connection(
            id, command, stdin=streams.read is not None, tty=streams.size is not None
        )
        try:
            return _converse(connection, streams, interrupted)
        finally:
            connection.close()
    finally:
        engine.close()


def _converse(connection: ExecConnection, streams: ExecStreams, interrupted: Callable[[], int]) -> int | None:
    # at most a few frames wait: a command that prints without end waits for who reads
    frames: queue.Queue[tuple[StreamName, bytes] | EngineError] = queue.Queue(16)

    def receive() -> None:
        try:
            for frame in connection.frames():
                frames.put(frame)
        except EngineError as error:
            frames.put(error)

    threading.Thread(target=receive, daemon=True).start()
    if streams.read is not None:
        threading.Thread(target=_send, args=(connection, streams.read), daemon=True).start()
    size: tuple[int, int] | None = None
    while not interrupted():
        if streams.size is not None and (now := streams.size()) != size:
            size = now
            with suppress(OSError):  # the end of the connection is read
                connection.resize(*now)
        try:
            frame = frames.get(timeout=_LOOK)
        except queue.Empty:
            streams.idle()
            continue
        if isinstance(frame, EngineError):
            raise frame
        if frame[0] == "error":
            return _code(frame[1], streams)
        streams.write(*frame)
    return None


def _send(connection: ExecConnection, read: Callable[[], bytes]) -> None:
    with suppress(OSError):  # the command has ended
        while data := read():
            connection.send(data)
        connection.close_stdin()


def _code(status: bytes, streams: ExecStreams) -> int:
    """Read the status with which a command ended.

    Source: k8s.io/cri-streaming pkg/streaming/remotecommand/status.go.
    """
    try:
        value: dict[str, Any] = json.loads(status or b"{}")
    except ValueError:
        value = {"message": status.decode("utf-8", "replace")}
    if value.get("status") == "Success":
        return 0
    for cause in (value.get("details") or {}).get("causes") or ():
        if cause.get("reason") == "ExitCode" and str(cause.get("message")).isdecimal():
            return int(cause["message"])
    message = str(value.get("message") or "the command ended without a status")
    streams.write("stderr", f"{message}\n".encode())
    return refused_code(message)
