"""How `fix` searches for a plan that works, with runs that a table decides instead of an engine."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from podproof.findings import ContainerRef
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions, Tried, make_fix_options
from podproof.session.fix.trial import TrialOfObject, try_fix
from podproof.session.fix.trial_messages import refusals_in
from podproof.session.fix.trial_seen import NotRun, SeenRun
from podproof.session.judging.settings import make_judge

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
ONE = "containers: [{name: a, image: i}]"
TWO = "containers: [{name: a, image: i}, {name: b, image: i}]"
ADVICE = make_fix_options((), no_guess=False, uid_range=(1, 2), all_advice=True).asked


class Layers:
    """An image with an empty /data of a user's, and content everywhere else."""

    mounts = frozenset(("/mounted",))

    def __init__(self, owner: int = 0) -> None:
        self._owner = owner

    def folder_for(self, path: str) -> str | None:
        return "/data" if path.startswith("/data/") else None

    def owner_of(self, path: str) -> int | None:
        return self._owner


class Table:
    """Runs by a function of the spec that gives what the first container prints before it fails."""

    def __init__(self, fails: Callable[[Any], str], owner: int = 0, written: Any = None) -> None:
        self._fails, self._layers, self._written = fails, Layers(owner), written or {}
        self.runs: list[Any] = []

    def run(self, value: Any, before: SeenRun | None = None) -> SeenRun:
        self.runs.append(value)
        line = self._fails(value["spec"])
        layers = {"a": self._layers}
        if not line:
            return SeenRun(how="ready", layers=layers, written=self._written)
        return SeenRun(
            failure="exit code 1", container="a", lines=(line,), refused=refusals_in([line]), layers=layers
        )


def tried(table: Any, text: str = ONE, asked: frozenset[str] = frozenset()) -> TrialOfObject:
    value = {**POD, "spec": yaml.safe_load(text)}
    judge = make_judge(
        ProjectConfiguration(),
        level="restricted",
        kubernetes_version=None,
        runtime=None,
        images={},
        node=None,
        feature_gates=(),
    )
    before = judge.judge(value)

    def plan(known: Tried) -> ObjectFix:
        options = FixOptions(asked=asked, tried=known)
        return fix_object(value, before, judge, options, lambda check: True, lambda finding: False, None)

    return try_fix(value, plan(Tried()), plan, table)


def context(spec: Any, index: int = 0) -> dict[str, Any]:
    """What counts for a container: its own security context over the pod's."""
    own = spec["containers"][index].get("securityContext") or {}
    return {**(spec.get("securityContext") or {}), **own}


def taken_back(trial: TrialOfObject) -> dict[str, str]:
    return {change.what.removeprefix("securityContext."): reason for change, reason in trial.fixed.taken_back}


def dropped(spec: Any) -> bool:
    return bool(context(spec).get("capabilities"))


def user(spec: Any) -> int:
    return int(context(spec).get("runAsUser") or 0)


def test_what_works_is_shown() -> None:
    table = Table(lambda spec: "")
    trial = tried(table)
    assert {change.shown for change in trial.fixed.changes} == {"ready"}
    assert (trial.before, trial.after, trial.tries, trial.not_concluded) == ("ready", "ready", 2, "")
    assert (len(table.runs), taken_back(trial)) == (2, {})


def test_what_failed_before_shows_nothing() -> None:
    trial = tried(Table(lambda spec: "no database"))
    assert trial.not_concluded == "it failed before any change"
    assert (trial.before, trial.after, trial.tries) == ("exit code 1: no database", "", 1)
    assert {change.shown for change in trial.fixed.changes} == {""}


def test_what_cannot_be_run_shows_nothing() -> None:
    class Nothing:
        def run(self, value: Any, before: SeenRun | None = None) -> SeenRun:
            raise NotRun("image i is not at hand")

    trial = tried(Nothing())
    assert (trial.not_concluded, trial.tries) == ("image i is not at hand", 0)
    assert len(trial.fixed.changes) == 5


def test_nothing_to_change_is_not_run() -> None:
    table = Table(lambda spec: "")
    assert tried(table, "containers: []").tries == 0
    assert table.runs == []


@pytest.mark.parametrize(
    ("fails", "back", "tries"),
    [
        (lambda spec: "chown: Operation not permitted" if dropped(spec) else "",
         {"capabilities.drop: [ALL]"}, 3),
        (lambda spec: "seccomp" if context(spec).get("seccompProfile") else "",
         {"seccompProfile: {type: RuntimeDefault}"}, 6),
        (lambda spec: "/etc/x: Permission denied" if user(spec) else "",
         {"runAsNonRoot: true", "runAsUser: 50057"}, 3),
        (lambda spec: "chown: Operation not permitted" if user(spec) or dropped(spec) else "",
         {"runAsNonRoot: true", "runAsUser: 50057", "capabilities.drop: [ALL]"}, 11),
    ],
)  # fmt: skip
def test_a_smallest_set_is_taken_back(fails: Callable[[Any], str], back: set[str], tries: int) -> None:
    trial = tried(Table(fails))
    assert set(taken_back(trial)) == back
    assert all(reason.startswith("exit code 1: ") for reason in taken_back(trial).values())
    assert {change.shown for change in trial.fixed.changes} == {"ready"}
    assert trial.tries == tries
    assert len(trial.fixed.changes) + len(back) == 5


def test_changes_of_the_other_container_stay() -> None:
    trial = tried(Table(lambda spec: "/etc/x: Permission denied" if user(spec) else ""), TWO)
    assert {change.container for change, _ in trial.fixed.taken_back} == {ContainerRef("a", "container")}
    spec = trial.fixed.value["spec"]
    assert "runAsUser" not in context(spec)
    assert context(spec, 1)["runAsNonRoot"] is True
    assert context(spec, 1)["runAsUser"] > 0


def test_a_missing_volume_is_added() -> None:
    def fails(spec: Any) -> str:
        mounts = spec["containers"][0].get("volumeMounts") or ()
        writable = any(mount["mountPath"] == "/data" for mount in mounts)
        return "open /data/x: permission denied" if user(spec) and not writable else ""

    trial = tried(Table(fails))
    assert taken_back(trial) == {}
    assert "an emptyDir at /data" in {change.what for change in trial.fixed.changes}
    assert trial.tries == 3


def test_a_volume_goes_with_the_user_who_needed_it() -> None:
    def fails(spec: Any) -> str:
        mounts = spec["containers"][0].get("volumeMounts") or ()
        writable = any(mount["mountPath"] == "/data" for mount in mounts)
        if not user(spec):
            return ""
        return "/etc/x: Permission denied" if writable else "/data/x: Permission denied"

    trial = tried(Table(fails))
    assert set(taken_back(trial)) == {"runAsNonRoot: true", "runAsUser: 50057"}
    assert "volumes" not in trial.fixed.value["spec"]


def test_the_owner_of_the_folder_is_the_user() -> None:
    def fails(spec: Any) -> str:
        return "/data/x: Permission denied" if user(spec) not in (0, 999) else ""

    trial = tried(Table(fails, owner=999))
    assert taken_back(trial) == {}
    assert user(trial.fixed.value["spec"]) == 999
    (change,) = (each for each in trial.fixed.changes if "runAsUser" in each.what)
    assert change.why == "the image gives /data/x to user 999, who was seen to need it"


def test_a_read_only_root_gets_what_was_written_before() -> None:
    trial = tried(Table(lambda spec: "", written={"a": ("/data", "/run/x")}), asked=ADVICE)
    mounts = trial.fixed.value["spec"]["containers"][0]["volumeMounts"]
    assert [mount["mountPath"] for mount in mounts] == ["/data", "/run/x"]
    assert trial.tries == 2


def test_a_read_only_root_is_taken_back_with_its_volumes() -> None:
    def fails(spec: Any) -> str:
        return "/app/x: Read-only file system" if context(spec).get("readOnlyRootFilesystem") else ""

    trial = tried(Table(fails, written={"a": ("/data",)}), asked=ADVICE)
    assert len(taken_back(trial)) == 1
    assert all(what.startswith("readOnlyRootFilesystem: true") for what in taken_back(trial))
    assert "volumes" not in trial.fixed.value["spec"]
    assert len(trial.fixed.changes) == 5


def test_what_fails_whatever_is_taken_back_shows_nothing() -> None:
    runs: list[Any] = []

    def fails(spec: Any) -> str:
        runs.append(spec)
        return "flaky" if len(runs) > 1 else ""

    trial = tried(Table(fails))
    assert trial.not_concluded.startswith("it fails even without the changes: exit code 1: flaky")
    assert {change.shown for change in trial.fixed.changes} == {""}
    assert taken_back(trial) == {}


def test_runs_are_bounded() -> None:
    many = ", ".join(f"{{name: c{index}, image: i}}" for index in range(30))
    text = f"containers: [{{name: a, image: i}}, {many}]"
    trial = tried(Table(lambda spec: "x" if dropped(spec) and user(spec) else ""), text)
    assert trial.tries <= 32
    assert taken_back(trial)


def test_what_only_the_pod_has_is_taken_back_with_the_rest_kept() -> None:
    trial = tried(
        Table(lambda spec: "" if spec.get("hostIPC") else "no memory is shared"), "hostIPC: true\n" + TWO
    )
    assert [(change.what, change.container) for change, _ in trial.fixed.taken_back] == [
        ("remove hostIPC", None)
    ]
    assert dropped(trial.fixed.value["spec"])
    assert user(trial.fixed.value["spec"])
