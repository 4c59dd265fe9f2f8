"""For every claim that `explain` proves, it shows the value, who set it with the place, and the truth."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from podproof.commands.explain import command
from podproof.effective.linux_capabilities import CAPABILITIES
from podproof.effective.setting import Setting
from podproof.outputs.explain_words import process_lines, rows
from podproof.results.explained import Explained, ExplainedContainer, ExplainedObject
from podproof.results.plain import to_plain
from podproof.session.explain import explain_inputs
from podproof.session.facts import find_images
from podproof.session.sources import collect

SEED = Path(__file__).resolve().parents[2] / "examples" / "seed"
CLAIMS: list[dict[str, Any]] = [
    claim
    for claim in yaml.safe_load((SEED / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    if "explain" in claim["proof"]
]
CASES = [(claim, shown) for claim in CLAIMS for shown in claim["explain"]]


@cache
def explained(manifest: str) -> Explained:
    """Explain a manifest with the images of examples/seed/images.yaml; the command says the same."""
    import json

    path = str(SEED / manifest)
    arguments = [path, "--images", str(SEED / "images.yaml"), "--format", "json"]
    result = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    assert result.return_value == 0
    found, problems = explain_inputs(collect([path]), Setting(images=find_images(str(SEED / "images.yaml"))))
    assert not problems
    assert json.loads(result.stdout) == to_plain(found)
    return found


def chosen(claim: dict[str, Any], shown: dict[str, Any]) -> tuple[ExplainedObject, ExplainedContainer]:
    ((entry, container),) = [
        (entry, container)
        for entry in explained(claim["manifest"]).objects
        for container in entry.containers
        if container.name == shown["container"] and entry.name == shown.get("pod", entry.name)
    ]
    return entry, container


def mask(names: list[str]) -> str:
    return f"{sum(1 << CAPABILITIES.index(name) for name in names):016x}"


def test_every_claim_with_explain_says_what_to_see() -> None:
    assert len(CLAIMS) > 30
    for claim in CLAIMS:
        assert claim["explain"], claim["id"]
        about = {shown["container"] for shown in claim["explain"]}
        assert claim.get("container", *list(about)[:1]) in about, claim["id"]


@pytest.mark.parametrize(
    ("claim", "shown"), CASES, ids=lambda value: value.get("id") or value.get("container")
)
def test_explain_shows_value_origin_and_truth(claim: dict[str, Any], shown: dict[str, Any]) -> None:
    assert shown.keys() <= {"pod", "container", "fields", "process", "start", "says"}
    assert shown.keys() & {"fields", "process", "start"}
    entry, container = chosen(claim, shown)
    plain = to_plain(container)
    lines = (SEED / claim["manifest"]).read_text(encoding="utf-8").splitlines()
    for name, expected in shown.get("fields", {}).items():
        field = plain["fields"][name]
        value = field["value"]
        if isinstance(expected["value"], dict):
            value = {key: value[key] for key in expected["value"]}
        assert (value, field["origin"]["kind"]) == (expected["value"], expected["origin"]), name
        assert expected.get("text", "") in field["origin"]["text"], name
        if expected["origin"] in ("container", "pod"):
            # The place is the line that sets it; a list or a mapping may begin on the line below its key.
            origin = field["origin"]
            key = origin["route"].rsplit(".", 1)[1]
            above = lines[origin["line"] - 2 : origin["line"]]
            assert any(f"{key}:" in line for line in above), name
        told = next(row for row in rows(entry, container) if row.name == name)
        assert told.who, name
    process = plain["process"]
    for name, expected in shown.get("process", {}).items():
        if name == "capabilities":
            assert {key: mask(process[name][key]) for key in expected} == expected
        elif name == "namespaces":
            assert {key: process[name][key] for key in expected} == expected
        else:
            assert process[name] == expected, name
    start = plain["start"]
    for name, expected in shown.get("start", {}).items():
        assert expected in start[name] if name == "message" else start[name] == expected
    assert any(shown.get("says", "") in line for line in process_lines(container))


WHY = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: images.example/web:1
"""


@pytest.mark.parametrize("user", ["root", ""])
def test_why_is_my_container_root(user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("podproof-images.yaml").write_text(
        "schema: podproof/images/v1\nimages:\n  images.example/web:1:\n"
        f'    user: "{user}"\n    passwd: "root:x:0:0::/root:/bin/sh\\n"\n    group: ""\n'
    )
    shown = CliRunner().invoke(command, ["-"], input=WHY, standalone_mode=False).stdout
    said = " ".join(shown.split())
    cause = f"image images.example/web:1 has {'USER root' if user else 'no USER'}"
    assert f"runAsUser 0 {cause}" in said
    assert f"it is root, because {cause}; a runAsUser other than 0 changes that" in said


def test_why_may_my_container_be_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(command, ["-"], input=WHY, standalone_mode=False).stdout
    said = " ".join(shown.split())
    assert (
        "it may be root: runAsUser is not set and the user of image images.example/web:1 is not known; "
        "set runAsUser to decide it here" in said
    )
    assert "podproof images lock" in said


def test_root_by_the_manifest_names_the_field() -> None:
    text = WHY.replace("      containers:", "      securityContext: {runAsUser: 0}\n      containers:")
    shown = CliRunner().invoke(command, ["-"], input=text, standalone_mode=False).stdout
    said = " ".join(shown.split())
    assert "it is root, because spec.template.spec.securityContext.runAsUser is 0" in said
