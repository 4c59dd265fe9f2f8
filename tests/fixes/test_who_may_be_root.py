"""Who is asked not to be root, and given a user for it, by what is known of its image and may be guessed."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from test_decisions import GOOD, IMAGES, decided

from podproof.findings import ContainerRef
from podproof.fixes.users import UidRange
from podproof.fixes.volumes import Written
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions, Tried
from podproof.session.judging.settings import make_judge

SECCOMP = "seccompProfile: {type: RuntimeDefault}"


def mended(
    spec: str,
    metadata: Any = None,
    kind: str = "Pod",
    reports: Callable[[str], bool] = lambda check: True,
    **options: Any,
) -> ObjectFix:
    value: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": yaml.safe_load(spec),
    }
    if kind != "Pod":
        template = {"metadata": {"labels": {"a": "b"}}, "spec": value["spec"]}
        inner = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        whole = {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": inner}
        value = whole if kind else template
    judge = make_judge(ProjectConfiguration(), level="restricted", images=IMAGES)
    return fix_object(
        value,
        judge.judge(value, reports=reports),
        judge,
        FixOptions(**options),
        reports,
        lambda finding: False,
        None,
    )


def container(name: str, image: str, context: str = "") -> str:
    return f"{{name: {name}, image: {image}, securityContext: {{{GOOD}{context}}}}}"


NO_GUESS = frozenset(("same", "tighter"))


@pytest.mark.parametrize(
    ("pod", "containers", "changes"),
    [
        # known to be root: it would not start
        ("", [container("a", "root")], []),
        ("", [container("a", "number", ", runAsUser: 0")],
         ["a tighter remove runAsUser", "a tighter runAsNonRoot: true"]),
        ("", [container("a", "root", ", runAsUser: 1")], ["a tighter runAsNonRoot: true"]),
        # a user of its own, by number or by name
        ("", [container("a", "number")], ["a tighter runAsNonRoot: true"]),
        ("", [container("a", "name")], ["a same runAsUser: 101", "a tighter runAsNonRoot: true"]),
        # not known: it may start
        ("", [container("a", "other")], ["a tighter runAsNonRoot: true"]),
        # each by its own image
        ("", [container("a", "root"), container("b", "number")], ["b tighter runAsNonRoot: true"]),
        ("", [container("a", "number"), container("b", "root")], ["a tighter runAsNonRoot: true"]),
        # what the pod says is for all of them
        (", runAsNonRoot: false", [container("a", "number"), container("b", "number")],
         ["pod tighter runAsNonRoot: true"]),
        (", runAsNonRoot: false", [container("a", "number"), container("b", "root")], []),
        (", runAsNonRoot: false", [container("a", "root"), container("b", "number")], []),
        # other controls are mended all the same
        ("", [container("a", "root").replace("drop: [ALL]", "drop: [KILL]")],
         ["a tighter capabilities.drop: [ALL]"]),
    ],
)  # fmt: skip
def test_without_guesses_nobody_is_kept_from_starting(
    pod: str, containers: list[str], changes: list[str]
) -> None:
    spec = f"securityContext: {{{SECCOMP}{pod}}}\ncontainers: [{', '.join(containers)}]"
    assert decided(mended(spec, {"name": "p"}, kinds=NO_GUESS)) == changes


@pytest.mark.parametrize(
    ("images", "changes"),
    [
        (["number", "number"], ["pod tighter runAsNonRoot: true"]),
        (["number", "root"], []),
        (["root", "number"], []),
        (["root", "root"], []),
    ],
)
def test_where_nobody_asked_whether_it_starts_it_does_all_the_same(
    images: list[str], changes: list[str]
) -> None:
    containers = ", ".join(container(name, image) for name, image in zip("ab", images, strict=True))
    spec = f"securityContext: {{{SECCOMP}, runAsNonRoot: false}}\ncontainers: [{containers}]"
    fix = mended(spec, {"name": "p"}, reports="run-as-non-root".__eq__, kinds=NO_GUESS)
    assert (decided(fix), fix.worse) == (changes, "")


@pytest.mark.parametrize(
    ("metadata", "kind", "owner"),
    [
        ({"name": "p", "namespace": "shop"}, "Pod", ("shop", "Pod", "p")),
        ({"name": "p"}, "Pod", ("", "Pod", "p")),
        ({}, "Pod", ("", "Pod", "")),
        ({"name": "web", "namespace": "shop"}, "Deployment", ("shop", "Deployment", "web")),
        # a piece of a manifest
        (None, "", ("", "", "")),
    ],
)
def test_a_guessed_user_hangs_on_the_name_of_the_object(
    metadata: Any, kind: str, owner: tuple[str, str, str]
) -> None:
    spec = f"securityContext: {{{SECCOMP}}}\ncontainers: [{container('a', 'root')}, {container('b', 'root')}]"
    users = {
        change.container.name: change.edits[0].value
        for change in mended(spec, metadata, kind).changes
        if change.container and change.kind == "guess"
    }
    assert users == {name: UidRange().pick(*owner, name) for name in "ab"}


@pytest.mark.parametrize(
    ("pod", "containers", "users"),
    [
        # what nothing was changed about keeps its user, though it may not start
        ("runAsNonRoot: true", ["root", "other"], []),
        ("runAsNonRoot: true", ["root", "root, securityContext: {runAsUser: 0}"], ["b"]),
        (
            "runAsNonRoot: true",
            ["root", "root, runAsNonRoot: true, securityContext: {runAsNonRoot: true}"],
            [],
        ),
        ("runAsNonRoot: false", ["root", "other"], ["a", "b"]),
        ("runAsUser: 0", ["root", "other"], ["a", "b"]),
    ],
)
def test_only_those_that_changes_concern_are_given_a_user(
    pod: str, containers: list[str], users: list[str]
) -> None:
    written = ", ".join(f"{{name: {name}, image: {one}}}" for name, one in zip("ab", containers, strict=True))
    fix = mended(f"securityContext: {{{SECCOMP}, {pod}}}\ncontainers: [{written}]", {"name": "p"})
    given = [
        change.container.name
        for change in fix.changes
        if change.container and change.edits[-1].route[-1] == "runAsUser" and change.edits[-1].value
    ]
    assert given == users


def test_who_gets_volumes_for_another_user_is_given_one() -> None:
    """A trial showed what a user other than root has to write to: the container is one that needs a user."""
    spec = f"securityContext: {{runAsNonRoot: true, {SECCOMP}}}\ncontainers: [{container('a', 'root')}]"
    written = {ContainerRef("a", "container"): Written(("/data",), "seen")}
    assert decided(mended(spec, {"name": "p"}, tried=Tried(written=written), uids=UidRange(9, 9))) == [
        "a guess runAsUser: 9",
        "a tighter an emptyDir at /data",
    ]
    assert decided(mended(spec, {"name": "p"})) == []
