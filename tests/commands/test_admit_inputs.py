"""What `admit` and `explain` read: folders by the options of `check`, kustomizations, the configuration."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import podproof
from podproof.commands import _options
from podproof.commands.admit import command as admit
from podproof.commands.check import command as check
from podproof.commands.explain import command as explain

RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
BASELINE = "pod-security.kubernetes.io/enforce=baseline"
POD = """apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec: {containers: [{name: c, image: i}]}
"""
BASE = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: c, image: i, securityContext: {privileged: PRIVILEGED}}]}}}
"""


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False, catch_exceptions=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app" / ".hidden").mkdir(parents=True)
    for name in ("seen", "left", ".hidden/found"):
        text = POD.replace("NAME", Path(name).name)
        (tmp_path / "app" / f"{name}.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("command", [admit, check, explain])
def test_options_for_folders_are_the_same(command: Any) -> None:
    names = {"include", "exclude", "hidden", "kustomize"}
    shared = {name: option for option in command.params if (name := option.name) in names}
    assert set(shared) == names

    @_options.folders
    def declared() -> None: ...

    for option in declared.__click_params__:  # type: ignore[attr-defined]  # click puts it there
        assert shared[option.name].help == option.help


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), {"seen", "left"}),
        (("--hidden",), {"seen", "left", "found"}),
        (("--exclude", "left*"), {"seen"}),
        (("--include", "left*"), {"left"}),
    ],
)
def test_folders_are_read_by_the_options(options: tuple[str, ...], names: set[str]) -> None:
    explained = json.loads(run(explain, "app", "--format", "json", *options).stdout)
    assert {entry["name"] for entry in explained["objects"]} == names
    answered = run(admit, "app", *options).stdout
    assert {line.split()[0] for line in answered.splitlines() if line.endswith(" created")} == {
        f"pod/{name}" for name in names
    }


def test_python_has_the_same_choices(folder: Path) -> None:
    def names(**options: Any) -> set[str | None]:
        return {entry.name for entry in podproof.check("app", **options).objects}

    assert names() == {"seen", "left"}
    assert names(hidden=True) == {"seen", "left", "found"}
    assert names(exclude=["left*"]) == {"seen"}
    with pytest.raises(podproof.UsageError, match=r"app has no kustomization\.yaml"):
        names(kustomize=True)


@pytest.mark.parametrize("command", [admit, explain])
def test_kustomize_needs_a_kustomization(command: Any) -> None:
    from podproof.errors import UsageError

    with pytest.raises(UsageError, match=r"app has no kustomization\.yaml"):
        run(command, "app", "--kustomize")


@pytest.mark.parametrize(("privileged", "code"), [("false", 0), ("true", 1)])
def test_a_base_is_answered_for_what_it_contains(folder: Path, privileged: str, code: int) -> None:
    base = folder / "base"
    base.mkdir()
    (base / "kustomization.yaml").write_text("resources: [web.yaml]\npatches: [{path: patch.yaml}]\n")
    (base / "web.yaml").write_text(BASE.replace("PRIVILEGED", privileged))
    (base / "patch.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\n")
    result = run(admit, "base", "--namespace-labels", BASELINE, "-v")
    assert result.return_value == code
    assert "deployment.apps/web created" in result.output
    assert "patch.yaml:1  a Kustomize patch" in result.output
    assert "1 manifest is part of a kustomization and answered as written" in result.output
    assert ("its pods will be denied" in result.output) == bool(code)
    named = run(admit, "base/web.yaml", "--namespace-labels", BASELINE)
    assert "deployment.apps/web created" in named.output
    (base / "kustomization.yaml").unlink()
    alone = run(admit, "base/web.yaml", "--namespace-labels", BASELINE)
    assert "spec.selector: Required value" in alone.output


@pytest.mark.parametrize(("privileged", "code"), [("false", 0), ("true", 1)])
def test_a_pod_without_image_in_a_kustomization_is_answered(folder: Path, privileged: str, code: int) -> None:
    (folder / "base").mkdir()
    (folder / "base" / "kustomization.yaml").write_text("resources: [pod.yaml]\n")
    pod = POD.replace("NAME", "p").replace("image: i", f"securityContext: {{privileged: {privileged}}}")
    (folder / "base" / "pod.yaml").write_text(pod)
    assert run(admit, "base", "--namespace-labels", BASELINE).return_value == code


def test_the_configuration_says_version_gates_and_what_is_left_out(folder: Path) -> None:
    (folder / "podproof.toml").write_text(
        'kubernetes-version = "v1.29"\nexclude = ["left*"]\n[feature-gates]\nUserNamespacesSupport = true\n'
    )
    pod = POD.replace("NAME", "u").replace("spec: {", "spec: {hostUsers: false, ")
    (folder / "app" / "seen.yaml").write_text(pod)
    result = run(admit, "app")
    assert "1 request · Kubernetes v1.29" in result.output
    assert "drops" not in result.output
    assert (
        "drops spec.hostUsers" in run(admit, "app", "--feature-gates", "UserNamespacesSupport=false").output
    )
    assert "Kubernetes v1.35" in run(admit, "app", "--kubernetes-version", "v1.35").output


def test_a_configured_version_is_that_of_a_cluster_with_policies(folder: Path) -> None:
    (folder / "podproof.toml").write_text('kubernetes-version = "v1.23"\n')
    cluster = folder / "cluster"
    cluster.mkdir()
    (cluster / "policy.yaml").write_text(
        "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\nspec: {privileged: true,"
        " seLinux: {rule: RunAsAny}, runAsUser: {rule: RunAsAny}, fsGroup: {rule: RunAsAny},"
        " supplementalGroups: {rule: RunAsAny}}\n"
    )
    result = run(admit, "app", "--cluster", "cluster")
    assert "Kubernetes v1.23" in result.output
    assert "is assumed" not in result.output
