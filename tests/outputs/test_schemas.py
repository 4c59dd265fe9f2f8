"""The schemas of outputs hold what is written, and those of files what Podproof reads, and no more."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

import podproof
from podproof.effective.node import parse_node
from podproof.errors import InputError, UsageError
from podproof.images.lock import image_config, parse_lock, write_lock

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT.glob("schemas/*.json")
SCHEMAS = {path.name.removesuffix(".v1.json"): json.loads(path.read_text()) for path in FILES}
ADMIT = ROOT / "examples" / "admit"
DIGEST = "sha256:" + "0" * 64

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
CONFIGURATION = (
    "apiVersion: pod-security.admission.config.k8s.io/v1\n"
    "kind: PodSecurityConfiguration\ndefaults: {{enforce: {}}}\n"
)
REVIEW = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}
REFUSAL = {"status": "Failure", "message": "", "reason": "", "code": 403}
CONTAINERS = [{"name": "web", "image": "nginx"}]


def validate(document: Any, name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(document)


def admit(*arguments: str, cwd: Path = ROOT) -> list[dict[str, Any]]:
    """The lines of the JSON."""
    process = subprocess.run(
        [sys.executable, "-m", "podproof", "admit", "--format", "json", *arguments],
        capture_output=True,
        cwd=cwd,
        check=False,
        env={"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
    )
    return [json.loads(line) for line in process.stdout.splitlines()]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == f"podproof:{name}/v1"


def test_answers_of_admit_are_of_the_schema(tmp_path: Path) -> None:
    invalid = {**POD, "spec": {"containers": []}}
    twice = {**POD, "spec": {"containers": CONTAINERS, "restartPolicy": "never"}}
    (tmp_path / "pods.yaml").write_text(yaml.safe_dump_all([invalid, twice]))
    answers = [
        *admit("labels/web.yaml", "--cluster", "labels/cluster", cwd=ADMIT),
        *admit("policies/pods.yaml", "--cluster", "policies/cluster", cwd=ADMIT),
        *admit("pods.yaml", "-n", "shop", cwd=tmp_path),
    ]
    for answer in answers:
        validate(answer, "admit")
    keys = {key for answer in answers for key in answer["response"]}
    assert keys >= {"uid", "allowed", "status", "warnings", "auditAnnotations", "patchType", "patch"}
    codes = {answer["response"].get("status", {}).get("code") for answer in answers}
    assert codes >= {None, 403, 422}


@pytest.mark.parametrize(
    "response",
    [
        {"uid": "", "allowed": False},
        {
            "uid": "",
            "allowed": True,
            "status": {"status": "Failure", "message": "", "reason": "", "code": 403},
        },
        {"uid": "", "allowed": True, "patch": ""},
        {"allowed": True},
    ],
)
def test_what_is_no_answer_is_not_of_the_schema(response: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(
            {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response}, "admit"
        )


def test_differences_are_of_the_schema(tmp_path: Path) -> None:
    for level in ("privileged", "baseline", "restricted"):
        (tmp_path / f"{level}.yaml").write_text(CONFIGURATION.format(level))
    pod = {**POD, "spec": {"hostPID": True, "containers": CONTAINERS}}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": pod["spec"]}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    idle = {**deployment, "metadata": {"name": "idle"}, "spec": {**spec, "replicas": 0}}
    (tmp_path / "pods.yaml").write_text(yaml.safe_dump_all([pod, deployment, idle]))
    verdicts = set()
    for old, new in (("privileged", "baseline"), ("baseline", "privileged"), ("baseline", "restricted")):
        changes = admit("--compare", f"{old}.yaml", f"{new}.yaml", "pods.yaml", cwd=tmp_path)
        for change in changes:
            validate(change, "admit-change")
            verdicts.add(change["change"])
    assert verdicts == set(SCHEMAS["admit-change"]["$defs"]["AdmitChange"]["properties"]["change"]["enum"])


def lock_files() -> Iterator[tuple[Any, bool]]:
    """Lock files, and whether Podproof reads them."""
    yield yaml.safe_load((ROOT / "examples" / "seed" / "images.yaml").read_text()), True
    head = {"schema": "podproof/images/v1"}
    yield head, True
    yield {**head, "images": None}, True
    yield {**head, "images": []}, False
    yield {"schema": "podproof/images/v2"}, False
    yield {"images": {}}, False
    yield {**head, "image": {}}, False
    for facts, known in (
        (None, True),
        ({"user": "1000", "passwd": "", "group": None, "command": ["a"], "digest": DIGEST}, True),
        ({"user": 1000}, False),
        ({"command": "nginx"}, False),
        ({"entrypoint": [1]}, False),
        ({"users": "1000"}, False),
        ({"digest": "sha256:1"}, False),
        ([], False),
    ):
        yield {**head, "images": {"nginx": facts}}, known


@pytest.mark.parametrize(("lock_file", "known"), list(lock_files()))
def test_lock_files_are_those_that_are_read(lock_file: Any, known: bool) -> None:
    if known:
        parse_lock("images.yaml", json.dumps(lock_file).encode())
        validate(lock_file, "images")
        return
    with pytest.raises(InputError):
        parse_lock("images.yaml", json.dumps(lock_file).encode())
    with pytest.raises(jsonschema.ValidationError):
        validate(lock_file, "images")


def test_a_written_lock_file_is_of_the_schema() -> None:
    facts = {
        "user": "web",
        "passwd": "a\n",
        "group": "",
        "entrypoint": ["a"],
        "command": [],
        "digest": DIGEST,
    }
    configurations = {"nginx": image_config("nginx", facts), "busybox": image_config("busybox", {})}
    validate(yaml.safe_load(write_lock(configurations)), "images")


@pytest.mark.parametrize(
    ("node", "known"),
    [
        ({}, True),
        ({"capabilities": ["CHOWN"], "paths": ["/proc/kcore"], "seccomp_profiles": ["a.json"]}, True),
        ({"apparmor": True, "selinux": None, "seccomp_default": None, "unsafe_sysctls": None}, True),
        ({"apparmor": "yes"}, False),
        ({"seccomp_default": 1}, False),
        ({"capabilities": "ALL"}, False),
        ({"paths": [1]}, False),
        ({"capability": []}, False),
        ([], False),
    ],
)
def test_node_files_are_those_that_are_read(node: Any, known: bool) -> None:
    if known:
        parse_node(node)
        validate(node, "node")
        return
    with pytest.raises(UsageError):
        parse_node(node)
    with pytest.raises(jsonschema.ValidationError):
        validate(node, "node")


def test_every_key_of_a_node_file_is_in_the_schema() -> None:
    with pytest.raises(UsageError) as error:
        parse_node(5)
    keys = str(error.value).rpartition(" the keys ")[2].split(", ")
    assert set(SCHEMAS["node"]["$defs"]["Node"]["properties"]) == set(keys)


def test_the_node_file_of_the_documentation_is_of_the_schema() -> None:
    page = (ROOT / "docs" / "explain.md").read_text()
    (text,) = re.findall(r"^### The node\n\n```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    node = yaml.safe_load(text)
    parse_node(node)
    validate(node, "node")


def test_differences_and_facts_have_types(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(json.dumps({**POD, "spec": {"containers": CONTAINERS}}))
    (tmp_path / "open.yaml").write_text(CONFIGURATION.format("privileged"))
    (tmp_path / "strict.yaml").write_text(CONFIGURATION.format("restricted"))
    (change,) = admit("--compare", "open.yaml", "strict.yaml", "pod.yaml", cwd=tmp_path)
    typed = msgspec.convert(change, podproof.AdmitChange)
    assert (typed.object, typed.change, typed.old.allowed) == ("pod/web", "newly denied", True)
    document = {"schema": "podproof/doctor/v1", "works": False, "facts": []}
    for facts in ([], [{"name": "root", "works": "no", "said": "not root", "remedy": ""}]):
        result = msgspec.convert({**document, "facts": facts}, podproof.DoctorResult)
        validate(msgspec.to_builtins(result) | {"facts": facts}, "doctor")
        assert [fact.said for fact in result.facts] == ["not root"] * len(facts)
