"""The curated pods run again here, on both recorded runtimes: each shows the same state, words and process.

What hangs on the recording machine (its files, profiles, tokens) is named below with the reason and counted;
nothing else is left out. A recorded state may be one that passes: it has to be seen, with its events.
"""

import json
import lzma
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE

from podproof.effective.linux_capabilities import to_mask
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.review import review
from podproof.kubelet.objects import Objects

from .test_kubelet_replay import _capabilities, engine

__all__ = ["engine"]  # the fixture

_DATA = Path(__file__).parent / "data" / "kubelet" / "curated.jsonl.xz"

pytestmark = pytest.mark.slow

_NAMESPACES = {"containerd-1.6.20": "k1", "containerd-2.3.7": "k2"}

_FILES = "mounts files of the recording machine"
_PROFILE = "loads a seccomp profile of the recording machine"
_FIT = "does not fit the recording node, and whether a pod fits this machine is not asked"
_TOKEN = "mounts a service account's token, which no server here gives"

NOT_HERE = {
    "seccomp-localhost-ok": _PROFILE,
    "seccomp-localhost-badjson": _PROFILE,
    "seccomp-localhost-badaction": _PROFILE,
    "seccomp-localhost-dir": _PROFILE,
    "seccomp-localhost-unknown-syscall": _PROFILE,
    "seccomp-deny-all": _PROFILE,
    "vol-none-root": _FILES,
    "vol-1000": _FILES,
    "vol-1000-fsg2000": _FILES,
    "vol-1000-g3000-fsg2000-sg4000": _FILES,
    "vol-root-fsg2000": _FILES,
    "vol-fsg0": _FILES,
    "wd-no-permission-1000": _FILES,
    "cmd-no-exec-permission-1000": _FILES,
    "cmd-bad-interpreter": _FILES,
    "cmd-exec-format": _FILES,
    "hostpath-fsgroup-unchanged": _FILES,
    "token-root": _TOKEN,
    "token-c-user1000": _TOKEN,
    "token-p-user1000": _TOKEN,
    "token-image-user": _TOKEN,
    "token-1000-fsgroup": _TOKEN,
    "hostport-b-conflict": _FIT,
    "too-much-cpu": _FIT,
    "nodeselector-mismatch": _FIT,
    "img-never": "its pull policy was not recorded: tests/runtimes/pods",
    "ephemeral": "its debugger was added later and not recorded: tests/runtimes/pods",
    "runtimeclass-missing": "is refused by the API server's admission: tests/session",
}
"""Name of a pod to the reason why this machine cannot show what was recorded."""

TRIES = {"oom": 6, "sidecar-fails": 3}
"""Name of a pod to how often it may run until the recorded state is seen, which hangs on who looks first.

oom: containerd begins to listen for a full cgroup only after the start, and says Error of one that was full
before (one time in seven when busy). sidecar-fails: its container starts if the sidecar, which ends at once,
is seen running in between.
"""


def _stories(runtime: str) -> list[dict[str, Any]]:
    with lzma.open(_DATA, "rt") as lines:
        stories = [json.loads(line) for line in lines]
    return [s for s in stories if s["runtime"] == runtime and not s["seccomp_default"]]


def _pod(story: dict[str, Any]) -> dict[str, Any]:
    container = {
        "name": "c",
        "image": "local.lab/bb:1",
        "imagePullPolicy": "IfNotPresent",
        **story["spec"].get("c", {}),
    }
    spec = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "dnsPolicy": "Default",
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        **story["spec"].get("pod", {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": story["name"], "namespace": _NAMESPACES[story["runtime"]]},
        "spec": spec,
    }


class _Replay:
    def __init__(self, story: dict[str, Any], on: Any, seccomp: Path) -> None:
        from podproof.runtimes.pods.runner import PodRunner
        from podproof.runtimes.pods.values import RunOptions
        from podproof.runtimes.pods.volumes.host_path import HostPaths

        self.story = story
        self.seccomp = seccomp
        reviewed = review(_pod(story), version=37)
        self.refused = not reviewed.object or bool(reviewed.errors)
        self.seen: list[str] = []
        self.matched = False
        if self.refused:
            return
        assert reviewed.object is not None
        options = RunOptions(
            setting=Setting(
                node=Node(capabilities=_capabilities(), apparmor=False, selinux=False, unsafe_sysctls=()),
                runtime=parse_runtime(story["runtime"]),
            ),
            seccomp_root=str(seccomp),
            host_paths=HostPaths(("/lab",)),
            registries=None,
            cgroup_root=on.session.cgroup,
            memory=1 << 33,
        )
        self.runner = PodRunner(
            reviewed.object,
            engine=on,
            objects=Objects(),
            options=options,
            directory=on.session.directory / "pods" / story["name"],
            session=on.session.id,
            handler="nosuchhandler" if "runtimeClassName" in reviewed.object["spec"] else "",
        )
        publish = self.runner._publish

        def watched(*, settled: bool) -> None:
            publish(settled=settled)
            self._look()

        self.runner._publish = watched  # type: ignore[method-assign] # states that pass are recorded too

    def _plain(self, text: str) -> str:
        uid = self.runner.snapshot().pod["metadata"]["uid"]
        text = text.replace(uid, "<uid>").replace(str(self.seccomp), "<kubelet>/seccomp")
        text = re.sub(r"/\S*/tmpmounts/containerd-mount\d+", "<mount>", text)
        text = re.sub(r"\b[0-9a-f]{64}\b", "<id64>", text)
        return re.sub(r"10\.\d+\.\d+\.\d+", "<ip>", text)

    def _recorded(self, text: str) -> str:
        text = re.sub(r"/\S*/tmpmounts/containerd-mount\d+", "<mount>", text)
        text = re.sub(r"/\S*/seccomp/", "<kubelet>/seccomp/", text)
        return re.sub(r"10\.\d+\.\d+\.\d+", "<ip>", text)

    def _look(self) -> None:
        if self.matched:
            return
        status = self.runner.snapshot().pod["status"]
        held: dict[str, Any] = {}
        for field in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
            for entry in status.get(field, ()):
                ((kind, state),) = entry["state"].items()
                held[entry["name"]] = (kind, state.get("reason"), self._plain(state.get("message", "")))
        now = (status["phase"], status.get("reason"), status.get("message", ""), sorted(held.items()))
        if not self.seen or self.seen[-1] != repr(now):
            self.seen.append(repr(now))
        was = self.story
        recorded = {
            name: (entry["state"], entry["reason"], self._recorded(entry["message"]))
            for name, entry in was["containers"].items()
        }
        self.wanted = repr((was["phase"], was["reason"], was["message"], sorted(recorded.items())))
        self.matched = self.seen[-1] == self.wanted

    def _missing_events(self) -> list[tuple[str, str]]:
        # the records are texts, which lost the end of lines
        told = {(e.reason, self._plain(e.message).strip()) for e in self.runner.snapshot().events}
        wanted = {
            (reason, self._recorded(message).strip())
            for reason, message in self.story["events"]
            if not message.startswith("(combined")
        }
        return sorted(wanted - told)

    def run(self) -> list[str]:
        if self.refused:
            return [] if "api" in self.story else [f"{self.story['name']}: is refused"]
        stop = threading.Event()
        thread = threading.Thread(target=self.runner.run, args=(stop,))
        thread.start()
        try:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and (not self.matched or self._missing_events()):
                if self.story["name"] in TRIES and self.runner.snapshot().finished:
                    break
                time.sleep(0.1)
            wrong = []
            if not self.matched:
                wrong.append(f"wanted {self.wanted}, saw {self.seen[-3:]}")
            wrong += [f"event was not told: {event}" for event in self._missing_events()]
            wrong += self._processes() if not wrong else []
            return [f"{self.story['name']}: {line}" for line in wrong]
        finally:
            stop.set()
            thread.join()

    def _processes(self) -> list[str]:
        from podproof.runtimes.observation import observe, wait_for_start

        wrong = []
        for name, was in self.story["processes"].items():
            running = self.runner.snapshot().running.get(name)
            if running is None or running.pid is None:
                wrong.append(f"{name} does not run")
                continue
            assert wait_for_start(running.pid)
            seen = observe(running.pid)
            is_now: dict[str, Any] = {
                "uid": seen.uid.value,
                "gid": seen.gid.value,
                "groups": sorted(seen.groups.value),
                "no_new_privs": seen.no_new_privs.value,
                "seccomp": 0 if seen.seccomp.value == "Unconfined" else 2,
                "read_only_root": seen.read_only_root.value,
                "namespaces": {kind: getattr(seen.namespaces, kind).value for kind in was["namespaces"]},
                "capabilities": {
                    kind: f"{to_mask(getattr(seen.capabilities, kind).value):016x}"
                    for kind in was["capabilities"]
                },
            }
            # recorded as the node sees them, observed as the container does
            offset = was.get("uid_offset", 0)
            was = {**was, "groups": sorted(group - offset for group in was["groups"])}
            was |= {field: was[field] - offset for field in ("uid", "gid")}
            for field, value in is_now.items():
                if value != was[field]:
                    wrong.append(f"{name} {field}: is {value!r}, was {was[field]!r}")
        return wrong


def _replay(story: dict[str, Any], on: Any, seccomp: Path) -> list[str]:
    """Run one pod, again where TRIES says so; returns how it differs from the record the last time."""
    for _ in range(TRIES.get(story["name"], 1)):
        wrong = _Replay(story, on, seccomp).run()
        if not wrong:
            break
    return wrong


def test_every_curated_pod_that_can_run_here(
    engine: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stories = _stories(engine.features().runtime)
    chosen = [story for story in stories if story["name"] not in NOT_HERE]
    assert {story["name"] for story in stories} >= set(NOT_HERE)
    from podproof.session.registry_options import registry_settings
    from podproof.session.run.registries import pull_through

    pull_through(engine, registry_settings(["127.0.0.1:9"]))
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda story: _replay(story, engine, tmp_path), chosen))
    wrong = [line for lines in results for line in lines]
    reasons = Counter(NOT_HERE.values())
    with capsys.disabled():
        print(
            f"\ncurated replay on {engine.features().runtime}: {len(stories)} pods, {len(chosen)} run, "
            f"{dict(reasons)} not, {len(wrong)} differences, {time.monotonic() - began:.0f} s"
        )
    assert not wrong, "\n".join(wrong[:40])
