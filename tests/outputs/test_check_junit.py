"""JUnit: a suite for each file and a test for each object, as the pages of pipelines count them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest
import requires
from reported import ALLOWED, HOSTILE, POD, run, write_files, written
from unpacking import unpack

from podproof.outputs import check_junit
from podproof.outputs.check_junit import JUnitReport
from podproof.outputs.repository_paths import RepositoryPaths
from podproof.results.checked import Suppression

CORPUS = "corpus/apps.tar.gz"

Write = Callable[..., list[Any]]


def _read(text: str) -> list[Any]:
    """Read the suites; what a suite counts is what it holds, and no test's name stands twice."""
    read = junitparser.JUnitXml.fromstring(text.encode())
    suites = list(read)
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        kinds = [type(case.result[0]) if case.result else None for case in suite]
        counted = {
            "tests": len(kinds),
            "failures": kinds.count(junitparser.Failure),
            "errors": kinds.count(junitparser.Error),
            "skipped": kinds.count(junitparser.Skipped),
        }
        for name, count in counted.items():
            assert getattr(suite, name) == count
            totals[name] += count
        names = [(case.classname, case.name) for case in suite]
        assert len(set(names)) == len(names)
    root = ElementTree.fromstring(text)
    assert {name: int(root.attrib[name]) for name in totals} == totals
    return suites


@pytest.fixture
def junit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(files: Mapping[str, str], **options: Any) -> list[Any]:
        return _read(written(tmp_path, monkeypatch, "junit", files, **options))

    return write


def test_a_whole_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.yaml": f"{POD}---\n{ALLOWED}", "b/c.yaml": "# nothing\n"}
    assert written(tmp_path, monkeypatch, "junit", files, level="baseline") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="podproof" tests="3" failures="1" errors="0" skipped="1">\n'
        '<testsuite name="a.yaml" tests="2" failures="1" errors="0" skipped="0">\n'
        '<testcase classname="a.yaml" name="Pod shop/web" file="a.yaml" line="1">\n'
        '<failure message="1 finding (meets privileged; baseline lacks 1): container &quot;web&quot; must not'
        ' be privileged, has privileged: true" type="failure">a.yaml:9:19 error privileged container "web"'
        " must not be privileged, has privileged: true</failure>\n"
        "<system-out>meets privileged; baseline lacks 1\n"
        'a.yaml:8:5 note writable-root-filesystem container "web" can write its root file system: set'
        " readOnlyRootFilesystem: true</system-out>\n"
        "</testcase>\n"
        '<testcase classname="a.yaml" name="Pod quiet" file="a.yaml" line="11">\n'
        "<system-out>meets baseline</system-out>\n"
        "</testcase>\n"
        "</testsuite>\n"
        '<testsuite name="b/c.yaml" tests="1" failures="0" errors="0" skipped="1">\n'
        '<testcase classname="b/c.yaml" name="(the whole file)" file="b/c.yaml" line="1">\n'
        '<skipped message="the file is empty (nothing but blanks and comments)"/>\n'
        "</testcase>\n"
        "</testsuite>\n"
        "</testsuites>\n"
    )


def test_results_of_each_kind(junit: Write) -> None:
    suites = junit(
        {
            "broken.yaml": "kind: [\n",
            "empty.yaml": "# nothing\n",
            "twice.yaml": f"{ALLOWED}---\n{ALLOWED}",
        },
        exit_code=4,
    )
    (broken,), (empty,), twice = ([*suite] for suite in suites)
    assert isinstance(broken.result[0], junitparser.Error)
    assert "broken.yaml:" in broken.result[0].text
    assert isinstance(empty.result[0], junitparser.Skipped)
    assert empty.result[0].message == "the file is empty (nothing but blanks and comments)"
    assert [(case.name, case.result) for case in twice] == [("Pod quiet", []), ("Pod quiet #2", [])]


@pytest.mark.parametrize(
    ("fail_on", "fails"), [("error", False), ("never", False), ("warning", False), ("note", True)]
)
def test_tests_fail_by_what_decides_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_on: str, fails: bool
) -> None:
    text = ALLOWED.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
    write_files(tmp_path, {"a.yaml": text})
    report = JUnitReport(RepositoryPaths(), fail_on)
    ((case,),) = ([*suite] for suite in _read("".join(report.write(run(tmp_path, monkeypatch, report)))))
    assert bool(case.result) is fails
    assert "writable-root-filesystem" in (case.result[0].text if fails else case.system_out)


def test_what_is_accepted_does_not_fail(junit: Write) -> None:
    told = {"privileged": Suppression("ignore", "a node agent")}
    ((case,),) = ([*suite] for suite in junit({"a.yaml": POD}, suppress=told, level="baseline"))
    assert case.result == []
    assert "has privileged: true (ignored: a node agent)" in case.system_out


def test_what_is_not_listed_is_counted(junit: Write) -> None:
    container = "    - {{name: c{}, image: x, securityContext: {{privileged: true}}}}\n"
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: many}\nspec:\n    containers:\n"
    files = {"a.yaml": text + "".join(map(container.format, range(120)))}
    ((case,),) = ([*suite] for suite in junit(files, level="baseline"))
    assert case.result[0].message.startswith("120 findings (")
    assert case.result[0].text.endswith("\n20 more of privileged, not listed")


def test_outputs_are_left_out_first_when_gitlab_would_not_read_them(
    junit: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"a.yaml": f"{POD}---\n{ALLOWED}", "b.yaml": ALLOWED}
    monkeypatch.setattr(check_junit, "_MOST_BYTES", 600)
    *suites, (notice,) = ([*suite] for suite in junit(files, level="baseline"))
    assert [[case.name for case in suite] for suite in suites] == [
        ["Pod shop/web", "Pod quiet"],
        ["Pod quiet"],
    ]
    assert [case.system_out for suite in suites for case in suite] == [None, None, None]
    assert "must not be privileged" in suites[0][0].result[0].text
    assert notice.result[0].message == (
        "the output of tests is left out: GitLab reads files of less than 30 MB"
    )


def test_tests_that_failed_are_kept_longest(junit: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.yaml": f"{ALLOWED}---\n{POD}", "b.yaml": ALLOWED}
    monkeypatch.setattr(check_junit, "_MOST_BYTES", 400)
    (kept,), (notice,) = ([*suite] for suite in junit(files, level="baseline"))
    assert kept.name == "Pod shop/web"
    assert isinstance(notice.result[0], junitparser.Skipped)
    assert notice.result[0].message.startswith("2 tests are left out, 0 of them failed; ")
    monkeypatch.setattr(check_junit, "_MOST_BYTES", 10)
    ((notice,),) = ([*suite] for suite in junit(files, level="baseline"))
    assert isinstance(notice.result[0], junitparser.Failure)
    assert notice.result[0].message.startswith("3 tests are left out, 1 of them failed; ")


def test_hostile_names_are_xml(junit: Write) -> None:
    ((case,),) = ([*suite] for suite in junit({"a.json": HOSTILE}))
    assert case.result
    assert len(case.name) <= 500
    assert "<script>" in case.name
    assert "\u202e" not in case.name + case.result[0].text


def test_characters_that_xml_forbids(junit: Write) -> None:
    text = POD.replace("- name: web", '- name: "x\\uffff\\ufffey\\u0007"')
    ((case,),) = ([*suite] for suite in junit({"a.yaml": text}))
    assert "x\ufffd\ufffdy" in case.result[0].text


def test_an_empty_run(junit: Write) -> None:
    ((case,),) = ([*suite] for suite in junit({}, exit_code=3))
    assert isinstance(case.result[0], junitparser.Skipped)


@requires.needs(requires.shared(CORPUS))
def test_a_project(junit: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    unpack(requires.SHARED / CORPUS, folder)
    project = folder / "metallb+metallb"
    suites = junit({str(path.relative_to(project)): path.read_text() for path in project.rglob("*.yaml")})
    assert len(suites) > 10
