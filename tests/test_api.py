"""The Python API: what `podproof` exports and when it is loaded, and `podproof.check` beside the command."""

import ast
import datetime
import doctest
import importlib
import inspect
import json
import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

import podproof
from podproof import api
from podproof.effective.runtime import DEFAULT_RUNTIME
from podproof.errors import InputError, ManifestError, UsageError
from podproof.results.plain import to_plain

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "schemas" / "check.v1.json").read_text())

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web"},
    "spec": {"hostNetwork": True, "containers": [{"name": "web", "image": "nginx:1.27"}]},
}
TEXT = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  containers: [{name: web, image: "nginx:1.27"}]
"""
CLUSTER_ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n"


def run(*arguments: str) -> str:
    """What a new Python prints, whatever its exit code is."""
    process = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "src"), "MYPYPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
    )
    assert "Traceback" not in process.stderr, process.stderr
    return process.stdout


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "summary": {**document["summary"], "seconds": 0}}


def command(*arguments: str) -> dict[str, Any]:
    """The JSON of `podproof check`."""
    document: dict[str, Any] = json.loads(run("-m", "podproof", "check", "--format", "json", *arguments))
    return document


def imported_for_type_checkers() -> dict[str, set[str]]:
    """Modules and names that the package imports under TYPE_CHECKING."""
    tree = ast.parse((ROOT / "src" / "podproof" / "__init__.py").read_text())
    imports: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and node.module != "typing":
            imports.setdefault(str(node.module), set()).update(alias.name for alias in node.names)
    (_load,) = imports["api"] - set(api.HOMES["api"])
    imports["api"].remove(_load)
    return imports


def test_type_checkers_and_programs_see_the_same_names() -> None:
    homes = {module: set(names) for module, names in api.HOMES.items()}
    assert imported_for_type_checkers() == homes
    names = {name for group in homes.values() for name in group}
    assert set(podproof.__all__) == {*names, "__version__"}
    assert dir(podproof) == sorted(podproof.__all__)


def test_every_public_name_is_there_and_documented() -> None:
    for module, names in api.HOMES.items():
        for name in names:
            value = getattr(podproof, name)
            assert value is getattr(importlib.import_module(f"podproof.{module}"), name)
            assert name == "Manifest" or len(value.__doc__ or "") > 20, name


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'podproof' has no attribute 'chekc'"):
        _ = podproof.chekc


@pytest.mark.parametrize(
    ("expression", "unloaded"),
    [
        ("podproof.__version__", "podproof.api podproof.kube msgspec yaml click"),
        ("podproof.check", "podproof.session podproof.kube msgspec yaml click"),
        ("podproof.UsageError", "podproof.session podproof.kube msgspec yaml click"),
        (
            'podproof.evaluate(b\'{"spec": {"containers": [{}]}}\')',
            "podproof.admission podproof.session yaml click",
        ),
        ("podproof.CheckResult", "podproof.session podproof.admission podproof.checks yaml click"),
    ],
)
def test_a_name_loads_what_it_needs(expression: str, unloaded: str) -> None:
    code = f"{expression}; print(*(name for name in {unloaded.split()} if name in sys.modules))"
    names = run("-c", f"import sys, podproof; {code}")
    assert names == "\n"


@pytest.mark.parametrize("name", ["accept", "check", "evaluate", "explain", "Cluster.admit"])
def test_the_examples_of_docstrings_are_true(name: str) -> None:
    (test,) = doctest.DocTestFinder(recurse=False).find(attrgetter(name)(podproof), name)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted > 2
    assert result.failed == 0
    page = (ROOT / "docs" / "python.md").read_text()
    assert all(example.want in page for example in test.examples)


@pytest.mark.parametrize("page", ["README.md", "docs/explain.md"])
def test_the_examples_of_pages_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "web.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text()
    (example,) = re.findall(r"^## Python\n.*?^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    namespace: dict[str, Any] = {"pod": POD, "body": json.dumps(POD), "objects": [], "request": {}}
    exec(compile(example, page, "exec"), namespace)
    assert len(namespace) > 5


def test_what_json_holds_has_public_types() -> None:
    """No field of a result leads to a type that a program could not import."""
    results = [podproof.CheckResult, podproof.Explained, podproof.AdmitChange, podproof.DoctorResult]
    _, types = msgspec.json.schema_components(results)
    assert set(types) <= set(podproof.__all__)


PROGRAM = """\
from operator import attrgetter
from pathlib import Path

import podproof


def denied(folder: Path) -> list[str]:
    result: podproof.CheckResult = podproof.check([folder, {"kind": "Pod"}], level="baseline")
    return [f"{finding.file}:{finding.line}" for finding in result.findings if finding.severity == "error"]


def answers(pod: bytes) -> tuple[str, str | None, str]:
    verdict: podproof.Verdict = podproof.evaluate(pod)
    decision = podproof.Cluster.from_objects([]).admit({})
    causes: tuple[podproof.Cause, ...] = podproof.accept(pod).causes
    return verdict.detail, decision.message, causes[0].field


try:
    document = podproof.explain("kind: Pod", node={"apparmor": True})
except podproof.PodproofError as error:
    print(error)
"""
MISTAKES = """
podproof.chekc("deploy/")
podproof.check(5)
podproof.evaluate(b"").allowd
"""


def test_programs_are_type_checked(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM + MISTAKES)
    options = ("--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary")
    printed = run("-m", "mypy", *options, f"--cache-dir={tmp_path}", str(program))
    first = PROGRAM.count("\n") + 2
    found = re.findall(r"program\.py:(\d+): error: .*\[([\w-]+)\]$", printed, re.MULTILINE)
    assert found == [
        (str(first), "attr-defined"),
        (str(first + 1), "arg-type"),
        (str(first + 2), "attr-defined"),
    ]


@pytest.mark.parametrize("folder", ["seed", "shop", "admit", "images"])
def test_check_holds_what_the_command_prints(folder: str) -> None:
    path = ROOT / "examples" / folder
    for options, arguments in (
        ((), {}),
        (
            ("--level", "baseline:v1.25", "--kubernetes-version", "v1.30", "--ignore", "run-as-user"),
            {"level": "baseline:v1.25", "kubernetes_version": "v1.30", "ignore": ["run-as-user"]},
        ),
    ):
        printed = command(str(path), *options)
        result = podproof.check(path, **arguments)
        assert timeless(to_plain(result)) == timeless(printed)
        jsonschema.validate(printed, SCHEMA)
        decoded = msgspec.convert(printed, podproof.CheckResult)
        assert (decoded.objects, decoded.findings) == (result.objects, result.findings)


def test_facts_are_those_of_the_command(tmp_path: Path) -> None:
    manifest = tmp_path / "web.yaml"
    manifest.write_text(TEXT)
    node = {"capabilities": ["CHOWN"]}
    (tmp_path / "node.yaml").write_text(json.dumps(node))
    facts = {"nginx:1.27": {"user": "0", "passwd": "", "group": ""}}
    lock = tmp_path / "images.yaml"
    lock.write_text(json.dumps({"schema": "podproof/images/v1", "images": facts}))
    printed = command(
        str(manifest), "--images", str(lock), "--node", str(tmp_path / "node.yaml"), "--runtime", "cri-o"
    )
    for images in (facts, str(lock)):
        result = podproof.check(str(manifest), images=images, node=node, runtime="cri-o")
        assert timeless(to_plain(result)) == timeless(printed)


def findings(result: podproof.CheckResult) -> list[tuple[str, str, int, str]]:
    return [(f.check, f.file, f.line, f.route) for f in result.findings if f.check == "host-namespaces"]


@pytest.mark.parametrize(
    ("manifest", "file", "line"),
    [
        (TEXT, "<text>", 5),
        (TEXT.encode(), "<text>", 5),
        (json.dumps(POD), "<text>", 1),
        (POD, "<object>", 8),
        (MappingProxyType({**POD, "spec": MappingProxyType(POD["spec"])}), "<object>", 8),
    ],
)
def test_a_text_and_an_object_have_places(manifest: podproof.Manifest, file: str, line: int) -> None:
    result = podproof.check(manifest, level="baseline")
    assert findings(result) == [("host-namespaces", file, line, "spec.hostNetwork")]
    assert result.summary.workloads == 1
    (pod,) = result.objects
    assert pod.pod_security is not None
    assert (pod.name, pod.pod_security.allowed) == ("web", False)
    assert (pod.pod_security.meets, pod.pod_security.lacking.baseline) == ("privileged", 1)


def test_several_are_numbered_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    (tmp_path / "b.yaml").write_text(TEXT)
    given = iter([POD, tmp_path / "a.yaml", str(tmp_path / "b.yaml"), TEXT, POD])
    result = podproof.check(given, "baseline")
    files = ["<object 1>", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "<text 4>", "<object 5>"]
    assert [pod.file for pod in result.objects] == files
    assert [file for _, file, _, _ in findings(result)] == files


def test_paths_beside_each_other_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    assert podproof.check([tmp_path, tmp_path / "a.yaml"]).summary.workloads == 1
    assert podproof.check(tmp_path, include=["b*"]).summary.workloads == 0
    assert podproof.check(tmp_path, exclude=["a*"]).summary.workloads == 0


def test_what_yaml_makes_of_a_timestamp_is_text_again() -> None:
    pod = yaml.safe_load("metadata: {creationTimestamp: 2026-01-02T03:04:05Z, name: web}")
    assert isinstance(pod["metadata"]["creationTimestamp"], datetime.datetime)
    result = podproof.check({**POD, **pod}, select=["wrong-type", "invalid-value"])
    assert [finding.message for finding in result.findings] == []
    assert result.objects[0].pod_security is not None


def test_other_objects_are_counted_and_no_pass() -> None:
    result = podproof.check(CLUSTER_ROLE)
    assert (result.summary.checked, result.summary.other_objects) == (0, 1)


def test_what_cannot_be_read_is_undecided(tmp_path: Path) -> None:
    for manifest in (tmp_path / "absent.yaml", "absent.yaml", "a: {\n"):
        result = podproof.check([manifest, TEXT])
        assert result.undecided == 1
        assert result.findings[0].check == "unreadable"
        assert result.summary.workloads == 1


def test_feature_gates_hold_everywhere() -> None:
    pod = {**POD, "spec": {"hostUsers": False, "containers": POD["spec"]["containers"]}}
    for gates, shared in ((None, False), ({"UserNamespacesSupport": False}, True)):
        arguments: dict[str, Any] = {"kubernetes_version": "v1.34", "feature_gates": gates}
        result = podproof.check(pod, select=["gated-field"], **arguments)
        assert [finding.check for finding in result.findings] == ["gated-field"] * shared
        explained = msgspec.convert(podproof.explain(pod, **arguments), podproof.Explained)
        namespace = explained.objects[0].containers[0].process.namespaces.user
        assert namespace == ("host" if shared else "own")


def test_no_configuration_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "podproof.toml"
    config.write_text('level = "privileged"\nkubernetes-version = "v1.30"\nimages = "absent.yaml"\n')
    assert podproof.check(TEXT).level == "restricted"
    with pytest.raises(InputError, match=r"absent\.yaml: cannot be read"):
        podproof.check(TEXT, config=config)
    config.write_text(
        'level = "privileged"\nkubernetes-version = "v1.30"\nignore = ["default-capabilities"]\n'
    )
    result = podproof.check(TEXT, config=str(config))
    assert (result.level, result.kubernetes_version) == ("privileged", "v1.30")
    assert "default-capabilities" not in {finding.check for finding in result.findings}
    assert podproof.check(TEXT, "baseline", config=config).level == "baseline"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": "strict"}, 'level "strict" must be one of'),
        ({"level": 1}, "level must be text, is a number"),
        ({"kubernetes_version": "1"}, "version"),
        ({"kubernetes_version": 1.3}, "kubernetes_version must be text, is a number"),
        ({"runtime": "rkt"}, "rkt"),
        ({"select": ["no-such-check"]}, "no-such-check"),
        ({"select": "host-namespaces"}, "select must be a list of strings, has 'host-namespaces'"),
        ({"ignore": [1]}, r"ignore must be a list of strings, has \[1\]"),
        ({"node": {"capability": []}}, "unknown key 'capability'"),
        ({"images": 5}, "images must map references to facts"),
        ({"feature_gates": "HostUsers=true"}, "feature_gates must map gates to booleans, is a string"),
        ({"feature_gates": {"UserNamespacesSupport": "true"}}, "UserNamespacesSupport must be true or false"),
        ({"feature_gates": {"UserNamespaceSupport": True}}, "feature_gates: .*UserNamespacesSupport"),
    ],
)
def test_a_wrong_argument_is_a_usage_error(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        podproof.check(TEXT, **arguments)


@pytest.mark.parametrize(
    ("manifests", "message"),
    [
        (5, "manifests must be paths, texts or mappings, is a number"),
        (None, "manifests must be paths, texts or mappings, is null"),
        ([TEXT, None], "manifests must be paths, texts or mappings, has null"),
        ([], "nothing to read: give a path, a text or a mapping"),
    ],
)
def test_what_is_no_manifest_is_a_usage_error(manifests: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        podproof.check(manifests)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
def test_an_object_that_json_cannot_hold_is_a_manifest_error(value: object) -> None:
    with pytest.raises(ManifestError, match="<object>: cannot be written as JSON: "):
        podproof.check({**POD, "metadata": value})


def test_an_object_that_holds_itself_is_a_manifest_error() -> None:
    pod = {**POD}
    pod["spec"] = pod
    with pytest.raises(ManifestError, match="<object>: is nested too deeply to be read, or holds itself"):
        podproof.check(pod)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    podproof.check([TEXT, "absent.yaml", "a: {\n"])
    assert capfd.readouterr() == ("", "")


def test_explain_has_the_runtime_of_every_verb() -> None:
    assert inspect.signature(podproof.explain).parameters["runtime"].default == DEFAULT_RUNTIME


def test_an_explanation_has_a_type() -> None:
    document = podproof.explain(TEXT)
    explained = msgspec.convert(document, podproof.Explained)
    (container,) = explained.objects[0].containers
    assert isinstance(container.process.uid, podproof.Unknown)
    assert container.process.namespaces.net == "host"
    assert to_plain(explained) == document
