"""SARIF: valid by the schema, right regions, stable fingerprints, and nothing is left out in silence."""

import json
import random
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
import requires
from reported import ALLOWED, HOSTILE, POD, written
from unpacking import unpack

from podproof.outputs import check_sarif
from podproof.outputs.check_sarif import SarifReport
from podproof.outputs.repository_paths import RepositoryPaths
from podproof.results.checked import Suppression

SCHEMA = "data/sarif-schema-2.1.0.json"
CORPUS = "corpus/apps.tar.gz"

Write = Callable[..., dict[str, Any]]


@pytest.fixture
def sarif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(files: Mapping[str, str], **options: Any) -> dict[str, Any]:
        log: dict[str, Any] = json.loads(written(tmp_path, monkeypatch, "sarif", files, **options))
        _check_shape(log)
        return log

    return write


def _check_shape(log: dict[str, Any]) -> None:
    """What GitHub needs: every result has a rule, a message, a place and a fingerprint; and the schema."""
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert len(result["partialFingerprints"]["podproofFinding/v1"]) == 32
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert 1 <= region["startLine"] <= region["endLine"]
        assert "\\" not in location["physicalLocation"]["artifactLocation"]["uri"]
        assert len(result.get("relatedLocations", ())) <= 100
    notified = {kind["id"] for kind in run["tool"]["driver"]["notifications"]}
    for notification in run["invocations"][0]["toolExecutionNotifications"]:
        assert notification["descriptor"]["id"] in notified
    if requires.shared(SCHEMA)() == "":
        _validator().validate(log)


def _validator() -> Any:
    schema = json.loads((requires.SHARED / SCHEMA).read_bytes())
    return jsonschema.validators.validator_for(schema)(schema)


@requires.needs(requires.shared(SCHEMA))
def test_the_schema_is_one_that_refuses_something() -> None:
    with pytest.raises(jsonschema.ValidationError):
        _validator().validate({"version": "2.1.0", "runs": [{"results": []}]})


def _results(log: dict[str, Any]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = log["runs"][0]["results"]
    return results


def _notifications(log: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        each
        for each in log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        if each["descriptor"]["id"] == kind
    ]


def test_a_whole_result(sarif: Write) -> None:
    (result,) = [r for r in _results(sarif({"deploy/web.yaml": POD})) if r["ruleId"] == "privileged"]
    del result["ruleIndex"]
    (fix,) = result.pop("fixes")
    what = "remove spec.containers[0].securityContext.privileged (it may change what the workload does)"
    assert fix["description"] == {"text": what}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "deploy/web.yaml", "uriBaseId": "%SRCROOT%"}
    assert result == {
        "ruleId": "privileged",
        "level": "error",
        "message": {
            "text": 'container "web" must not be privileged, has privileged: true\n'
            "restricted:latest forbids it"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "deploy/web.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": 9,
                        "startColumn": 19,
                        "endLine": 9,
                        "endColumn": 23,
                        "snippet": {"text": "true"},
                    },
                },
                "logicalLocations": [{"name": "web", "fullyQualifiedName": "Pod shop/web", "kind": "object"}],
            }
        ],
        "partialFingerprints": {"podproofFinding/v1": result["partialFingerprints"]["podproofFinding/v1"]},
        "properties": {"field": "spec.containers[0].securityContext.privileged", "container": "web"},
    }


def test_the_run(sarif: Write) -> None:
    run = sarif({"a.yaml": POD}, level="baseline:v1.30")["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["properties"] == {
        "level": "baseline:v1.30",
        "evaluatedVersion": "v1.30",
        "kubernetesVersion": "v1.37",
    }
    assert run["invocations"] == [
        {"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}
    ]
    assert run["artifacts"] == [
        {"location": {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}, "roles": ["analysisTarget"]}
    ]
    (rule,) = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "privileged"]
    assert rule["help"]["markdown"].startswith("# privileged\n")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"] == {
        "tags": ["security", "kubernetes", "pod-security-standards", "baseline"],
        "security-severity": "8.0",
        "upstreamId": "privileged",
        "levels": ["baseline", "restricted"],
        "kubernetesVersions": ["v1.0"],
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_columns_count_code_points(sarif: Write, end: str, mark: str) -> None:
    text = (
        f"{mark}apiVersion: v1{end}kind: Pod{end}metadata: {{name: x}}{end}spec:{end}  containers:{end}"
        + (f'  - {{"name": "c", "x😀é": "😀", image: nginx, securityContext: {{privileged: true}}}}{end}')
    )
    (result,) = [r for r in _results(sarif({"a.yaml": text})) if r["ruleId"] == "privileged"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = text.removeprefix(mark).split(end)[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "true"
    assert region["snippet"]["text"] == "true"


def fixed(text: str, result: dict[str, Any]) -> str:
    """Apply a result's only fix as SARIF means it."""
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "a.yaml"
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    for edit in reversed(change["replacements"]):
        region = edit["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + edit["insertedContent"]["text"] + text[end:]
    return text


@pytest.mark.parametrize(
    ("above", "before", "after"),
    [
        ("", "{allowPrivilegeEscalation: true}", "{allowPrivilegeEscalation: false}"),
        ("", "{allowPrivilegeEscalation: true} # why", "{allowPrivilegeEscalation: false} # why"),
        ("", "{}", "\n      allowPrivilegeEscalation: false"),
        ("", "{allowPrivilegeEscalation: }", "{allowPrivilegeEscalation: false}"),
        ("", "{runAsUser: 5}", "{runAsUser: 5, allowPrivilegeEscalation: false}"),
        (
            "x: &x {allowPrivilegeEscalation: true}\n",
            "{<<: *x}",
            "{<<: *x, allowPrivilegeEscalation: false}",
        ),
        ("x: &x true\n", "{allowPrivilegeEscalation: *x}", "{allowPrivilegeEscalation: false}"),
    ],
)
def test_fixes_are_made_in_the_text(sarif: Write, above: str, before: str, after: str) -> None:
    text = above + POD.replace("securityContext:\n      privileged: true", f"securityContext: {before}")
    (result,) = [r for r in _results(sarif({"a.yaml": text})) if r["ruleId"] == "allow-privilege-escalation"]
    wanted = f"securityContext:{after}" if after.startswith("\n") else f"securityContext: {after}"
    assert fixed(text, result) == text.replace(f"securityContext: {before}", wanted)


@pytest.mark.parametrize(
    "context",
    [
        "{allowPrivilegeEscalation: !!bool true}",
        "{allowPrivilegeEscalation: &x true}",
        "{allowPrivilegeEscalation}",
    ],
)
def test_what_cannot_be_edited_has_no_fix(sarif: Write, context: str) -> None:
    text = POD.replace("securityContext:\n      privileged: true", f"securityContext: {context}")
    (result,) = [r for r in _results(sarif({"a.yaml": text})) if r["ruleId"] == "allow-privilege-escalation"]
    assert "fixes" not in result


def test_long_files_have_no_fixes(sarif: Write) -> None:
    assert "fixes" in str(_results(sarif({"a.yaml": POD})))
    assert "fixes" not in str(_results(sarif({"a.yaml": f"# {'x' * 140_000}\n{POD}"})))


def test_fingerprints_do_not_change_with_lines(sarif: Write) -> None:
    before = sarif({"a.yaml": POD})
    after = sarif({"a.yaml": f"# one\n# two\n---\n# three\n{POD}"})
    for name in ("ruleId", "partialFingerprints"):
        assert [r[name] for r in _results(before)] == [r[name] for r in _results(after)]
    lines = [
        [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in _results(log)]
        for log in (before, after)
    ]
    assert [line + 4 for line in lines[0]] == lines[1]


@requires.needs(requires.shared(CORPUS))
def test_a_project_is_valid_and_its_fingerprints_stay(
    sarif: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    unpack(requires.SHARED / CORPUS, folder)
    project = folder / "metallb+metallb"
    texts = {str(path.relative_to(project)): path.read_text() for path in project.rglob("*.yaml")}
    before = _results(sarif(texts))
    after = _results(sarif({name: f"# a line\n\n{text}" for name, text in texts.items()}))
    assert len(before) > 100
    assert [r["partialFingerprints"] for r in before] == [r["partialFingerprints"] for r in after]


def test_suppressions(sarif: Write) -> None:
    told = {
        "privileged": Suppression("ignore", "a [bad](http://x) node\nagent", "team-a", "2027-01-31"),
        "run-as-non-root": Suppression("baseline", ""),
    }
    by_rule = {r["ruleId"]: r for r in _results(sarif({"a.yaml": POD}, suppress=told))}
    assert by_rule["privileged"]["suppressions"] == [
        {
            "kind": "inSource",
            "justification": "a [bad] (http://x) node␊agent",
            "properties": {"owner": "team-a", "until": "2027-01-31"},
        }
    ]
    assert by_rule["run-as-non-root"]["suppressions"] == [{"kind": "external"}]
    assert "suppressions" not in by_rule["seccomp-profile-restricted"]


def test_what_was_not_checked_is_a_notification(sarif: Write) -> None:
    many = "".join(
        f"    - {{name: c{n}, image: x, securityContext: {{privileged: true}}}}\n" for n in range(120)
    )
    log = sarif(
        {
            "broken.yaml": "kind: [\n",
            "Chart.yaml": "name: x\n",
            "templates/x.yaml": "{{ if }}\n",
            "web.yaml": "apiVersion: example.dev/v1\nkind: Web\nmetadata: {name: x}\n"
            "spec: {securityContext: {a: 1}}\n",
            "many.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: many}\nspec:\n    containers:\n" + many,
        },
        exit_code=4,
    )
    invocation = log["runs"][0]["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 4)
    (lost,) = _notifications(log, "lost")
    assert lost["level"] == "error"
    assert lost["message"]["text"].startswith("broken.yaml:")
    assert lost["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.yaml"
    (not_judged,) = _notifications(log, "not_judged")
    assert not_judged["message"]["text"].endswith(" and was not judged: spec.securityContext")
    (result,) = [r for r in _results(log) if r["ruleId"] == "unreadable"]
    assert result["level"] == "error"
    assert [n["level"] for n in _notifications(log, "skipped")] == ["note"] * len(
        _notifications(log, "skipped")
    )
    assert _notifications(log, "skipped")
    texts = [n["message"]["text"] for n in _notifications(log, "unlisted")]
    assert any("20 more of privileged in Pod many" in text for text in texts)


def test_many_notifications_are_counted(sarif: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_sarif, "_MOST_NOTIFICATIONS", 3)
    log = sarif({f"{n}.yaml": "kind: [\n" for n in range(10)}, exit_code=4)
    texts = [n["message"]["text"] for n in _notifications(log, "lost")]
    assert len(texts) == 4
    assert texts[-1] == "7 more are not listed, of what could not be read, and was not checked"


def test_an_empty_run(sarif: Write) -> None:
    log = sarif({}, exit_code=3)
    assert _results(log) == []
    assert log["runs"][0]["artifacts"] == []
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is True


def test_nothing_to_say_about_a_file_that_is_an_artifact(sarif: Write) -> None:
    log = sarif({"a.yaml": ALLOWED}, exit_code=0)
    assert [r for r in _results(log) if r["level"] == "error"] == []
    assert len(log["runs"][0]["artifacts"]) == 1


def test_hostile_names(sarif: Write) -> None:
    log = sarif({"a.json": HOSTILE})
    text = json.dumps(log, ensure_ascii=False)
    assert "\u202e" not in text
    assert len(_results(log)) > 3
    messages = "".join(r["message"]["text"] for r in _results(log))
    assert "nnnnn" in messages
    assert "](" not in messages
    assert not set(messages) & set("\x00\x07\x1b\r\u202e\u2028")


@pytest.mark.parametrize(
    "name",
    ["a b%20c#d?e.yaml", "ä/😀.yaml", "x:y.yaml", "-\n.yaml", "\udcff\udcfe.yaml", "[a](b).yaml"],
)
def test_odd_file_names(sarif: Write, tmp_path: Path, name: str) -> None:
    log = sarif({name: POD})
    (uri,) = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in _results(log)}
    assert unquote(uri, errors="surrogateescape") == name
    assert set(uri) <= set(string.ascii_letters + string.digits + "-._~/%")


@pytest.mark.parametrize(
    ("file", "uri", "from_root"),
    [
        ("web.yaml", "deploy/web.yaml", True),
        ("./a/../web.yaml", "deploy/web.yaml", True),
        ("../web.yaml", "web.yaml", True),
        ("../../web.yaml", "../../web.yaml", False),
        ("/repository/x.yaml", "x.yaml", True),
        ("/repository2/x y.yaml", "file:///repository2/x%20y.yaml", False),
        ("<stdin>", "%3Cstdin%3E", False),
    ],
)
def test_paths_are_from_the_root(file: str, uri: str, from_root: bool) -> None:
    assert RepositoryPaths("/repository", "/repository/deploy").uri(file) == (uri, from_root)


def _place(result: dict[str, Any]) -> object:
    return result["ruleId"], result["locations"]


def test_what_matters_most_is_kept_within_the_limits(sarif: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.yaml": POD, "b.yaml": POD.replace("web", "other")}
    told = {"privileged": Suppression("baseline", "")}
    everything = _results(sarif(files, suppress=told))
    errors = [r for r in everything if r["level"] == "error" and "suppressions" not in r]
    monkeypatch.setattr(check_sarif, "_MOST_RESULTS", len(errors) + 1)
    log = sarif(files, suppress=told)
    kept = _results(log)
    assert [_place(r) for r in kept if r["level"] == "error"] == [_place(r) for r in errors]
    assert len(kept) == len(errors) + 1
    (notification,) = _notifications(log, "left-out")
    assert notification["level"] == "warning"
    left = len(everything) - len(kept)
    assert notification["message"]["text"].startswith(f"{left} results are left out")
    assert notification["message"]["text"].endswith("suppressed 2")


def test_what_github_does_not_show_is_said(sarif: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = _results(sarif({"a.yaml": POD}))
    assert _notifications(sarif({"a.yaml": POD}), "not-shown") == []
    monkeypatch.setattr(check_sarif, "_MOST_SHOWN", len(everything) - 1)
    log = sarif({"a.yaml": POD})
    assert _results(log) == everything
    (notification,) = _notifications(log, "not-shown")
    assert notification["message"]["text"].startswith("1 results are more than GitHub stores and shows, ")


def test_the_compressed_size_is_limited(sarif: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_sarif, "_SMALL", 1_000)
    monkeypatch.setattr(check_sarif, "_MOST_COMPRESSED", 40_000)
    letters = random.Random(1)
    files = {
        f"{n}.yaml": POD.replace("web", "".join(letters.choices(string.ascii_lowercase, k=60)))
        for n in range(400)
    }
    log = sarif(files)
    left = _notifications(log, "left-out")
    assert 100 < len(_results(log)) < 2_000
    assert len(left) == 1


def test_the_question_has_what_the_paths_depend_on() -> None:
    below = SarifReport(RepositoryPaths("/a", "/a/b"), "1.0")
    assert below.question != SarifReport(RepositoryPaths("/a", "/a"), "1.0").question
