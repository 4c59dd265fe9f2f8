"""Drives one pod on the fake engine: a spec comes in, the table's lines with their times go out."""

import threading
from pathlib import Path
from typing import Any

from fake_engine import FakeClock, FakeEngine

from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.review import review
from podproof.kubelet.get_pods import pod_row
from podproof.kubelet.objects import Objects
from podproof.runtimes.pods.runner import PodRunner
from podproof.runtimes.pods.values import PodSnapshot, RunOptions

IMAGES = {
    "app:1": ImageConfig(user="1000", entrypoint=("/app",), command=()),
    "root:1": ImageConfig(user="", entrypoint=("/app",), command=()),
}


class Driven:
    """A pod that has been run for some seconds, or to its end."""

    def __init__(
        self, spec: dict[str, Any], folder: Path, *, seconds: float = 60.0, **behaviours: Any
    ) -> None:
        self.clock = FakeClock()
        self.engine = FakeEngine(self.clock, IMAGES, **behaviours)
        self.folder = folder
        self.rows: list[tuple[float, str, str, str]] = []
        self.objects = Objects()
        self.spec = spec
        self.seconds = seconds
        self.ephemeral: list[dict[str, Any]] = []
        self.metadata: dict[str, Any] = {}
        self.before_stop: PodSnapshot | None = None

    def run(self, **options: Any) -> PodSnapshot:
        """Run for the seconds; the pod as it was then."""
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {"app": "web"}, **self.metadata},
            "spec": self.spec,
        }
        reviewed = review(pod, version=37)
        assert not reviewed.errors, reviewed.errors
        assert reviewed.object is not None
        if self.ephemeral:
            # the API takes them only for pods that exist
            reviewed.object["spec"]["ephemeralContainers"] = self.ephemeral
        made = RunOptions(
            **{
                "setting": Setting(node=Node(apparmor=False), runtime=parse_runtime("containerd-1.6.20")),
                "memory": 1 << 30,
                "host_ip": "192.0.2.1",
                **options,
            }
        )
        runner = PodRunner(
            reviewed.object,
            engine=self.engine,
            objects=self.objects,
            options=made,
            directory=self.folder / "pod",
            session="s",
            clock=self.clock,
            spawn=lambda function: function(),
            uid="0a",
        )
        stop, began = threading.Event(), self.clock.now()
        publish = runner._publish
        self.rows.append((0.0, *pod_row(runner.snapshot().pod, began)[1:4]))

        def watched(*, settled: bool) -> None:
            publish(settled=settled)
            row = pod_row(runner.snapshot().pod, self.clock.now())[1:4]
            if not self.rows or self.rows[-1][1:] != row:
                self.rows.append((round(self.clock.now() - began, 1), *row))

        runner._publish = watched  # type: ignore[method-assign] # the only look at every state between
        self.clock.later(self.seconds, lambda: self._stop(runner, stop))
        runner.run(stop)
        assert runner.failure is None, runner.failure
        assert self.before_stop is not None
        self.after = runner.snapshot()
        return self.before_stop

    def _stop(self, runner: PodRunner, stop: threading.Event) -> None:
        self.before_stop = runner.snapshot()
        stop.set()

    @property
    def words(self) -> list[str]:
        """The STATUS column over time."""
        found: list[str] = []
        for _, _, word, _ in self.rows:
            if not found or found[-1] != word:
                found.append(word)
        return found


def container(name: str = "app", **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "app:1", **fields}


def events(snapshot: PodSnapshot) -> list[str]:
    """Each event in a line: type, reason, message, and how often."""
    return [f"{e.type} {e.reason}: {e.message} x{e.count}" for e in snapshot.events]
