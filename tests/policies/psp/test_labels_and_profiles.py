"""SELinux, seccomp and AppArmor."""

from typing import Any

import pytest

from .trial import pod, policy, trial

_SC = "spec.containers[0].securityContext"
_MUST = {
    "rule": "MustRunAs",
    "seLinuxOptions": {"user": "u", "role": "r", "type": "t", "level": "s0:c1,c2"},
}
_SECCOMP = "seccomp.security.alpha.kubernetes.io/"
_APPARMOR = "apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = f"pod.metadata.annotations[{_SECCOMP}pod]"
_SECCOMP_C = f"pod.metadata.annotations[container.{_SECCOMP}c]"
_APPARMOR_C = f"pod.metadata.annotations[container.{_APPARMOR}c]"


def test_selinux_is_written_once_and_on_the_pod() -> None:
    errors, edits = trial(policy(seLinux=_MUST), pod())
    assert errors == []
    assert edits == {"securityContext.seLinuxOptions": (_MUST["seLinuxOptions"], "seLinux.seLinuxOptions")}


def test_selinux_categories_may_stand_in_any_order() -> None:
    options = {"user": "u", "role": "r", "type": "t", "level": "s0:c2,c1"}
    assert trial(policy(seLinux=_MUST), pod(securityContext={"seLinuxOptions": options})) == ([], {})


def test_selinux_names_each_part_that_differs() -> None:
    context = {"seLinuxOptions": {"level": "s1:c1,c2", "role": "x", "type": "y", "user": "z"}}
    errors, _ = trial(
        policy(seLinux=_MUST), pod(context, securityContext={"seLinuxOptions": _MUST["seLinuxOptions"]})
    )
    assert errors == [
        f'{_SC}.seLinuxOptions.level: Invalid value: "s1:c1,c2": must be s0:c1,c2',
        f'{_SC}.seLinuxOptions.role: Invalid value: "x": must be r',
        f'{_SC}.seLinuxOptions.type: Invalid value: "y": must be t',
        f'{_SC}.seLinuxOptions.user: Invalid value: "z": must be u',
    ]


@pytest.mark.parametrize(
    ("allowed", "default", "profile", "errors", "edits"),
    [
        (None, None, None, [], {}),
        (
            None,
            None,
            "unconfined",
            [
                f"{_SECCOMP_POD}: Forbidden: seccomp may not be set",
                f"{_SECCOMP_C}: Forbidden: seccomp may not be set",
            ],
            {},
        ),
        ("*", None, "localhost/x", [], {}),
        ("docker/default", None, "runtime/default", [], {}),
        ("runtime/default", None, "docker/default", [], {}),
        (
            "runtime/default,unconfined",
            "unconfined",
            None,
            [],
            {
                f"metadata.annotations.{_SECCOMP}pod": (
                    "unconfined",
                    f"annotations[{_SECCOMP}defaultProfileName]",
                )
            },
        ),
        (
            "localhost/a",
            None,
            None,
            [
                f"{where}: Forbidden:  is not an allowed seccomp profile. Valid values are localhost/a"
                for where in (_SECCOMP_POD, _SECCOMP_C)
            ],
            {},
        ),
    ],
)
def test_seccomp(
    allowed: str | None, default: str | None, profile: str | None, errors: list[str], edits: dict[str, Any]
) -> None:
    annotations = {
        f"{_SECCOMP}{key}": value
        for key, value in (("allowedProfileNames", allowed), ("defaultProfileName", default))
        if value is not None
    }
    of_pod = {} if profile is None else {f"{_SECCOMP}pod": profile}
    assert trial(policy(annotations), pod(annotations=of_pod)) == (errors, edits)


def test_a_pod_that_sets_the_field_is_changed_under_every_policy() -> None:
    context = {"seccompProfile": {"type": "RuntimeDefault"}}
    errors, edits = trial(policy({f"{_SECCOMP}allowedProfileNames": "*"}), pod(securityContext=context))
    assert errors == []
    assert [value for value, _ in edits.values()] == ["runtime/default"]


def test_a_containers_field_counts_before_its_annotation() -> None:
    found, _ = trial(
        policy({f"{_SECCOMP}allowedProfileNames": "runtime/default,"}),
        pod(
            {"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}},
            annotations={f"container.{_SECCOMP}c": "runtime/default"},
        ),
    )
    assert found == [
        f"{_SECCOMP_C}: Forbidden: localhost/x is not an allowed seccomp profile. "
        "Valid values are runtime/default,"
    ]


@pytest.mark.parametrize(
    ("allowed", "default", "profile", "errors", "edits"),
    [
        (None, None, "unconfined", [], {}),
        ("runtime/default", None, "runtime/default", [], {}),
        ("runtime/default", None, None, [f"{_APPARMOR_C}: Forbidden: AppArmor profile must be set"], {}),
        (
            "runtime/default,localhost/a",
            None,
            "unconfined",
            [
                f"{_APPARMOR_C}: Forbidden: unconfined is not an allowed profile. "
                'Allowed values: "runtime/default,localhost/a"'
            ],
            {},
        ),
        (
            "runtime/default",
            "runtime/default",
            "",
            [],
            {
                f"metadata.annotations.container.{_APPARMOR}c": (
                    "runtime/default",
                    f"annotations[{_APPARMOR}defaultProfileName]",
                )
            },
        ),
    ],
)
def test_app_armor(
    allowed: str | None, default: str | None, profile: str | None, errors: list[str], edits: dict[str, Any]
) -> None:
    annotations = {
        f"{_APPARMOR}{key}": value
        for key, value in (("allowedProfileNames", allowed), ("defaultProfileName", default))
        if value is not None
    }
    of_pod = {} if profile is None else {f"container.{_APPARMOR}c": profile}
    assert trial(policy(annotations), pod(annotations=of_pod)) == (errors, edits)
