"""AppArmor profiles of a node: which are loaded, and what becomes of a pod whose profile is not."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node, parse_node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.effective.value import Unknown
from podproof.errors import UsageError
from podproof.kube.pod import raw_pod
from podproof.kubelet.start import predict_start
from podproof.kubelet.start_prediction import PodStartPrediction

ANNOTATION = "container.apparmor.security.beta.kubernetes.io/c"
NOT_LOADED = 'Cannot enforce AppArmor: profile "web" is not loaded'
NOT_FOUND = (
    "failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found web"
)


def _start(
    node: Node, version: int, *, runtime: str = "containerd-2.3.7", profile: str = "localhost/web"
) -> PodStartPrediction:
    pod = raw_pod(
        {
            "metadata": {"name": "p", "annotations": {ANNOTATION: profile}},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        }
    )
    image = ImageConfig(user="", passwd="root:x:0:0\n", group="")
    setting = Setting(images={"i": image}, node=node, runtime=parse_runtime(runtime), version=version)
    return predict_start(pod, place_containers(pod, setting), setting)


@pytest.mark.parametrize("version", [19, 23])
def test_up_to_1_23_the_kubelet_looks_itself(version: int) -> None:
    start = _start(Node(apparmor=True, apparmor_profiles=("other",)), version)
    assert (start.phase, start.reason, start.message) == ("Pending", "AppArmor", NOT_LOADED)
    assert start.containers[0].reason == "Blocked"
    assert start.containers[0].route == ("metadata", "annotations", ANNOTATION)


@pytest.mark.parametrize("version", [24, 30, 37])
def test_later_the_runtime_refuses_the_container(version: int) -> None:
    start = _start(Node(apparmor=True, apparmor_profiles=()), version)
    (container,) = start.containers
    assert (start.phase, start.reason) == ("Pending", None)
    assert (container.starts, container.reason) == (False, "CreateContainerError")
    assert container.message == NOT_FOUND


def test_what_cri_o_does_is_not_known() -> None:
    (container,) = _start(Node(apparmor=True, apparmor_profiles=()), 37, runtime="cri-o").containers
    assert container.starts == Unknown(
        "not known: the node does not have the AppArmor profile web, and what cri-o does then"
    )


@pytest.mark.parametrize("version", [23, 37])
@pytest.mark.parametrize("profile", ["localhost/web", "runtime/default", "unconfined"])
def test_what_is_loaded_starts(version: int, profile: str) -> None:
    node = Node(apparmor=True, apparmor_profiles=("web",))
    assert _start(node, version, profile=profile).containers[0].starts is True


@pytest.mark.parametrize("version", [23, 37])
def test_a_node_of_which_it_is_not_known(version: int) -> None:
    (container,) = _start(Node(apparmor=True), version).containers
    assert container.starts == Unknown("not known whether the node has the AppArmor profile web")


@pytest.mark.parametrize("version", [23, 30])
def test_a_node_without_apparmor_has_no_use_for_profiles(version: int) -> None:
    start = _start(Node(apparmor=False, apparmor_profiles=("web",)), version)
    assert start.message == "Cannot enforce AppArmor: AppArmor is not enabled on the host"


def test_the_key_of_a_node_file() -> None:
    assert parse_node({"apparmor_profiles": ["web"]}).apparmor_profiles == ("web",)
    wrong: Any = {"apparmor_profiles": "web"}
    with pytest.raises(UsageError, match="apparmor_profiles must be a list of strings"):
        parse_node(wrong)
