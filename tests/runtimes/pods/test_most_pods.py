"""More pods than a node takes: some run at a time, and the others when there is room again."""

from collections.abc import Sequence
from typing import Any

import pytest

from podproof.effective.setting import Setting
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.runtimes.pods.values import PodSnapshot, RunOptions
from podproof.session.run import pipeline
from podproof.session.run.pipeline import RunResult, run_plan
from podproof.session.run.plan import plan_objects
from podproof.session.run.until import Until


def pod(name: str, command: str) -> dict[str, Any]:
    container = {"name": "c", "image": "local.lab/bb:1", "command": ["sh", "-c", command]}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def job(name: str, **spec: Any) -> dict[str, Any]:
    template = {"spec": pod(name, "true")["spec"]}
    spec = {"template": template, **spec}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


class Watching:
    """Takes what happens, and counts the pods that run at a time."""

    def __init__(self) -> None:
        self.most = 0

    def pods(self, snapshots: Sequence[PodSnapshot]) -> None:
        self.most = max(self.most, sum(not snapshot.finished for snapshot in snapshots))

    def log(self, pod: str, container: str, data: bytes) -> None:
        pass

    def ending(self) -> None:
        pass


def run(engine: EmbeddedEngine, until: Until, *values: dict[str, Any]) -> tuple[RunResult, int]:
    """Run everything: what came of it, and how many pods ran at a time."""
    watching = Watching()
    result = run_plan(
        plan_objects([(value, "m.yaml:1") for value in values]),
        engine=engine,
        options=RunOptions(setting=Setting()),
        directory=engine.session.directory,
        session=engine.session.id,
        until=until,
        reporter=watching,
    )
    return result, watching.most


def test_others_start_when_one_has_ended(embedded: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_PODS", 2)
    values = (pod("a", "true"), pod("b", "true"), pod("c", "true"), job("j", completions=3, parallelism=3))
    result, most = run(embedded, Until("end"), *values)
    assert (len(result.snapshots), result.failed, most) == (6, (), 2)


def test_what_never_had_room_is_told(embedded: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_PODS", 1)
    values = (pod("a", "sleep 1000"), pod("b", "true"), pod("c", "true"))
    result, most = run(embedded, Until("time", 3), *values)
    assert (len(result.snapshots), most) == (1, 1)
    assert result.failed == ("2 pods were not started: 1 others run, as many as a node takes",)
