"""Several processes: the output is that of one and of the Python API, byte for byte; all of them end."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requires
from unpacking import unpack
from waiting import PATIENCE, wait_until

from podproof.outputs.check_full import render as render_full
from podproof.outputs.check_json import render as render_json
from podproof.outputs.check_text import render as render_text
from podproof.outputs.formats import FORMATS as FORMATS_OF_CHECK
from podproof.session.check import check
from podproof.session.config import find_configuration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

from .conftest import environment

SHARED = "corpus/apps.tar.gz"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / SHARED

FORMATS = (
    ("--format", "json"),
    ("--format", "text"),
    ("--verbose", "--color", "always"),
    ("--format", "full", "--verbose", "--color", "always"),
    ("--format", "html"),
)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      securityContext: {{runAsUser: {user}, fsGroup: 7}}
      volumes:
      - {{name: data, persistentVolumeClaim: {{claimName: data}}}}
      containers:
      - name: ä
        image: nginx
        volumeMounts: [{{name: data, mountPath: /data}}]
        securityContext: {{capabilities: {{add: [NET_ADMIN]}}}}
"""
MANY = 200
"""Documents of one file that is cut: with their comments, each has some 2 KB."""


def many(documents: int) -> str:
    """Write many Deployments, of which some have the same user."""
    comment = f"# {'x' * 1600}\n"
    return "---\n".join(
        comment + DEPLOYMENT.format(number=number, user=1000 + number % 90) for number in range(documents)
    )


CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {volumeName: disk}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {nfs: {server: a, path: /}}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: webs.example.com}
spec:
  group: example.com
  names: {kind: Web}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              containers:
                items:
                  properties:
                    image: {}
                    name: {}
                    securityContext: {properties: {privileged: {}}}
              securityContext: {properties: {fsGroup: {}}}
              hostNetwork: {}
"""
CUSTOM = """\
apiVersion: example.com/v1
kind: Web
metadata: {name: a}
spec:
  hostNetwork: true
  containers: [{}]
"""
ESCAPED = """\
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\\ud800"}, "spec": {"a\\ud800": 1}}
"""
CONFIGURATION = """\
[severity]
shared-user-id = "warning"
[per-file-ignores]
"a/**" = ["shared-user-id"]
"""


@requires.needs(requires.shared(SHARED))
def test_the_corpus_in_every_format(tmp_path: Path) -> None:
    unpack(CORPUS, tmp_path)
    for options in FORMATS[:2]:
        assert run(tmp_path, *options, jobs=3) == run(tmp_path, *options, jobs=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What files tell each other stands before and behind those that it concerns, in files of every kind."""
    files = {
        "a/custom.yaml": CUSTOM,
        "a/first.yaml": DEPLOYMENT.format(number=0, user=1000),
        "b/definition.yaml": DEFINITION,
        "b/claim.yaml": CLAIM,
        "c/custom.yaml": CUSTOM,
        "c/many.yaml": many(MANY),
        "c/broken.yaml": "a: [\n---\nkind: Pod\nspec: {nodeName: *x}\n",
        "c/list.yaml": "kind: List\napiVersion: v1\nitems:\n- kind: Pod\n- {a: 1, a: 2}\n- 7\n",
        "d/kustomization.yaml": "resources: [base.yaml]\npatches: [{path: patch.yaml}]\n",
        "d/base.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n",
        "d/patch.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true}\n",
        "e/Chart.yaml": "name: chart\nversion: 1\n",
        "e/templates/web.yaml": "name: {{ .Values.name }}\n",
        "f/escaped.json": ESCAPED,
        "f/empty.yaml": "# nothing\n",
        "podproof.toml": CONFIGURATION,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(tmp_path / "f") + b"/\xff.yaml")).write_text(CUSTOM, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("options", FORMATS, ids="_".join)
def test_many_kinds_of_files_in_every_format(
    folder: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run(folder, *options, jobs=1)
    assert alone[0] == 4
    assert run(folder, *options, jobs=2) == alone
    assert run(folder, *options, jobs=5) == alone
    if "html" in options:
        return  # its page also tells how the run came about
    monkeypatch.chdir(folder)
    configuration = find_configuration(".")
    checked = check(collect((".",)), make_judge(configuration), make_selection(configuration))
    if "json" in options:
        expected = render_json(checked)
    else:
        colored = "always" in options
        render = render_full if "full" in options else render_text
        expected = render(checked, color=colored, verbose=colored).encode("utf-8", "backslashreplace")
    told = re.sub(rb"[\d,]+ of [^\n]* errors have a fix: podproof fix\n\Z", b"", alone[1])  # of no command
    assert told == untimed(expected)


@pytest.mark.parametrize("name", [name for name, each in FORMATS_OF_CHECK.items() if not each.for_terminals])
def test_formats_for_programs_do_not_depend_on_processes_and_caches(folder: Path, name: str) -> None:
    alone = run(folder, "--format", name, jobs=1)
    assert alone[0] == 4
    for _ in range(2):
        assert run(folder, "--format", name, "--cache", "../cache", jobs=3) == alone


def test_storage_and_definitions_count_wherever_they_stand(folder: Path) -> None:
    before = json.loads(run(folder, "--format", "json", jobs=2)[1])
    assert [pod["file"] for pod in before["objects"] if pod["kind"] == "Web"][:2] == [
        "a/custom.yaml",
        "c/custom.yaml",
    ]
    about_disk = [one["file"] for one in before["findings"] if "PersistentVolume disk" in one["message"]]
    assert about_disk.count("a/first.yaml") == 1
    assert about_disk.count("c/many.yaml") == MANY
    (folder / "b/definition.yaml").unlink()
    (folder / "b/claim.yaml").unlink()
    after = json.loads(run(folder, "--format", "json", jobs=2)[1])
    assert after["summary"]["workloads"] < before["summary"]["workloads"]
    assert not any("PersistentVolume disk" in one["message"] for one in after["findings"])


def test_standard_input_is_cut_too(folder: Path) -> None:
    data = (folder / "c/many.yaml").read_bytes()
    alone = run(folder, "-", jobs=1, stdin=data)
    assert alone[1].count(b"NET_ADMIN") >= MANY
    assert run(folder, "-", jobs=2, stdin=data) == alone


def test_no_fix_is_shown_of_a_file_that_is_cut(folder: Path) -> None:
    results = json.loads(run(folder, "--format", "sarif", jobs=2)[1])["runs"][0]["results"]
    fixed = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in results
        if result.get("fixes")
    }
    assert "a/first.yaml" in fixed
    assert "c/many.yaml" not in fixed


@pytest.mark.parametrize("jobs", [1, 2])
def test_broken_documents_of_a_file_that_is_cut_share_one_list(tmp_path: Path, jobs: int) -> None:
    documents = [f"--- # {number:600}\na: [1\n" for number in range(300)]
    documents[30:30] = [f"---\n{pod_of(number)}" for number in range(5)]
    (tmp_path / "broken.yaml").write_text("".join(documents), encoding="utf-8")
    (tmp_path / "other.yaml").write_text("a: [1\n", encoding="utf-8")
    for options in ((), ("--cache", str(tmp_path / "cache")), ("--cache", str(tmp_path / "cache"))):
        result = json.loads(
            run(tmp_path, "--select", "unreadable", "--format", "json", *options, jobs=jobs)[1]
        )
        lines = [found["line"] for found in result["findings"] if found["file"] == "broken.yaml"]
        assert lines == [line for line, text in numbered_documents(documents) if "a: [" in text][:100]
        (unlisted,) = result["unlisted"]
        assert (unlisted["file"], unlisted["line"], unlisted["count"]) == ("broken.yaml", lines[-1], 200)
        assert result["summary"]["errors"] == result["summary"]["skipped"] == 301


def pod_of(number: int) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  containers: [{{name: c}}]\n"


def numbered_documents(documents: list[str]) -> list[tuple[int, str]]:
    """Give each document with the line behind its marker."""
    line, found = 1, []
    for text in documents:
        found.append((line + 1, text))
        line += text.count("\n")
    return found


def test_jobs_may_stand_in_the_configuration(folder: Path) -> None:
    expected = run(folder, jobs=1)
    with (folder / "podproof.toml").open("r+", encoding="utf-8") as stream:
        text = stream.read()
        stream.seek(0)
        stream.write(f"jobs = 2\n{text}")
    assert run(folder) == expected


@pytest.mark.parametrize("jobs", ["0", "65", "two", "true"])
def test_jobs_is_a_number_of_processes(folder: Path, jobs: str) -> None:
    assert run(folder, "--jobs", jobs)[0] == 2
    (folder / "podproof.toml").write_text(
        f"jobs = {jobs if jobs != 'two' else repr(jobs)}\n", encoding="utf-8"
    )
    code, _, error = run(folder)
    assert code == 2
    assert b"jobs must be a number from 1 to 64" in error


class TestEnding:
    """However a run ends, no worker stays."""

    @pytest.fixture
    def started(self, folder: Path, request: pytest.FixtureRequest) -> "subprocess.Popen[bytes]":
        text = (folder / "c/many.yaml").read_text(encoding="utf-8")
        for number in range(request.param if hasattr(request, "param") else 100):
            (folder / f"copy{number}.yaml").write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "podproof", "check", "--jobs", "2"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        wait_until(lambda: len(_children(process.pid)) == 2, "the workers")
        return process

    @pytest.mark.parametrize("everybody", [True, False])
    def test_by_ctrl_c(self, started: "subprocess.Popen[bytes]", everybody: bool) -> None:
        workers = _children(started.pid)
        if everybody:  # as a terminal does
            os.killpg(started.pid, signal.SIGINT)
        else:
            started.send_signal(signal.SIGINT)
        out, error = started.communicate(timeout=PATIENCE)
        assert (started.returncode, out, error) == (130, b"", b"podproof: interrupted\n")
        wait_until(lambda: not any(map(_lives, workers)), "the end of the workers")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_by_a_signal(self, started: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        workers = _children(started.pid)
        started.send_signal(number)
        started.communicate(timeout=PATIENCE)
        wait_until(lambda: not any(map(_lives, workers)), "the end of the workers")

    @pytest.mark.parametrize("started", [12], indirect=True)
    def test_a_worker_that_dies_is_replaced_by_the_parent(self, started: "subprocess.Popen[bytes]") -> None:
        os.kill(_children(started.pid)[0], signal.SIGKILL)
        out, error = started.communicate(timeout=PATIENCE)
        assert (started.returncode, error) == (4, b"")
        assert out.count(b'"NET_ADMIN"') >= 13 * MANY


def run(
    folder: Path,
    *arguments: str,
    jobs: int | None = None,
    stdin: bytes = b"",
) -> tuple[int, bytes, bytes]:
    """Run `podproof check` in a folder; gives its exit code and what it wrote, without times."""
    options = () if jobs is None else ("--jobs", str(jobs))
    done = subprocess.run(
        [sys.executable, "-m", "podproof", "check", *arguments, *options],
        cwd=folder,
        env=environment(SOURCE_DATE_EPOCH="1767225600"),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, untimed(done.stdout), done.stderr


def untimed(out: bytes) -> bytes:
    out = re.sub(rb'"seconds": [-\d.e]+', b'"seconds": 0', out)
    return re.sub(
        rb"    [\d.]+ m?s\n(?=(podproof rules [^\n]*\n)?([\d,]+ of [^\n]*\n)?\Z)", b"    0 s\n", out
    )


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
