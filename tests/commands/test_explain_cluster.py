"""`explain --cluster`: values that a cluster's policies fill in, in every format, and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from podproof.commands.explain import command as explain
from podproof.errors import UsageError

EXAMPLE = Path(__file__).parents[2] / "examples" / "admit" / "policies"
PODS, CLUSTER = str(EXAMPLE / "pods.yaml"), str(EXAMPLE / "cluster")


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(explain, list(arguments), input=text, standalone_mode=False)


def objects(*arguments: str) -> dict[str, Any]:
    result = run(PODS, *arguments, "--format", "json")
    assert result.return_value == 0
    return {entry["name"]: entry["containers"][0] for entry in json.loads(result.stdout)["objects"]}


def test_text_names_the_policy_that_set_a_value() -> None:
    result = run(PODS, "--cluster", CLUSTER, "--container", "web", "--field", "runAsUser")
    words = " ".join(result.stdout.split())
    assert f"10000 PodSecurityPolicy confined, runAsUser.ranges[0] ({CLUSTER}/policies.yaml:7)" in words
    assert "Kubernetes v1.24" in result.stderr


def test_json_has_the_policy_as_origin() -> None:
    found = objects("--cluster", CLUSTER)
    assert found["web"]["fields"]["runAsUser"] == {
        "value": 10000,
        "origin": {
            "kind": "policy",
            "route": "spec.containers[0].securityContext.runAsUser",
            "file": f"{CLUSTER}/policies.yaml",
            "line": 7,
            "text": "PodSecurityPolicy confined, runAsUser.ranges[0]",
        },
    }
    assert found["web"]["fields"]["seccompProfile"]["origin"]["kind"] == "policy"
    assert found["build"]["fields"]["runAsUser"]["origin"]["kind"] == "container"


def test_a_denied_pod_will_not_start_and_text_says_who_denies_it() -> None:
    start = objects("--cluster", CLUSTER)["debug"]["start"]
    assert (start["starts"], start["reason"]) == (False, "Forbidden")
    assert "Privileged containers are not allowed" in start["message"]
    words = " ".join(run(PODS, "--cluster", CLUSTER, "--container", "shell").stdout.split())
    assert 'it will not start, because the API server denies it: pods "debug" is forbidden' in words


def test_without_a_cluster_nothing_is_filled_in() -> None:
    assert "unknown" in objects()["web"]["fields"]["runAsUser"]["value"]


def test_user_and_account_decide_what_is_filled_in() -> None:
    arguments = ("--cluster", CLUSTER, "--service-account", "shop:builder")
    # of two policies that would do, the one that changes nothing comes first
    assert objects(*arguments)["web"]["fields"]["runAsUser"]["origin"]["kind"] != "policy"
    assert objects("--cluster", CLUSTER, "--user", "jane")["web"]["fields"]["runAsUser"]["value"] == 10000


def test_the_namespace_is_that_of_what_names_none() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: i}]}\n"
    there = run("-", "--cluster", CLUSTER, "-n", "shop", "--format", "json", text=pod)
    assert json.loads(there.stdout)["objects"][0]["containers"][0]["fields"]["runAsUser"]["value"] == 10000
    missing = run("-", "--cluster", CLUSTER, "-n", "none", text=pod)
    assert 'namespaces "none" not found' in " ".join(missing.stdout.split())


def test_what_cannot_be_read_of_the_folder_is_printed_and_exit_is_4(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: {\n")
    result = run(PODS, "--cluster", str(tmp_path))
    assert result.return_value == 4
    assert "broken.yaml:" in result.stderr


@pytest.mark.parametrize("option", ["--namespace", "--user", "--service-account"])
def test_options_of_a_cluster_need_one(option: str) -> None:
    result = run(PODS, option, "a")
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == f"{option} needs --cluster DIR"


def test_a_cluster_must_be_a_folder(tmp_path: Path) -> None:
    assert isinstance(run(PODS, "--cluster", str(tmp_path / "none")).exception, UsageError)
