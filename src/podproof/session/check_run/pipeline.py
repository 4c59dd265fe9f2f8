"""Runs `check` over what was found: chunks go to workers, records come back, and a run goes out.

First every segment is judged by itself. Then those are judged again that the definitions and storage objects
of others concern. What only the whole run shows is found last, by the few values that were kept for it.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from time import perf_counter

import msgspec

from ...inputs.input import SkippedInput, UnreadableInput
from ...kube.plain_object import expect_many
from ...results.accepted import Accepted
from ...results.segment import CheckedRun, CheckReport
from ..check import share
from ..judging.judge import Judge
from ..judging.selection import Selection
from ..sources import FoundFile, Unread
from .judging import ChunkJudge, read_objects
from .kept import Gone, Kept, Place
from .processors import count_processors, may_fork
from .records import unpack_answer
from .tasks import Chunk, make_chunk, make_chunks, pack

__all__ = ["run_check"]

_WORTH = 1_800_000
"""What work has to cost, in bytes as in tasks.py, for workers to pay: that of 300 files, or of as many
documents in a big one."""


def run_check(
    found: Iterable[Unread | FoundFile | SkippedInput | UnreadableInput],
    judge: Judge,
    selection: Selection,
    report: CheckReport,
    *,
    jobs: int | None = None,
    cache: str | None = None,
) -> CheckedRun:
    """Judge everything that was found, in its order; `report` renders it.

    `jobs` are the processes that judge, None: as many as there are processors, if there is work for them.
    `cache` is a folder for what is found, so that a later run need not judge it again. Raises OutputError:
    there is no room for temporary files; UsageError: the folder cannot be a cache.
    """
    started = perf_counter()
    judging = ChunkJudge(judge, selection, report)
    if cache is not None:
        from .cache import open_cache

        judging = msgspec.structs.replace(judging, cache=open_cache(cache, judge, selection, report.question))
    kept = Kept()
    if judging.cache is None:
        chunks = make_chunks(found)
    else:
        from .groups import sift

        chunks = sift(found, judging.cache, kept)
    for number, message, packed in _judge_all(chunks, judging, jobs):
        kept.add(number, message, unpack_answer(packed))
    if judging.cache is not None:
        judging.cache.save(kept.made())
    _list_fewer(kept, judging.without_cache(), jobs)
    judging = _judge_again(kept, judging, jobs)
    if selection.accepted is not None:
        _share_out(kept, judging.without_cache(), selection.accepted, jobs)
    kept.add_across(selection, report)
    gone = Gone()
    if selection.accepted is not None:
        from .gone import find_gone

        gone = find_gone(kept, selection.accepted, judge, selection)
    counts = kept.counts()
    return CheckedRun(
        level=judge.level,
        version=judge.version,
        evaluated_version=judge.evaluated_version,
        kubernetes_version=judge.kubernetes_version,
        summary=msgspec.structs.replace(
            counts.summary(kept.count_files(), perf_counter() - started),
            fixed=sum(finding.count for finding in (*gone.fixed, *gone.before)),
            absent=sum(finding.count for finding in gone.absent),
        ),
        undecided=counts.undecided,
        fixable=kept.count_fixable(),
        entries=kept.entries,
        section=kept.section,
        lost=kept.lost,
        fixed=gone.fixed,
        absent=gone.absent,
    )


def _judge_all(
    chunks: Iterator[Chunk], judging: ChunkJudge, jobs: int | None
) -> Iterator[tuple[int, bytes, bytes]]:
    """Judge all chunks, in whatever order; gives the number of each, its packed tasks, and the answer.

    The first is judged here, so that what it needed is there before this process is copied.
    """
    ahead = list(islice(chunks, 1))
    if not ahead:
        return
    cost = ahead[0].cost
    while cost <= _WORTH and (chunk := next(chunks, None)) is not None:
        ahead.append(chunk)
        cost += chunk.cost
    if cost > _WORTH:
        expect_many(judging.judge.minor)
    first = ahead.pop(0)
    message = pack(first.tasks)
    yield first.number, message, judging.answer(message)
    wanted = _workers(jobs)
    is_worth_it = bool(ahead) and (jobs is not None or cost > _WORTH)
    numbers: list[int] = []

    def pack_next() -> Iterator[bytes]:
        for chunk in chain(ahead, chunks):
            numbers.append(chunk.number)
            yield pack(chunk.tasks)

    messages = pack_next()
    failed: list[tuple[int, bytes]] = []
    if wanted > 1 and is_worth_it:
        from .workers import Workers

        with Workers(wanted, judging.answer) as workers:
            for number, message, answer in workers.do(messages):
                if answer is None:
                    failed.append((number, message))
                else:
                    yield numbers[number], message, answer
    for number, message in chain(sorted(failed), enumerate(messages)):
        yield numbers[number], message, judging.answer(message)


def _workers(jobs: int | None) -> int:
    if jobs == 1 or not may_fork():
        return 1
    return count_processors() if jobs is None else jobs


def _judge_again(kept: Kept, judging: ChunkJudge, jobs: int | None) -> ChunkJudge:
    """Judge once more, with what all objects tell, the segments that this may concern; gives who knows it."""
    teaching, asking = kept.dependent()
    if not teaching or not asking:
        return judging
    shared = share(value for task in kept.tasks(teaching) for value in read_objects(task))
    concerned = {place for place, sources in asking.items() if shared.concerns(sources)}
    knowing = judging.with_shared(shared)
    _replace(kept, concerned, knowing, jobs)
    return knowing


def _list_fewer(kept: Kept, judging: ChunkJudge, jobs: int | None) -> None:
    """Judge the stretches again that list broken documents beyond the first of their file."""
    _replace(kept, kept.crowded(), judging, jobs)


def _share_out(kept: Kept, judging: ChunkJudge, accepted: Accepted, jobs: int | None) -> None:
    """Judge the segments again that took more of what is accepted than is left for them."""
    _replace(kept, kept.exceeding(accepted), judging, jobs)


def _replace(kept: Kept, concerned: Iterable[Place], judging: ChunkJudge, jobs: int | None) -> None:
    places = [list(group) for _, group in groupby(sorted(concerned), key=lambda place: place[0])]
    chunks = (make_chunk(number, kept.tasks(group)) for number, group in enumerate(places))
    for number, _, answer in _judge_all(chunks, judging, jobs):
        kept.replace(places[number], unpack_answer(answer))
