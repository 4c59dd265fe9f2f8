"""Names that no server accepts: every finding repeats them, and no report grows with their square."""

import json
from pathlib import Path

import pytest
from reported import written

from podproof.outputs.formats import FORMATS

LETTERS = 100_000
CONTAINERS = 40


def _pod(letter: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": letter * LETTERS},
            "spec": {"containers": [{"name": f"c{number}", "image": "x"} for number in range(CONTAINERS)]},
        }
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_does_not_repeat_a_long_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text = written(tmp_path, monkeypatch, name, {"a.json": _pod("x")})
    assert len(text) < 20 * LETTERS
    assert "x" * 100 in text


def test_two_long_names_stay_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.json": _pod("x"), "b.json": _pod("x").replace("xx", "xy", 1)}
    found = json.loads(written(tmp_path, monkeypatch, "json", files))["findings"]
    names = {one["object"]["name"] for one in found}
    assert len(names) == 2
    assert all("… (100,000 characters, sha256 " in name for name in names)
