"""Sifts a run by what a cache knows: what was found comes in, chunks that are to be judged go out.

What was found is put into groups, which stand beside each other in the cache. A group ends where the name of
a file says so: where files come and go, only the groups around them become others.
"""

from binascii import crc32
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...inputs import files
from ...inputs.input import InputFile
from ..sources import Unread
from .cache import Cache
from .kept import Kept
from .records import join_records
from .tasks import BIG, Chunk, Found, Task, cost_of, tasks_of

__all__ = ["sift"]

_EVERY = 32
"""A group ends after every file whose name's checksum this divides."""
_MOST = 64
"""Segments of a group."""
_MOST_COST = 512 * 1024
"""What a group costs at most, but for its last segment."""


class _Group(NamedTuple):
    """Segments that stand beside each other, the keys of their records, and what it costs to judge them."""

    tasks: list[Task]
    keys: list[bytes]
    cost: int


def sift(found: Iterable[Found], cache: Cache, kept: Kept) -> Iterator[Chunk]:
    """Keep what the cache knows, and give the chunks of which it does not know all; numbers are the run's."""
    for number, group in enumerate(_groups(_asked(found, cache))):
        known = cache.file.find_group(group.keys)
        if known is not None:
            kept.add_known(number, group.tasks, known)
            continue
        records = [cache.file.get(key) for key in group.keys]
        whole = [record for record in records if record is not None]
        if len(whole) < len(group.tasks):
            yield Chunk(number, group.tasks, group.cost)
        else:
            kept.add(number, group.tasks, join_records(whole, group.keys))


def _groups(asked: Iterable[tuple[Task, bytes, int]]) -> Iterator[_Group]:
    tasks: list[Task] = []
    keys: list[bytes] = []
    cost = 0
    for task, key, its_cost in asked:
        tasks.append(task)
        keys.append(key)
        cost += its_cost
        if (
            cost >= _MOST_COST
            or len(tasks) >= _MOST
            or not crc32(task.file.encode("utf-8", "surrogatepass")) % _EVERY
        ):
            yield _Group(tasks, keys, cost)
            tasks, keys, cost = [], [], 0
    if tasks:
        yield _Group(tasks, keys, cost)


def _asked(found: Iterable[Found], cache: Cache) -> Iterator[tuple[Task, bytes, int]]:
    """Give tasks, the keys of their records, and what they cost.

    Where the cache has nothing, no file is read for its key: who judges it reads it.
    """
    if not cache:
        for each in found:
            for task, cost in tasks_of(each):
                yield task, b"", cost
        return
    load, key = files.load, cache.key
    for each in found:
        file = None
        if isinstance(each, Unread):
            file = load(each.path)
            if isinstance(file, InputFile) and len(file.data) <= BIG:
                yield Task(each.path, each.part), key(file, each.part), cost_of(len(file.data))
                continue
        for task, cost in tasks_of(each, file):
            yield task, cache.key_of(task), cost
