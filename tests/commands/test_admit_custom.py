"""Custom resources before `admit`: their pods are asked about, by the catalogue and by definitions."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from podproof.commands.admit import command as admit
from podproof.commands.explain import command as explain

BASELINE = "pod-security.kubernetes.io/enforce=baseline"
ROLLOUT = """apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec: {template: {spec: {containers: [{name: c, image: i, securityContext: {privileged: PRIVILEGED}}]}}}
"""
DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crates.example.com}
spec:
  group: example.com
  names: {kind: Crate, plural: crates}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              hostNetwork: {type: boolean}
              main:
                type: object
                properties:
                  image: {type: string}
                  securityContext: {type: object, properties: {privileged: {type: boolean}}}
"""
CRATE = """apiVersion: example.com/v1
kind: Crate
metadata: {name: box}
spec: {main: {image: i, securityContext: {privileged: true}}}
"""


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False, catch_exceptions=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("privileged", "code"), [("false", 0), ("true", 1)])
def test_pods_of_a_kind_in_the_catalogue(folder: Path, privileged: str, code: int) -> None:
    (folder / "rollout.yaml").write_text(ROLLOUT.replace("PRIVILEGED", privileged))
    result = run(admit, "rollout.yaml", "--namespace-labels", BASELINE)
    assert result.return_value == code
    assert result.output.startswith("rollout.argoproj.io/web created\n")
    denied = 'its pods will be denied: FailedCreate: Error creating: pods "web-xxxxx" is forbidden'
    assert (denied in result.output) == bool(code)


@pytest.mark.parametrize("names", [("crd.yaml", "crate.yaml"), ("crate.yaml", "crd.yaml")])
def test_a_definition_among_the_requests_says_where_pods_are(folder: Path, names: tuple[str, ...]) -> None:
    (folder / "crd.yaml").write_text(DEFINITION)
    (folder / "crate.yaml").write_text(CRATE)
    result = run(admit, *names, "--namespace-labels", BASELINE)
    assert result.return_value == 1
    assert "1 workload whose pods will be denied" in result.output
    alone = run(admit, "crate.yaml", "--namespace-labels", BASELINE)
    assert alone.return_value == 3
    assert "1 not judged" in alone.output


@pytest.mark.parametrize("command", [admit, explain])
def test_a_definition_in_the_cluster_says_it_too(folder: Path, command: Any) -> None:
    (folder / "cluster").mkdir()
    (folder / "cluster" / "crd.yaml").write_text(DEFINITION)
    (folder / "cluster" / "default.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {"
        + BASELINE.replace("=", ": ")
        + "}}\n"
    )
    (folder / "crate.yaml").write_text(CRATE)
    result = run(command, "crate.yaml", "--cluster", "cluster")
    assert result.return_value == (1 if command is admit else 0)
    assert "must not set securityContext.privileged=true" in result.output


@pytest.mark.parametrize(
    ("version", "kind"), [("apps/v1", "deployment"), ("app/v1", "Deployment"), ("v1", "Deployment")]
)
def test_a_misspelt_kind_is_refused_as_kubectl_does(folder: Path, version: str, kind: str) -> None:
    text = ROLLOUT.replace("argoproj.io/v1alpha1", version).replace("Rollout", kind)
    (folder / "web.yaml").write_text(text.replace("PRIVILEGED", "false"))
    result = run(admit, "web.yaml")
    assert result.return_value == 1
    assert f'no matches for kind "{kind}" in version "{version}"' in result.output


@pytest.mark.parametrize("kind", ["ConfigMap", "Node", "Service"])
def test_a_kind_of_the_server_is_none_that_is_missing(folder: Path, kind: str) -> None:
    (folder / "odd.yaml").write_text(
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: odd}}\n"
        "spec: {containers: [{name: c, image: i}]}\n"
    )
    result = run(admit, "odd.yaml", "-v")
    assert result.return_value == 3
    assert f"pod security does not look at v1 {kind}" in result.output


def test_a_text_that_a_controller_replaces_is_a_problem(folder: Path) -> None:
    (folder / "rollout.yaml").write_text(ROLLOUT.replace("PRIVILEGED", '"{{inputs.parameters.p}}"'))
    result = run(admit, "rollout.yaml")
    assert result.return_value == 4
    assert "privileged" in result.output


def test_what_is_written_by_the_controller_alone_is_not_judged(folder: Path) -> None:
    (folder / "db.yaml").write_text(
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: db}\nspec: {instances: 1}\n"
    )
    result = run(admit, "db.yaml", "-v")
    assert result.return_value == 3
    assert "1 not judged" in result.output


def test_all_pods_are_asked_about(folder: Path) -> None:
    template = "{spec: {containers: [{name: c, image: i, securityContext: {privileged: %s}}]}}"
    (folder / "many.yaml").write_text(
        "apiVersion: example.org/v1\nkind: Many\nmetadata: {name: many}\nspec: {first: "
        f"{template % 'false'}, second: {template % 'true'}}}\n"
    )
    result = run(admit, "many.yaml", "--namespace-labels", BASELINE)
    assert result.return_value == 1


def test_what_a_controller_writes_into_containers_is_not_missed(folder: Path) -> None:
    template = "{spec: {containers: [{name: c, securityContext: {privileged: %s}}]}}"
    for privileged, code in (("false", 0), ("true", 1)):
        (folder / "own.yaml").write_text(
            "apiVersion: example.org/v1\nkind: Own\nmetadata: {name: own}\n"
            f"spec: {{podTemplate: {template % privileged}}}\n"
        )
        result = run(admit, "own.yaml", "--namespace-labels", BASELINE)
        assert result.return_value == code
        assert "Required value" not in result.output


def test_what_its_schema_takes_is_not_asked_and_told(folder: Path) -> None:
    rollout = ROLLOUT.replace("PRIVILEGED", "false")
    (folder / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n"
    )
    assert "custom resource" not in run(admit, "pod.yaml").stderr
    (folder / "one.yaml").write_text(rollout)
    assert (
        "note: one.yaml:1: 1 custom resource answered for by the pods alone; whether the API server takes "
        "the rest, the definition's schema decides, which is not asked" in run(admit, "one.yaml").stderr
    )
    (folder / "two.yaml").write_text(f"{rollout}---\n{rollout.replace('web', 'api')}")
    assert "note: two.yaml:1: 2 custom resources answered for" in run(admit, "two.yaml").stderr
