"""`explain --debug-profile`: what kubectl debug adds, whether it is let in, starts, and what it can do."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from podproof.commands.explain import command as explain
from podproof.kube.debug_profiles import DEBUG_PROFILES, debug_container

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: shop}\nspec:\n"
    "  securityContext: {runAsUser: 1000, runAsGroup: 1000}\n"
    "  containers: [{name: api, image: 'api:1'}]\n"
)
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec: {containers: [{name: web, image: 'web:1'}]}\n"
)
ENFORCE = "pod-security.kubernetes.io/enforce="


def run(*arguments: str, text: str = POD) -> Result:
    return CliRunner().invoke(explain, ["-", *arguments], input=text, standalone_mode=False)


def added(*arguments: str, text: str = POD) -> dict[str, Any]:
    """The one container that is explained."""
    result = run(*arguments, "--format", "json", text=text)
    assert result.return_value == 0, result.exception
    (entry,) = json.loads(result.stdout)["objects"]
    (container,) = entry["containers"]
    assert (container["kind"], container["name"]) == ("ephemeral", "debugger-xxxxx")
    return dict(container)


@pytest.mark.parametrize(
    ("profile", "context"),
    [
        ("legacy", None),
        ("general", {"capabilities": {"add": ["SYS_PTRACE"]}}),
        ("baseline", None),
        (
            "restricted",
            {
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
                "allowPrivilegeEscalation": False,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        ),
        ("netadmin", {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}),
        ("sysadmin", {"privileged": True}),
    ],
)
def test_the_container_is_that_of_kubectl(profile: str, context: dict[str, Any] | None) -> None:
    """Source: k8s.io/kubectl v0.37.2 pkg/cmd/debug/profiles.go, style ephemeral."""
    container = debug_container(profile, image="tools:1", target="api")
    assert container.pop("securityContext", None) == context
    assert container == {
        "name": "debugger-xxxxx",
        "image": "tools:1",
        "terminationMessagePolicy": "File",
        "targetContainerName": "api",
    }


@pytest.mark.parametrize("profile", DEBUG_PROFILES)
def test_without_a_cluster_nobody_is_asked(profile: str) -> None:
    container = added("--debug-profile", profile)
    assert (container["debug"]["profile"], container["debug"]["admitted"]) == (profile, None)
    assert container["image"] == "busybox"
    assert container["start"]["starts"] is True
    # the pod's user decides, and is not root
    assert container["process"]["uid"] == 1000
    assert container["process"]["capabilities"]["effective"] == []


@pytest.mark.parametrize(
    ("level", "admitted"),
    [
        ("privileged", set(DEBUG_PROFILES)),
        ("baseline", {"legacy", "baseline", "restricted"}),
        ("restricted", set[str]()),  # the pod's own container breaks it
    ],
)
def test_the_namespace_decides(level: str, admitted: set[str]) -> None:
    found = {
        profile: added("--debug-profile", profile, "--namespace-labels", ENFORCE + level)
        for profile in DEBUG_PROFILES
    }
    assert {profile for profile, one in found.items() if one["debug"]["admitted"]} == admitted
    for profile, one in found.items():
        assert (one["start"]["starts"] is True) == (profile in admitted)
        assert ("violates PodSecurity" in one["debug"]["message"]) == (profile not in admitted)


def test_a_pod_that_keeps_to_restricted_takes_its_profile() -> None:
    spec = (
        "runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}\n"
        "  containers:\n  - name: api\n    image: api:1\n"
        "    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}\n"
    )
    text = POD.partition("securityContext: {")[0] + "securityContext: {" + spec
    found = {
        profile: added("--debug-profile", profile, "--namespace-labels", f"{ENFORCE}restricted", text=text)
        for profile in ("restricted", "baseline")
    }
    assert found["restricted"]["debug"]["admitted"] is True
    assert found["baseline"]["debug"]["admitted"] is False


def test_a_cluster_in_a_folder_decides_by_its_namespace(tmp_path: Path) -> None:
    labels = f"{{name: shop, labels: {{{ENFORCE.rstrip('=')}: baseline}}}}"
    (tmp_path / "ns.yaml").write_text(f"apiVersion: v1\nkind: Namespace\nmetadata: {labels}\n")
    container = added("--debug-profile", "sysadmin", "--cluster", str(tmp_path))
    assert container["start"]["reason"] == "Forbidden"
    assert "privileged" in container["debug"]["message"]
    assert added("--debug-profile", "legacy", "--cluster", str(tmp_path))["debug"]["admitted"] is True


WINDOWS = POD.partition("  securityContext")[0] + (
    "  os: {name: windows}\n  containers: [{name: api, image: 'api:1'}]\n"
)


@pytest.mark.parametrize(
    ("profile", "field"),
    [("sysadmin", "privileged"), ("general", "capabilities"), ("netadmin", "capabilities")],
)
def test_every_server_refuses_linux_settings_in_a_windows_pod(profile: str, field: str) -> None:
    start = added("--debug-profile", profile, text=WINDOWS)["start"]
    path = f"spec.ephemeralContainers[0].securityContext.{field}"
    message = f'Pod "api" is invalid: {path}: Forbidden: cannot be set for a windows pod'
    assert (start["starts"], start["reason"], start["message"]) == (False, "Invalid", message)
    asked = added("--debug-profile", profile, "--namespace-labels", "a=b", text=WINDOWS)["start"]
    assert asked == start


@pytest.mark.parametrize("profile", ["legacy", "baseline"])
def test_a_windows_node_decides_about_what_sets_nothing(profile: str) -> None:
    start = added("--debug-profile", profile, text=WINDOWS)["start"]
    assert start["starts"] == {"unknown": "a Windows node decides"}


def test_the_pods_of_a_workload_are_debugged_too() -> None:
    container = added("--debug-profile", "general", "--image", "tools:1", "--target", "web", text=DEPLOYMENT)
    assert container["image"] == "tools:1"
    assert container["debug"]["container"]["targetContainerName"] == "web"
    assert "SYS_PTRACE" in container["process"]["capabilities"]["bounding"]
    origin = container["fields"]["capabilities"]["origin"]
    assert (origin["kind"], origin["text"], origin["line"]) == (
        "container",
        "kubectl debug --profile=general",
        None,
    )


def test_words() -> None:
    shown = run("--debug-profile", "sysadmin", "--namespace-labels", f"{ENFORCE}privileged").stdout
    assert 'kubectl debug --profile=sysadmin adds it with securityContext: {"privileged": true}\n' in shown
    assert "--custom FILE with runAsUser: 0 makes it root" in shown
    assert "  the namespace admits it\n  it will start\n" in shown
    for form in ("markdown", "html"):
        assert (
            "the namespace admits it"
            in run("--debug-profile", "legacy", "--namespace-labels", "a=b", "--format", form).stdout
        )
    assert "no securityContext, beside the processes of api" in run(
        "--debug-profile", "legacy", "--target", "api"
    ).stdout.replace("\n      ", " ")


def test_mistakes() -> None:
    assert "unknown debug profile 'root', known are legacy, general" in str(
        run("--debug-profile", "root").exception
    )
    assert str(run("--image", "x").exception) == "--image needs --debug-profile NAME"
    assert str(run("--target", "x").exception) == "--target needs --debug-profile NAME"
    missing = run("--debug-profile", "general", "--target", "nope")
    assert missing.return_value == 4
    assert "there is no container 'nope' to debug, there are api" in missing.stderr
    assert run("--debug-profile", "general", "--target", "x", text="kind: ConfigMap\n").return_value == 3


def test_labels_also_decide_about_pods_themselves() -> None:
    shown = run("--namespace-labels", f"{ENFORCE}restricted").stdout
    assert "because the API server denies it" in shown
    assert "because the API server denies it" not in run("--namespace-labels", f"{ENFORCE}baseline").stdout
