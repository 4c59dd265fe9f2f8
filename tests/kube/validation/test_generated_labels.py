"""A Job's template has the labels that the server makes for it, and its selector asks for them.

Source: kubernetes 1.37.2 pkg/apis/batch/validation, ValidateGeneratedSelector; pkg/apis/core/validation,
ValidateHasLabel.
"""

from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.validation import validate

UID, NAME = "controller-uid", "job-name"
LABELS = {UID: "u", NAME: "j", f"batch.kubernetes.io/{UID}": "u", f"batch.kubernetes.io/{NAME}": "j"}
AT = "spec.template.metadata.labels"
OTHER = "spec.selector: Invalid value: {shown}: `selector` not auto-generated"
MISMATCH = "`selector` does not match template `labels`"


def judged(labels: dict[str, Any], selector: Any, **spec: Any) -> list[str]:
    template = {
        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]},
    }
    job: dict[str, Any] = {"metadata": {"name": "j"}, "spec": {"template": template, **spec}}
    apply_defaults("Job", job)
    job["metadata"]["uid"] = "u"
    job["spec"]["template"]["metadata"]["labels"] = labels
    job["spec"]["selector"] = selector
    return [error.text for error in validate("Job", job, version=37)]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, ["a", "batch.kubernetes.io/job-name", "job-name"]),
        ({}, ["a", "batch.kubernetes.io/job-name", "job-name"]),
        ({"b": "1"}, ["b"]),
    ],
)
def test_a_job_without_labels_has_those_of_its_template(
    own: dict[str, str] | None, expected: list[str]
) -> None:
    template: dict[str, Any] = {"metadata": {"labels": {"a": "1"}}, "spec": {"containers": []}}
    metadata = {"name": "j"} if own is None else {"name": "j", "labels": own}
    job: dict[str, Any] = {"metadata": metadata, "spec": {"template": template}}
    apply_defaults("Job", job)
    labels = job["metadata"]["labels"]
    assert [key for key in sorted(labels) if UID not in key] == expected
    assert labels is not template["metadata"]["labels"], "a change of one would change the other"


OF_UID = {"matchLabels": {f"batch.kubernetes.io/{UID}": "u"}}


def test_labels_as_the_server_makes_them() -> None:
    assert judged(LABELS, OF_UID) == []
    assert judged({**LABELS, "more": "x"}, {"matchLabels": {NAME: "j"}}) == []


@pytest.mark.parametrize("key", LABELS)
def test_a_label_that_is_missing_or_another(key: str) -> None:
    selector = {"matchLabels": {UID: "u"}} if key != UID else OF_UID
    without = {name: value for name, value in LABELS.items() if name != key}
    assert judged(without, selector) == [f"{AT}[{key}]: Required value: must be '{LABELS[key]}'"]
    for value in ("x", "", None):
        found = judged({**LABELS, key: value}, selector)
        assert len(found) == 1
        assert found[0].startswith(f"{AT}[{key}]: Invalid value: {{")
        assert found[0].endswith(f"}}: must be '{LABELS[key]}'")


def test_a_selector_of_ones_own_needs_to_be_allowed() -> None:
    own = {"matchLabels": {"a": "b"}}
    assert judged({**LABELS, "a": "b"}, own) == [OTHER.format(shown='{"matchLabels":{"a":"b"}}')]
    assert judged({"a": "b"}, own, manualSelector=True) == []
    assert len(judged({"a": "b"}, own, manualSelector=False)) == 5
    assert judged({"a": "c"}, own, manualSelector=True) == [f'{AT}: Invalid value: {{"a":"c"}}: {MISMATCH}']
    assert judged({}, None) == ["spec.selector: Required value", f"{AT}: Invalid value: {{}}: {MISMATCH}"]


@pytest.mark.parametrize(
    ("length", "completions", "mode", "refused"),
    [
        (61, 10, "Indexed", False),
        (62, 10, "Indexed", True),
        (60, 11, "Indexed", False),
        (61, 11, "Indexed", True),
        (62, 10, "NonIndexed", False),
        (62, 0, "Indexed", False),
        (62, 1, "Indexed", True),
    ],
)
def test_the_names_of_an_indexed_job_s_pods(length: int, completions: int, mode: str, refused: bool) -> None:
    name = "j" * length
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    spec = {"template": template, "completions": completions, "completionMode": mode, "manualSelector": True}
    job: dict[str, Any] = {"metadata": {"name": name}, "spec": spec}
    apply_defaults("Job", job)
    job["spec"]["selector"] = {"matchLabels": {"a": "b"}}
    job["spec"]["template"]["metadata"]["labels"] = {"a": "b"}
    host = f"{name}-{completions - 1}"
    words = (
        f'metadata.name: Invalid value: "{name}": will not able to create pod with invalid DNS label: {host}'
    )
    assert [error.text for error in validate("Job", job, version=37)] == ([words] if refused else [])
