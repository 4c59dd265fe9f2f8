"""A run of which a cache knows everything asks no worker, whatever stands between its files."""

from pathlib import Path

import pytest

from podproof.outputs.check_json import JsonReport
from podproof.session.check_run.cache_file import CacheFile
from podproof.session.check_run.judging import ChunkJudge
from podproof.session.check_run.pipeline import run_check
from podproof.session.check_run.records import Record
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import find_unread

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: a{0}}}\nspec: {{containers: [{{name: a, image: nginx}}]}}\n"
)


def checked(folder: Path) -> list[str]:
    """Check in one process, and give the texts of the result that do not depend on the clock."""
    configuration = ProjectConfiguration()
    run = run_check(
        find_unread([str(folder / "project")]),
        make_judge(configuration),
        make_selection(configuration),
        JsonReport(),
        jobs=1,
        cache=str(folder / "cache"),
    )
    sections = [text for name in ("objects", "skipped") for text in run.section(name)]
    return [*(entry.text for entry in run.entries()), *sections]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    for number in range(90):
        (tmp_path / "project" / f"pod{number}.yaml").write_text(POD.format(number), encoding="utf-8")
    (tmp_path / "project" / "pod7.yaml.template").write_text("", encoding="utf-8")
    (tmp_path / "project" / "nowhere.yaml").symlink_to("missing.yaml")
    big = "---\n".join(POD.format(number) for number in range(3000))
    (tmp_path / "project" / "big.yaml").write_text(big, encoding="utf-8")
    return tmp_path


def test_what_is_known_is_not_judged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = checked(folder)
    assert any("template" in text for text in first)
    monkeypatch.delattr(ChunkJudge, "answer")
    assert checked(folder) == first


def test_a_chunk_with_something_new_is_judged_as_a_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(folder)
    (folder / "project" / "pod50.yaml").write_text(POD.format(5000), encoding="utf-8")
    asked = []
    answer = ChunkJudge.answer

    def count(judging: ChunkJudge, message: bytes) -> bytes:
        asked.append(message)
        return answer(judging, message)

    monkeypatch.setattr(ChunkJudge, "answer", count)
    second = checked(folder)
    assert any("a5000" in text for text in second)
    assert len(asked) == 1
    assert asked[0].count(b"pod50.yaml") == 1


def test_a_new_file_leaves_most_groups_as_they_were(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(90, 400):
        (folder / "project" / f"pod{number}.yaml").write_text(POD.format(number), encoding="utf-8")
    checked(folder)
    (folder / "project" / "a-first.yaml").write_text(POD.format("-first"), encoding="utf-8")
    asked = []
    get = CacheFile.get

    def count(file: CacheFile, key: bytes) -> Record | None:
        asked.append(key)
        return get(file, key)

    monkeypatch.setattr(CacheFile, "get", count)
    assert any("a-first" in text for text in checked(folder))
    assert 0 < len(set(asked)) < 200
    asked.clear()
    assert any("a-first" in text for text in checked(folder))
    assert not asked
