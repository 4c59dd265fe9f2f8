"""Claims for storage and their templates.

Source: kubernetes 1.37.2 pkg/apis/core/validation, ValidatePersistentVolumeClaimSpec,
ValidatePersistentVolumeClaimTemplate; recorded answers for the words.
"""

from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.field_error import Errors
from podproof.kube.validation.volume_claims import validate_claim_spec, validate_claim_template

MODES = 'supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'
SIZE = "s.resources[storage]"
CLAIM = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
SNAPSHOT = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "n"}


def size(value: Any) -> dict[str, Any]:
    return {"resources": {"requests": {"storage": value}}}


GOOD = {"accessModes": ["ReadWriteOnce"], **size("1Gi")}


def judged(spec: dict[str, Any]) -> list[str]:
    errors = Errors(FeatureGates(37))
    validate_claim_spec(errors, {**GOOD, **spec}, ("s",))
    return [error.text for error in errors]


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        ({}, []),
        ({"accessModes": []}, ["s.accessModes: Required value: at least 1 access mode is required"]),
        ({"accessModes": None}, ["s.accessModes: Required value: at least 1 access mode is required"]),
        ({"accessModes": ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"]}, []),
        ({"accessModes": ["ReadWriteOncePod"]}, []),
        ({"accessModes": ["x"]}, [f's.accessModes: Unsupported value: "x": {MODES}']),
        (
            {"accessModes": ["ReadWriteOncePod", "ReadWriteOnce"]},
            ["s.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
        ),
        ({"accessModes": ["ReadWriteOncePod", "x"]}, [f's.accessModes: Unsupported value: "x": {MODES}']),
        ({"resources": None}, [f"{SIZE}: Required value"]),
        ({"resources": {"requests": {"cpu": "1"}}}, [f"{SIZE}: Required value"]),
        ({"resources": {"limits": {"storage": "1"}}}, [f"{SIZE}: Required value"]),
        (size("1"), []),
        (size("1m"), []),
        (size("0"), [f'{SIZE}: Invalid value: "0": must be greater than zero']),
        (size(None), [f'{SIZE}: Invalid value: "0": must be greater than zero']),
        (size("-1Gi"), [f'{SIZE}: Invalid value: "-1Gi": must be greater than zero']),
        ({"volumeMode": "Block"}, []),
        ({"volumeMode": "Filesystem"}, []),
        (
            {"volumeMode": "x"},
            ['s.volumeMode: Unsupported value: "x": supported values: "Block", "Filesystem"'],
        ),
        ({"dataSource": SNAPSHOT, "dataSourceRef": SNAPSHOT}, []),
        ({"dataSource": {"kind": "PersistentVolumeClaim", "name": "n"}}, []),
        ({"dataSource": {"kind": "Other", "name": "n"}}, [f's.dataSource: Invalid value: "Other": {CLAIM}']),
        (
            {"dataSourceRef": {}},
            [
                "s.dataSourceRef.name: Required value",
                "s.dataSourceRef.kind: Required value",
                f's.dataSourceRef: Invalid value: "": {CLAIM}',
            ],
        ),
        (
            {"dataSource": SNAPSHOT, "dataSourceRef": {**SNAPSHOT, "namespace": "n"}},
            ["s: Invalid value: {}: may not be specified when dataSourceRef.namespace is specified"],
        ),
        *(
            (
                {"dataSource": SNAPSHOT, "dataSourceRef": {**SNAPSHOT, key: "other"}},
                ["s: Invalid value: {}: must match dataSourceRef"],
            )
            for key in ("apiGroup", "kind", "name")
        ),
    ],
)
def test_specs(spec: dict[str, Any], errors: list[str]) -> None:
    assert judged(spec) == errors


@pytest.mark.parametrize(
    ("source", "field"),
    [({"apiGroup": "A"}, "apiGroup"), ({"namespace": "N"}, "namespace")],
)
def test_names_of_sources(source: dict[str, str], field: str) -> None:
    (text,) = judged({"dataSourceRef": {**SNAPSHOT, **source}})
    assert text.startswith(f's.dataSourceRef.{field}: Invalid value: "{source[field]}": a lowercase RFC 1123')


@pytest.mark.parametrize(
    ("key", "value", "refused"),
    [
        ("name", "a", True),
        ("generateName", "a", True),
        ("namespace", "a", True),
        ("selfLink", "a", True),
        ("uid", "a", True),
        ("resourceVersion", "1", True),
        ("generation", 1, True),
        ("creationTimestamp", "2026-01-01T00:00:00Z", True),
        ("deletionTimestamp", "2026-01-01T00:00:00Z", True),
        ("deletionGracePeriodSeconds", 1, True),
        ("deletionGracePeriodSeconds", 0, True),
        ("ownerReferences", [], True),
        ("finalizers", [], True),
        ("managedFields", [], True),
        ("name", "", False),
        ("generation", 0, False),
        ("finalizers", None, False),
        ("deletionGracePeriodSeconds", None, False),
        ("labels", {"a": "b"}, False),
        ("annotations", {"a": "b"}, False),
    ],
)
def test_the_metadata_of_a_template(key: str, value: Any, refused: bool) -> None:
    errors = Errors(FeatureGates(37))
    validate_claim_template(errors, {"metadata": {key: value}, "spec": GOOD}, ("t",))
    name = "uID" if key == "uid" else key
    assert [error.text for error in errors] == (
        [f"t.metadata.{name}: Forbidden: cannot be set"] if refused else []
    )
    assert all(error.route == ("t", "metadata", key) for error in errors)


def test_what_else_a_template_is_judged_for() -> None:
    errors = Errors(FeatureGates(37))
    metadata = {"labels": {"-": ""}, "annotations": {"+": ""}}
    validate_claim_template(errors, {"metadata": metadata, "spec": {**GOOD, "volumeMode": "x"}}, ("t",))
    assert [error.text.partition(":")[0] for error in errors] == [
        "t.metadata.annotations", "t.metadata.labels", "t.spec.volumeMode",
    ]  # fmt: skip
