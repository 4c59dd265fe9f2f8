"""Users and groups: runAsUser, runAsGroup, supplementalGroups, fsGroup."""

from typing import Any

import pytest

from .trial import pod, policy, trial

_SC = "spec.containers[0].securityContext"
_RANGES = [{"min": 1, "max": 5}, {"min": 10, "max": 10}]
_MUST = {"rule": "MustRunAs", "ranges": _RANGES}
_MAY = {"rule": "MayRunAs", "ranges": _RANGES}
_NON_ROOT = {"rule": "MustRunAsNonRoot"}


@pytest.mark.parametrize(
    ("strategy", "context", "errors", "edits"),
    [
        ({"rule": "RunAsAny"}, {"runAsUser": 0}, [], {}),
        (_MUST, {"runAsUser": 1}, [], {}),
        (_MUST, {"runAsUser": 5}, [], {}),
        (_MUST, {"runAsUser": 10}, [], {}),
        (
            _MUST,
            {"runAsUser": 6},
            [f"{_SC}.runAsUser: Invalid value: 6: must be in the ranges: [{{1 5}} {{10 10}}]"],
            {},
        ),
        (
            _MUST,
            {"runAsUser": 0},
            [f"{_SC}.runAsUser: Invalid value: 0: must be in the ranges: [{{1 5}} {{10 10}}]"],
            {},
        ),
        (_MUST, None, [], {"containers.0.securityContext.runAsUser": (1, "runAsUser.ranges[0]")}),
        (_NON_ROOT, None, [], {"containers.0.securityContext.runAsNonRoot": (True, "runAsUser.rule")}),
        (_NON_ROOT, {"runAsUser": 7}, [], {}),
        (
            _NON_ROOT,
            {"runAsUser": 0},
            [f"{_SC}.runAsUser: Invalid value: 0: running with the root UID is forbidden"],
            {},
        ),
        (
            _NON_ROOT,
            {"runAsNonRoot": False, "runAsUser": 0},
            [f"{_SC}.runAsNonRoot: Invalid value: false: must be true"],
            {},
        ),
        (_NON_ROOT, {"runAsNonRoot": True}, [], {}),
    ],
)
def test_run_as_user(
    strategy: dict[str, Any], context: dict[str, Any] | None, errors: list[str], edits: dict[str, Any]
) -> None:
    assert trial(policy(runAsUser=strategy), pod(context)) == (errors, edits)


def test_the_pods_user_counts_where_the_container_has_none() -> None:
    assert trial(policy(runAsUser=_MUST), pod(securityContext={"runAsUser": 3})) == ([], {})


def test_the_containers_user_counts_before_the_pods() -> None:
    errors, edits = trial(policy(runAsUser=_MUST), pod({"runAsUser": 99}, securityContext={"runAsUser": 3}))
    assert (len(errors), edits) == (1, {})


@pytest.mark.parametrize(
    ("strategy", "group", "errors", "edits"),
    [
        (None, 0, [], {}),
        ({"rule": "RunAsAny"}, 0, [], {}),
        (_MUST, 3, [], {}),
        (_MUST, None, [], {"containers.0.securityContext.runAsGroup": (1, "runAsGroup.ranges[0]")}),
        (_MAY, None, [], {}),
        (
            _MAY,
            7,
            [f"{_SC}: Invalid value: []int64{{7}}: group 7 must be in the ranges: [{{1 5}} {{10 10}}]"],
            {},
        ),
    ],
)
def test_run_as_group(
    strategy: dict[str, Any] | None, group: int | None, errors: list[str], edits: dict[str, Any]
) -> None:
    context = None if group is None else {"runAsGroup": group}
    assert trial(policy(runAsGroup=strategy), pod(context)) == (errors, edits)


@pytest.mark.parametrize(
    ("strategy", "groups", "errors", "edits"),
    [
        ({"rule": "RunAsAny"}, [0], [], {}),
        (_MAY, None, [], {}),
        (_MAY, [], [], {}),
        (_MUST, [2, 10], [], {}),
        (_MUST, None, [], {"securityContext.supplementalGroups": ([1], "supplementalGroups.ranges[0]")}),
        (
            _MUST,
            [],
            [
                "spec.securityContext.supplementalGroups: Invalid value: []int64{}: "
                "unable to validate empty groups against required ranges"
            ],
            {},
        ),
        (
            _MUST,
            [1, 6, 7],
            [
                f"spec.securityContext.supplementalGroups: Invalid value: []int64{{1, 6, 7}}: "
                f"group {group} must be in the ranges: [{{1 5}} {{10 10}}]"
                for group in (6, 7)
            ],
            {},
        ),
    ],
)
def test_supplemental_groups(
    strategy: dict[str, Any], groups: list[int] | None, errors: list[str], edits: dict[str, Any]
) -> None:
    context = {} if groups is None else {"supplementalGroups": groups}
    assert trial(policy(supplementalGroups=strategy), pod(securityContext=context)) == (errors, edits)


@pytest.mark.parametrize(
    ("strategy", "group", "errors", "edits"),
    [
        ({"rule": "RunAsAny"}, None, [], {}),
        (_MAY, None, [], {}),
        (_MUST, None, [], {"securityContext.fsGroup": (1, "fsGroup.ranges[0]")}),
        (
            _MUST,
            999,
            [
                "spec.securityContext.fsGroup: Invalid value: []int64{999}: "
                "group 999 must be in the ranges: [{1 5} {10 10}]"
            ],
            {},
        ),
    ],
)
def test_fs_group(
    strategy: dict[str, Any], group: int | None, errors: list[str], edits: dict[str, Any]
) -> None:
    context = {} if group is None else {"fsGroup": group}
    assert trial(policy(fsGroup=strategy), pod(securityContext=context)) == (errors, edits)
