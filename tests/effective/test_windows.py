"""A pod for Windows nodes: no Linux setting is told to be in force, whoever asks for the system."""

from typing import Any

import pytest

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
