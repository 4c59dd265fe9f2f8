"""A pod's status, whole, and what is taken for known of a pod and its containers before anything is."""

from test_status import AT, NOW, SIDECAR, attempt, known, pod_status

from podproof.kubelet.fields import DownwardValues
from podproof.kubelet.instance import Instance
from podproof.kubelet.status import ContainerRuntimeState, PodRuntimeState


def test_a_running_pod() -> None:
    state = PodRuntimeState(sandbox="ready", started_at=NOW, host_ip="10.0.0.1", pod_ip="10.1.0.7")
    found = pod_status({"a": known(attempt(), started=True, ready=True)}, state=state)
    conditions = found.pop("conditions")
    assert {c["type"]: c["status"] for c in conditions} == {
        "PodReadyToStartContainers": "True",
        "Initialized": "True",
        "Ready": "True",
        "ContainersReady": "True",
        "PodScheduled": "True",
    }
    assert found == {
        "phase": "Running",
        "qosClass": "BestEffort",
        "observedGeneration": 1,
        "startTime": AT,
        "containerStatuses": [
            {
                "name": "a",
                "image": "app:1",
                "imageID": "",
                "lastState": {},
                "ready": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": AT}},
                "containerID": "containerd://x1",
                "resources": {},
                "started": True,
            }
        ],
        "hostIP": "10.0.0.1",
        "hostIPs": [{"ip": "10.0.0.1"}],
        "podIP": "10.1.0.7",
        "podIPs": [{"ip": "10.1.0.7"}],
    }


def test_a_pod_without_addresses_has_none_in_its_status() -> None:
    found = pod_status({}, init=[SIDECAR])
    assert not {"hostIP", "hostIPs", "podIP", "podIPs", "reason", "message"} & found.keys()
    assert list(found) == [
        "phase",
        "conditions",
        "qosClass",
        "observedGeneration",
        "startTime",
        "initContainerStatuses",
        "containerStatuses",
    ]


def test_nothing_is_known_at_first() -> None:
    assert DownwardValues() == DownwardValues("", "", "", cpu=1, memory=0, storage=0)
    assert ContainerRuntimeState() == ContainerRuntimeState(None, None, None, started=False, ready=False)
    assert PodRuntimeState() == PodRuntimeState(
        sandbox="none",
        pod_ip="",
        host_ip="",
        started_at=0.0,
        runtime="containerd",
        recursive_read_only=False,
        terminal=False,
        phase=None,
        reason="",
        message="",
    )
    assert Instance("id", "a", "created") == Instance(
        "id",
        "a",
        "created",
        restart_count=0,
        created_at=0.0,
        started_at=0.0,
        finished_at=0.0,
        exit_code=0,
        reason="",
        message="",
        image="",
        image_id="",
    )
