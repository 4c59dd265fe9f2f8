"""`explain` of what the API server refuses: nothing of it starts, and the exit code is the one of `check`."""

import json

import pytest
from click.testing import CliRunner, Result

import podproof
from podproof.commands.check import command as check
from podproof.commands.explain import command as explain
from podproof.errors import ManifestError

CONTAINER = "containers: [{name: app, image: i, securityContext: {runAsUser: 1}}]"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  "
TEMPLATE = f"template: {{metadata: {{labels: {{a: b}}}}, spec: {{{CONTAINER}}}}}"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  "
WORKFLOW = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n  entrypoint: a\n"
    "  templates:\n  - name: a\n    container: {image: i, imagePullPolicy: "
)
LABEL = 'spec.selector: Required value, spec.template.metadata.labels: Invalid value: {"a":"b"}: '


def run(text: str, *arguments: str) -> Result:
    return CliRunner().invoke(explain, ["-", *arguments], input=text, standalone_mode=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{POD}restartPolicy: Sometimes\n  {CONTAINER}\n",
            'Pod "web" is invalid: spec.restartPolicy: Unsupported value: "Sometimes": '
            'supported values: "Always", "OnFailure", "Never"',
        ),
        (
            f"{DEPLOYMENT}{TEMPLATE}\n",
            f'Deployment.apps "web" is invalid: [{LABEL}`selector` does not match template `labels`]',
        ),
        (
            f"restartPolicy: Sometimes\n{CONTAINER}\n",
            'Pod "" is invalid: restartPolicy: Unsupported value: "Sometimes": '
            'supported values: "Always", "OnFailure", "Never"',
        ),
    ],
)
def test_what_is_refused_does_not_start(text: str, message: str) -> None:
    result = run(text, "--format", "json")
    assert result.return_value == 1
    assert CliRunner().invoke(check, ["-"], input=text, standalone_mode=False).return_value == 1
    (entry,) = json.loads(result.stdout)["objects"]
    assert entry["refused"] == message
    (container,) = entry["containers"]
    assert container["start"] == {"starts": False, "reason": "Invalid", "message": message, "event": None}
    words = " ".join(run(text).stdout.split())
    assert "it will not start, because the API server denies it: " in words
    assert "it will start" not in words


def test_what_the_process_would_be_is_told_all_the_same() -> None:
    words = " ".join(
        run(f"{DEPLOYMENT}template: {{spec: {{containers: [{{name: a, image: i}}]}}}}\n").stdout.split()
    )
    assert "it may be root: runAsUser is not set and the user of image i is not known" in words
    assert "the API server denies it: Deployment.apps" in words


def test_a_debugged_pod_runs_already() -> None:
    debugger = "ephemeralContainers: [{name: d, image: i, securityContext: {runAsUser: 1}}]"
    result = run(f"{POD}{debugger}\n  {CONTAINER}\n", "--format", "json")
    assert result.return_value == 0
    assert [c["start"]["starts"] for c in json.loads(result.stdout)["objects"][0]["containers"]] == [
        True,
        True,
    ]


def test_what_is_missing_of_a_fragment_does_not_refuse_it() -> None:
    result = run("containers: [{image: i, securityContext: {runAsUser: 1}}]\n", "--format", "json")
    assert result.return_value == 0
    assert json.loads(result.stdout)["objects"][0]["refused"] is None


def test_a_pod_that_a_controller_makes_does_not_start_if_every_server_refuses_it() -> None:
    result = run(f"{WORKFLOW}Sometimes}}\n", "--format", "json")
    assert result.return_value == 0  # its own schema decides whether the Workflow is taken
    (entry,) = json.loads(result.stdout)["objects"]
    (container,) = entry["containers"]
    assert entry["refused"] is None
    assert container["start"]["starts"] is False
    assert container["start"]["message"].startswith(
        'Pod "w" is invalid: spec.templates[0].container.imagePullPolicy: Unsupported value: "Sometimes"'
    )


def test_a_text_that_the_controller_replaces_refuses_nothing() -> None:
    result = run(f'{WORKFLOW}"{{{{workflow.parameters.policy}}}}"}}\n', "--format", "json")
    (entry,) = json.loads(result.stdout)["objects"]
    assert entry["containers"][0]["start"]["reason"] != "Invalid"


def test_a_refused_pod_without_containers_is_told_on_standard_error() -> None:
    result = run(f"{POD}containers: []\n")
    assert result.return_value == 1
    assert (
        '<stdin>:1: the API server refuses it: Pod "web" is invalid: spec.containers: Required value'
        in result.stderr
    )


def test_unknown_fields_are_told_beside_what_is_stored() -> None:
    text = f"{POD}container: []\n  hostnetwork: true\n  {CONTAINER}\n"
    result = run(text, "--format", "json")
    assert result.return_value == 0
    (entry,) = json.loads(result.stdout)["objects"]
    assert entry["unknown_fields"] == ["spec.container", "spec.hostnetwork"]
    assert (
        "note: <stdin>:1: Pod has unknown field spec.container and 1 more: the API server ignores it, "
        "kubectl refuses it" in result.stderr
    )


def test_programs_see_the_refusal() -> None:
    container = {"name": "app", "image": "i"}
    whole = {"kind": "Pod", "apiVersion": "v1", "spec": {"containers": [container]}}
    named = {**whole, "metadata": {"name": "web"}}
    assert "metadata.name: Required value" in podproof.explain(whole)["objects"][0]["refused"]
    for taken in (named, {"spec": {"containers": [container]}}):  # the second is a fragment
        assert podproof.explain(taken)["objects"][0]["refused"] is None
    with pytest.raises(ManifestError, match="has no containers"):
        podproof.explain({**named, "spec": {"containers": []}})


def test_a_cluster_refuses_in_the_same_words() -> None:
    text = f"{POD}restartPolicy: Sometimes\n  {CONTAINER}\n"
    result = run(text, "--namespace-labels", "pod-security.kubernetes.io/enforce=privileged")
    assert result.return_value == 1
    assert 'the API server denies it: Pod "web" is invalid: spec.restartPolicy' in " ".join(
        result.stdout.split()
    )
