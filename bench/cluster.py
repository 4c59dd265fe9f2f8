"""What a cluster adds: 200 pods explained and admitted in a cluster of 3,000, and without one.

The cluster is read beforehand: it is the same once for one pod and for many.
"""

import gc
import json
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from time import perf_counter

from podproof import Cluster
from podproof.effective.setting import Setting
from podproof.inputs.input import InputFile
from podproof.inputs.objects import read_file
from podproof.results.admitted import Submission
from podproof.session.admit.cluster_folder import ClusterObjects, PlacedObject
from podproof.session.admit.identity import Requester
from podproof.session.admit.pipeline import admit
from podproof.session.admit.prepared_cluster import PreparedCluster
from podproof.session.admit.stored_pod import Admission
from podproof.session.explain import explain_inputs

from .admit import namespace, pod

CLUSTER = 3000
PODS = 200
ROUNDS = 5


def _cluster(count: int) -> PreparedCluster:
    objects = [namespace(enforce="restricted"), *(pod(f"old-{number}") for number in range(count))]
    placed = [PlacedObject(object_, f"cluster.yaml:{line}") for line, object_ in enumerate(objects, 1)]
    prepared = PreparedCluster(ClusterObjects(placed), "cluster", 37, None)
    assert prepared.cluster.namespaces
    return prepared


def _seconds(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Take the median of each in turns, so that a slow moment of the machine hits all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            gc.collect()
            started = perf_counter()
            call()
            seconds[name].append(perf_counter() - started)
    return {name: median(rounds) for name, rounds in seconds.items()}


def run() -> Iterator[str]:
    """Yield seconds and ratios, and what a change of a cluster costs."""
    data = "".join(f"---\n{json.dumps(pod(f'new-{number}'))}\n" for number in range(PODS)).encode()
    full, small, none = _cluster(CLUSTER), _cluster(0), PreparedCluster(None, "", 37, None)
    requester = Requester(namespace="shop")

    def explained(cluster: PreparedCluster | None) -> None:
        admission = None if cluster is None else Admission(cluster, requester)
        inputs = ((item, data) for item in read_file(InputFile("new.yaml", data)))
        found, problems = explain_inputs(inputs, setting=Setting(), admission=admission)
        assert len(found.objects) == PODS
        assert not problems

    def admitted(cluster: PreparedCluster) -> None:
        requests = [Submission("manifest", "new.yaml", n, "new.yaml", pod(f"new-{n}")) for n in range(PODS)]
        assert admit(requests, cluster, requester=requester).denied == 0

    took = _seconds(
        {
            "explain": lambda: explained(None),
            "explain --cluster, empty": lambda: explained(small),
            "explain --cluster": lambda: explained(full),
            "admit": lambda: admitted(none),
            "admit --cluster, empty": lambda: admitted(small),
            "admit --cluster": lambda: admitted(full),
        }
    )
    for verb in ("explain", "admit"):
        with_cluster, without = took[f"{verb} --cluster"], took[verb]
        empty = took[f"{verb} --cluster, empty"]
        yield (
            f"{verb:<8} {PODS} pods, {CLUSTER:,} in the cluster: {with_cluster:.3f} s, "
            f"{with_cluster / without:.2f} × without a cluster (at most 1.3), "
            f"{with_cluster / empty:.2f} × with none in it"
        )
    changed = pod("new")
    for prepared, size in ((small, 0), (full, CLUSTER)):
        cluster: Cluster = prepared.cluster
        best = min(_once(partial(cluster.with_object, changed)) for _ in range(200))
        yield f"with_object of a cluster of {size:5,} pods: {best * 1e6:.0f} µs best"


def _once(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return perf_counter() - started
