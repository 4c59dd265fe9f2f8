"""What the kubelet's rules cost: a pod's whole life by the worker, beside the same calls made directly.

A life is create, running, stopped, removed, of a pod with one container, on the embedded engine. The direct
calls are those that the worker made, taken from what it asked the engine for. Then two commands as people
use them: `run` until the first line of a log is seen, and the whole of `prove` for one pod. Needs
root and containerd.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from podproof.images.additions import parse_addition
from podproof.images.build import build_image
from podproof.images.layout import ImageSettings
from podproof.runtimes.embedded import EmbeddedEngine, embedded_engine
from podproof.runtimes.embedded.pause_image import pause_name
from podproof.runtimes.engine import ContainerRequest, SandboxRequest
from podproof.runtimes.pods.dangers import Allowed
from podproof.runtimes.pods.runner import PodRunner
from podproof.session.run.engine import OpenEngine, make_options
from podproof.session.run.plan import Plan, plan_paths

ROUNDS = 15
PARALLEL = 20
COMMANDS = 5

PROVE_SECONDS = 5.0
"""The most that `prove` of one pod may take, its start and the engine's included where none is warm."""

POD = f"""
apiVersion: v1
kind: Pod
metadata: {{name: one}}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 5
  containers: [{{name: c, image: "{pause_name()}", imagePullPolicy: Never}}]
"""

TALKER = """
apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  containers: [{name: c, image: "bench.local/talker:1", command: [/bin/busybox, echo, hello]}]
"""

Requests = tuple[SandboxRequest, ContainerRequest]


def run() -> Iterator[str]:
    """Time lives in rounds that take turns, then many pods at once."""
    if os.geteuid() != 0:
        yield "skipped: an engine needs root"
        return
    begun = time.perf_counter()
    engine = embedded_engine()
    yield f"engine: {time.perf_counter() - begun:.2f} s until a session is open"
    try:
        worker, direct, requests = [], [], None
        for number in range(ROUNDS):
            seconds, requests = _life(engine, number)
            worker.append(seconds)
            direct.append(_direct_life(engine, requests, number))
        ratio = statistics.median(worker) / statistics.median(direct)
        yield f"worker: {statistics.median(worker) * 1000:.0f} ms, min {min(worker) * 1000:.0f} ms"
        yield f"direct: {statistics.median(direct) * 1000:.0f} ms, min {min(direct) * 1000:.0f} ms"
        yield f"ratio: {ratio:.2f}"
        begun = time.perf_counter()
        threads = [
            threading.Thread(target=_life, args=(engine, number)) for number in range(100, 100 + PARALLEL)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lives = (time.perf_counter() - begun) / statistics.median(worker)
        yield f"{PARALLEL} pods at once: as long as {lives:.1f} one after the other"
        yield from _commands(statistics.median(direct))
    finally:
        engine.close()


def _commands(life: float) -> Iterator[str]:
    """Time whole commands on the warm engine; `life` is that of the bare calls, in seconds."""
    busybox = shutil.which("busybox")
    if busybox is None:
        yield "commands: skipped, they need busybox (package busybox-static)"
        return
    with tempfile.TemporaryDirectory() as folder:
        path, archive = Path(folder, "talker.yaml"), Path(folder, "talker.tar")
        path.write_text(TALKER)
        build_image(
            "bench.local/talker:1",
            archive,
            settings=ImageSettings(),
            additions=parse_addition(f"{busybox}:/bin/busybox:0755"),
        )
        run = ["run", str(path), "--image-archive", str(archive), "--until", "completed"]
        first = statistics.median(_first_line(run, "hello") for _ in range(COMMANDS))
        yield f"first log line of run: {first:.2f} s, {first / life:.1f} lives"
        prove = statistics.median(
            _whole(["prove", str(path), "--image-archive", str(archive)]) for _ in range(COMMANDS)
        )
        yield f"prove one pod: {prove:.2f} s, {prove / PROVE_SECONDS:.2f} of the {PROVE_SECONDS:.0f} s"


def _first_line(arguments: list[str], wanted: str) -> float:
    """Give the seconds from the start of the command until a line holds what the container wrote."""
    begun = time.perf_counter()
    found: float | None = None
    with subprocess.Popen(
        [sys.executable, "-m", "podproof", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if found is None and wanted in line:
                found = time.perf_counter() - begun
    assert found is not None, "the container's line was not shown"
    return found


def _whole(arguments: list[str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "podproof", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or done.stdout
    return time.perf_counter() - begun


def _plan() -> Plan:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pod.yaml")
        path.write_text(POD)
        plan = plan_paths([str(path)])
    assert len(plan.pods) == 1, (plan.refused, plan.unread)
    return plan


def _life(engine: EmbeddedEngine, number: int) -> tuple[float, Requests]:
    """Run one pod by the worker until it runs, and end it."""
    plan = _plan()
    pod = plan.pods[0].pod
    pod["metadata"]["name"] = f"one-{number}"
    session = engine.session
    options = make_options(OpenEngine(engine, session), allow=Allowed())
    begun = time.perf_counter()
    runner = PodRunner(
        pod,
        engine=engine,
        objects=plan.objects,
        options=options,
        directory=session.directory / "pods" / f"one-{number}",
        session=session.id,
    )
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    while not (running := runner.snapshot().running):
        assert thread.is_alive(), runner.failure
        time.sleep(0.001)
    stop.set()
    thread.join()
    assert runner.failure is None, runner.failure
    found = running["c"]
    return time.perf_counter() - begun, (found.sandbox_request, found.request)


def _direct_life(engine: EmbeddedEngine, requests: Requests, number: int) -> float:
    """Make the calls of a life and no others; the container's mounts are gone with the worker's pod."""
    logs = engine.session.directory / "direct" / str(number)
    logs.mkdir(parents=True)
    sandbox_request = msgspec.structs.replace(
        requests[0], name=f"direct-{number}", uid=f"direct-{number}", log_directory=str(logs)
    )
    request = msgspec.structs.replace(requests[1], mounts=(), log_path="c.log")
    begun = time.perf_counter()
    sandbox = engine.run_sandbox(sandbox_request)
    container = engine.create_container(sandbox, request, sandbox_request)
    engine.start_container(container)
    assert engine.container(container).state == "running"
    engine.stop_container(container, 5)
    assert engine.container(container).state == "exited"
    engine.stop_sandbox(sandbox)
    engine.remove_container(container)
    engine.remove_sandbox(sandbox)
    return time.perf_counter() - begun
