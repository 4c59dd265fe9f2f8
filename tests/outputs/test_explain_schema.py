"""What `explain` writes is of its schema, whatever it explains, and the schema is no looser than that."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from podproof.api import explain
from podproof.errors import ManifestError
from podproof.results.explained import FIELDS

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "explain.v1.json").read_text())
SEED = ROOT / "examples" / "seed"
MANIFESTS = [
    *sorted((SEED / "corrected").glob("*.yaml")),
    *sorted((ROOT / "examples" / "shop").rglob("*.yaml")),
]
LARGE = {
    "spec": {
        "hostUsers": False,
        "securityContext": {"fsGroup": 2000, "seLinuxOptions": {"level": "s0"}, "runAsNonRoot": True},
        "initContainers": [{"name": "i", "image": "x", "restartPolicy": "Always"}],
        "containers": [
            {"name": "p", "image": "x", "securityContext": {"privileged": True, "runAsUser": 0}},
            {
                "name": "s",
                "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "a"}},
            },
        ],
        "ephemeralContainers": [{"name": "e", "image": "x"}],
        "volumes": [{"name": "v"}, {"name": "h", "hostPath": {"path": "/"}}],
    }
}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_are_of_the_schema(manifest: Path) -> None:
    text = manifest.read_text()
    if "containers:" not in text:
        with pytest.raises(ManifestError, match="there is no pod and no workload in it"):
            explain(text)
        return
    jsonschema.validate(explain(text, str(SEED / "images.yaml")), SCHEMA)


@pytest.mark.parametrize("spec", [{}, {"os": {"name": "windows"}}], ids=["linux", "windows"])
@pytest.mark.parametrize("node", [None, {"apparmor": True, "selinux": False, "paths": []}])
def test_every_kind_of_container_and_value_is_of_the_schema(spec: Any, node: Any) -> None:
    document = explain({"spec": {**LARGE["spec"], **spec}}, node=node)
    jsonschema.validate(document, SCHEMA)
    assert document["objects"][0]["containers"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_of_a_wrong_type_is_not(field: str) -> None:
    document = explain(LARGE)
    document["objects"][0]["containers"][0]["fields"][field]["value"] = 1.5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)
