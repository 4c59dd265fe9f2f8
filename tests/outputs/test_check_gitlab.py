"""GitLab's code quality report: the fields that GitLab asks for, each issue with its own fingerprint."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requires
from reported import ALLOWED, HOSTILE, POD, written
from unpacking import unpack

from podproof.results.checked import Suppression

CORPUS = "corpus/apps.tar.gz"

Write = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def gitlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(files: Mapping[str, str], **options: Any) -> list[dict[str, Any]]:
        issues: list[dict[str, Any]] = json.loads(written(tmp_path, monkeypatch, "gitlab", files, **options))
        for issue in issues:
            assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
            assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
            assert issue["location"]["lines"]["begin"] >= 1
            assert not issue["location"]["path"].startswith(("./", "/"))
            assert 0 < len(issue["description"]) <= 1_000
        fingerprints = [issue["fingerprint"] for issue in issues]
        assert len(set(fingerprints)) == len(fingerprints)
        return issues

    return write


def test_a_whole_issue(gitlab: Write) -> None:
    issues = gitlab({"deploy/web.yaml": POD}, level="baseline")
    assert [issue["check_name"] for issue in issues] == ["writable-root-filesystem", "privileged"]
    fingerprint = issues[1].pop("fingerprint")
    assert len(fingerprint) == 32
    assert issues[1] == {
        "description": 'Pod shop/web: container "web" must not be privileged, has privileged: true',
        "check_name": "privileged",
        "severity": "critical",
        "location": {"path": "deploy/web.yaml", "lines": {"begin": 9}},
    }
    assert issues[0]["severity"] == "info"


def test_fingerprints_do_not_change_with_lines_and_are_unique(gitlab: Write) -> None:
    twice = {"a.yaml": POD, "b.yaml": POD}
    before = gitlab(twice)
    after = gitlab({name: f"# one\n\n{text}" for name, text in twice.items()})
    assert [issue["fingerprint"] for issue in before] == [issue["fingerprint"] for issue in after]
    alone = gitlab({"a.yaml": POD, "b.yaml": ALLOWED})
    assert [issue["fingerprint"] for issue in alone] == [
        issue["fingerprint"] for issue in before if issue["location"]["path"] == "a.yaml"
    ]


def test_what_is_accepted_is_no_issue(gitlab: Write) -> None:
    told = {"privileged": Suppression("baseline", "")}
    assert "privileged" not in [issue["check_name"] for issue in gitlab({"a.yaml": POD}, suppress=told)]


def test_what_could_not_be_read_or_judged_is_an_issue(gitlab: Write) -> None:
    unjudged = "apiVersion: example.dev/v1\nkind: Web\nmetadata: {name: x}\nspec: {securityContext: {a: 1}}\n"
    broken, not_judged = gitlab({"a.yaml": "kind: [\n", "b.yaml": unjudged}, exit_code=4)
    assert (broken["check_name"], broken["severity"]) == ("unreadable", "critical")
    assert (not_judged["check_name"], not_judged["severity"]) == ("not-judged", "info")
    assert not_judged["description"] == "Web x: not judged: spec.securityContext"
    assert not_judged["location"] == {"path": "b.yaml", "lines": {"begin": 4}}


def test_what_is_not_listed_is_counted(gitlab: Write) -> None:
    container = "    - {{name: c{}, image: x, securityContext: {{privileged: true}}}}\n"
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: many}\nspec:\n    containers:\n"
    issues = gitlab({"a.yaml": text + "".join(map(container.format, range(120)))}, level="baseline")
    more = [issue for issue in issues if "not listed" in issue["description"]]
    assert ("Pod many: 20 more findings of privileged, not listed", "critical") in [
        (issue["description"], issue["severity"]) for issue in more
    ]


def test_hostile_names_and_empty_runs(gitlab: Write) -> None:
    assert "\u202e" not in json.dumps(gitlab({"a.json": HOSTILE}), ensure_ascii=False)
    (Path.cwd() / "a.json").unlink()
    assert gitlab({}, exit_code=3) == []


@requires.needs(requires.shared(CORPUS))
def test_a_project(gitlab: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    unpack(requires.SHARED / CORPUS, folder)
    project = folder / "metallb+metallb"
    texts = {str(path.relative_to(project)): path.read_text() for path in project.rglob("*.yaml")}
    assert len(gitlab(texts)) > 100
