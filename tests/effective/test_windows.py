"""A pod for Windows nodes: no Linux setting is told to be in force, whoever asks for the system."""

from typing import Any

import msgspec
import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.resolve import resolve
from podproof.effective.value import Field, Origin, Unknown
from podproof.effective.windows import withdraw_on_windows
from podproof.kube.pod import raw_pod
from podproof.outputs.explain_text import text
from podproof.results.explained import Explained
from podproof.results.plain import to_plain
from podproof.session.explain import explain_pod

SETTINGS = {"runAsUser": 1000, "readOnlyRootFilesystem": True, "capabilities": {"add": ["NET_ADMIN"]}}
AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["windows"]}]}
            ]
        }
    }
}
ASKS = [
    {"os": {"name": "windows"}},
    {"nodeSelector": {"kubernetes.io/os": "windows"}},
    {"affinity": AFFINITY},
]


def explained(**spec: Any) -> Explained:
    container = {"name": "c", "image": "i", "securityContext": SETTINGS}
    pod = {"spec": {"containers": [container], "securityContext": {"runAsNonRoot": True}, **spec}}
    return explain_pod(pod)


@pytest.mark.parametrize("ask", ASKS, ids=["os", "nodeSelector", "affinity"])
def test_linux_settings_are_unknown_and_say_why(ask: dict[str, Any]) -> None:
    (container,) = to_plain(explained(**ask))["objects"][0]["containers"]
    user = container["fields"]["runAsUser"]
    assert user["value"] == {"unknown": "on Windows nothing reads runAsUser"}
    assert user["origin"]["route"] == "spec.containers[0].securityContext.runAsUser"
    known = [name for name, field in container["fields"].items() if "unknown" not in str(field["value"])]
    assert known == ["runAsNonRoot"]
    assert container["process"]["capabilities"]["effective"] == {
        "unknown": "on Windows nothing reads capabilities"
    }
    assert container["process"]["namespaces"]["net"] == {
        "unknown": "on Windows nothing is known of the net namespace"
    }


@pytest.mark.parametrize("ask", ASKS, ids=["os", "nodeSelector", "affinity"])
def test_the_table_promises_nothing_of_linux(ask: dict[str, Any]) -> None:
    shown = text(explained(**ask))
    assert "the process will be one of Windows" in shown
    assert "what stops it" not in shown
    assert "it can write" not in shown
    # of a pod that says it is for Windows, the API server takes no setting of Linux
    refused = "os" in ask
    assert ("Forbidden: cannot be set for a windows pod" in shown) is refused
    assert ("not known whether it will start: a Windows node decides" in shown) is not refused


def test_a_preference_for_windows_is_no_demand() -> None:
    preferred: dict[str, Any] = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}
    (container,) = to_plain(explained(affinity=preferred))["objects"][0]["containers"]
    assert container["process"]["uid"] == 1000


ROUTE = ("spec", "securityContext", "runAsUser")


@pytest.mark.parametrize(
    ("origin", "kept"),
    [
        (Origin("container", ROUTE), Origin("container", ROUTE)),
        (Origin("pod", ROUTE, "words"), Origin("pod", ROUTE)),
        (Origin("policy", ROUTE, "words", "psp.yaml", 7), Origin("policy", ROUTE, "", "psp.yaml", 7)),
        (Origin("runtime", ROUTE), Origin("kubernetes")),
        (Origin("kubernetes", ROUTE, "dropped"), Origin("kubernetes")),
        (Origin("image", (), "image i"), Origin("kubernetes")),
        (Origin("container"), Origin("kubernetes")),
    ],
)
def test_where_a_setting_stands_is_kept(origin: Origin, kept: Origin) -> None:
    (placed,) = place_containers(raw_pod({"spec": {"containers": [{"name": "c"}]}}))
    linux = msgspec.structs.replace(resolve(placed), uid=Field(5, origin))
    found = withdraw_on_windows(linux).uid
    assert (found.value, found.origin) == (Unknown("on Windows nothing reads runAsUser"), kept)
