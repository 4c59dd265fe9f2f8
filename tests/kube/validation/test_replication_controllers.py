"""ReplicationControllers, part of whose rules are declared with the type and are judged last; and templates.

Source: kubernetes 1.37.2 pkg/apis/core/validation, ValidateReplicationController; pkg/apis/core/v1
zz_generated.validations.go.
"""

from typing import Any

import pytest

from podproof.kube.review import review

C = {"name": "c", "image": "i"}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [C]}}
SPEC = {"selector": {"a": "b"}, "template": TEMPLATE}
AT = "spec.template.metadata.labels"
NEGATIVE = "must be greater than or equal to 0"


def refusals(kind: str, spec: Any, metadata: Any = None) -> list[str]:
    api_version = {"Deployment": "apps/v1", "Job": "batch/v1"}.get(kind, "v1")
    object_ = {"apiVersion": api_version, "kind": kind, "metadata": metadata or {"name": "x"}, "spec": spec}
    return [error.text for error in review(object_, version=37).errors]


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        (SPEC, []),
        ({**SPEC, "selector": None}, []),  # the template's labels become the selector
        ({}, ["spec.selector: Required value", "spec.template: Required value"]),
        ({"selector": {"a": "b"}}, ["spec.template: Required value"]),
        (
            {**SPEC, "selector": {"a": "c"}},
            [f'{AT}: Invalid value: {{"a":"b"}}: `selector` does not match template `labels`'],
        ),
        ({**SPEC, "replicas": 0}, []),
        ({**SPEC, "replicas": -1}, [f"spec.replicas: Invalid value: -1: {NEGATIVE}"]),
        (
            {"selector": {"a": "b"}, "replicas": -1, "minReadySeconds": -1},
            [
                "spec.template: Required value",
                f"spec.replicas: Invalid value: -1: {NEGATIVE}",
                f"spec.minReadySeconds: Invalid value: -1: {NEGATIVE}",
            ],
        ),
        (
            {**SPEC, "template": {**TEMPLATE, "spec": {"containers": [C], "restartPolicy": "Never"}}},
            ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
        ),
    ],
)
def test_specs(spec: dict[str, Any], errors: list[str]) -> None:
    assert refusals("ReplicationController", spec) == errors


def test_a_name_that_is_wrong_comes_last_and_one_that_is_missing_first() -> None:
    def places(metadata: dict[str, Any]) -> list[str]:
        return [text.partition(":")[0] for text in refusals("ReplicationController", {}, metadata)]

    assert places({"name": "A"}) == ["spec.selector", "spec.template", "metadata.name"]
    assert places({"namespace": "x", "labels": {"-": ""}}) == [
        "metadata.name", "metadata.labels", "spec.selector", "spec.template",
    ]  # fmt: skip


EPHEMERAL = {"containers": [C], "ephemeralContainers": [{"name": "e", "image": "i"}]}


def test_a_template_has_no_ephemeral_containers() -> None:
    template = {**TEMPLATE, "spec": EPHEMERAL}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    words = (
        "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"
    )
    assert refusals("Deployment", spec) == [words]
    assert refusals("ReplicationController", {"selector": {"a": "b"}, "template": template}) == [words]
    assert refusals("Pod", EPHEMERAL) == ["spec.ephemeralContainers: Forbidden: cannot be set on create"]


def test_a_mirror_pod_claims_nothing() -> None:
    claims = [{"name": "a", "resourceClaimName": "x"}, {"name": ""}]
    metadata = {"name": "p", "annotations": {"kubernetes.io/config.mirror": "x"}}
    spec = {"containers": [C], "nodeName": "n", "resourceClaims": claims}
    assert refusals("Pod", spec, metadata) == [": Forbidden: static pods do not support resource claims"]


@pytest.mark.parametrize(
    ("prefix", "characters"), [("a-", ""), ("A_", ""), (None, ""), ("", ""), ("a/b", "/"), ("%/", "/%")]
)
def test_a_prefix_is_judged_when_there_is_a_name(prefix: str | None, characters: str) -> None:
    """Nobody else judges it but what every object has to pass in the end."""
    metadata = {"name": "x", "generateName": prefix}
    assert refusals("ReplicationController", SPEC, metadata) == [
        f"metadata.generateName: Invalid value: \"{prefix}\": may not contain '{one}'" for one in characters
    ]
    assert len(refusals("ReplicationController", {**SPEC, "replicas": -1}, metadata)) == 1
