"""The recorded pods run again here: same status, same words, same processes, same log.

Every pod of the recording runs on the embedded engine by the kubelet's rules of this project, several at a
time: on this machine's containerd 1.6, and on containerd 2.3.7 where it can be built. Ids and paths of the
recording machine are written as its placeholders first; nothing else is forgiven.
"""

import json
import lzma
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requires
from waiting import PATIENCE

from podproof.effective.linux_capabilities import CAPABILITIES
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.review import review
from podproof.kubelet.objects import Objects

_DATA = Path(__file__).parent / "data" / "kubelet" / "pods.jsonl.xz"

sys.path.append(str(Path(__file__).parents[1] / "runtimes"))  # where the engines' tests keep their helpers

pytestmark = pytest.mark.slow


def _stories(runtime: str) -> list[dict[str, Any]]:
    with lzma.open(_DATA, "rt") as lines:
        stories = [json.loads(line) for line in lines]
    return [story for story in stories if story["runtime"] == runtime]


def _programs(runtime: str) -> str:
    """The folder of the runtime's programs, "" for this machine's own; else the test is skipped."""
    requires.demand(requires.root, requires.mounts, requires.cgroups)
    if runtime != "containerd-1.6.20":
        from containerd_2 import built

        return str(built())
    requires.demand(requires.engine)
    version = subprocess.run(["containerd", "--version"], capture_output=True, text=True, check=True).stdout
    if not re.search(r"\b1\.6\.", version):
        pytest.skip(f"the recording is of containerd 1.6, this is {version.strip()}")
    return ""


@pytest.fixture(scope="module", params=["containerd-1.6.20", "containerd-2.3.7"])
def engine(request: pytest.FixtureRequest) -> Any:
    programs = _programs(request.param)
    from images import recorded_archive
    from private_engine import engine_folder, leftovers, places_at

    from podproof.runtimes.embedded import embedded_engine, stop_engine

    archive = recorded_archive()
    with engine_folder() as folder:
        places = places_at(folder, path=programs)
        started = embedded_engine(places=places)
        try:
            started.import_archive(archive)
            yield started
        finally:
            started.close()
            stop_engine(places)
        assert leftovers(places) == []


def _capabilities() -> tuple[str, ...]:
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapBnd")
    )
    bits = int(line.split()[1], 16)
    return tuple(name for number, name in enumerate(CAPABILITIES) if bits >> number & 1)


def _run(story: dict[str, Any], engine: Any, seccomp: Path) -> list[str]:
    from podproof.runtimes.pods.runner import PodRunner
    from podproof.runtimes.pods.values import RunOptions

    reviewed = review(story["pod"], version=37)
    if story["api"]["code"] != 201:
        return [] if reviewed.errors or reviewed.problems else [f"pod {story['id']}: is no longer refused"]
    assert reviewed.object is not None
    options = RunOptions(
        setting=Setting(
            node=Node(capabilities=_capabilities(), apparmor=False, selinux=False, unsafe_sysctls=()),
            runtime=parse_runtime(story["runtime"]),
        ),
        seccomp_root=str(seccomp),
        cgroup_root=engine.session.cgroup,
    )
    runner = PodRunner(
        reviewed.object,
        engine=engine,
        objects=Objects(),
        options=options,
        directory=engine.session.directory / "pods" / str(story["id"]),
        session=engine.session.id,
    )
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        wrong = _settled(story, runner, seccomp)
        if wrong:
            return [f"pod {story['id']} {line}" for line in wrong]
        return [f"pod {story['id']} {line}" for line in _processes(story, runner)]
    finally:
        stop.set()
        thread.join()


def _settled(story: dict[str, Any], runner: Any, seccomp: Path) -> list[str]:
    """Wait until everything that was recorded is so; gives what differs when it has not become so."""
    end = time.monotonic() + PATIENCE
    while True:
        assert runner.failure is None, runner.failure
        wrong = [*_statuses(story, runner.snapshot(), seccomp), *_logs(story, runner)]
        if not wrong or time.monotonic() > end:
            return wrong
        time.sleep(0.1)


def _plain(text: str, uid: str, seccomp: Path) -> str:
    text = text.replace(uid, "<uid>").replace(str(seccomp), "<kubelet>/seccomp")
    text = re.sub(r"\b[0-9a-f]{64}\b", "<id>", text)
    return re.sub(r"/\S*/tmpmounts/containerd-mount\d+", "<mount>", text)


def _statuses(story: dict[str, Any], snapshot: Any, seccomp: Path) -> list[str]:
    recorded, status = story["status"], snapshot.pod["status"]
    uid = snapshot.pod["metadata"]["uid"]
    wrong: list[str] = []

    def same(what: str, is_now: object, was: object) -> None:
        if is_now != was:
            wrong.append(f"{what}: is {is_now!r}, was {was!r}")

    same("phase", status["phase"], recorded["phase"])
    same("reason", status.get("reason"), recorded["reason"])
    same("message", status.get("message", ""), recorded["message"])
    held = {
        entry["name"]: entry
        for field in ("initContainerStatuses", "containerStatuses")
        for entry in status.get(field, ())
    }
    same("containers", sorted(held), sorted(recorded["containers"]))
    for name, was in recorded["containers"].items():
        ((kind, state),) = held[name]["state"].items() if name in held else (("absent", {}),)
        same(f"{name} state", kind, was["state"])
        same(f"{name} reason", state.get("reason"), was["reason"])
        same(f"{name} message", _plain(state.get("message", ""), uid, seccomp), was["message"])
        same(f"{name} exit code", state.get("exitCode"), was["exit_code"])
    events = {
        (e.type, e.reason, _plain(e.message, uid, seccomp)) for e in snapshot.events if e.type == "Warning"
    }
    same("warning events", sorted(events), sorted({tuple(event) for event in story["events"]}))
    return wrong


def _logs(story: dict[str, Any], runner: Any) -> list[str]:
    from podproof.runtimes.pods.logs import read_lines

    wrong = []
    for name, was in (story.get("log") or {}).items():
        text = b"".join(line.data for line in read_lines(runner.logs[name] / "0.log")).decode()
        if text != was:
            wrong.append(f"{name} log: is {text!r}, was {was!r}")
    return wrong


def _processes(story: dict[str, Any], runner: Any) -> list[str]:
    from podproof.runtimes.observation import observe, wait_for_start

    snapshot, wrong = runner.snapshot(), []
    if sorted(snapshot.running) != sorted(story["processes"]):
        return [f"processes: are {sorted(snapshot.running)}, were {sorted(story['processes'])}"]
    for name, was in story["processes"].items():
        pid = snapshot.running[name].pid
        assert pid is not None
        assert wait_for_start(pid)
        seen = observe(pid)
        is_now = {
            "uid": seen.uid.value,
            "euid": seen.uid.value,
            "gid": seen.gid.value,
            "groups": sorted(seen.groups.value),
            "capabilities": {
                kind: list(getattr(seen.capabilities, kind).value) for kind in was["capabilities"]
            },
            "no_new_privs": seen.no_new_privs.value,
            "seccomp": 0 if seen.seccomp.value == "Unconfined" else 2,
            "read_only_root": seen.read_only_root.value,
            "masked": sorted(set(seen.masked_paths.value) - _NEWER),
            "readonly_paths": sorted(seen.readonly_paths.value),
            "namespaces": {kind: getattr(seen.namespaces, kind).value for kind in was["namespaces"]},
            "uid_map": Path(f"/proc/{pid}/uid_map").read_text().split(),
        }
        for field, value in is_now.items():
            expected = sorted(was[field]) if field in ("masked", "readonly_paths", "groups") else was[field]
            if value != expected:
                wrong.append(f"{name} {field}: is {value!r}, was {expected!r}")
    return wrong


_NEWER = frozenset(("/proc/interrupts",))
"""Masked on both machines; the recorder did not look at it."""


def test_every_recorded_pod_runs_again(
    engine: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = _stories(engine.features().runtime)
    assert len(stories) >= 120
    began = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda story: _run(story, engine, tmp_path), stories))
    wrong = [line for lines in results for line in lines]
    phases = Counter(story["status"]["phase"] if "status" in story else "refused" for story in stories)
    processes = sum(len(story.get("processes") or ()) for story in stories)
    with capsys.disabled():
        print(
            f"\nkubelet replay on {engine.features().runtime}: {len(stories)} pods {dict(phases)}, "
            f"{processes} processes, {len(wrong)} differences, {time.monotonic() - began:.0f} s"
        )
    assert not wrong, "\n".join(wrong[:30])
