"""What keeps a pod from its sandbox or its node, in the words of the kubelet and the scheduler."""

from typing import Any

import pytest

from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kubelet.objects import Objects
from podproof.kubelet.sandbox import refuse_sandbox
from podproof.kubelet.scheduling import unschedulable, unscheduled_status

OLD, NEW = RUNTIMES["containerd-1.6.20"], RUNTIMES["containerd-2.3.7"]
RPC = "Failed to create pod sandbox: rpc error: code = Unknown desc = "


def refused(context: dict[str, Any] | None, runtime: Any = NEW, **spec: Any) -> tuple[str, str] | None:
    pod = raw_pod({"spec": {"containers": [{"name": "c"}], "securityContext": context, **spec}})
    event = refuse_sandbox(pod, Setting(runtime=runtime))
    if event is None:
        return None
    assert event.reason == "FailedCreatePodSandBox"
    assert event.route is not None
    return ".".join(map(str, event.route)), event.message


@pytest.mark.parametrize(
    ("context", "spec"),
    [
        (None, {}),
        ({}, {}),
        ({"runAsUser": 1, "runAsGroup": 1}, {}),
        ({"runAsUser": 0, "runAsGroup": 0}, {}),
        ({"runAsUser": 65536}, {}),
        (None, {"hostUsers": True}),
        (None, {"hostUsers": False}),
        ({}, {"hostUsers": False}),
        ({"runAsUser": 65535}, {"hostUsers": False}),
        ({"runAsUser": 65536}, {"hostUsers": True}),
    ],
)
def test_is_made(context: dict[str, Any] | None, spec: dict[str, Any]) -> None:
    assert refused(context, **spec) is None


def test_a_pod_without_a_spec() -> None:
    assert refuse_sandbox(raw_pod({"metadata": {"name": "p"}}), Setting()) is None


@pytest.mark.parametrize("runtime", [OLD, NEW])
@pytest.mark.parametrize("group", [0, 5])
def test_a_group_needs_a_user(runtime: Any, group: int) -> None:
    words = runtime.sandbox_group_error.format(group)
    assert refused({"runAsGroup": group}, runtime) == ("spec.securityContext.runAsGroup", RPC + words)


def test_a_user_who_is_not_mapped() -> None:
    words = NEW.sandbox_uid_error.format("cannot setuid to unmapped uid 65536 in user namespace")
    found = refused({"runAsUser": 65536}, hostUsers=False)
    assert found == ("spec.securityContext.runAsUser", RPC + words)


@pytest.mark.parametrize("context", [None, {"runAsUser": 1}, {"runAsGroup": 1}])
def test_an_old_runtime_has_no_user_namespaces(context: dict[str, Any] | None) -> None:
    assert refused(context, OLD, hostUsers=False) == (
        "spec.hostUsers",
        "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user "
        "namespaces",
    )


CLAIM = {"kind": "PersistentVolumeClaim", "metadata": {"name": "here", "namespace": "n"}}
ELSEWHERE = {"kind": "PersistentVolumeClaim", "metadata": {"name": "there", "namespace": "default"}}


def schedule(*claims: str, namespace: str | None = "n", **spec: Any) -> str:
    volumes = [
        {"name": f"v{n}", "persistentVolumeClaim": {"claimName": name}} for n, name in enumerate(claims)
    ]
    pod = {"metadata": {"namespace": namespace}, "spec": {"volumes": [{"name": "e"}, *volumes], **spec}}
    return unschedulable(pod, Objects([CLAIM, ELSEWHERE]))


def test_a_pod_with_its_claims_gets_a_node() -> None:
    assert schedule() == schedule("here") == schedule("there", namespace=None) == ""
    assert unschedulable({}, Objects()) == ""


def test_a_claim_that_is_missing_keeps_it_waiting() -> None:
    words = '0/1 nodes are available: persistentvolumeclaim "{}" not found.'
    assert schedule("here", "there") == words.format("there")
    assert schedule("gone", "lost") == words.format("gone")
    assert schedule("here", namespace="default") == words.format("here")


def test_a_pod_that_names_its_node_asks_nobody() -> None:
    assert schedule("gone", nodeName="node") == ""


def test_the_status_of_a_waiting_pod() -> None:
    assert unscheduled_status({"spec": {"containers": [{"name": "c"}]}}, "words", "2026-01-02T03:04:05Z") == {
        "phase": "Pending",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": "words",
                "lastProbeTime": None,
                "lastTransitionTime": "2026-01-02T03:04:05Z",
                "observedGeneration": 1,
            }
        ],
        "qosClass": "BestEffort",
    }


def test_a_later_object_replaces_an_earlier_one() -> None:
    later = {**CLAIM, "spec": {}}
    objects = Objects([CLAIM, ELSEWHERE, later])
    assert objects.find("PersistentVolumeClaim", "n", "here") is later
    assert objects.find("Secret", "n", "here") is None
    assert objects.find("PersistentVolumeClaim", "n", "there") is None


def test_objects_without_namespaces() -> None:
    runtime = {"kind": "RuntimeClass", "metadata": {"name": "here"}}
    objects = Objects([CLAIM, runtime])
    assert objects.named("RuntimeClass", "here") is runtime
    assert objects.named("RuntimeClass", "gone") is None
