"""`admit` for pipelines: a test or an annotation for each answer, and comments that stay text."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from reported import EVIL

from .conftest import Run

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx, securityContext: {privileged: true}}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx, securityContext: {privileged: true}}]
"""
ALLOWED = POD.replace("name: web}\nspec", "name: quiet}\nspec").replace("true", "false")
LABELS = "pod-security.kubernetes.io/enforce=baseline"
DENIED = (
    'violates PodSecurity "baseline:latest": privileged (container "web" must not set'
    " securityContext.privileged=true)"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    later = DEPLOYMENT.replace("name: web}\nspec", "name: later}\nspec").replace("replicas: 1", "replicas: 0")
    (tmp_path / "a.yaml").write_text("---\n".join((POD, DEPLOYMENT, later, ALLOWED)))
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    return tmp_path


def _admit(podproof: Run, name: str, *arguments: str) -> tuple[int, str]:
    result = podproof("admit", "a.yaml", "b.yaml", "--namespace-labels", LABELS, "--format", name, *arguments)
    return result.returncode, result.stdout.decode()


def test_junit_fails_what_makes_the_exit_code_one(podproof: Run, files: Path) -> None:
    code, text = _admit(podproof, "junit")
    root = ElementTree.fromstring(text)
    assert code == 1
    assert dict(root.attrib) == {
        "name": "podproof admit", "tests": "5", "failures": "2", "errors": "0", "skipped": "1",
    }  # fmt: skip
    found = {}
    for test in root.iter("testcase"):
        found[test.attrib["name"]] = [child.tag for child in test]
        assert test.attrib["file"] == test.attrib["classname"]
    assert found == {
        "pod/web in default": ["failure"],
        "deployment.apps/web in default": ["failure", "system-out"],
        "deployment.apps/later in default": ["system-out"],
        "pod/quiet in default": ["system-out"],
        "(not a request for pod security)": ["skipped"],
    }
    (failure, *_) = root.iter("failure")
    assert failure.attrib["message"] == failure.text == f'pods "web" is forbidden: {DENIED}'


def test_github_annotates_what_is_denied(podproof: Run, files: Path) -> None:
    code, text = _admit(podproof, "github")
    first, second, *warnings, last = text.splitlines()
    assert code == 1
    assert first == f'::error file=a.yaml,line=1,title=pod/web in default::pods "web" is forbidden: {DENIED}'
    assert second.startswith("::error file=a.yaml,line=7,title=deployment.apps/web in default::allowed, but")
    assert [line.partition(",title=")[0] for line in warnings] == [
        "::warning file=a.yaml,line=7",
        "::warning file=a.yaml,line=18",
    ]
    assert last.startswith("podproof: 4 requests · Kubernetes v1.37 · 1 not judged    3 allowed, 1 denied, ")


def test_github_shows_ten_of_a_kind(podproof: Run, tmp_path: Path) -> None:
    pods = [POD.replace("name: web}\nspec", f"name: web-{number}}}\nspec") for number in range(13)]
    (tmp_path / "a.yaml").write_text("---\n".join(pods))
    (tmp_path / "b.yaml").write_text("kind: [\n")
    result = podproof("admit", "a.yaml", "b.yaml", "--namespace-labels", LABELS, "--format", "github")
    lines = result.stdout.decode().splitlines()
    assert result.returncode == 4
    assert [line.startswith("::error ") for line in lines] == [True] * 10 + [False] * 2
    assert lines[0].startswith("::error title=(could not be read)::b.yaml:")
    assert lines[-1] == "podproof: without annotations, since GitHub shows 10 of a kind: 4 errors"


def test_markdown_lists_what_is_denied(podproof: Run, files: Path) -> None:
    code, text = _admit(podproof, "markdown")
    assert code == 1
    assert text.splitlines()[1] == "### Podproof: 2 of 4 denied"
    assert f'| `pod/web in default` | `a.yaml:1` | `pods "web" is forbidden: {DENIED}` |\n' in text
    assert "quiet" not in text


def write_levels(folder: Path) -> None:
    for level in ("privileged", "baseline"):
        (folder / f"{level}.yaml").write_text(
            "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n"
            f"defaults: {{enforce: {level}}}\n"
        )


def test_compare_writes_a_comment(podproof: Run, files: Path) -> None:
    write_levels(files)
    compared = ("admit", "a.yaml", "--compare", "privileged.yaml", "baseline.yaml", "--format")
    text = podproof(*compared, "markdown").stdout.decode()
    assert text.splitlines()[1] == "### Podproof: 2 workloads newly denied"
    assert [line.split(" | ")[2] for line in text.splitlines() if line.startswith("| `")] == [
        "newly denied",
        "its pods newly denied",
        "its later pods newly denied",
    ]
    refused = podproof(*compared, "junit")
    assert refused.returncode == 2
    assert b"--compare gives differences: write --format github" in refused.stderr


def test_compare_annotates_what_is_newly_denied(podproof: Run, files: Path) -> None:
    write_levels(files)
    done = podproof("admit", "a.yaml", "--compare", "privileged.yaml", "baseline.yaml", "--format", "github")
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::warning", "podproof:"]
    assert lines[0].startswith(
        "::error file=a.yaml,line=1,title=pod/web%3A newly denied::privileged.yaml: allowed%0A"
    )
    assert lines[-1].startswith("podproof: ")
    assert "2 newly denied, 1 newly denied later, 0 newly allowed, 0 denied differently" in lines[-1]


@pytest.mark.parametrize("name", ["junit", "github", "markdown"])
def test_hostile_names_and_unreadable_input(podproof: Run, tmp_path: Path, name: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": EVIL}, "spec": {"hostPID": True}}
    (tmp_path / "a.json").write_text(json.dumps(pod))
    (tmp_path / "b.yaml").write_text("kind: [\n")
    result = podproof("admit", "a.json", "b.yaml", "--namespace-labels", LABELS, "--format", name)
    text = result.stdout.decode()
    assert result.returncode == 4
    assert not re.search("[\\x00-\\x08\\x0b-\\x1f\\u202e]", text)
    if name == "junit":
        root = ElementTree.fromstring(text)
        assert len(list(root.iter("error"))) == 1
    elif name == "github":
        assert all(line.startswith(("::error ", "::warning ", "podproof: ")) for line in text.splitlines())
    else:
        outside_code = re.sub("`[^`]*`", "", text)
        assert not re.search("[@\\[]|http|script", outside_code)
        assert text.splitlines()[1].startswith("### Podproof: incomplete, 1 could not be read")


def test_nothing_to_ask(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    result = podproof("admit", "a.yaml", "--format", "markdown")
    assert result.returncode == 3
    assert b"### Podproof: there was nothing to ask\n" in result.stdout
