"""`podproof check` as people and scripts meet it: whole outputs, exit codes, options, configuration."""

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from podproof.commands.main import VERBS

from .conftest import ROOT, Run

SEED = ROOT / "examples" / "seed"
GOLDEN = Path(__file__).parent / "golden"

DENIED = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: web
    image: nginx:1.27
    securityContext:
      privileged: true
"""
ALLOWED = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: web
    image: nginx:1.27
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def _golden(name: str, text: str) -> None:
    """Compare with the file of that name; PODPROOF_GOLDEN=write writes it instead."""
    text = re.sub(r"\d+(\.\d+)? (ms|s)$", "N ms", text, flags=re.MULTILINE)
    path = GOLDEN / name
    if os.environ.get("PODPROOF_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(path.name for path in (SEED / "as-printed").glob("*.yaml")))
def test_the_seed_as_printed(podproof: Run, file: str) -> None:
    result = podproof("check", f"as-printed/{file}", "--format", "full", cwd=SEED)
    _golden(f"{file.removesuffix('.yaml')}.txt", result.stdout.decode())
    assert result.returncode == (4 if file == "pod-security-policy.yaml" else 1)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("run-as-not-root.yaml", "did you mean runAsNonRoot?"),
        ("pod-allow-privilege-escalation.yaml", "belongs under spec.containers[*].securityContext"),
        ("capabilities-beside.yaml", "drop belongs under spec.containers[0].securityContext.capabilities"),
        ("policy-volumes-outside.yaml", "volumes belongs under spec"),
    ],
)
def test_each_mistake_of_the_seed_is_named_with_its_remedy(podproof: Run, file: str, words: str) -> None:
    result = podproof("check", f"mistakes/{file}", "--select", "unknown-field", "--format", "full", cwd=SEED)
    assert result.returncode == 1
    assert words in result.stdout.decode()


def test_fragments_of_every_kind(podproof: Run) -> None:
    texts = [
        "- {name: a, image: b, securityContext: {privileged: true}}",
        "name: a\nimage: b\nsecurityContext: {privileged: true}",
        "securityContext: {privileged: true}",
        "privileged: true\nrunAsUser: 0",
        "kind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: b,"
        " securityContext: {privileged: true}}]}}}",
    ]
    for text in texts:
        result = podproof("check", "-", "--format", "json", stdin=text.encode())
        report = json.loads(result.stdout)
        assert {"fragment", "privileged"} <= {f["check"] for f in report["findings"]}, text
        assert result.returncode == 1


@pytest.mark.parametrize(
    ("version", "kind", "place", "words"),
    [
        ("v1", "pod", ":2:7", 'no matches for kind "pod" in version "v1"; did you mean Pod?'),
        ("v1", "Thing", ":2:7", 'no matches for kind "Thing" in version "v1"; its pods were found by their'),
        ("1.0", "Pod", ":1:13", "cannot unmarshal number into Go struct field .apiVersion of type string"),
        ("v1", "[Pod]", ":2:1", "cannot unmarshal array into Go struct field .kind of type string"),
    ],
)
def test_no_pod_hides_behind_a_name_that_no_server_knows(
    podproof: Run, version: str, kind: str, place: str, words: str
) -> None:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n"
    text += "spec: {containers: [{name: c, image: x}]}\n"
    result = podproof("check", "-", "--level", "baseline", "--format", "full", stdin=text.encode())
    assert result.returncode == 1
    assert f"<stdin>{place}  error" in result.stdout.decode()
    assert words in result.stdout.decode()


def test_what_was_not_judged_is_counted_and_named(podproof: Run) -> None:
    counted = podproof("check", "-", stdin=UNJUDGED.encode()).stdout.decode()
    assert " · 0 skipped · 1 not judged " in counted
    assert "hostNetwork" not in counted
    named = podproof("check", "-", "-v", stdin=UNJUDGED.encode()).stdout.decode()
    assert "<stdin>:11  not judged  A: spec.hostNetwork\n" in named


COLORS = "\x1b[1;31merror\x1b[0m"


def test_colors(podproof: Run) -> None:
    def out(*arguments: str, **env: str) -> str:
        options = ("--format", "full", *arguments)
        return podproof("check", "-", *options, stdin=DENIED.encode(), env=env).stdout.decode()

    assert "\x1b" not in out()
    assert COLORS in out("--color", "always")
    assert COLORS in out(FORCE_COLOR="1")
    assert "\x1b" not in out(FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" not in out("--color", "never", FORCE_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out("--color", "always"))
    assert plain.splitlines()[:-1] == out().splitlines()[:-1]


UNJUDGED = ALLOWED + "---\n{apiVersion: example.org/v1, kind: A, spec: {hostNetwork: true}}\n"

CODES: list[tuple[str, list[str], int]] = [
    (ALLOWED, [], 0),
    (DENIED, [], 1),
    (UNJUDGED, [], 0),
    (UNJUDGED, ["--strict"], 4),
    (UNJUDGED, ["--fail-on", "note", "--select", "privileged"], 1),
    (ALLOWED, ["--strict"], 0),
    (DENIED, ["--fail-on", "never"], 0),
    (DENIED, ["--level", "privileged"], 0),
    (DENIED, ["--level", "baseline"], 1),
    (DENIED, ["--select", "run-as-user"], 0),
    (DENIED, ["--level", "baseline", "--ignore", "privileged"], 0),
    (OTHER, [], 3),
    ("", [], 3),
    ("services: {}\n", [], 3),
    ("a: [", [], 4),
    (f"{DENIED}---\na: [", [], 4),
    (f"{OTHER}---\na: [", [], 4),
    ("a: [", ["--fail-on", "never"], 4),
    ("a: [", ["--level", "nothing"], 2),
    (DENIED, ["--nonsense"], 2),
    (DENIED, ["--select", "nonsense"], 2),
    (DENIED, ["--ignore", "nonsense"], 2),
    (DENIED, ["--ignore", "unreadable"], 2),
    (DENIED, ["--fail-on", "nonsense"], 2),
    (DENIED, ["--kubernetes-version", "two"], 2),
    (DENIED, ["--config", "gone.toml"], 2),
    ("runAsUser: 1000\n", ["--level", "privileged", "--fail-on", "note"], 1),
    ("runAsUser: 1000\n", ["--level", "privileged", "--fail-on", "warning"], 0),
]


@pytest.mark.parametrize(("text", "arguments", "code"), CODES)
def test_exit_codes(podproof: Run, text: str, arguments: list[str], code: int) -> None:
    result = podproof("check", "-", *arguments, stdin=text.encode())
    assert result.returncode == code, result
    if code == 2:
        assert result.stdout == b""
        assert result.stderr.startswith(b"podproof: ")
        assert result.stderr.count(b"\n") == 1


def test_json(podproof: Run) -> None:
    result = podproof("check", "-", "--format", "json", "--level", "baseline:v1.30", stdin=DENIED.encode())
    report = json.loads(result.stdout)
    report["summary"]["seconds"] = 0
    assert report == {
        "schema": "podproof/check/v1",
        "level": "baseline",
        "version": "v1.30",
        "evaluated_version": "v1.30",
        "kubernetes_version": "v1.37",
        "summary": {
            "files": 1,
            "documents": 1,
            "workloads": 1,
            "containers": 1,
            "other_objects": 0,
            "skipped": 0,
            "errors": 1,
            "warnings": 0,
            "notes": 1,
            "seconds": 0,
            "policies": 0,
            "patterns": 0,
            "not_judged": 0,
            "ignored": 0,
            "baselined": 0,
            "fixed": 0,
            "absent": 0,
        },
        "objects": [
            {
                "file": "<stdin>",
                "document": 1,
                "line": 1,
                "api_version": "v1",
                "kind": "Pod",
                "namespace": "shop",
                "name": "web",
                "containers": [{"name": "web", "kind": "container"}],
                "pod_security": {
                    "level": "baseline",
                    "version": "v1.30",
                    "allowed": False,
                    "reason": "privileged",
                    "detail": 'privileged (container "web" must not set securityContext.privileged=true)',
                    "meets": "privileged",
                    "lacking": {"baseline": 1, "restricted": None},
                },
            }
        ],
        "findings": [
            {
                "check": "writable-root-filesystem",
                "severity": "note",
                "message": report["findings"][0]["message"],
                "file": "<stdin>",
                "line": 8,
                "column": 5,
                "end_line": 8,
                "end_column": 20,
                "route": "spec.containers[0].securityContext.readOnlyRootFilesystem",
                "object": {"api_version": "v1", "kind": "Pod", "namespace": "shop", "name": "web"},
                "container": {"name": "web", "kind": "container"},
                "source": None,
            },
            {
                "check": "privileged",
                "severity": "error",
                "message": report["findings"][1]["message"],
                "file": "<stdin>",
                "line": 9,
                "column": 19,
                "end_line": 9,
                "end_column": 23,
                "route": "spec.containers[0].securityContext.privileged",
                "object": {"api_version": "v1", "kind": "Pod", "namespace": "shop", "name": "web"},
                "container": {"name": "web", "kind": "container"},
                "source": None,
            },
        ],
        "skipped": [],
        "undecided": 0,
        "patterns": [],
        "not_judged": [],
        "unlisted": [],
        "fixed": [],
    }


def _validate(report: Any) -> None:
    jsonschema.validate(report, json.loads((ROOT / "schemas" / "check.v1.json").read_text()))


@pytest.mark.parametrize(
    "text", [DENIED, ALLOWED, OTHER, "a: [", 'kind: Pod\nspec: {containers: [{name: "\\ud800"}]}', ""]
)
def test_json_is_what_the_schema_says(podproof: Run, text: str) -> None:
    _validate(json.loads(podproof("check", "-", "--format", "json", stdin=text.encode()).stdout))


def test_the_examples_end_with_4_and_say_why(podproof: Run) -> None:
    result = podproof("check", "examples", "--format", "json", cwd=ROOT)
    report = json.loads(result.stdout)
    _validate(report)
    assert result.returncode == 4
    lost = {f["file"] for f in report["findings"] if f["check"] == "unreadable"}
    assert lost == {"examples/seed/as-printed/pod-security-policy.yaml"}


def test_helm_output_names_its_source(podproof: Run) -> None:
    text = f"---\n# Source: shop/templates/web.yaml\n{DENIED}"
    result = podproof("check", "-", "--format", "json", stdin=text.encode())
    assert {f["source"] for f in json.loads(result.stdout)["findings"]} == {"shop/templates/web.yaml"}
    full = podproof("check", "-", "--format", "full", stdin=text.encode()).stdout.decode()
    assert "= from shop/templates/web.yaml" in full
    shown = podproof("check", "-", stdin=text.encode()).stdout.decode()
    assert shown.startswith(
        "Pod shop/web · shop/templates/web.yaml · <stdin>:3 · baseline lacks 1, restricted 5\n"
    )


def test_the_last_duplicate_counts_and_both_places_show(podproof: Run) -> None:
    text = DENIED.replace("privileged: true", "privileged: true\n      privileged: false")
    result = podproof("check", "-", "--level", "baseline", "--format", "full", stdin=text.encode())
    assert result.returncode == 0
    _golden("duplicate-key.txt", result.stdout.decode())


def test_custom_resource(podproof: Run) -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec:\n  template:\n"
        "    spec:\n      containers:\n      - name: web\n        image: nginx\n"
        "        securityContext: {runAsNotRoot: true, privileged: true}\n"
    )
    result = podproof("check", "-", "--level", "baseline", "--format", "full", stdin=text.encode())
    assert result.returncode == 1
    _golden("custom-resource.txt", result.stdout.decode())


def test_a_list_is_its_items(podproof: Run) -> None:
    item = json.dumps(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}}
    )
    text = f'{{"apiVersion": "v1", "kind": "List", "items": [{item}, {item}]}}'
    report = json.loads(podproof("check", "-", "--format", "json", stdin=text.encode()).stdout)
    assert report["summary"]["workloads"] == report["summary"]["documents"] == 2


@pytest.mark.parametrize(
    ("api_version", "kind", "cluster", "words"),
    [
        (
            "extensions/v1beta1",
            "Deployment",
            "v1.37",
            "was removed in Kubernetes 1.16; write apiVersion: apps/v1",
        ),
        ("batch/v1beta1", "CronJob", "v1.37", "was removed in Kubernetes 1.25; write apiVersion: batch/v1"),
        ("batch/v1beta1", "CronJob", "v1.24", ""),
        ("batch/v2alpha1", "CronJob", "v1.20", ""),
        ("batch/v1", "CronJob", "v1.20", "is not in Kubernetes 1.20; write apiVersion: batch/v1beta1"),
        (
            "v1",
            "Deployment",
            "v1.37",
            'no matches for kind "Deployment" in version "v1"; write apiVersion: apps/v1',
        ),
        ("app/v1", "Deployment", "v1.37", 'no matches for kind "Deployment" in version "app/v1"'),
        ("apps/v1", "Pod", "v1.37", 'no matches for kind "Pod" in version "apps/v1"; write apiVersion: v1'),
        ("policy/v1beta1", "PodSecurityPolicy", "v1.25", "was removed in Kubernetes 1.25; label namespaces"),
        ("policy/v1beta1", "PodSecurityPolicy", "v1.24", ""),
    ],
)
def test_api_versions(podproof: Run, api_version: str, kind: str, cluster: str, words: str) -> None:
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{}}\n"
    result = podproof(
        "check", "-", "--select", "removed-api-version", "--kubernetes-version", cluster, stdin=text.encode()
    )
    out = result.stdout.decode()
    assert (words in out) if words else ("removed-api-version" not in out), out


def test_configuration(podproof: Run, tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "web.yaml").write_text(DENIED)
    (deep / "left-out.yaml").write_text("a: [")
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    (tmp_path / "podproof.toml").write_text(
        'level = "baseline"\nexclude = ["left-out.yaml"]\n[severity]\nprivileged = "warning"\n'
    )
    assert podproof("check", ".", cwd=deep).returncode == 0
    assert podproof("check", ".", "--level", "restricted", cwd=deep).returncode == 1
    assert podproof("check", ".", "--fail-on", "warning", cwd=deep).returncode == 1
    (tmp_path / "podproof.toml").write_text('[per-file-ignores]\n"a/**" = ["privileged"]\n')
    result = podproof("check", "a/b/web.yaml", "--level", "baseline")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("verb", ["check", "explain", "admit"])
def test_a_configuration_above_the_current_folder_is_named(podproof: Run, tmp_path: Path, verb: str) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "pod.yaml").write_text(ALLOWED)
    (tmp_path / "podproof.toml").write_text("")
    note = f"podproof: note: configuration is {tmp_path}/podproof.toml\n".encode()
    assert note in podproof(verb, "pod.yaml", cwd=below).stderr
    assert b"configuration" not in podproof(verb, "below/pod.yaml").stderr
    (below / "podproof.toml").write_text("")
    assert b"configuration" not in podproof(verb, "pod.yaml", cwd=below).stderr


@pytest.mark.parametrize("verb", ["check", "explain", "admit"])
@pytest.mark.parametrize("name", ["podproof.toml", "pyproject.toml"])
def test_a_configuration_above_that_everybody_can_write_is_refused(
    podproof: Run, tmp_path: Path, verb: str, name: str
) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "pod.yaml").write_text(ALLOWED)
    file = tmp_path / name
    file.write_text("[tool.podproof]\n" if name == "pyproject.toml" else "")
    file.chmod(0o666)
    result = podproof(verb, "pod.yaml", cwd=below)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode() == (
        f"podproof: configuration {file} lies above the current folder and everybody can write it:"
        " put a podproof.toml of your own, which may be empty, into the current folder\n"
    )
    assert podproof(verb, "below/pod.yaml").returncode == 0, "in the current folder, people see what there is"


def test_a_pyproject_above_that_says_nothing_of_podproof_may_be_anybodys(
    podproof: Run, tmp_path: Path
) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "pyproject.toml").write_bytes(b"\xff[[")
    (tmp_path / "pyproject.toml").chmod(0o666)
    result = podproof("check", "-", stdin=ALLOWED.encode(), cwd=below)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_configuration_above_that_somebody_else_owns_is_refused(podproof: Run, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "podproof.toml").write_text("")
    os.chown(tmp_path / "podproof.toml", 12345, 12345)
    result = podproof("check", "-", stdin=ALLOWED.encode(), cwd=below)
    assert result.returncode == 2
    assert b"belongs to user 12345, who owns neither that folder nor this process" in result.stderr
    os.chown(below, 12345, 12345)
    assert podproof("check", "-", stdin=ALLOWED.encode(), cwd=below).returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "podproof.toml",
            "levl = 1\n",
            "podproof.toml:1: unknown configuration key levl, did you mean level?",
        ),
        ("podproof.toml", 'level = "basline"\n', 'podproof.toml:1: level "basline" must be one of'),
        (
            "podproof.toml",
            '#\nkubernetes-version = "x"\n',
            'podproof.toml:2: "x" is not a Kubernetes version',
        ),
        ("podproof.toml", 'runtime = "containrd"\n', "podproof.toml:1: unknown runtime 'containrd', nearest"),
        ("podproof.toml", "\nlevel = 1\n", "podproof.toml:2: level must be a string, is the number 1"),
        (
            "podproof.toml",
            "select = 'a'\n",
            "podproof.toml:1: select must be a list of strings, is the string 'a'",
        ),
        ("podproof.toml", "ignore = [true]\n", "ignore must be a list of strings, has the boolean true"),
        ("podproof.toml", "select = ['privilegd']\n", "unknown check privilegd, did you mean privileged?"),
        (
            "podproof.toml",
            "[severity]\nprivileged = 'fatal'\n",
            "severity.privileged must be error, warning or note",
        ),
        (
            "podproof.toml",
            "[severity]\nprivilegd = 'note'\n",
            "unknown check privilegd, did you mean privileged?",
        ),
        ("podproof.toml", "level = 'restrict'\n", "did you mean restricted?"),
        ("podproof.toml", "level = [\n", "podproof.toml"),
        ("podproof.toml", "per-file-ignores = 3\n", "per-file-ignores must be a table, is the number 3"),
        (
            "pyproject.toml",
            "[tool.podproof]\nlevl = 'a'\n",
            "pyproject.toml:2: unknown configuration key levl",
        ),
        ("pyproject.toml", "tool.podproof = 3\n", "tool.podproof must be a table, is the number 3"),
    ],
)
def test_wrong_configuration(podproof: Run, tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    result = podproof("check", "-", stdin=ALLOWED.encode())
    assert result.returncode == 2
    assert words in result.stderr.decode()
    assert result.stderr.count(b"\n") == 1


def test_help_opens_with_an_example(podproof: Run) -> None:
    for verb in VERBS:
        lines = podproof(verb, "--help").stdout.decode().splitlines()
        assert lines[2].strip().startswith(f"podproof {verb}"), verb
    for verb in ("lock", "build"):
        assert f"podproof images {verb}" in podproof("images", verb, "--help").stdout.decode()
    assert podproof("--help").stdout.decode().splitlines()[2].strip().startswith("podproof check")


def test_nearest_names(podproof: Run) -> None:
    assert "did you mean check?" in podproof("chekc").stderr.decode()
    assert "--level" in podproof("check", "--levl", "x").stderr.decode()
    assert "did you mean run-as-non-root" in podproof("rules", "run-as-nonroot").stderr.decode()


def test_rules(podproof: Run) -> None:
    listed = podproof("rules").stdout.decode()
    for id_ in ("unknown-field", "run-as-non-root", "unreadable", "capabilities-restricted"):
        assert re.search(rf"^{id_} ", listed, re.MULTILINE)
        assert podproof("rules", id_).stdout.decode().startswith(f"# {id_}\n")


def test_completion(podproof: Run) -> None:
    env = {"_PODPROOF_COMPLETE": "bash_complete", "COMP_WORDS": "podproof che", "COMP_CWORD": "1"}
    assert podproof(env=env).stdout == b"plain,check\n"


@pytest.mark.parametrize(
    ("words", "follows"),
    [
        ("podproof images bu", b"plain,build\n"),
        ("podproof rules run-as-n", b"plain,run-as-non-root\n"),
        ("podproof explain --form", b"plain,--format\n"),
        ("podproof explain --format ht", b"plain,html\n"),
        ("podproof explain dep", b"file,dep\n"),
        ("podproof explain --cluster dep", b"file,dep\n"),
        ("podproof run --image-archive dep", b"file,dep\n"),
        ("podproof images build --output dep", b"file,dep\n"),
    ],
)
def test_completion_of_what_follows_a_verb(podproof: Run, words: str, follows: bytes) -> None:
    last = str(len(words.split()) - 1)
    env = {"_PODPROOF_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": last}
    assert podproof(env=env).stdout == follows


def test_a_fault_of_ours_is_one_line(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import podproof.outputs.sink as s\n"
        "def broken(data): raise ZeroDivisionError('x')\n"
        "s.write_stdout = broken\n"
    )
    path = f"{tmp_path}{os.pathsep}{ROOT / 'src'}"
    result = podproof("check", "-", stdin=ALLOWED.encode(), env={"PYTHONPATH": path})
    assert result.returncode == 70
    assert result.stderr.startswith(b"podproof: failed: ZeroDivisionError at ")
    assert result.stderr.count(b"\n") == 1
