"""Which users containers have when an object has become another one, without the judge's being asked."""

from typing import Any

import pytest
from planned_pods import pod_to_fix

from podproof.effective.image import ImageConfig
from podproof.effective.users import requested_user, resolve_run_as_non_root
from podproof.fixes.users import UidRange, foresee_users, plan_users

SPEC = "containers: [{name: a, image: five}, {name: b, image: five}]"
IMAGES = {"five": ImageConfig(user="5", passwd="", group="")}


def foreseen(spec: Any, before: str = SPEC) -> list[tuple[Any, Any]]:
    """Give by container the user that is asked for, and whether it must not be root."""
    _, pod = pod_to_fix(before, IMAGES)
    after = foresee_users(pod, {"spec": spec})
    assert (after.spec, after.containers, after.places) == (pod.spec, pod.containers, pod.places)
    assert isinstance(after.processes, tuple)
    return [
        (requested_user(process.placed).uid, resolve_run_as_non_root(process.placed).value)
        for process in after.processes
    ]


def context(pod: Any = None, a: Any = None, b: Any = None) -> dict[str, Any]:
    return {"securityContext": pod, "containers": [{"securityContext": a}, {"securityContext": b}]}


@pytest.mark.parametrize(
    ("spec", "users"),
    [
        (context(), [(5, None), (5, None)]),
        (context(a={"runAsUser": 7}), [(7, None), (5, None)]),
        (context(b={"runAsUser": 0}), [(5, None), (0, None)]),
        (context(a={"runAsNonRoot": True}), [(5, True), (5, None)]),
        (context({"runAsUser": 7}), [(7, None), (7, None)]),
        (context({"runAsNonRoot": True}), [(5, True), (5, True)]),
        (context({"runAsUser": 7, "runAsNonRoot": True}, {"runAsUser": 8, "runAsNonRoot": False}),
         [(8, False), (7, True)]),
        # what has a wrong type is none
        (context({"runAsUser": "7", "runAsNonRoot": "true"}), [(5, None), (5, None)]),
        (context({"runAsUser": True, "runAsNonRoot": 1}), [(5, None), (5, None)]),
        (context({"runAsUser": None, "runAsNonRoot": None}), [(5, None), (5, None)]),
        (context("runAsUser", [7]), [(5, None), (5, None)]),
        ({}, [(5, None), (5, None)]),
    ],
)  # fmt: skip
def test_what_is_asked_for(spec: Any, users: list[tuple[Any, Any]]) -> None:
    assert foreseen(spec) == users


@pytest.mark.parametrize("name", ["runAsUser: 7", "runAsNonRoot: true"])
@pytest.mark.parametrize("where", ["pod", "container"])
def test_what_was_asked_for_and_goes_is_asked_no_more(name: str, where: str) -> None:
    before = (
        f"securityContext: {{{name}}}\n{SPEC}"
        if where == "pod"
        else SPEC.replace("image: five}", f"image: five, securityContext: {{{name}}}}}")
    )
    assert foreseen(context(), before) == [(5, None), (5, None)]


def test_a_process_that_is_asked_for_nothing_else_is_the_same() -> None:
    """Nothing of it has to be worked out again, and it keeps all else that is known of it."""
    _, pod = pod_to_fix(f"securityContext: {{runAsUser: 7}}\n{SPEC}", IMAGES)
    a, b = foresee_users(
        pod, {"spec": context({"runAsUser": 7}, {"runAsUser": 8, "privileged": True})}
    ).processes
    assert b is pod.processes[1]
    assert a.placed.context.privileged is None
    assert (a.uid.value, a.placed.image) == (8, IMAGES["five"])


def test_volumes_are_shared_whole_or_by_their_parts() -> None:
    """A container may mount the whole volume and a part of it; who writes to either writes to both."""

    def users(*mounts: str) -> list[int]:
        containers = ", ".join(
            f"{{name: {name}, image: i, volumeMounts: [{those}]}}"
            for name, those in zip("abc", mounts, strict=False)
        )
        spec = (
            f"securityContext: {{runAsNonRoot: true}}\ncontainers: [{containers}]\n"
            "volumes: [{name: v, emptyDir: {}}, {name: w, emptyDir: {}}]"
        )
        value, pod = pod_to_fix(spec)
        changes = plan_users(value, pod, ("", "Pod", "p"), pod.places, UidRange())
        return [change.edits[0].value for change in changes]

    whole, part = "{name: v, mountPath: /x}", "{name: v, mountPath: /y, subPath: s}"
    by_expression = "{name: v, mountPath: /y, subPathExpr: s}"
    for mounts, number in (
        ([f"{whole}, {part}", part], 1),
        ([f"{part}, {whole}", "{name: v, mountPath: /z, subPath: t}"], 1),
        ([part, "{name: v, mountPath: /z, subPath: t}"], 2),
        ([part, part], 1),
        ([by_expression, by_expression], 1),
        ([by_expression, "{name: v, mountPath: /z, subPathExpr: t}"], 2),
        ([part, "{name: w, mountPath: /y, subPath: s}"], 2),
        # a volume that the pod does not have, as its controller may make it
        (["{name: n, mountPath: /n}", "{name: n, mountPath: /n}"], 1),
    ):
        assert len(set(users(*mounts))) == number, mounts
