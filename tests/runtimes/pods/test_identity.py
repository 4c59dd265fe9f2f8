"""What a manifest may not decide: the pod's uid, and the labels by which sessions are found."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from driver import IMAGES, container
from fake_engine import FakeClock, FakeEngine

from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kubelet.objects import Objects
from podproof.runtimes.pods.requests import container_request, sandbox_request
from podproof.runtimes.pods.runner import PodRunner
from podproof.runtimes.pods.tracked import track
from podproof.runtimes.pods.values import RunOptions

OPTIONS = RunOptions(
    setting=Setting(node=Node(apparmor=False), runtime=parse_runtime("containerd-1.6.20")),
    cgroup_root="/podproof/session",
)


def runner_of(metadata: dict[str, Any], folder: Path) -> PodRunner:
    clock = FakeClock()
    pod = {"metadata": {"name": "web", **metadata}, "spec": {"containers": [container()]}}
    return PodRunner(
        pod,
        engine=FakeEngine(clock, IMAGES),
        objects=Objects(),
        options=OPTIONS,
        directory=folder,
        session="mine",
        clock=clock,
    )


@pytest.mark.parametrize(
    "written", ["../../../../etc", "/", "..", "", "8c9f1a52-6a0e-4b0e-9d4a-1f0f5b1f6a77"]
)
def test_the_uid_is_always_its_own(tmp_path: Path, written: str) -> None:
    runners = [runner_of({"uid": written}, tmp_path / str(number)) for number in range(2)]
    uids = [runner.snapshot().pod["metadata"]["uid"] for runner in runners]
    assert uids[0] != uids[1]
    for uid in uids:
        assert uid != written
        assert str(uuid.UUID(uid)) == uid


def test_labels_that_sessions_are_found_by_are_the_sessions_own(tmp_path: Path) -> None:
    ours = {"podproof.dev/session": "other", "podproof.dev/more": "x"}
    kubelets = {"io.kubernetes.pod.uid": "../..", "io.kubernetes.pod.name": "other"}
    runner = runner_of(
        {"labels": {**ours, **kubelets, "app": "web"}, "annotations": {**ours, "note": None}}, tmp_path / "p"
    )
    pod = runner.snapshot().pod
    request = sandbox_request(
        pod, OPTIONS, attempt=0, session="mine", log_directory="/logs", handler="", user_range=0
    )
    uid = pod["metadata"]["uid"]
    assert request.labels == {
        "app": "web",
        "io.kubernetes.pod.name": "web",
        "io.kubernetes.pod.namespace": "default",
        "io.kubernetes.pod.uid": uid,
        "podproof.dev/session": "mine",
    }
    assert request.annotations == {"note": ""}
    assert request.cgroup_parent == f"/podproof/session/pod{uid}"


def test_a_container_has_no_labels_of_the_manifest(tmp_path: Path) -> None:
    runner = runner_of({"labels": {"podproof.dev/session": "other", "app": "web"}}, tmp_path / "p")
    (tracked,) = track(runner._context).values()
    request = container_request(
        tracked.container,
        tracked.placed,
        runner.snapshot().pod,
        OPTIONS,
        image="app:1",
        attempt=0,
        variables={},
        mounts=(),
        session="mine",
        user_range=0,
    )
    assert set(request.labels) == {
        "io.kubernetes.container.name",
        "io.kubernetes.pod.name",
        "io.kubernetes.pod.namespace",
        "io.kubernetes.pod.uid",
        "podproof.dev/session",
    }
