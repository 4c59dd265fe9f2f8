"""`check` over many files: time by processor and by the clock, and peak memory, beside other tools on PATH.

    python -m bench check                       the sets of the limits, in three rounds that take turns
    PODPROOF_BENCH=1000 python -m bench check   sets of another size

The sets are made up from a seed: every file, and every document of the one big file, has a spec of its own.
Each figure is the least of its rounds. The floor, of which others are multiples, is the processor time that
draining PyYAML's C events over the same bytes takes. Memory is that of all processes together. With --cache,
nothing has changed since the run that filled it. `explain` and `admit` are for the 17 projects; the smallest
set is checked without the native reader, too. At the end come the shares of the rooms in the time of one
process.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from bench._corpus import CORPUS
from bench._processes import environment

ROUNDS = 3
FILES = 1_000
PROJECTS = "17 projects"

_DRAIN = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).rglob("*.y*ml")) or [Path(sys.argv[1])]:
    parser = yaml.CLoader(path.read_bytes())
    try:
        while parser.get_event() is not None:
            pass
    except yaml.YAMLError:
        pass
"""


class Cost(NamedTuple):
    """What a run takes: seconds by the clock, of the processors, and MiB of all processes at the peak."""

    elapsed: float
    processor: float
    memory: float


def run() -> Iterator[str]:
    """Yield a line for each tool and set."""
    files = int(os.environ.get("PODPROOF_BENCH", FILES))
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            f"{files:,} files": make_files(Path(folder, "few"), files),
            f"{10 * files:,} files": make_files(Path(folder, "many"), 10 * files),
            f"one file of {10 * files:,} documents": make_file(Path(folder, "big.yaml"), 10 * files),
        }
        if CORPUS.exists():
            shutil.unpack_archive(CORPUS, Path(folder, "corpus"))
            sets[PROJECTS] = Path(folder, "corpus")
        for name, path in sets.items():
            yield name
            cache = Path(folder, f"cache of {name}")
            verbs = ("explain", "admit") if name == PROJECTS else ()
            yield from _compare(path, cache, verbs, without_reader=name == f"{files:,} files")
        yield "shares of the rooms in the time of one process"
        yield from _stages(sets[f"{files:,} files"])


def _compare(path: Path, cache: Path, verbs: Sequence[str], *, without_reader: bool) -> Iterator[str]:
    podproof = [sys.executable, "-m", "podproof"]
    check = [*podproof, "check", str(path), "--format", "json"]
    cached = [*check[:-1], "text", "--cache", str(cache)], [*check, "--cache", str(cache)]
    python_reads = ["env", "PODPROOF_READER=python", *check]
    commands = {
        "PyYAML's C events": [sys.executable, "-c", _DRAIN, str(path)],
        "podproof check --jobs 1": [*check, "--jobs", "1"],
        "podproof check": check,
        "check --cache, text": cached[0],
        "check --cache, JSON": cached[1],
    } | {f"podproof {verb}": [*podproof, verb, str(path)] for verb in verbs}
    if without_reader:
        commands["the same by Python's reader"] = python_reads
    if shutil.which("kube-linter"):
        commands["kube-linter lint"] = ["kube-linter", "lint", str(path)]
    if shutil.which("kubeconform"):
        commands["kubeconform"] = ["kubeconform", "-ignore-missing-schemas", str(path)]
    for command in cached:
        _measure(command)  # fills the cache
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            costs[name].append(_measure(command))
    floor = min(cost.processor for cost in costs["PyYAML's C events"])
    for name, measured in costs.items():
        elapsed, processor, memory = (min(column) for column in zip(*measured, strict=True))
        yield (
            f"  {name:27} {elapsed:7.2f} s ({elapsed / floor:4.1f} ×)  "
            f"processors {processor:7.2f} s ({processor / floor:4.1f} ×)  {memory:5.0f} MiB"
        )


def podproof_costs(arguments: list[str]) -> Cost:
    """Measure one run of podproof with these arguments."""
    return _measure([sys.executable, "-m", "podproof", *arguments])


def _measure(command: list[str]) -> Cost:
    variables = environment()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        peak = [0.0]
        watch = threading.Thread(target=_watch, args=(process, peak))
        watch.start()
        process.wait()
        elapsed = time.perf_counter() - began
        watch.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(elapsed, processor, peak[0])


def _watch(process: "subprocess.Popen[bytes]", peak: list[float]) -> None:
    """Look again and again at what a process and its children hold, pages that they share counted once."""
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_held, (process.pid, *_children(process.pid)))) / 1024)
        time.sleep(0.05)


def _children(process: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def _held(process: int) -> int:
    """Give the KiB that a process holds: its proportional set size, so that a sum counts no page twice."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _stages(path: Path) -> Iterator[str]:
    """Profile one process; functions count for their room. The profiler makes calls dear, so shares it is."""
    import cProfile
    import pstats
    from collections import Counter

    from podproof.outputs.check_json import JsonReport
    from podproof.session.check_run.pipeline import run_check
    from podproof.session.config import ProjectConfiguration
    from podproof.session.judging.settings import make_judge, make_selection
    from podproof.session.sources import find_unread

    configuration = ProjectConfiguration()
    judge, selection = make_judge(configuration), make_selection(configuration)
    profile = cProfile.Profile()
    with profile:
        report = JsonReport()
        for _ in report.write(run_check(find_unread([str(path)]), judge, selection, report, jobs=1)):
            pass
    times: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]  # untyped
        _, inside, rest = file.partition("/podproof/")
        times[rest.partition("/")[0].removesuffix(".py") if inside else "libraries and the interpreter"] += (
            own
        )
    total = sum(times.values())
    for room, own in times.most_common():
        if own > total / 100:
            yield f"  {room:32} {own / total:4.0%}"


def make_files(folder: Path, count: int) -> Path:
    """Write files with one workload each, a hundred in a folder."""
    for number in range(count):
        path = folder / f"team-{number // 100:04}" / f"app-{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_workload(number), encoding="utf-8")
    return folder


def make_file(path: Path, count: int) -> Path:
    """Write one file of many workloads."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            stream.write(f"{_workload(number)}---\n")
    return path


def _workload(number: int) -> str:
    """Write a workload of some 1.2 KB; six of ten keep to the level `restricted`."""
    chance = random.Random(number)
    kind = chance.choice(["Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job"])
    selector = "" if kind == "Job" else f"  selector: {{matchLabels: {{app: app-{number}}}}}\n"
    if kind == "StatefulSet":
        selector += f"  serviceName: app-{number}\n"
    pod = "      restartPolicy: Never\n" if kind == "Job" else ""
    container = ""
    if chance.random() < 0.6:
        pod += _HARDENED_POD.format(user=10_000 + number)
        container = _HARDENED_CONTAINER
    elif chance.random() < 0.5:
        added = chance.choice(["NET_ADMIN", "SYS_TIME", "CHOWN"])
        container = f"        securityContext: {{capabilities: {{add: [{added}]}}}}\n"
    variables = "".join(
        f'        - {{name: SETTING_{index}, value: "{chance.randrange(10**6)}"}}\n'
        for index in range(chance.randint(1, 6))
    )
    return _WORKLOAD.format(
        version="batch/v1" if kind == "Job" else "apps/v1",
        kind=kind,
        number=number,
        selector=selector,
        pod=pod,
        port=8000 + number % 1000,
        tag=chance.randint(1, 400),
        variables=variables,
        cpu=50 * chance.randint(1, 20),
        memory=64 * chance.randint(1, 20),
        container=container,
    )


_HARDENED_POD = """\
      securityContext:
        runAsNonRoot: true
        runAsUser: {user}
        seccompProfile: {{type: RuntimeDefault}}
"""
_HARDENED_CONTAINER = """\
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
"""
_WORKLOAD = """\
apiVersion: {version}
kind: {kind}
metadata:
  name: app-{number}
  namespace: shop
  labels:
    app: app-{number}
spec:
{selector}  template:
    metadata:
      labels:
        app: app-{number}
    spec:
      serviceAccountName: app-{number}
{pod}      containers:
      - name: app
        image: registry.example/shop/app-{number}:{tag}
        args: [--listen, ":{port}"]
        ports:
        - name: http
          containerPort: {port}
        env:
{variables}        resources:
          requests:
            cpu: {cpu}m
            memory: {memory}Mi
          limits:
            memory: 2Gi
        readinessProbe:
          httpGet:
            path: /ready
            port: http
        volumeMounts:
        - name: tmp
          mountPath: /tmp
{container}      volumes:
      - name: tmp
        emptyDir: {{}}
"""
