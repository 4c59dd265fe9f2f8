"""Workers: every message gets its answer or comes back, and no worker outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import wait_until

from podproof.session.check_run.workers import Workers

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

ROOT = Path(__file__).resolve().parents[3]


def work(message: bytes) -> bytes:
    """Answer with the message, or fail as it says."""
    if message == b"error":
        raise ValueError(message)
    if message == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    return message * 2


def answers(messages: list[bytes], count: int = 2) -> dict[int, bytes | None]:
    with Workers(count, work) as workers:
        found = {number: (message, answer) for number, message, answer in workers.do(iter(messages))}
    assert [message for _, (message, _) in sorted(found.items())] == messages
    return {number: answer for number, (_, answer) in found.items()}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_message_is_answered(count: int) -> None:
    messages = [b"%d" % number for number in range(50)]
    assert answers(messages, count) == {number: message * 2 for number, message in enumerate(messages)}


def test_large_messages_and_answers_pass() -> None:
    large = bytes(3 << 20)
    assert answers([large, large, large]) == {0: large * 2, 1: large * 2, 2: large * 2}


def test_answers_that_no_pipe_holds_pass_beside_messages_that_one_does() -> None:
    messages = [bytes([number]) * (900 << 10) for number in range(8)]
    assert answers(messages) == {number: message * 2 for number, message in enumerate(messages)}


def test_a_busy_worker_has_one_more_message() -> None:
    taken = 0

    def take() -> Iterator[bytes]:
        nonlocal taken
        for taken in range(1, 6):
            yield b"%d" % taken

    with Workers(1, work) as workers:
        before = [taken for _ in workers.do(take())]
    assert before == [3, 4, 5, 5, 5]  # one more waits here


def test_what_fails_in_a_worker_comes_back() -> None:
    assert answers([b"a", b"error", b"b"]) == {0: b"aa", 1: None, 2: b"bb"}


def test_what_a_worker_had_when_it_died_comes_back_and_the_rest_is_done() -> None:
    assert answers([b"die", b"a", b"b", b"c"]) == {0: None, 1: b"aa", 2: b"bb", 3: b"cc"}


def test_when_all_workers_have_died_everything_comes_back() -> None:
    found = answers([b"die", b"die", b"a", b"b"])
    assert found[0] is found[1] is None
    assert {found[2], found[3]} <= {None, b"aa", b"bb"}


def test_an_exception_of_the_caller_ends_the_workers() -> None:
    processes: list[int] = []

    def use() -> None:
        with Workers(2, lambda _: str(os.getpid()).encode()) as workers:
            for _, _, answer in workers.do(iter([b"", b"", b""])):
                processes.append(int(answer or b"0"))
                if len(processes) == 3:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert processes
    assert not any(_lives(process) for process in processes)


PARENT = """
import os, sys, time
from podproof.session.check_run.workers import Workers

def work(message):
    print(os.getpid(), flush=True)
    if message == b"busy":
        while True:
            pass
    return b"done"

with Workers(2, work) as workers:
    for _ in workers.do(iter([b"idle", b"busy"])):
        pass
"""


def test_workers_end_when_their_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT / "src")}
    ) as parent:
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(2)}
        parent.kill()
    wait_until(lambda: not any(_lives(worker) for worker in workers), "the end of the workers")


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
