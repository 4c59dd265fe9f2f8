"""What the kubelet does next for a pod: which containers start, which are killed, when the pod is done."""

from typing import Any

import pytest

from podproof.kubelet.instance import ContainerState, Instance
from podproof.kubelet.pod_actions import (
    ContainerToKill,
    PodActions,
    ProbeResults,
    compute_pod_actions,
    should_be_restarted,
    termination_order,
)


def attempt(name: str, state: ContainerState = "running", code: int = 0) -> Instance:
    return Instance(f"{name}-id", name, state, exit_code=code)


def exited(name: str, code: int = 0) -> Instance:
    return attempt(name, "exited", code)


def actions(
    *instances: Instance, init: Any = (), regular: Any = ("a",), results: Any = None, **spec: Any
) -> PodActions:
    """Compute the actions; a container is a name or a mapping, a probe's results go by the name."""

    def named(containers: Any) -> list[dict[str, Any]]:
        return [{"name": one} if isinstance(one, str) else one for one in containers]

    return compute_pod_actions(
        {"initContainers": named(init), "containers": named(regular), **spec},
        {instance.name: instance for instance in instances},
        {f"{name}-id": result for name, result in (results or {}).items()},
    )


def sidecar(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "restartPolicy": "Always", **fields}


PROBED = sidecar("s", startupProbe={"exec": {}})
NOT_STARTED, STARTED = ProbeResults(started=False), ProbeResults(started=True)
DONE = PodActions(kill_pod=True)
NOTHING = PodActions()


@pytest.mark.parametrize(
    ("instances", "init", "results", "start"),
    [
        ((), ("i", "j"), {}, ("i",)),
        ((attempt("i"),), ("i", "j"), {}, ()),
        ((attempt("i", "created"),), ("i", "j"), {}, ("i",)),
        ((attempt("i", "unknown"),), ("i", "j"), {}, ("i",)),
        ((exited("i"),), ("i", "j"), {}, ("j",)),
        ((exited("i"), exited("j")), ("i", "j"), {}, ("a",)),
        ((exited("i", 1),), ("i", "j"), {}, ("i",)),
        ((exited("i"), exited("j", 1)), ("i", "j"), {}, ("j",)),
        # a sidecar lets the next one start when it runs, and not before its startup probe succeeds
        ((attempt("s"),), (sidecar("s"), "j"), {}, ("j",)),
        ((attempt("s", "created"),), (sidecar("s"), "j"), {}, ("s",)),
        ((attempt("s"),), (PROBED, "j"), {"s": NOT_STARTED}, ()),
        ((attempt("s"),), (PROBED, "j"), {"s": STARTED}, ("j",)),
        ((attempt("s"),), (PROBED,), {"s": NOT_STARTED}, ()),
        ((attempt("s"),), (PROBED,), {"s": STARTED}, ("a",)),
        # without a probe, nothing but running counts
        ((attempt("s"),), (sidecar("s"),), {"s": NOT_STARTED}, ("a",)),
        # a sidecar that ended is started again, whatever its exit code
        ((exited("s"),), (sidecar("s"), "j"), {}, ("s",)),
        ((exited("s", 1), attempt("j")), (sidecar("s"), "j"), {}, ("s",)),
        ((attempt("s"), exited("j")), (sidecar("s"), "j"), {}, ("a",)),
        # one that is missing behind the latest is started beside it
        ((attempt("j"),), (sidecar("s"), "j"), {}, ("s",)),
    ],
)
def test_init_containers_run_one_after_the_other(
    instances: tuple[Instance, ...], init: Any, results: dict[str, ProbeResults], start: tuple[str, ...]
) -> None:
    assert actions(*instances, init=init, results=results) == PodActions(start)


@pytest.mark.parametrize(
    ("policy", "code", "expected"),
    [
        ("Never", 1, DONE),
        ("Never", 0, PodActions(("a",))),
        ("OnFailure", 1, PodActions(("i",))),
        ("Always", 1, PodActions(("i",))),
    ],
)
def test_an_init_container_that_failed_for_good_ends_the_pod(
    policy: str, code: int, expected: PodActions
) -> None:
    assert actions(exited("i", code), init=("i",), restartPolicy=policy) == expected


def test_a_failed_init_container_ends_the_pod_though_a_sidecar_runs() -> None:
    instances = (attempt("s"), exited("i", 1))
    assert actions(*instances, init=(sidecar("s"), "i"), restartPolicy="Never") == DONE


def test_once_a_regular_container_has_run_only_sidecars_are_looked_after() -> None:
    init = ("i", sidecar("s"), sidecar("t"))
    instances = (exited("i", 1), exited("s", 1), attempt("a"))
    assert actions(*instances, init=init) == PodActions(("s", "t"))
    assert actions(exited("a", 1), exited("i", 1), init=("i",)) == PodActions(("a",))
    # one that was only created has not run
    assert actions(attempt("a", "created"), exited("i", 1), init=("i",)) == PodActions(("i",))


@pytest.mark.parametrize(
    ("results", "message", "reason"),
    [
        (ProbeResults(liveness=False), "Init container s failed liveness probe", "LivenessProbe"),
        (ProbeResults(started=False, startup=False), "Init container s failed startup probe", "StartupProbe"),
    ],
)
def test_a_sidecar_whose_probe_failed_is_killed_and_started_again(
    results: ProbeResults, message: str, reason: Any
) -> None:
    kill = (ContainerToKill("s", "s-id", message, reason),)
    made = actions(attempt("s"), attempt("a"), init=(PROBED,), results={"s": results})
    assert made == PodActions(("s",), kill)


@pytest.mark.parametrize(
    ("policy", "results", "expected"),
    [
        ("Always", None, NOTHING),
        ("Always", ProbeResults(), NOTHING),
        ("Always", ProbeResults(liveness=True, startup=True), NOTHING),
        (
            "Always",
            ProbeResults(liveness=False),
            PodActions(
                ("a",),
                (ContainerToKill("a", "a-id", "Container a failed liveness probe, will be restarted",
                                 "LivenessProbe"),),
            ),
        ),
        (
            "OnFailure",
            ProbeResults(startup=False),
            PodActions(
                ("a",),
                (ContainerToKill("a", "a-id", "Container a failed startup probe, will be restarted",
                                 "StartupProbe"),),
            ),
        ),
    ],
)  # fmt: skip
def test_a_container_whose_probe_failed_is_killed(
    policy: str, results: ProbeResults | None, expected: PodActions
) -> None:
    given = {} if results is None else {"a": results}
    assert actions(attempt("a"), results=given, restartPolicy=policy) == expected


def test_a_killed_container_that_is_not_restarted_leaves_the_others() -> None:
    kill = (ContainerToKill("a", "a-id", "Container a failed liveness probe", "LivenessProbe"),)
    instances, results = (attempt("a"), attempt("b")), {"a": ProbeResults(liveness=False)}
    made = actions(*instances, regular=("a", "b"), results=results, restartPolicy="Never")
    assert made == PodActions((), kill)
    # the last one takes the pod with it
    assert actions(attempt("a"), results=results, restartPolicy="Never") == DONE


def test_a_containers_own_policy_counts_for_its_probe() -> None:
    regular = ({"name": "a", "restartPolicy": "Never"}, "b")
    results = {"a": ProbeResults(liveness=False)}
    made = actions(attempt("a"), attempt("b"), regular=regular, results=results)
    assert made.start == ()
    assert [kill.message for kill in made.kill] == ["Container a failed liveness probe"]


@pytest.mark.parametrize(
    ("policy", "instances", "expected"),
    [
        ("Always", (exited("a"),), PodActions(("a",))),
        ("OnFailure", (exited("a"),), DONE),
        ("OnFailure", (exited("a", 1),), PodActions(("a",))),
        ("Never", (exited("a", 1),), DONE),
        ("Never", (exited("a", 1), attempt("s")), DONE),
        ("Never", (), PodActions(("a",))),
    ],
)
def test_a_pod_ends_when_no_regular_container_is_left_to_run(
    policy: str, instances: tuple[Instance, ...], expected: PodActions
) -> None:
    init = (sidecar("s"),) if any(instance.name == "s" for instance in instances) else ()
    assert actions(*instances, init=init, restartPolicy=policy) == expected


@pytest.mark.parametrize(
    ("own", "of_pod", "code", "again"),
    [
        ("Never", "Always", 0, False),
        ("Never", "Always", 1, False),
        ("OnFailure", "Always", 0, False),
        ("OnFailure", "Never", 1, True),
        ("Always", "Never", 0, True),
        (None, "OnFailure", 1, True),
        (None, "Never", 1, False),
        (None, None, 0, True),
    ],
)
def test_a_containers_own_policy_counts_when_it_ends(
    own: str | None, of_pod: str | None, code: int, again: bool
) -> None:
    regular = ({"name": "a", "restartPolicy": own},)
    made = actions(exited("a", code), regular=regular, restartPolicy=of_pod)
    assert made == (PodActions(("a",)) if again else DONE)


def test_ephemeral_containers_start_once_and_first() -> None:
    debug = [{"name": "d"}, {"name": "e"}]
    assert actions(ephemeralContainers=debug).start == ("d", "e", "a")
    assert actions(init=("i",), ephemeralContainers=debug).start == ("d", "e", "i")
    assert actions(attempt("a"), exited("d", 1), ephemeralContainers=debug).start == ("e",)


@pytest.mark.parametrize(
    ("instance", "policy", "again"),
    [
        (None, "Never", True),
        (attempt("a", "created"), "Never", True),
        (attempt("a", "unknown"), "Never", True),
        (attempt("a"), "Always", False),
        (exited("a", 1), "Never", False),
        (exited("a", 1), "OnFailure", True),
        (exited("a"), "OnFailure", False),
        (exited("a"), "Always", True),
    ],
)
def test_what_has_to_be_started(instance: Instance | None, policy: str, again: bool) -> None:
    assert should_be_restarted({"name": "a"}, {"restartPolicy": policy}, instance) is again


def test_regular_containers_end_together_and_sidecars_after_them_from_the_last() -> None:
    spec = {"initContainers": [sidecar("s"), {"name": "i"}, sidecar("t")], "containers": [{"name": "a"}]}
    assert termination_order(spec, frozenset("bast")) == (("a", "b"), ("t",), ("s",))
    assert termination_order(spec, frozenset("s")) == (("s",),)
    assert termination_order(spec, frozenset()) == ()
