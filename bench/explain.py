"""What explain costs beside check, and what the checks of effects add to check: 1,000 workloads of one text.

Everything runs in this process, from the text to the written JSON or text, so that both pay for reading.
"""

import gc
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import msgspec

from podproof.effective.setting import Setting
from podproof.inputs.input import InputFile
from podproof.inputs.objects import read_file
from podproof.outputs.check_json import render
from podproof.outputs.explain_json import json_parts
from podproof.outputs.explain_text import text
from podproof.results.explained import Explained
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.explain import explain_inputs
from podproof.session.judging.judge import Judge
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import Input

WORKLOADS = 1000
ROUNDS = 3

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
  namespace: shop
  labels: {{app: web-{number}}}
spec:
  replicas: 2
  selector:
    matchLabels: {{app: web-{number}}}
  template:
    metadata:
      labels: {{app: web-{number}}}
    spec:
      serviceAccountName: web
      securityContext:
        runAsNonRoot: true
        runAsUser: {user}
        seccompProfile: {{type: RuntimeDefault}}
      containers:
      - name: web
        image: registry.example/shop/web:{number}
        args: [--listen, ":8080"]
        ports:
        - {{name: http, containerPort: 8080}}
        env:
        - {{name: LOG, value: json}}
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
          limits: {{memory: 256Mi}}
        readinessProbe:
          httpGet: {{path: /healthz, port: http}}
        volumeMounts:
        - {{name: tmp, mountPath: /tmp}}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
      volumes:
      - name: tmp
        emptyDir: {{}}
"""


def _inputs() -> Callable[[], Iterator[Input]]:
    data = "---\n".join(
        DEPLOYMENT.format(number=number, user=10000 + number) for number in range(WORKLOADS)
    ).encode()
    return lambda: ((item, data) for item in read_file(InputFile("bench.yaml", data)))


def _timed(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Take the median of each in turns, so that a slow moment of the machine hits all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            gc.collect()
            started = perf_counter()
            call()
            seconds[name].append(perf_counter() - started)
    return {name: median(held) for name, held in seconds.items()}


def run() -> Iterator[str]:
    """Yield seconds and ratios."""
    inputs = _inputs()
    configuration = ProjectConfiguration()
    judge = make_judge(configuration)
    selection = make_selection(configuration)
    without = msgspec.structs.replace(judge, find_effects=None)

    def checked(judge: Judge) -> bytes:
        return render(check(inputs(), judge, selection))

    def explained() -> Explained:
        found, problems = explain_inputs(inputs(), Setting())
        assert len(found.objects) == WORKLOADS
        assert not problems
        return found

    took = _timed(
        {
            "check": lambda: checked(judge),
            "check without effects": lambda: checked(without),
            "explain": lambda: b"".join(json_parts(explained().objects)),
            "explain text": lambda: text(explained()),
        }
    )
    whole = took["check"]
    yield f"check        {WORKLOADS} workloads: {whole:.2f} s"
    for name in ("explain", "explain text"):
        seconds = took[name]
        yield f"{name:<12} {WORKLOADS} workloads: {seconds:.2f} s, {seconds / whole:.2f} × check (at most 2)"
    added = whole / took["check without effects"] - 1
    yield f"effects and advice add {added:.0%} to check (at most 30 %)"
