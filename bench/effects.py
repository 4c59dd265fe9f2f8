"""What the checks of effects and of advice add to `check`: the same manifests with and without them.

Two workloads: copies of a realistic application, and one dense file of Deployments of which every container
is worth several findings. Times are of the processor, and ratios those of one round, so that a shared machine
disturbs them little.
"""

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from podproof.checks.model.advice import AdviceCheck
from podproof.checks.model.effect import EffectCheck
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.judge import Judge
from podproof.session.judging.selection import Selection
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

ROUNDS = 9
COPIES = 150
DEPLOYMENTS = 1000
USERS = 500
"""So many different UIDs: each is that of two Deployments, for the check that looks across all of them."""

SHOP = Path(__file__).resolve().parents[1] / "examples" / "shop"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      securityContext: {{runAsUser: {user}, runAsGroup: 2000}}
      volumes:
      - {{name: logs, hostPath: {{path: /var/log}}}}
      containers:
      - name: web
        image: nginx:1.27
        ports: [{{containerPort: 8080}}]
        securityContext: {{capabilities: {{add: [NET_BIND_SERVICE]}}}}
        volumeMounts: [{{name: logs, mountPath: /logs}}]
      - name: logs
        image: fluent-bit:3.2
        volumeMounts: [{{name: logs, mountPath: /logs, readOnly: true}}]
---
"""


def run() -> Iterator[str]:
    """Time both workloads, in rounds that take turns."""
    for name, write in (("copies of examples/shop", _write_shop), ("one dense file", _write_dense)):
        with tempfile.TemporaryDirectory() as folder:
            yield f"{name}: {write(Path(folder))}"
            yield from _compare(folder)


def _write_shop(folder: Path) -> str:
    for number in range(COPIES):
        shutil.copytree(SHOP, folder / str(number))
    return f"{COPIES} copies"


def _write_dense(folder: Path) -> str:
    text = "".join(DEPLOYMENT.format(number=n, user=1000 + n % USERS) for n in range(DEPLOYMENTS))
    (folder / "dense.yaml").write_text(text)
    return f"{DEPLOYMENTS} Deployments"


def _compare(folder: str) -> Iterator[str]:
    whole = make_judge(ProjectConfiguration())
    selection = make_selection(ProjectConfiguration())
    quiet = make_selection(ProjectConfiguration(), ignore=["shared-user-id"])
    ways: dict[str, tuple[Judge, Selection]] = {
        "without": (msgspec.structs.replace(whole, find_effects=None), quiet),
        "effects": (_without_advice(whole), quiet),
        "effects and advice": (whole, selection),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (judge, chosen) in ways.items():
            taken[name].append(_seconds(partial(check, collect([folder]), judge, chosen)))
    for name, seconds in taken.items():
        added = statistics.median(one / base for one, base in zip(seconds, taken["without"], strict=True)) - 1
        promise = " (at most 30 %)" if name == "effects and advice" else ""
        yield f"  {name}: {statistics.median(seconds) * 1000:.0f} ms, {added:+.0%}{promise}"


def _seconds(call: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    call()
    return time.process_time() - started


def _without_advice(judge: Judge) -> Judge:
    bound: Any = judge.find_effects
    put_on_node, asked = bound.args

    @cache
    def kept(facts: int) -> tuple[EffectCheck, ...]:
        return tuple(each for each in asked(facts) if not isinstance(each, AdviceCheck))

    return msgspec.structs.replace(judge, find_effects=partial(bound.func, put_on_node, kept))
