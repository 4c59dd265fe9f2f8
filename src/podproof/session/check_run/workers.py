"""Processes that work beside this one: messages come in and answers go out, in the order in which they end.

A worker is a copy of this process, so that it needs no start and knows all that was known. It ends with this
one, however that ends, and never writes to its output. What a worker cannot do is given back, to be done
here: an error is raised where it would be without workers.
"""

import gc
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import NoReturn

__all__ = ["Workers"]

_LENGTH = 8
_AT_ONCE = 1 << 20
_INTERRUPTS = frozenset((signal.SIGINT,))
_LOOK_UP = 1.0
"""Seconds between two looks of a busy worker at whether its parent is alive."""


class Workers:
    """A number of workers, as a context: whatever happens in it, at its end there are none."""

    def __init__(self, count: int, work: Callable[[bytes], bytes]) -> None:
        self._count = count
        self._work = work
        self._workers: dict[int, _Worker] = {}

    def __enter__(self) -> "Workers":
        """Start the workers. Fewer are started where the system allows no more processes."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        gc.freeze()  # what is there stays shared: looking for garbage would write to all of it
        # Ctrl-C between a fork and the worker's own rule for it would end both as if they were one.
        signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
        try:
            for _ in range(self._count):
                worker = self._start()
                if worker is None:
                    break
                self._workers[worker.answers] = worker
        finally:
            gc.unfreeze()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)
        return self

    def __exit__(self, *_: object) -> None:
        """End every worker and wait for it."""
        for worker in self._workers.values():
            worker.end()
        self._workers.clear()

    def do(self, messages: Iterator[bytes]) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Have all messages worked on; gives the number of each, itself, and its answer.

        None: no worker could do it.
        """
        numbered = enumerate(messages)
        idle = list(self._workers.values())
        busy: dict[int, tuple[int, bytes]] = {}
        poll = select.poll()
        ahead = next(numbered, None)
        while ahead is not None or busy:
            while idle and ahead is not None:
                worker = idle.pop()
                if worker.give(ahead[1]):
                    busy[worker.answers] = ahead
                    poll.register(worker.answers, select.POLLIN)
                    ahead = next(numbered, None)
                else:
                    self._lose(worker)
            if not busy:
                while ahead is not None:
                    yield *ahead, None
                    ahead = next(numbered, None)
                return
            for descriptor, _ in poll.poll():
                poll.unregister(descriptor)
                worker = self._workers[descriptor]
                number, message = busy.pop(descriptor)
                answer = _receive(descriptor)
                if answer is None:
                    self._lose(worker)
                else:
                    idle.append(worker)
                yield number, message, answer or None

    def _lose(self, worker: "_Worker") -> None:
        del self._workers[worker.answers]
        worker.end()

    def _start(self) -> "_Worker | None":
        parent = os.getpid()
        tasks_read, tasks = os.pipe()
        answers, answers_write = os.pipe()
        try:
            process = os.fork()
        except OSError:  # no more processes are allowed, or memory is short
            for descriptor in (tasks_read, tasks, answers, answers_write):
                os.close(descriptor)
            return None
        if process == 0:
            os.close(tasks)
            os.close(answers)
            for other in self._workers.values():  # else it would not notice that the parent has gone
                os.close(other.tasks)
                os.close(other.answers)
            _serve(parent, tasks_read, answers_write, self._work)
        os.close(tasks_read)
        os.close(answers_write)
        return _Worker(process, tasks, answers)


class _Worker:
    """One worker, seen from its parent."""

    def __init__(self, process: int, tasks: int, answers: int) -> None:
        self.process = process
        self.tasks = tasks
        self.answers = answers

    def give(self, message: bytes) -> bool:
        """Send a message to the worker, which waits for one; False: it has gone."""
        try:
            _send(self.tasks, message)
        except OSError:
            return False
        return True

    def end(self) -> None:
        os.close(self.tasks)
        os.close(self.answers)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.process, 0)


def _serve(parent: int, tasks: int, answers: int, work: Callable[[bytes], bytes]) -> NoReturn:
    """Be a worker until the parent closes its end. Ctrl-C is the parent's to handle."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)

        def look_up(_number: int, _frame: FrameType | None) -> None:
            if os.getppid() != parent:
                os._exit(1)

        signal.signal(signal.SIGALRM, look_up)
        signal.setitimer(signal.ITIMER_REAL, _LOOK_UP, _LOOK_UP)
        while (message := _receive(tasks)) is not None:
            try:
                answer = work(message)
            except Exception:  # noqa: BLE001 - the parent does the same work once more, and raises it
                answer = b""
            _send(answers, answer)
    finally:
        os._exit(0)  # not by way of what the parent would do at its end


def _send(descriptor: int, message: bytes) -> None:
    data = memoryview(len(message).to_bytes(_LENGTH, "little") + message)
    while data:
        data = data[os.write(descriptor, data) :]


def _receive(descriptor: int) -> bytes | None:
    """Read one message; None: the other end has gone."""
    head = _read(descriptor, _LENGTH)
    return None if head is None else _read(descriptor, int.from_bytes(head, "little"))


def _read(descriptor: int, length: int) -> bytes | None:
    parts = []
    while length:
        part = os.read(descriptor, min(length, _AT_ONCE))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
