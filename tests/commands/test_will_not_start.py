"""`check` reports what the node will refuse to start, as kubectl shows it, or what is missing to decide."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

LOCK = """schema: podproof/images/v1
images:
  root: {user: ""}
  named: {user: app}
  numbered: {user: "1000"}
"""


def _pod(container: str, pod: str = "{}") -> str:
    return (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: prod}\nspec:\n"
        f"  securityContext: {pod}\n  containers:\n  - {container}\n"
    )


def _check(podproof: Run, tmp_path: Path, text: str, *options: str) -> list[dict[str, Any]]:
    (tmp_path / "pod.yaml").write_text(text)
    (tmp_path / "podproof-images.yaml").write_text(LOCK)
    about = ("--select", "will-not-start,start-undecided")
    args = ("check", "pod.yaml", "--level", "privileged", "--format", "json", *about, *options)
    findings: list[dict[str, Any]] = json.loads(podproof(*args, cwd=tmp_path).stdout)["findings"]
    return findings


@pytest.mark.parametrize(
    ("container", "pod", "route", "message"),
    [
        (
            "{name: c, image: root, securityContext: {runAsUser: 0}}",
            "{runAsNonRoot: true}",
            "spec.containers[0].securityContext.runAsUser",
            'container "c" will not start: CreateContainerConfigError: '
            "container's runAsUser breaks non-root "
            'policy (pod: "web_prod(<uid>)", container: c)',
        ),
        (
            "{name: c, image: root}",
            "{runAsNonRoot: true}",
            "spec.containers[0].securityContext.runAsNonRoot",
            'container "c" will not start: CreateContainerConfigError: '
            "container has runAsNonRoot and image will "
            'run as root (pod: "web_prod(<uid>)", container: c)',
        ),
        (
            "{name: c, image: named}",
            "{runAsNonRoot: true}",
            "spec.containers[0].securityContext.runAsNonRoot",
            'container "c" will not start: CreateContainerConfigError: '
            "container has runAsNonRoot and image has "
            'non-numeric user (app), cannot verify user is non-root (pod: "web_prod(<uid>)", container: c)',
        ),
        (
            "{name: c, image: numbered}",
            "{seccompProfile: {type: Localhost, localhostProfile: ''}}",
            "spec.securityContext.seccompProfile",
            'container "c" will not start: CreateContainerConfigError: '
            "localhostProfile must be set if "
            "seccompProfile type is Localhost.",
        ),
        (
            "{name: c, image: numbered}",
            "{sysctls: [{name: kernel.msgmax, value: '1'}]}",
            "spec.securityContext.sysctls[0]",
            'pod will not start: SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted',
        ),
    ],
)
def test_refused(podproof: Run, tmp_path: Path, container: str, pod: str, route: str, message: str) -> None:
    (finding,) = _check(podproof, tmp_path, _pod(container, pod))
    assert (finding["severity"], finding["route"], finding["message"]) == ("error", route, message)


@pytest.mark.parametrize(
    ("container", "pod"),
    [
        ("{name: c, image: numbered}", "{runAsNonRoot: true}"),
        ("{name: c, image: nobody-knows}", "{}"),
        ("{name: c, image: root, securityContext: {runAsUser: 7}}", "{runAsNonRoot: true}"),
    ],
)
def test_what_starts_is_not_reported(podproof: Run, tmp_path: Path, container: str, pod: str) -> None:
    assert _check(podproof, tmp_path, _pod(container, pod)) == []


@pytest.mark.parametrize(
    ("container", "pod", "words"),
    [
        ("{name: c, image: nobody-knows}", "{runAsNonRoot: true}", "user of image nobody-knows is not known"),
        (
            "{name: c, image: root}",
            "{appArmorProfile: {type: RuntimeDefault}}",
            "whether the node has AppArmor",
        ),
    ],
)
def test_what_is_missing_to_decide_is_a_note(
    podproof: Run, tmp_path: Path, container: str, pod: str, words: str
) -> None:
    (finding,) = _check(podproof, tmp_path, _pod(container, pod))
    assert (finding["check"], finding["severity"]) == ("start-undecided", "note")
    assert words in finding["message"]


def test_a_running_container_tells_its_user(podproof: Run, tmp_path: Path) -> None:
    text = _pod("{name: c, image: nobody-knows}", "{runAsNonRoot: true}")
    assert len(_check(podproof, tmp_path, text)) == 1
    status = "{name: c, user: {linux: {uid: 7, gid: 7}}}"
    assert _check(podproof, tmp_path, f"{text}status: {{containerStatuses: [{status}]}}\n") == []


def test_a_node_file_decides(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text("apparmor: false\nunsafe_sysctls: ['kernel.msg*']\n")
    text = _pod("{name: c, image: root}", "{sysctls: [{name: kernel.msgmax, value: '1'}]}")
    assert _check(podproof, tmp_path, text, "--node", "node.yaml") == []
    text = _pod("{name: c, image: root}", "{appArmorProfile: {type: RuntimeDefault}}")
    (finding,) = _check(podproof, tmp_path, text, "--node", "node.yaml")
    assert finding["message"] == (
        "pod will not start: AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host"
    )


PROFILE = "seccompProfile: {type: Localhost, localhostProfile: runAsNonRoot.json}"


@pytest.mark.parametrize(
    ("container", "pod", "route"),
    [
        (f"{{name: c, image: root, securityContext: {{{PROFILE}}}}}", "{}", "spec.containers[0]"),
        ("{name: c, image: root, securityContext: {runAsUser: 1}}", f"{{{PROFILE}}}", "spec"),
        (f"{{name: c, image: root, securityContext: {{{PROFILE}}}}}", f"{{{PROFILE}}}", "spec.containers[0]"),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_a_profile_is_marked_where_it_was_written(
    podproof: Run, tmp_path: Path, container: str, pod: str, route: str, told: bool
) -> None:
    (tmp_path / "node.yaml").write_text("seccomp_profiles: []\n")
    options = ("--node", "node.yaml") if told else ()
    (finding,) = _check(podproof, tmp_path, _pod(container, pod), *options)
    assert finding["check"] == ("will-not-start" if told else "start-undecided")
    assert finding["route"] == f"{route}.securityContext.seccompProfile"


def test_a_user_is_marked_where_it_was_written(podproof: Run, tmp_path: Path) -> None:
    container = "{name: c, image: root, securityContext: {runAsNonRoot: true}}"
    (finding,) = _check(podproof, tmp_path, _pod(container, "{runAsUser: 0}"))
    assert finding["route"] == "spec.securityContext.runAsUser"


def test_a_runtime_without_recursive_read_only_mounts(podproof: Run, tmp_path: Path) -> None:
    mount = "{name: v, mountPath: /v, readOnly: true, recursiveReadOnly: Enabled}"
    text = (
        _pod(f"{{name: c, image: root, volumeMounts: [{mount}]}}") + "  volumes: [{name: v, emptyDir: {}}]\n"
    )
    (finding,) = _check(podproof, tmp_path, text, "--runtime", "containerd-1.6.20")
    assert finding["route"] == "spec.containers[0].volumeMounts[0].recursiveReadOnly"
    assert "requested recursive read-only mode" in finding["message"]
    assert b"NFS" not in podproof("check", "pod.yaml", "--runtime", "containerd-1.6.20", cwd=tmp_path).stdout


def test_a_template_has_no_pod_name_yet(podproof: Run, tmp_path: Path) -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n"
        "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n"
        "      securityContext: {runAsNonRoot: true}\n      containers: [{name: c, image: root}]\n"
    )
    (finding,) = _check(podproof, tmp_path, text)
    assert '(pod: "d-<id>_default(<uid>)", container: c)' in finding["message"]
    assert finding["line"] == 10


def test_the_runtime_decides_and_unknown_ones_are_refused(podproof: Run, tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        "spec: {hostUsers: false, containers: [{name: c, image: root}]}\n"
    )
    assert _check(podproof, tmp_path, text) == []
    (finding,) = _check(podproof, tmp_path, text, "--runtime", "containerd-1.6.20")
    assert "runtime does not support user namespaces" in finding["message"]
    refused = podproof("check", "pod.yaml", "--runtime", "contanerd", cwd=tmp_path)
    assert refused.returncode == 2
    assert b"containerd" in refused.stderr
