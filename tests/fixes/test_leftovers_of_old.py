"""Annotations that are not read any more, pods for Windows that do not say so, and what gets empty."""

from typing import Any

import pytest
import yaml

from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.settings import make_judge

POD = "seccomp.security.alpha.kubernetes.io/pod"
OF_A = "container.seccomp.security.alpha.kubernetes.io/a"


def fixed(value: Any, level: str, version: str | None = None) -> ObjectFix:
    judge = make_judge(
        ProjectConfiguration(),
        level=level,
        kubernetes_version=version,
        runtime=None,
        images={},
        node=None,
        feature_gates=(),
    )
    return fix_object(
        value, judge.judge(value), judge, FixOptions(), lambda check: True, lambda finding: False, None
    )


def pod(text: str, **annotations: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": "p"}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": yaml.safe_load(text)}


ONE = "containers: [{name: a, image: i}]"
DEFAULT = "{type: RuntimeDefault}"


@pytest.mark.parametrize(
    ("key", "said", "changes", "after"),
    [
        (POD, "runtime/default", ["tighter"], f"{ONE}\nsecurityContext: {{seccompProfile: {DEFAULT}}}"),
        (POD, "docker/default", ["tighter"], f"{ONE}\nsecurityContext: {{seccompProfile: {DEFAULT}}}"),
        (
            OF_A,
            "localhost/x.json",
            ["tighter"],
            "containers: [{name: a, image: i, securityContext: {seccompProfile: "
            "{type: Localhost, localhostProfile: x.json}}}]",
        ),
    ],
)
def test_a_profile_in_an_annotation_becomes_a_field(
    key: str, said: str, changes: list[str], after: str
) -> None:
    fix = fixed(pod(ONE, **{key: said}), "privileged")
    assert [change.kind for change in fix.changes] == changes
    assert fix.value == {**pod(after), "metadata": {"name": "p"}}
    assert fix.left == ()


def test_an_annotation_that_asks_for_nothing_goes_before_a_field_is_written() -> None:
    fix = fixed(pod(ONE, **{POD: "unconfined", OF_A: "unconfined", "mine": "1"}), "restricted")
    assert [(change.kind, change.what) for change in fix.changes[:2]] == [
        ("same", f"remove the annotation {POD}"),
        ("same", f"remove the annotation {OF_A}"),
    ]
    assert fix.value["metadata"] == {"name": "p", "annotations": {"mine": "1"}}
    assert fix.value["spec"]["containers"][0]["securityContext"]["seccompProfile"] == {
        "type": "RuntimeDefault"
    }
    assert fix.left == ()


def test_an_annotation_stays_where_nothing_is_found_about_it() -> None:
    value = pod(ONE, **{POD: "unconfined"})
    assert fixed(value, "privileged").changes == ()


def test_servers_that_read_annotations_keep_them() -> None:
    fix = fixed(pod(ONE, **{POD: "runtime/default"}), "privileged", "1.26")
    assert fix.changes == ()


WINDOWS = "nodeSelector: {kubernetes.io/os: windows}\n"


def test_a_pod_for_windows_says_so() -> None:
    value = pod(
        f"{WINDOWS}hostUsers: true\nsecurityContext: {{fsGroup: 7, runAsNonRoot: true}}\n"
        "containers: [{name: a, image: i, securityContext: {runAsUser: 5, privileged: false}}]"
    )
    fix = fixed(value, "restricted")
    assert [(change.kind, change.what) for change in fix.changes] == [
        ("same", "os.name: windows, remove hostUsers, fsGroup, runAsUser, privileged")
    ]
    after = f"{WINDOWS}os: {{name: windows}}\nsecurityContext: {{runAsNonRoot: true}}\n{ONE}"
    assert fix.value == pod(after)
    assert fix.left == ()


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("restricted:v1.24", WINDOWS + ONE),
        ("baseline", WINDOWS + ONE),
        ("restricted", "nodeSelector: {kubernetes.io/os: linux}\n" + ONE),
        ("restricted", ONE),
    ],
)
def test_where_it_would_not_help_nothing_is_said(level: str, text: str) -> None:
    assert "os" not in fixed(pod(text), level).value["spec"]


def test_what_was_emptied_goes_and_what_was_empty_stays() -> None:
    value = pod(
        "securityContext: {runAsUser: 0}\nhostPID: true\n"
        "containers: [{name: a, image: i, securityContext: {privileged: true}}, "
        "{name: b, image: i, securityContext: {}}, "
        "{name: c, image: i, securityContext: {capabilities: {add: [SYS_ADMIN]}}}, "
        "{name: d, image: i, securityContext: {seLinuxOptions: {type: spc_t}}}]"
    )
    fix = fixed(value, "baseline")
    assert fix.left == ()
    assert fix.value["spec"] == yaml.safe_load(
        "securityContext: {runAsUser: 0}\n"
        "containers: [{name: a, image: i}, {name: b, image: i, securityContext: {}}, {name: c, image: i}, "
        "{name: d, image: i, securityContext: {seLinuxOptions: {}}}]"
    )
