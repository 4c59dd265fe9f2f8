"""`--kubernetes-version`, `--feature-gates`, `[feature-gates]`: what is dropped where."""

import json
from pathlib import Path

import pytest

from .conftest import Run

POD = """apiVersion: v1
kind: Pod
metadata: {name: gated}
spec:
  hostUsers: false
  containers:
  - name: main
    image: i
    securityContext: {runAsUser: 0, procMount: Unmasked}
"""
BOTH = "UserNamespacesSupport=true,ProcMountType=true"


@pytest.fixture
def pod(tmp_path: Path) -> str:
    (tmp_path / "pod.yaml").write_text(POD)
    return str(tmp_path / "pod.yaml")


def _gated(podproof: Run, pod: str, *options: str, cwd: Path | None = None) -> list[str]:
    args = ("check", pod, "--level", "privileged", "--format", "json", "--select", "gated-field", *options)
    findings = json.loads(podproof(*args, cwd=cwd).stdout)["findings"]
    return [finding["route"] for finding in findings]


def test_check_warns_of_what_the_version_drops(podproof: Run, pod: str) -> None:
    both = ["spec.hostUsers", "spec.containers[0].securityContext.procMount"]
    assert _gated(podproof, pod, "--kubernetes-version", "v1.30") == both
    assert _gated(podproof, pod, "--kubernetes-version", "v1.33") == []
    on = ("--kubernetes-version", "v1.30", "--feature-gates", BOTH)
    assert _gated(podproof, pod, *on) == []


def test_the_configuration_sets_gates_and_the_command_line_wins(
    podproof: Run, pod: str, tmp_path: Path
) -> None:
    text = 'kubernetes-version = "v1.30"\n[feature-gates]\nUserNamespacesSupport = true\n'
    (tmp_path / "podproof.toml").write_text(text)
    proc = "spec.containers[0].securityContext.procMount"
    assert _gated(podproof, pod, cwd=tmp_path) == [proc]
    assert _gated(podproof, pod, "--feature-gates", "ProcMountType=true", cwd=tmp_path) == []
    off = ("--feature-gates", "UserNamespacesSupport=false")
    assert _gated(podproof, pod, *off, cwd=tmp_path) == ["spec.hostUsers", proc]
    (tmp_path / "podproof.toml").write_text("[feature-gates]\nProcMountType = 1\n")
    refused = podproof("check", pod, cwd=tmp_path)
    assert refused.returncode == 2
    assert b"feature-gates.ProcMountType must be true or false, is the number 1" in refused.stderr
    (tmp_path / "podproof.toml").write_text("[feature-gates]\nProcMountTyp = true\n")
    refused = podproof("check", pod, cwd=tmp_path)
    assert refused.returncode == 2
    assert b"unrecognized feature gate: ProcMountTyp; did you mean ProcMountType" in refused.stderr


@pytest.mark.parametrize("verb", ["check", "explain", "admit"])
def test_a_gate_that_cannot_be_set_is_refused(podproof: Run, pod: str, verb: str) -> None:
    refused = podproof(verb, pod, "--feature-gates", "UserNamespacesSupport=false")
    assert refused.returncode == 2
    assert refused.stderr.decode() == (
        "podproof: --feature-gates: cannot set feature gate UserNamespacesSupport to false, "
        f"feature is locked to true (v1.37) (see podproof {verb} --help)\n"
    )


def test_explain_says_who_dropped_a_field(podproof: Run, pod: str) -> None:
    def origin(*options: str) -> tuple[object, str]:
        shown = podproof("explain", pod, "--kubernetes-version", "v1.30", "--format", "json", *options)
        (entry,) = json.loads(shown.stdout)["objects"]
        field = entry["containers"][0]["fields"]["hostUsers"]
        return field["value"], field["origin"]["text"]

    assert origin() == (
        True,
        "dropped by the API server: feature gate UserNamespacesSupport is off in v1.30, "
        "on by default from v1.33",
    )
    assert origin("--feature-gates", BOTH)[0] is False


def test_admit_lists_what_is_dropped(podproof: Run, pod: str) -> None:
    shown = podproof("admit", pod, "--kubernetes-version", "v1.30").stdout.decode()
    line = (
        "  drops spec.hostUsers: feature gate UserNamespacesSupport is off in v1.30, on by default from v1.33"
    )
    assert line in shown.splitlines()
    assert "pod/gated created" in shown
    kept = podproof("admit", pod, "--kubernetes-version", "v1.30", "--feature-gates", BOTH).stdout.decode()
    assert "drops" not in kept


def test_explain_says_that_a_policy_of_groups_was_dropped(podproof: Run, tmp_path: Path) -> None:
    context = "{runAsUser: 1000, supplementalGroupsPolicy: Strict}"
    pod, images = tmp_path / "pod.yaml", tmp_path / "images.yaml"
    pod.write_text(
        f"kind: Pod\napiVersion: v1\nmetadata: {{name: a}}\nspec:\n  securityContext: {context}\n"
        "  containers: [{name: a, image: i}]\n"
    )
    images.write_text(
        "schema: podproof/images/v1\nimages:\n"
        '  i: {user: "", passwd: "a:x:1000:1000::/:", group: "g:x:7:a"}\n'
    )
    args = ("explain", str(pod), "--images", str(images), "--format", "json", "--kubernetes-version")
    (entry,) = json.loads(podproof(*args, "v1.32").stdout)["objects"]
    groups = entry["containers"][0]["fields"]["supplementalGroups"]
    assert groups["value"] == [7, 1000]
    assert groups["origin"]["text"] == (
        "as Merge does it: the policy was dropped by the API server: "
        "feature gate SupplementalGroupsPolicy is off in v1.32, on by default from v1.33"
    )
    (entry,) = json.loads(podproof(*args, "v1.33").stdout)["objects"]
    assert entry["containers"][0]["fields"]["supplementalGroups"]["value"] == [1000]


@pytest.mark.parametrize("verb", ["check", "explain", "admit"])
def test_a_version_that_is_not_known_is_told_on_one_line(podproof: Run, pod: str, verb: str) -> None:
    note = b"podproof: note: Kubernetes v1.99 is newer than every version that is known: judged as v1.37"
    for format_ in ("text", "json"):
        shown = podproof(verb, pod, "--kubernetes-version", "v1.99", "--format", format_)
        assert shown.stderr.splitlines()[0] == note
    assert b"v1.38.0-beta.0" in podproof(verb, pod, "--kubernetes-version", "v1.38").stderr
    assert b"note: Kubernetes" not in podproof(verb, pod, "--kubernetes-version", "v1.37").stderr


NEWER = "baseline:v1.99 is newer than every version that is known: judged as baseline:v1.37"


def test_a_level_that_is_not_known_is_told_on_one_line(podproof: Run, pod: str, tmp_path: Path) -> None:
    note = f"podproof: note: {NEWER}"
    for format_ in ("text", "json"):
        shown = podproof("check", pod, "--level", "baseline:v1.99", "--format", format_)
        assert shown.stderr.decode().splitlines() == [note]
    assert podproof("check", pod, "--level", "baseline:v1.37").stderr == b""
    assert podproof("check", pod, "--level", "privileged:v1.99").stderr == b""
    (tmp_path / "podproof.toml").write_text('level = "baseline:v1.99"\n')
    assert podproof("check", pod, cwd=tmp_path).stderr.decode().splitlines() == [note]


def test_a_namespace_that_asks_for_a_level_that_is_not_known(podproof: Run, pod: str, tmp_path: Path) -> None:
    modes = {"enforce": "v1.99", "warn": "v1.99", "audit": "v1.30"}
    labels = {f"pod-security.kubernetes.io/{mode}": "baseline" for mode in modes}
    labels |= {f"pod-security.kubernetes.io/{mode}-version": version for mode, version in modes.items()}
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    metadata = {"name": "default", "labels": labels}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    (cluster / "default.yaml").write_text(json.dumps(namespace))
    place = f"{cluster}/default.yaml:1: namespace 'default'"
    written = ",".join(f"{key}={value}" for key, value in labels.items())
    for verb, options, at in (
        ("admit", ("--cluster", str(cluster)), place),
        ("admit", ("--cluster", str(cluster), "--format", "json"), place),
        ("admit", ("--namespace-labels", written), "--namespace-labels: namespace 'default'"),
        ("admit", ("--compare", str(cluster), str(cluster)), place),
        ("explain", ("--cluster", str(cluster)), place),
    ):
        lines = podproof(verb, pod, *options).stderr.decode().splitlines()
        assert [line for line in lines if "newer" in line] == [
            f"podproof: note: {at}: enforce and warn: {NEWER}"
        ], (verb, options)
    together = podproof("admit", str(cluster / "default.yaml"), pod).stderr.decode()
    assert f"podproof: note: {place}: enforce and warn: {NEWER}\n" in together


def test_a_configuration_that_asks_for_a_level_that_is_not_known(
    podproof: Run, pod: str, tmp_path: Path
) -> None:
    file = tmp_path / "configuration.yaml"
    file.write_text(
        "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n"
        "defaults: {enforce: baseline, enforce-version: v1.99}\n"
    )
    told = podproof("admit", pod, "--admission-control-config-file", str(file)).stderr.decode().splitlines()
    assert told == [f"podproof: note: PodSecurityConfiguration: enforce: {NEWER}"]


ROOT = """apiVersion: v1
kind: Pod
metadata: {name: root, namespace: apps}
spec:
  hostUsers: false
  containers:
  - name: main
    image: i
    securityContext:
      runAsUser: 0
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
      seccompProfile: {type: RuntimeDefault}
"""
RELAXED = ("--kubernetes-version", "v1.34", "--feature-gates", "UserNamespacesPodSecurityStandards=true")


def test_a_gate_lets_root_into_user_namespaces(podproof: Run, tmp_path: Path) -> None:
    pod = tmp_path / "pod.yaml"
    pod.write_text(ROOT)

    def found(*options: str) -> int:
        return podproof("check", str(pod), "--select", "run-as-user,run-as-non-root", *options).returncode

    assert found("--kubernetes-version", "v1.34") == 1
    assert found(*RELAXED) == 0
    labels = ("--namespace-labels", "pod-security.kubernetes.io/enforce=restricted")
    assert podproof("admit", str(pod), *labels, "--kubernetes-version", "v1.34").returncode == 1
    assert podproof("admit", str(pod), *labels, *RELAXED).returncode == 0
    # where the server drops hostUsers, nothing is left to spare
    off = (*RELAXED[:3], f"{RELAXED[3]},UserNamespacesSupport=false")
    assert found(*off) == 1
    assert podproof("admit", str(pod), *labels, *off).returncode == 1


HOST_NETWORK = """apiVersion: v1
kind: Pod
metadata: {name: proxy}
spec:
  hostUsers: false
  hostNetwork: true
  containers:
  - name: main
    image: i
"""


def test_what_the_node_has_to_declare(podproof: Run, tmp_path: Path) -> None:
    pod, node = tmp_path / "pod.yaml", tmp_path / "node.yaml"
    pod.write_text(HOST_NETWORK)
    options = (
        "--level", "privileged", "--format", "json", "--select", "start-undecided,will-not-start",
        "--feature-gates", "UserNamespacesHostNetworkSupport=true", "--node", str(node),
    )  # fmt: skip

    def found(text: str) -> list[tuple[str, str]]:
        node.write_text(text)
        findings = json.loads(podproof("check", str(pod), *options).stdout)["findings"]
        return [(finding["check"], finding["message"]) for finding in findings]

    name = "UserNamespacesHostNetworkSupport"
    unknown = (
        f"pod may not start: it is not known whether the node declares the feature {name}: "
        "say what the node's status has (--node FILE, declared_features: [NAME])"
    )
    assert found("{}") == [("start-undecided", unknown)]
    assert found(f"declared_features: [{name}]") == []
    missing = f"Pod requires node features that are not available: {name}"
    refused = f"pod will not start: PodFeatureUnsupported: {missing}"
    assert found("declared_features: []") == [("will-not-start", refused)]
