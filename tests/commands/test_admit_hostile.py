"""Input that is made to break `admit`: answered, or refused with its place, and never allowed."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run
from .test_admit import LABELS, POD, event, review, write

_BOMB = "kind: Pod\na: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
_POD_HEAD = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "d"}, "spec": '
_FILES = {
    "deep.json": (_POD_HEAD + "[" * 20_000 + "]" * 20_000 + "}", "nested deeper than 1000 levels"),
    "deep.yaml": (
        "apiVersion: v1\nkind: Pod\nspec: " + "[" * 20_000 + "\n",
        "nested deeper than 1000 levels",
    ),
    "unclosed.json": ('{"a":' * 20_000, "nested deeper than 1000 levels"),
    "nul.yaml": ('kind: Pod\nmetadata: {name: "a\0b"}\n', "the file is binary, not text"),
    "binary.json": (bytes(range(256)), "the file is binary, not text"),
    "latin.yaml": ("kind: Pod\nmetadata: {name: é}\n".encode("latin-1"), "UTF-8"),
    "bomb.yaml": (_BOMB, "document contains excessive aliasing"),
}


def _put(path: Path, held: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(held if isinstance(held, bytes) else held.encode())
    return path.name


@pytest.mark.parametrize("name", _FILES)
def test_as_a_request(podproof: Run, tmp_path: Path, name: str) -> None:
    held, said = _FILES[name]
    result = podproof("admit", _put(tmp_path / name, held))
    assert result.returncode == 4
    assert b"0 requests" in result.stdout
    assert result.stderr.decode().startswith(f"podproof: {name}:")
    assert said in result.stderr.decode()


@pytest.mark.parametrize("name", _FILES)
def test_as_an_object_of_the_cluster(podproof: Run, tmp_path: Path, name: str) -> None:
    held, said = _FILES[name]
    pod = write(tmp_path / "web.yaml", POD)
    _put(tmp_path / "cluster" / name, held)
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 4
    assert b'namespaces "default" not found' in result.stdout
    assert f"podproof: cluster/{name}:" in result.stderr.decode()
    assert said in result.stderr.decode()


@pytest.mark.parametrize("name", _FILES)
def test_as_the_configuration(podproof: Run, tmp_path: Path, name: str) -> None:
    held, said = _FILES[name]
    pod = write(tmp_path / "web.yaml", POD)
    result = podproof("admit", pod, "--admission-control-config-file", _put(tmp_path / name, held))
    assert (result.returncode, result.stdout) == (2, b"")
    assert said in result.stderr.decode()


def test_a_nul_in_a_name_and_in_a_label(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "nul.json").write_text(json.dumps({**POD, "metadata": {"name": "a\0b"}}))
    result = podproof("admit", "nul.json")
    assert result.returncode == 1
    assert result.stdout.startswith(
        b'The Pod "a\\x00b" is invalid: metadata.name: Invalid value: "a\\x00b": '
    )
    pod = write(tmp_path / "web.yaml", POD)
    label = {"pod-security.kubernetes.io/enforce": "privileged\0"}
    space: dict[str, Any] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    (tmp_path / "cluster").mkdir()
    space["metadata"]["labels"] = label
    (tmp_path / "cluster/ns.json").write_text(json.dumps(space))
    result = podproof("admit", pod, "--cluster", "cluster")
    assert result.returncode == 1
    assert b'violates PodSecurity "restricted:latest"' in result.stdout
    assert b'Invalid value: "privileged\\x00": must be one of' in result.stderr


def test_huge_label_maps(podproof: Run, tmp_path: Path) -> None:
    """A request is refused as the server refuses it; labels of a namespace are looked up all the same."""
    many = {f"k{n}": "v" * 60 for n in range(60_000)}
    labelled = {**POD, "metadata": {"name": "web", "labels": many}}
    (tmp_path / "web.json").write_text(json.dumps(labelled))
    result = podproof("admit", "web.json")
    assert result.returncode == 1
    assert result.stdout.splitlines()[0] == (
        b'Error from server (RequestEntityTooLarge): error when creating "web.json": '
        b"Request entity too large: limit is 3145728"
    )
    pod = write(tmp_path / "pod.yaml", POD)
    labels = {**many, "pod-security.kubernetes.io/enforce": "restricted"}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": labels}}
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster/ns.json").write_text(json.dumps(space))
    assert podproof("admit", pod, "--cluster", "cluster").returncode == 1


def test_a_thousand_documents(podproof: Run, tmp_path: Path) -> None:
    pods = [{**POD, "metadata": {"name": f"web{n}"}} for n in range(1000)]
    file = write(tmp_path / "many.yaml", *pods)
    with (tmp_path / "many.yaml").open("a") as many:
        many.write("---\nkind: [\n")
    result = podproof("admit", file, "--namespace-labels", LABELS)
    assert result.returncode == 4
    assert b"1000 requests" in result.stdout
    assert b"0 allowed, 1000 denied" in result.stdout


_AUDIT = {
    "deep": (json.dumps(event()).replace('"verb"', f'"x": {"[" * 9000}{"]" * 9000}, "verb"'), "too deeply"),
    "less deep": (json.dumps(event(x=[[]])).replace("[[]]", "[" * 1001 + "]" * 1001), "too deeply"),
    "nul": ("\0", "this line is no JSON"),
    "array": ("[]", "a request must be a mapping, is a list"),
    "reference": (
        json.dumps(event(objectRef=7)),
        "objectRef of the audit event must be a mapping, is a number",
    ),
    "verb": (json.dumps(event(verb=None)), "the audit event does not say what was asked: it has no verb"),
    "user": (json.dumps(event(impersonatedUser=[])), "the audit event does not say who asked"),
}


@pytest.mark.parametrize("name", _AUDIT)
def test_a_line_of_an_audit_log(podproof: Run, tmp_path: Path, name: str) -> None:
    line, said = _AUDIT[name]
    good = json.dumps(event())
    (tmp_path / "audit.log").write_text(f"{good}\n{line}\n{good}\n")
    result = podproof("admit", "audit.log", "--namespace-labels", LABELS)
    assert result.returncode == 4
    assert b"0 allowed, 2 denied" in result.stdout
    assert "podproof: audit.log:2: " in result.stderr.decode()
    assert said in result.stderr.decode()


def test_a_review_of_what_is_nested_deeply(podproof: Run, tmp_path: Path) -> None:
    text = json.dumps(review()).replace(
        '"spec": {', '"spec": {"x": ' + '{"a": ' * 5000 + "1" + "}" * 5000 + ", "
    )
    result = podproof("admit", _put(tmp_path / "review.json", text))
    assert result.returncode == 4
    assert b"podproof: review.json:1: nested deeper than 1000 levels" in result.stderr
