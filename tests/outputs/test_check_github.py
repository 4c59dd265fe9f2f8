"""GitHub's workflow commands, read as its runner reads them: ten of a kind, those that matter most first."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from reported import ALLOWED, HOSTILE, POD, written

from podproof.inputs.input import InputFile
from podproof.outputs.check_github import GitHubReport
from podproof.outputs.repository_paths import RepositoryPaths
from podproof.results.checked import Suppression
from podproof.session.check_run.pipeline import run_check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import FoundFile

COMMANDS = (
    "error",
    "warning",
    "notice",
    "group",
    "endgroup",
    "add-mask",
    "stop-commands",
    "debug",
    "set-env",
)


class Annotation(NamedTuple):
    """What the runner makes of a command."""

    command: str
    properties: dict[str, str]
    message: str


Write = Callable[..., tuple[list[Annotation], list[str]]]


def _read(text: str) -> tuple[list[Annotation], list[str]]:
    """Read commands and other lines. Source: actions/runner, src/Runner.Common/ActionCommand.cs."""
    commands, others = [], []
    for line in text.split("\n")[:-1]:
        assert "##[" not in line
        name, _, rest = line.lstrip().removeprefix("::").partition(" ")
        if not line.lstrip().startswith("::") or name not in COMMANDS:
            others.append(line)
            continue
        properties, _, message = rest.partition("::")
        pairs = [pair.split("=", 1) for pair in properties.split(",")]
        commands.append(
            Annotation(
                name,
                {key: _unescape(value.replace("%3A", ":").replace("%2C", ",")) for key, value in pairs},
                _unescape(message),
            )
        )
    return commands, others


def _unescape(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(files: Mapping[str, str], **options: Any) -> tuple[list[Annotation], list[str]]:
        return _read(written(tmp_path, monkeypatch, "github", files, **options))

    return write


def test_findings_of_a_line_are_one_annotation(github: Write) -> None:
    annotations, others = github({"deploy/web.yaml": POD})
    assert annotations == [
        Annotation(
            "error",
            {
                "file": "deploy/web.yaml",
                "line": "9",
                "title": "privileged (Pod shop/web)",
                "col": "19",
            },
            'container "web" must not be privileged, has privileged: true',
        ),
        Annotation(
            "error",
            {
                "file": "deploy/web.yaml",
                "line": "8",
                "title": "allow-privilege-escalation, capabilities-restricted, run-as-non-root,"
                " seccomp-profile-restricted (Pod shop/web)",
            },
            'container "web" must set allowPrivilegeEscalation: false\n'
            'container "web" must set capabilities.drop=["ALL"], has none\n'
            'container "web" may run as root: set runAsNonRoot: true\n'
            'container "web" must set seccompProfile.type to RuntimeDefault or Localhost',
        ),
        annotations[2],
    ]
    assert annotations[2].command == "notice"
    assert others == [
        "podproof: 1 file · 1 document · 1 workload, 1 container checked · 0 other objects · 0 skipped"
        "    5 errors, 0 warnings, 1 note"
    ]


def test_ten_of_a_kind_and_what_does_not_run_first(github: Write) -> None:
    names = [f"pod-{letter}" for letter in "abcdefghijklmnopqrst"]
    files = {f"{name}.yaml": POD.replace("name: web", f"name: {name}") for name in names}
    files["z.yaml"] = POD.replace("privileged: true", "privileged: 'yes'")
    annotations, others = github(files)
    assert [a.command for a in annotations] == ["error"] * 10 + ["notice"] * 10
    assert annotations[0].properties["file"] == "z.yaml"
    assert annotations[0].properties["title"].startswith("wrong-type")
    assert {a.properties["title"].split()[0] for a in annotations[1:10]} == {"privileged"}
    assert others[1:] == [
        "podproof: without annotations, since GitHub shows 10 of a kind: 91 errors, 10 notes",
    ]


def test_what_is_accepted_has_no_annotation(github: Write) -> None:
    told = {"privileged": Suppression("ignore", "known")}
    annotations, _ = github({"a.yaml": POD}, suppress=told)
    assert "privileged (Pod shop/web)" not in [a.properties["title"] for a in annotations]


def test_hostile_names_are_no_commands(github: Write) -> None:
    annotations, others = github({"a.json": HOSTILE, "::error::x,y=1%.yaml": POD})
    assert {a.command for a in annotations} <= {"error", "warning", "notice"}
    assert {a.properties["file"] for a in annotations} == {"a.json", "::error::x,y=1%.yaml"}
    assert all(len(a.message) <= 4_000 and len(a.properties["title"]) <= 200 for a in annotations)
    assert any("::error::no # #[error] %0A a,b:c" in a.message for a in annotations)
    assert len(others) == 1


def test_unreadable_input_and_runs_without_findings(github: Write) -> None:
    annotations, _ = github({"a.yaml": "kind: [\n"}, exit_code=4)
    assert [(a.command, a.properties["title"]) for a in annotations] == [("error", "unreadable")]
    assert github({"a.yaml": ALLOWED}, exit_code=0)[0] == []


@pytest.mark.parametrize("name", ["<stdin>", "deploy (kustomize)"])
def test_what_is_no_file_is_not_named_as_one(name: str) -> None:
    report = GitHubReport(RepositoryPaths())
    found = [FoundFile(InputFile(name, POD.encode()), None)]
    judge, selection = make_judge(ProjectConfiguration()), make_selection(ProjectConfiguration())
    annotations, _ = _read("".join(report.write(run_check(found, judge, selection, report, jobs=1))))
    assert set(annotations[0].properties) == {"title"}
