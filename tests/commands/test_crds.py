"""`podproof crds` prints the definitions, as YAML documents or as one List."""

import json

import yaml

from podproof.session.crds.definitions import definitions

NAMES = ["podsecuritypolicies.podproof.dev", "podsecurityexemptions.podproof.dev"]


def test_yaml_has_a_document_for_each_kind(podproof):
    result = podproof("crds")
    assert result.returncode == 0
    documents = list(yaml.safe_load_all(result.stdout))
    assert [document["metadata"]["name"] for document in documents] == NAMES
    assert documents == definitions()


def test_yaml_has_no_aliases(podproof):
    assert not [
        line for line in podproof("crds").stdout.decode().splitlines() if "&id" in line or "*id" in line
    ]


def test_json_is_one_list(podproof, tmp_path):
    file = tmp_path / "crds.json"
    assert podproof("crds", "--format", "json", "--output", str(file)).returncode == 0
    printed = json.loads(file.read_text())
    assert (printed["kind"], printed["items"]) == ("List", definitions())


def test_kinds_are_of_the_cluster():
    for definition in definitions():
        assert definition["spec"]["scope"] == "Cluster"
        assert [version["name"] for version in definition["spec"]["versions"]] == ["v1alpha1"]
