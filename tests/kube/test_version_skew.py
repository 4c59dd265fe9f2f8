"""Seccomp annotations and fields follow each other on servers from 1.19 to 1.26, on new pods."""

import copy
from typing import Any

import pytest

from podproof.kube.field_error import FieldError
from podproof.kube.version_skew import (
    has_apparmor_field,
    leave_out_later_rules,
    seccomp_annotation,
    with_version_skew,
)

Pod = dict[str, Any]
POD = "seccomp.security.alpha.kubernetes.io/pod"
AT = "container.seccomp.security.alpha.kubernetes.io/"


def _pod(annotations: Any = None, context: Any = None, **containers: Any) -> Pod:
    spec: Pod = {} if context is None else {"securityContext": context}
    for kind, own in containers.items():
        spec[kind] = [{"name": "c"} if own is None else {"name": "c", "securityContext": own}]
    return {"metadata": {} if annotations is None else {"annotations": annotations}, "spec": spec}


PROFILES = [
    ("unconfined", {"type": "Unconfined"}),
    ("runtime/default", {"type": "RuntimeDefault"}),
    ("localhost/a", {"type": "Localhost", "localhostProfile": "a"}),
]


@pytest.mark.parametrize(("annotation", "profile"), PROFILES)
def test_a_field_gets_its_annotation(annotation: str, profile: Pod) -> None:
    context = {"seccompProfile": profile}
    assert seccomp_annotation(profile) == annotation
    assert with_version_skew(_pod(context=context), 24) == _pod({POD: annotation}, context)
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        assert with_version_skew(_pod(**{kind: context}), 24) == _pod(
            {AT + "c": annotation}, **{kind: context}
        )


@pytest.mark.parametrize(
    ("annotation", "profile"), [*PROFILES, ("docker/default", {"type": "RuntimeDefault"})]
)
def test_an_annotation_gets_its_field(annotation: str, profile: Pod) -> None:
    context = {"seccompProfile": profile}
    assert with_version_skew(_pod({POD: annotation}), 24) == _pod({POD: annotation}, context)
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        annotations = {AT + "c": annotation}
        assert with_version_skew(_pod(annotations, **{kind: None}), 24) == _pod(
            annotations, **{kind: context}
        )
    other = {"runAsUser": 1}
    assert with_version_skew(_pod({POD: annotation}, other), 24) == _pod(
        {POD: annotation}, {**other, **context}
    )


@pytest.mark.parametrize(
    "pod",
    [
        _pod({POD: "odd"}),
        _pod({POD: "localhost/"}),
        _pod({POD: ""}),
        _pod({POD: None}),
        _pod({POD: "unconfined"}, {"seccompProfile": {"type": "RuntimeDefault"}}),
        _pod({}, {"seccompProfile": {"type": "Localhost"}}),
        _pod({}, {"seccompProfile": {"type": "Odd"}}),
        _pod({}, {"seccompProfile": {}}),
        _pod({AT + "d": "unconfined"}, containers=None),
        _pod({"a": "unconfined"}, containers=None),
        _pod({}, {"runAsUser": 1}),
    ],
)
def test_what_stays_as_it_is(pod: Pod) -> None:
    assert with_version_skew(pod, 24) == pod


@pytest.mark.parametrize("version", [18, 19, 26, 27, 37])
def test_which_versions_do(version: int) -> None:
    pod = _pod({"a": "b"}, {"seccompProfile": {"type": "Unconfined"}}, containers={"runAsUser": 1})
    before = copy.deepcopy(pod)
    completed = with_version_skew(pod, version)
    assert pod == before
    annotations = {"a": "b", POD: "unconfined"} if 19 <= version <= 26 else {"a": "b"}
    assert completed["metadata"]["annotations"] == annotations


def test_a_pod_without_anything() -> None:
    assert with_version_skew({}, 24) == {"metadata": {}, "spec": {}}
    nameless = {"spec": {"containers": [{}]}, "metadata": {"annotations": {AT: "unconfined"}}}
    context = {"seccompProfile": {"type": "Unconfined"}}
    assert with_version_skew(nameless, 24)["spec"]["containers"] == [{"securityContext": context}]


def test_apparmor_has_a_field_from_1_30_on() -> None:
    assert [version for version in range(28, 33) if has_apparmor_field(version)] == [30, 31, 32]


PROC_MOUNT = "`hostUsers` must be false to use `Unmasked`"
SYSCTLS = ["may not be specified when 'hostNetwork' is true", "may not be specified when 'hostIPC' is true"]


@pytest.mark.parametrize(
    ("version", "left"),
    [(24, ["a"]), (25, [*SYSCTLS, "a"]), (29, [*SYSCTLS, "a"]), (30, [PROC_MOUNT, *SYSCTLS, "a"])],
)
def test_rules_that_a_version_does_not_have_yet(version: int, left: list[str]) -> None:
    errors = [FieldError("Forbidden", ("spec",), None, text) for text in (PROC_MOUNT, *SYSCTLS, "a")]
    assert [error.detail for error in leave_out_later_rules(errors, version)] == left
