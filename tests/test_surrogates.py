"""Half of a surrogate pair, which UTF-8 cannot write: it is read as U+FFFD, as in Go, and nothing breaks."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

import podproof

HALF = "\ud800"
NAMED = {"name": f"c{HALF}", "image": f"i{HALF}", "securityContext": {"capabilities": {"add": [f"A{HALF}"]}}}
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": f"a{HALF}"},
    "spec": {"containers": [NAMED]},
}
ESCAPED = json.dumps(POD)
RAW = json.dumps(POD, ensure_ascii=False)
YAML = (
    f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a{HALF}}}\n"
    f"spec: {{containers: [{{name: c{HALF}, image: i}}]}}"
)

FORMS = pytest.mark.parametrize(
    "form", [POD, ESCAPED, RAW, ESCAPED.encode()], ids=["mapping", "escaped", "raw", "bytes"]
)


@FORMS
def test_evaluate(form: Any) -> None:
    verdict = podproof.evaluate(form, level="baseline")
    assert not verdict.allowed
    assert "c\ufffd" in verdict.detail
    assert '"A\ufffd"' in verdict.findings[0].message


@pytest.mark.parametrize("write", [dict, json.dumps])
def test_evaluate_what_is_quoted(write: Callable[[Any], Any]) -> None:
    annotations = {"seccomp.security.alpha.kubernetes.io/pod": HALF}
    pod = {"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "c"}]}}
    verdict = podproof.evaluate(write(pod), level="baseline", version="v1.2")
    assert verdict.detail.endswith('/pod="\ufffd")')
    assert '"\ufffd"' in verdict.findings[0].message


@FORMS
def test_accept(form: Any) -> None:
    assert "a\ufffd" in str(podproof.accept(form).message)


@FORMS
def test_check(form: Any) -> None:
    result = podproof.check(form)
    assert result.objects[0].name == "a\ufffd"
    assert msgspec.json.encode(result)


@FORMS
def test_explain(form: Any) -> None:
    document = podproof.explain(form)
    assert document["objects"][0]["name"] == "a\ufffd"
    assert msgspec.json.encode(document)


def test_yaml() -> None:
    assert podproof.check(YAML + "\n").objects[0].name == "a\ufffd"
    assert podproof.explain(YAML)["objects"][0]["name"] == "a\ufffd"


def test_keys_that_become_the_same_stand_twice() -> None:
    labels = '{"\\ud800": "", "\\udbff": ""}'
    text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": ' + labels + "}}"
    (found,) = (finding for finding in podproof.check(text).findings if finding.check == "duplicate-key")
    assert "\ufffd" in found.message


@pytest.mark.parametrize("path", [f"{HALF}.yaml", "a\0.yaml"])
@pytest.mark.parametrize(
    "call",
    [
        lambda path: podproof.check(POD, config=path),
        lambda path: podproof.check(POD, images=path),
        lambda path: podproof.explain(POD, images=path),
    ],
    ids=["config", "images", "explained images"],
)
def test_no_file_has_such_a_name(path: str, call: Callable[[str], Any]) -> None:
    with pytest.raises(podproof.PodproofError):
        call(path)


@pytest.mark.parametrize("path", [f"{HALF}.yaml", "a\0.yaml"])
def test_such_a_path_cannot_be_read(path: str) -> None:
    assert podproof.check(path).undecided == 1
