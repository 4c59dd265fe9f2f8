"""`podproof fix --format json` and `podproof.fix`: of the schema, the same, and enough to make the change."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from click.testing import CliRunner
from json_patches import patched

import podproof
from podproof.commands.main import podproof as program
from podproof.results.plain import to_plain

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "fix.v1.json").read_text())

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}   # ünsere
spec:
  hostPID: true   # früher
  containers:
  - {name: a, image: "a:1", volumeMounts: [{name: v, mountPath: /v}]}
  - name: b
    image: b
    securityContext:
      privileged: true
  volumes:
  - name: v
    hostPath: {path: /v}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(*arguments: str, stdin: bytes | None = None) -> tuple[int, dict[str, Any]]:
    arguments = ("fix", "--format", "json", *arguments)
    result = CliRunner().invoke(program, arguments, input=stdin, standalone_mode=False)
    written = json.loads(result.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(written)
    return result.return_value, written


def edited(data: bytes, file: dict[str, Any]) -> bytes:
    """Make a file's edits by their bytes."""
    parts, position = [], 0
    for edit in file["edits"]:
        parts += [data[position : edit["place"]["offset"]], edit["text"].encode()]
        position = edit["place"]["end_offset"]
    return b"".join([*parts, data[position:]])


def stretch(text: str, place: dict[str, int]) -> str:
    """What stands at a place, by its lines and columns."""
    lines = text.splitlines(keepends=True)
    first, last = place["line"] - 1, place["end_line"] - 1
    lines[last : last + 1] = [lines[last][: place["end_column"] - 1]] if last < len(lines) else []
    return "".join(lines[first : last + 1])[place["column"] - 1 :]


@pytest.mark.parametrize(
    "data",
    [
        POD.encode(),
        POD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + POD.rstrip().encode(),
        f"---\n{POD}---\nkind: ConfigMap\napiVersion: v1\n---\n{POD}".encode(),
    ],
    ids=["plain", "crlf", "bom, no newline at the end", "documents"],
)
def test_a_program_can_make_the_edits(folder: Path, data: bytes) -> None:
    (folder / "a.yaml").write_bytes(data)
    code, written = document("a.yaml")
    (file,) = written["files"]
    after = edited(data, file)
    assert code == 1
    assert file["after"].encode() == after.removeprefix(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    for edit in file["edits"]:
        place = edit["place"]
        by_bytes = data[place["offset"] : place["end_offset"]].decode()
        assert stretch(text, place) == by_bytes
    before = [value for value in yaml.safe_load_all(data) if value["kind"] == "Pod"]
    expected = [value for value in yaml.safe_load_all(after) if value["kind"] == "Pod"]
    for value, wanted, each in zip(before, expected, file["objects"], strict=True):
        for decision in each["decisions"]:
            value = patched(value, decision["patch"])
            assert decision["edits"]
            assert max(decision["edits"]) < len(file["edits"])
        assert value == wanted


def test_every_part_of_it_is_said(folder: Path) -> None:
    (folder / "a.yaml").write_text(POD)
    (folder / "broken.yaml").write_text(f"{POD}---\na: [\n")
    (folder / "chart.yaml").write_text("a: {{ .Values.a }}\n")
    code, written = document(".")
    assert code == 4
    assert written["schema"] == "podproof/fix/v1"
    assert (written["level"], written["version"]) == ("restricted", "latest")
    good, broken = written["files"]
    (of_good,) = good["objects"]
    assert (of_good["document"], of_good["line"], of_good["route"]) == (1, 1, "")
    assert of_good["object"] == {
        "api_version": "v1",
        "kind": "Pod",
        "namespace": "shop",
        "name": "web",
    }
    first = of_good["decisions"][0]
    assert first == {
        "container": None,
        "kind": "tighter",
        "what": "remove hostPID",
        "why": "pod must not use the host's namespaces, has hostPID: true",
        "checks": ["host-namespaces"],
        "patch": [{"op": "remove", "path": "/spec/hostPID"}],
        "edits": first["edits"],
        "shown": "",
    }
    (left,) = of_good["left"]
    assert (left["check"], left["line"]) == ("restricted-volumes", 14)
    assert left["route"] == "spec.volumes[0].hostPath"
    assert broken["refused"].startswith("line 17 cannot be read")
    assert (broken["edits"], broken["after"]) == ([], None)
    assert len(broken["objects"][0]["left"]) > 1
    assert [one["file"] for one in written["unreadable"]] == ["broken.yaml"]
    assert [one["file"] for one in written["skipped"]] == ["chart.yaml"]
    summary = written["summary"]
    assert summary["changes"] == summary["same"] + summary["tighter"] + summary["guess"]
    assert summary["left"] == 1 + len(broken["objects"][0]["left"])
    assert (summary["files"], summary["refused"], summary["unreadable"]) == (1, 1, 1)


def test_standard_input_is_described_and_not_printed() -> None:
    code, written = document("-", stdin=POD.encode())
    assert code == 1
    assert written["files"][0]["file"] == "<stdin>"


def test_a_file_that_could_not_be_written_is_refused(folder: Path) -> None:
    (folder / "a.yaml").write_text(POD)
    (folder / "below").mkdir()
    (folder / "below" / "link.yaml").symlink_to("../a.yaml")
    code, written = document("below/link.yaml", "--write")
    assert code == 4
    assert "it is a link" in written["files"][0]["refused"]
    assert (folder / "a.yaml").read_text() == POD


def test_the_function_gives_what_the_command_prints(folder: Path) -> None:
    (folder / "a.yaml").write_text(POD)
    code, written = document("a.yaml")
    result = podproof.fix(Path("a.yaml"))
    assert code == 1
    assert to_plain(result) == written
    assert msgspec.json.decode(json.dumps(written), type=podproof.FixResult) == result


def test_objects_and_texts_are_mended() -> None:
    value = yaml.safe_load(POD)
    of_object, of_text = podproof.fix([value, POD]).files
    assert (of_object.file, of_text.file) == ("<object 1>", "<text 2>")
    assert json.loads(of_object.after or "") == yaml.safe_load(of_text.after or "")
    assert value == yaml.safe_load(POD)


def test_what_needs_nothing_is_not_listed() -> None:
    again = podproof.fix(podproof.fix(POD, ignore=["restricted-volumes"]).files[0].after or "")
    assert [file.edits for file in again.files] == [()]
    mended = podproof.fix(POD.replace("hostPath: {path: /v}", "emptyDir: {}")).files[0].after or ""
    result = podproof.fix(mended)
    assert result.files == ()
    assert result.summary == podproof.FixSummary(1, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"only": ["all"]}, "only takes same, tighter, guess, not all"),
        ({"only": "same"}, "only must be a list of strings"),
        ({"uid_range": (0, 5)}, "the range of users must be two from 1 to 2147483647"),
        ({"uid_range": (5, 4)}, "the range of users"),
        ({"uid_range": 5}, "the range of users"),
        ({"uid_range": (1, True)}, "the range of users"),
    ],
)
def test_wrong_arguments_are_named(arguments: Any, message: str) -> None:
    with pytest.raises(podproof.UsageError, match=message):
        podproof.fix(POD, **arguments)


def test_kinds_and_users_are_chosen() -> None:
    given = podproof.fix(POD, uid_range=(70_000, 70_000)).files[0].after or ""
    assert given.count("runAsUser: 70000") == 2
    assert podproof.fix(POD, no_guess=True).summary.guess == 0
    assert podproof.fix(POD, only=["guess"]).summary.tighter == 0
