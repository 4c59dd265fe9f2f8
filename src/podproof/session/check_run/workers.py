"""Processes that work beside this one: messages come in and answers go out, in the order in which they end.

A worker is a copy of this process, so that it needs no start and knows all that was known. It ends with this
one, however that ends, and never writes to its output. What a worker cannot do is given back, to be done
here: an error is raised where it would be without workers.
"""

import fcntl
import gc
import os
import select
import signal
import sys
from collections import deque
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
            worker.kill()
        for worker in self._workers.values():
            worker.wait()
        self._workers.clear()

    def do(self, messages: Iterator[bytes]) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Have all messages worked on; gives the number of each, itself, and its answer.

        None: no worker could do it.
        """
        numbered = enumerate(messages)
        given_back: deque[_Message] = deque()

        def following() -> _Message | None:
            return given_back.popleft() if given_back else next(numbered, None)

        poll = select.poll()
        for descriptor in self._workers:
            poll.register(descriptor, select.POLLIN)
        ahead = following()
        while True:
            while ahead is not None and self._give(ahead):
                ahead = following()
            if not any(worker.has for worker in self._workers.values()):
                break
            for descriptor, _ in poll.poll():
                worker = self._workers[descriptor]
                answer = _receive(descriptor)
                if answer is not None:
                    yield *worker.has.popleft(), answer or None
                    continue
                poll.unregister(descriptor)
                self._lose(worker)
                if worker.has:  # it died of the first, perhaps
                    yield *worker.has.popleft(), None
                    given_back += worker.has
            ahead = following() if ahead is None else ahead
        while ahead is not None:
            yield *ahead, None
            ahead = following()

    def _give(self, message: "_Message") -> bool:
        """Send a message to the worker that has least to do; False: none takes it now."""
        workers = [worker for worker in self._workers.values() if worker.takes(message)]
        while workers:
            worker = min(workers, key=lambda one: len(one.has))
            if worker.give(message):
                return True
            workers.remove(worker)
        return False

    def _lose(self, worker: "_Worker") -> None:
        del self._workers[worker.answers]
        worker.kill()
        worker.wait()

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


_Message = tuple[int, bytes]
"""A message and its number."""


class _Worker:
    """One worker, seen from its parent; `has` are the messages that it has not answered."""

    def __init__(self, process: int, tasks: int, answers: int) -> None:
        self.process = process
        self.tasks = tasks
        self.answers = answers
        self.has: deque[_Message] = deque()
        self._is_gone = False
        self._fits = _widen(tasks)
        _widen(answers)

    def takes(self, message: _Message) -> bool:
        """Say whether it can be given a message now: it waits for one, or the pipe holds one for it.

        A busy worker reads nothing, and could be about to write an answer that only this process reads: so
        nothing may be sent to it for which there is no room.
        """
        return not self._is_gone and (
            not self.has or (len(self.has) == 1 and _LENGTH + len(message[1]) <= self._fits)
        )

    def give(self, message: _Message) -> bool:
        """Send a message that it takes; False: it has gone, as the end of its answers will tell."""
        try:
            _send(self.tasks, message[1])
        except OSError:
            self._is_gone = True
            return False
        self.has.append(message)
        return True

    def kill(self) -> None:
        """Have it end."""
        os.close(self.tasks)
        os.close(self.answers)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end."""
        with suppress(ChildProcessError):
            os.waitpid(self.process, 0)


def _widen(pipe: int) -> int:
    """Make room in a pipe, as far as the system allows; gives the bytes that it holds."""
    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _AT_ONCE)
    return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)


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
