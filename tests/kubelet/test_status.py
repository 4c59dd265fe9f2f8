"""The pod's status, from what is known of each container and of the pod."""

import math
from typing import Any

import msgspec
import pytest

from podproof.kubelet.instance import ContainerState, Instance
from podproof.kubelet.status import ContainerRuntimeState, PodRuntimeState, build_status, timestamp

NOW = 1_700_000_000.0
AT = "2023-11-14T22:13:20Z"
EARLIER = "2023-11-14T22:00:00Z"


def attempt(state: ContainerState = "running", code: int = 0, **fields: Any) -> Instance:
    return Instance("x1", "a", state, exit_code=code, started_at=NOW, **fields)


def known(instance: Instance | None = None, **fields: Any) -> ContainerRuntimeState:
    return ContainerRuntimeState(instance, **fields)


def pod_status(
    known_containers: dict[str, ContainerRuntimeState],
    *,
    init: Any = (),
    ephemeral: Any = (),
    previous: Any = None,
    state: PodRuntimeState | None = None,
    **spec: Any,
) -> dict[str, Any]:
    return build_status(
        {
            "spec": {
                "containers": [{"name": "a", "image": "app:1"}],
                "initContainers": list(init),
                "ephemeralContainers": list(ephemeral),
                **spec,
            }
        },
        known_containers,
        state or PodRuntimeState(sandbox="ready", started_at=NOW),
        previous or {},
        NOW,
    )


def container_status(container: ContainerRuntimeState, **options: Any) -> dict[str, Any]:
    """The status of the one regular container, `a`."""
    (status,) = pod_status({"a": container}, **options)["containerStatuses"]
    found: dict[str, Any] = status
    return found


def init_status(container: ContainerRuntimeState, init: dict[str, Any], **options: Any) -> dict[str, Any]:
    (status,) = pod_status({"i": container}, init=[init], **options)["initContainerStatuses"]
    found: dict[str, Any] = status
    return found


INIT = {"name": "i", "image": "i"}
SIDECAR = {**INIT, "restartPolicy": "Always"}
PULLING = ("ErrImagePull", "not found")
CRASHING = ("CrashLoopBackOff", "back-off")


def test_a_container_that_was_never_made() -> None:
    assert container_status(known()) == {
        "name": "a",
        "image": "app:1",
        "imageID": "",
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "started": False,
    }
    waiting = container_status(known(), init=[INIT])["state"]
    assert waiting == {"waiting": {"reason": "PodInitializing"}}


def test_a_container_that_runs() -> None:
    resources = {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}
    instance = attempt(image="docker.io/library/app:1", image_id="sha256:1", restart_count=3)
    status = container_status(
        known(instance, started=True, ready=True),
        containers=[{"name": "a", "image": "app:1", "resources": resources}],
    )
    assert status == {
        "name": "a",
        "image": "docker.io/library/app:1",
        "imageID": "sha256:1",
        "lastState": {},
        "ready": True,
        "restartCount": 3,
        "state": {"running": {"startedAt": AT}},
        "containerID": "containerd://x1",
        "resources": resources,
        "allocatedResources": {"cpu": "1"},
        "started": True,
    }
    assert "allocatedResources" not in container_status(known(instance))


@pytest.mark.parametrize(
    ("started", "ready", "expected"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_a_container_is_ready_once_it_has_started(started: bool, ready: bool, expected: bool) -> None:
    status = container_status(known(attempt(), started=started, ready=ready))
    assert (status["started"], status["ready"]) == (started, expected)
    # the probes' last word does not outlive the process
    ended = container_status(known(attempt("exited", 1), started=True, ready=True))
    assert (ended["started"], ended["ready"]) == (False, False)


@pytest.mark.parametrize(
    ("container", "policy", "terminal", "state", "last"),
    [
        # never made: the failed start is what it waits for
        (known(waiting=PULLING), "Never", False, "ErrImagePull", None),
        (known(waiting=PULLING), "Never", True, "ContainerCreating", None),
        # it ended and is started again: its end becomes the last state
        (known(attempt("exited", 1), waiting=CRASHING), "Always", False, "CrashLoopBackOff", 1),
        (known(attempt("exited", 1), waiting=CRASHING), "Always", True, 1, None),
        (known(attempt("exited", 1), waiting=CRASHING), "Never", False, 1, None),
        (known(attempt("exited", 0), waiting=CRASHING), "OnFailure", False, 0, None),
        (known(attempt("exited", 1)), "Always", False, 1, None),
        # it runs: what was wrong before no longer counts
        (known(attempt(), waiting=CRASHING), "Always", False, "running", None),
        (known(attempt(), last=attempt("exited", 7)), "Always", False, "running", 7),
        (known(attempt("exited", 1), last=attempt("exited", 7), waiting=CRASHING), "Always", False,
         "CrashLoopBackOff", 1),
        (known(attempt("created"), last=attempt("exited", 7), waiting=PULLING), "Always", False,
         "ErrImagePull", 7),
    ],
)  # fmt: skip
def test_states(
    container: ContainerRuntimeState, policy: str, terminal: bool, state: str | int, last: int | None
) -> None:
    status = container_status(
        container, restartPolicy=policy, state=PodRuntimeState(sandbox="ready", terminal=terminal)
    )
    assert _word(status["state"]) == state
    assert _word(status["lastState"]) == last


def _word(state: dict[str, Any]) -> str | int | None:
    if "waiting" in state:
        return str(state["waiting"].get("reason"))
    if "terminated" in state:
        return int(state["terminated"]["exitCode"])
    return "running" if "running" in state else None


def test_an_end_with_its_reason_and_message() -> None:
    instance = attempt("exited", 137, finished_at=NOW, reason="OOMKilled", message="no memory")
    assert container_status(known(instance), restartPolicy="Never")["state"] == {
        "terminated": {
            "containerID": "containerd://x1",
            "exitCode": 137,
            "startedAt": AT,
            "finishedAt": AT,
            "reason": "OOMKilled",
            "message": "no memory",
        }
    }
    never = msgspec.structs.replace(instance, started_at=0.0, reason="", message="")
    ended = container_status(known(never), restartPolicy="Never")["state"]["terminated"]
    assert ended["startedAt"] == "1970-01-01T00:00:00Z"
    assert {"reason", "message"}.isdisjoint(ended)


def test_a_waiting_container_without_a_message_has_none() -> None:
    waiting = container_status(known(waiting=("PodInitializing", "")))["state"]["waiting"]
    assert waiting == {"reason": "PodInitializing"}
    assert container_status(known(waiting=PULLING))["state"]["waiting"]["message"] == "not found"


@pytest.mark.parametrize(
    ("container", "ready", "state"),
    [
        (known(attempt("exited", 0), waiting=CRASHING), True, 0),
        (known(attempt("exited", 1), waiting=CRASHING), False, "CrashLoopBackOff"),
        (known(attempt(), started=True, ready=True), False, "running"),
        (known(), False, "PodInitializing"),
    ],
)
def test_an_init_container_is_ready_when_it_has_succeeded(
    container: ContainerRuntimeState, ready: bool, state: str | int
) -> None:
    status = init_status(container, INIT)
    assert (status["ready"], status["started"], _word(status["state"])) == (ready, False, state)


def test_a_sidecar_is_ready_as_a_regular_container_is() -> None:
    status = init_status(known(attempt(), started=True, ready=True), SIDECAR)
    assert (status["ready"], status["started"]) == (True, True)
    status = init_status(known(attempt("exited", 0), waiting=CRASHING), SIDECAR)
    assert (status["ready"], _word(status["state"])) == (False, "CrashLoopBackOff")


def test_an_ephemeral_container_is_never_ready_and_has_no_started() -> None:
    ephemeral = [{"name": "d", "image": "d"}]
    for container in (known(attempt(), started=True, ready=True), known(waiting=PULLING)):
        (status,) = pod_status({"d": container}, ephemeral=ephemeral)["ephemeralContainerStatuses"]
        assert status["ready"] is False
        assert "started" not in status
    assert _word(status["state"]) == "ErrImagePull"
    ended = known(attempt("exited", 1), waiting=PULLING)
    (status,) = pod_status({"d": ended}, ephemeral=ephemeral)["ephemeralContainerStatuses"]
    assert _word(status["state"]) == 1


def test_regular_statuses_are_sorted_by_name_and_those_of_init_containers_are_not() -> None:
    names = [{"name": name, "image": "i"} for name in ("c", "a", "b")]
    status = pod_status({}, containers=names, init=names, ephemeral=names)
    assert [s["name"] for s in status["containerStatuses"]] == ["a", "b", "c"]
    assert [s["name"] for s in status["ephemeralContainerStatuses"]] == ["a", "b", "c"]
    assert [s["name"] for s in status["initContainerStatuses"]] == ["c", "a", "b"]
    assert "initContainerStatuses" not in pod_status({})


@pytest.mark.parametrize(
    ("mount", "supported", "shown"),
    [
        ({}, True, {}),
        ({"readOnly": True}, True, {"readOnly": True, "recursiveReadOnly": "Disabled"}),
        ({"readOnly": True, "recursiveReadOnly": "IfPossible"}, True,
         {"readOnly": True, "recursiveReadOnly": "Enabled"}),
        ({"readOnly": True, "recursiveReadOnly": "Enabled"}, True,
         {"readOnly": True, "recursiveReadOnly": "Enabled"}),
        ({"readOnly": True, "recursiveReadOnly": "IfPossible"}, False,
         {"readOnly": True, "recursiveReadOnly": "Disabled"}),
    ],
)  # fmt: skip
def test_mounts(mount: dict[str, Any], supported: bool, shown: dict[str, Any]) -> None:
    place = {"name": "v", "mountPath": "/v"}
    container = {"name": "a", "image": "i", "volumeMounts": [{**place, **mount}]}
    state = PodRuntimeState(sandbox="ready", recursive_read_only=supported)
    status = container_status(known(), containers=[container], state=state)
    assert status["volumeMounts"] == [{**place, **shown}]


def test_the_pods_addresses_and_times() -> None:
    state = PodRuntimeState(sandbox="ready", started_at=NOW, pod_ip="10.0.0.7", host_ip="192.0.2.1")
    status = pod_status({"a": known(attempt(), started=True, ready=True)}, state=state)
    assert (status["startTime"], status["qosClass"], status["phase"]) == (AT, "BestEffort", "Running")
    assert (status["podIP"], status["podIPs"]) == ("10.0.0.7", [{"ip": "10.0.0.7"}])
    assert (status["hostIP"], status["hostIPs"]) == ("192.0.2.1", [{"ip": "192.0.2.1"}])
    assert {"podIP", "podIPs", "hostIP", "reason", "message"}.isdisjoint(pod_status({}))


def test_a_rejected_pod_has_no_conditions() -> None:
    state = PodRuntimeState(phase="Failed", reason="SysctlForbidden", message="m", started_at=NOW)
    assert pod_status({}, state=state) == {
        "phase": "Failed",
        "reason": "SysctlForbidden",
        "message": "m",
        "qosClass": "BestEffort",
        "observedGeneration": 1,
        "startTime": AT,
    }
    evicted = msgspec.structs.replace(state, sandbox="not ready")
    status = pod_status({}, state=evicted)
    assert (status["reason"], status["message"]) == ("SysctlForbidden", "m")
    assert status["conditions"]


@pytest.mark.parametrize(
    ("previous", "terminal", "phase"),
    [
        # while its containers may still run, an ended pod keeps the phase it had
        ("Running", False, "Running"),
        (None, False, "Pending"),
        ("Running", True, "Failed"),
        ("Failed", True, "Failed"),
        ("Succeeded", True, "Succeeded"),
    ],
)
def test_an_end_is_shown_when_nothing_runs_any_more_and_never_left(
    previous: str | None, terminal: bool, phase: str
) -> None:
    status = pod_status(
        {"a": known(attempt("exited", 1))},
        restartPolicy="Never",
        previous={"phase": previous},
        state=PodRuntimeState(sandbox="ready", terminal=terminal),
    )
    assert status["phase"] == phase


def test_a_decided_phase_counts_over_the_containers() -> None:
    state = PodRuntimeState(sandbox="ready", terminal=True, phase="Failed", reason="DeadlineExceeded")
    assert pod_status({"a": known(attempt())}, state=state)["phase"] == "Failed"


def test_a_condition_keeps_the_time_of_its_last_change() -> None:
    first = pod_status({"a": known(attempt())})
    for condition in first["conditions"]:
        condition["lastTransitionTime"] = EARLIER
    after = pod_status({"a": known(attempt(), started=True, ready=True)}, previous=first)
    times = {c["type"]: c["lastTransitionTime"] for c in after["conditions"]}
    assert times == {
        "PodReadyToStartContainers": EARLIER,
        "Initialized": EARLIER,
        "Ready": AT,
        "ContainersReady": AT,
        "PodScheduled": EARLIER,
    }
    assert all(c["lastProbeTime"] is None and c["observedGeneration"] == 1 for c in after["conditions"])
    unready = first["conditions"][3]
    assert (unready["reason"], unready["message"]) == (
        "ContainersNotReady",
        "containers with unready status: [a]",
    )
    assert {"reason", "message"}.isdisjoint(after["conditions"][3])


def test_a_restarting_sidecar_makes_no_running_pod_pending() -> None:
    containers = {"a": known(attempt(), started=True), "i": known(attempt(), started=False)}
    assert pod_status(containers, init=[SIDECAR])["phase"] == "Running"
    # one regular container that has run is enough
    both = {"containers": [{"name": "a"}, {"name": "b"}]}
    back = known(attempt("created"), last=attempt("exited", 1), waiting=CRASHING)
    assert pod_status({**containers, "b": back}, init=[SIDECAR], **both)["phase"] == "Running"
    assert pod_status({"i": known(attempt())}, init=[SIDECAR])["phase"] == "Pending"


def test_times_are_cut_to_seconds() -> None:
    assert timestamp(NOW + 0.9) == AT
    assert timestamp(math.nextafter(NOW + 1, 0)) == AT  # nor rounded up on the way
    assert timestamp(0.0) is None


@pytest.mark.parametrize(
    ("own", "of_pod", "code", "again"),
    [
        ("Never", "Always", 1, False),
        ("OnFailure", "Always", 0, False),
        ("OnFailure", "Never", 1, True),
        ("Always", "Never", 0, True),
        (None, "OnFailure", 1, True),
        (None, "Never", 1, False),
    ],
)
def test_only_a_container_that_starts_again_waits(
    own: str | None, of_pod: str, code: int, again: bool
) -> None:
    regular = [{"name": "a", "image": "app:1", "restartPolicy": own}]
    ended = known(attempt("exited", code), waiting=CRASHING)
    state = container_status(ended, containers=regular, restartPolicy=of_pod)["state"]
    if again:
        assert state == {"waiting": {"reason": CRASHING[0], "message": CRASHING[1]}}
    else:
        assert list(state) == ["terminated"]
