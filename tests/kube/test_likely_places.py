"""Of several places where a misplaced field would be legal, those that people mean are named."""

from typing import Any

import pytest

from podproof.kube.decode import decode
from podproof.kube.misplaced import remedy

C = "under spec.containers[0]"
V = "under spec.volumes[0]"


def advice(**spec: Any) -> list[str]:
    return [remedy(problem) for problem in decode({"spec": spec}, "Pod", version=37).problems]


@pytest.mark.parametrize(
    ("field", "value", "places"),
    [
        ("httpGet", {}, [f"{C}.livenessProbe"]),
        ("tcpSocket", {}, [f"{C}.livenessProbe"]),
        ("exec", {}, [f"{C}.livenessProbe"]),
        ("periodSeconds", 3, [f"{C}.livenessProbe"]),
        ("preStop", {}, [f"{C}.lifecycle"]),
        ("sleep", {}, [f"{C}.lifecycle.postStart", f"{C}.lifecycle.preStop"]),
        ("hostProcess", True, [f"{C}.securityContext.windowsOptions"]),
        ("role", "r", [f"{C}.securityContext.seLinuxOptions"]),
    ],
)
def test_in_a_container(field: str, value: Any, places: list[str]) -> None:
    assert advice(containers=[{"name": "c", field: value}]) == [f"{field} belongs {' or '.join(places)}"]


@pytest.mark.parametrize(
    ("field", "value", "places"),
    [
        ("image", "i", ["under spec.containers[*]"]),
        ("command", [], ["under spec.containers[*]"]),
        ("volumeMounts", [], ["under spec.containers[*]"]),
        ("targetContainerName", "c", ["under spec.ephemeralContainers[*]"]),
        ("readOnlyRootFilesystem", True, ["under spec.containers[*].securityContext"]),
        ("hostProcess", True, ["under spec.securityContext.windowsOptions"]),
        ("sources", [], ["under spec.volumes[*].projected"]),
    ],
)
def test_in_a_spec(field: str, value: Any, places: list[str]) -> None:
    assert advice(containers=[], **{field: value}) == [f"{field} belongs {' or '.join(places)}"]


@pytest.mark.parametrize(
    ("field", "value", "places"),
    [
        ("secretName", "s", [f"{V}.secret", f"{V}.azureFile"]),
        ("items", [], [f"{V}.secret", f"{V}.downwardAPI", f"{V}.configMap"]),
        ("sources", [], [f"{V}.projected"]),
        ("serviceAccountToken", {}, [f"{V}.projected.sources[*]"]),
        ("medium", "Memory", [f"{V}.emptyDir"]),
    ],
)
def test_in_a_volume(field: str, value: Any, places: list[str]) -> None:
    found = advice(volumes=[{"name": "v", field: value}])
    assert found == [f"{field} belongs {' or '.join(places)}"]
