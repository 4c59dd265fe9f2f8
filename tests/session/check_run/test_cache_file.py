"""The file of a cache: groups as they were written, records one by one, and nothing that is damaged."""

from pathlib import Path

import pytest

from podproof.errors import OutputError
from podproof.results.segment import Counts, RenderedFinding, RenderedSegment, Segment
from podproof.session.check_run.cache_file import KEY_SIZE, CacheFile
from podproof.session.check_run.records import (
    Answer,
    ChunkSummary,
    Head,
    Record,
    decode,
    join_records,
    make_record,
    summarize,
    unpack_parts,
)


def key(number: int) -> bytes:
    return number.to_bytes(KEY_SIZE, "big")


def record(text: str) -> Record:
    entry = RenderedFinding(0, 1, 1, None, text)
    segment = Segment(counts=Counts(documents=1))
    return make_record(segment, RenderedSegment([entry], {"notes": [text]}), lambda: (0, 0), continues=False)


def group(texts: dict[int, str]) -> tuple[ChunkSummary, Answer]:
    answer = join_records([record(text) for text in texts.values()], [key(number) for number in texts])
    return summarize(decode(answer.heads, list[Head])), answer


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "file.records")


def texts_of(file: CacheFile, *numbers: int) -> list[str] | None:
    """Give the texts of the group with these keys; None: there is none."""
    known = file.find_group([key(number) for number in numbers])
    if known is None:
        return None
    entries = decode(known.read(known.parts[1]), list[list[RenderedFinding]])
    assert known.summary.counts.documents == len(numbers)
    assert known.summary.sections == ("notes",)
    return [entry.text for each in entries for entry in each]


def test_groups_and_records_are_found_by_their_keys(path: str) -> None:
    assert CacheFile(path).save([group({1: "a", 2: "b"}), group({3: "c"})])
    file = CacheFile(path)
    assert texts_of(file, 1, 2) == ["a", "b"]
    assert texts_of(file, 3) == ["c"]
    assert texts_of(file, 2, 1) is None
    assert texts_of(file, 1) is None
    assert [file.get(key(number)) for number in (1, 2, 3, 4)] == [*map(record, "abc"), None]


@pytest.mark.parametrize("text", ["\ud800", 'a"\udc80b'])
def test_what_is_not_unicode_is_kept(path: str, text: str) -> None:
    assert CacheFile(path).save([group({1: "a", 2: text})])
    file = CacheFile(path)
    assert texts_of(file, 1, 2) == ["a", text]
    assert [file.get(key(number)) for number in (1, 2)] == [record("a"), record(text)]


def test_of_what_is_there_already_nothing_is_written_twice(path: str) -> None:
    CacheFile(path).save([group({1: "a", 2: "b", 3: "c" * 9000}), group({7: "f"})])
    size = Path(path).stat().st_size
    file = CacheFile(path)
    assert texts_of(file, 1, 2, 3) is not None
    assert file.save([group({1: "a", 4: "d", 3: "c" * 9000})])
    assert Path(path).stat().st_size < size + 1000
    file = CacheFile(path)
    assert texts_of(file, 1, 4, 3) == ["a", "d", "c" * 9000]
    assert texts_of(file, 2) == ["b"]
    assert texts_of(file, 7) == ["f"]
    assert texts_of(file, 1, 2, 3) is None


def test_a_record_without_a_key_is_not_kept(path: str) -> None:
    summary, answer = group({1: "a", 2: "b", 3: "c"})
    assert CacheFile(path).save([(summary, answer._replace(keys=[key(1), b"", key(3)]))])
    assert texts_of(CacheFile(path), 1, 3) == ["a", "c"]
    CacheFile(path).save([(summary, answer._replace(keys=[b""] * 3))])
    assert texts_of(CacheFile(path), 1, 3) == ["a", "c"]


def test_nothing_is_written_where_nothing_is_added(path: str) -> None:
    assert not CacheFile(path).save([])
    assert not Path(path).exists()


def test_only_the_damaged_group_is_not_used(path: str) -> None:
    CacheFile(path).save([group({1: "first"}), group({2: "second"})])
    data = Path(path).read_bytes()
    Path(path).write_bytes(data.replace(b"first", b"frist", 1))
    file = CacheFile(path)
    assert texts_of(file, 1) is None
    assert file.get(key(1)) is None
    assert texts_of(file, 2) == ["second"]
    assert file.save([group({3: "third"})])
    file = CacheFile(path)
    assert [texts_of(file, number) for number in (1, 2, 3)] == [None, ["second"], ["third"]]


def test_whoever_cuts_the_file_ends_the_run_that_reads_it(path: str) -> None:
    CacheFile(path).save([group({1: "a"})])
    known = CacheFile(path).find_group([key(1)])
    assert known is not None
    Path(path).write_bytes(b"")
    with pytest.raises(OutputError, match="somebody cut it"):
        known.read(known.parts[1])


def test_parts_stand_beside_each_other_as_they_were() -> None:
    records = [record("a"), record("\ud800"), record("b")]
    for chosen in (records, records[::2], [], records[:1] * 70_000):
        answer = join_records(chosen)
        assert list(zip(*map(unpack_parts, answer[:4]), strict=True)) == chosen


def test_a_group_that_cannot_be_so_is_not_used(path: str) -> None:
    _, answer = group({1: "a", 2: "b"})
    summary, _ = group({1: "a"})
    CacheFile(path).save([(summary, answer), (summary, answer._replace(keys=[key(3), key(4), key(5)]))])
    file = CacheFile(path)
    assert texts_of(file, 1, 2) is None
    assert file.get(key(2)) == record("b")
    assert [file.get(key(number)) for number in (3, 4, 5)] == [None] * 3
    assert texts_of(file, 3, 4, 5) is None
