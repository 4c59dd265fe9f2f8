"""What a Sensor of Argo Events creates: objects that stand in it are judged, those elsewhere are not.

Source: argoproj/argo-events pkg/apis/events/v1alpha1, ArtifactLocation.
"""

import pytest

from podproof.kube.unjudged import unjudged_in
from podproof.kube.workload import Workload, find_workload

POD = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "i"}]}}
KINDS = ("k8s", "argoWorkflow")


def sensor(kind: str, source: object) -> dict[str, object]:
    triggers = [
        {"template": {"name": "log", "log": {}}},
        {"template": {"name": "t", kind: {"source": source}}},
    ]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Sensor",
        "metadata": {"name": "s"},
        "spec": {"triggers": triggers},
    }


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_that_stands_in_a_trigger(kind: str) -> None:
    found = find_workload(sensor(kind, {"resource": POD}))
    assert isinstance(found, Workload)
    own, created = found.templates
    assert own.route == ("spec",)
    assert created.route == ("spec", "triggers", 1, "template", kind, "source", "resource")
    assert created.pod == POD


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["configmap", "file", "git", "inline", "s3", "url"])
def test_an_object_that_stands_elsewhere(kind: str, place: str) -> None:
    value = sensor(kind, {place: {"url": "x"}})
    unjudged = unjudged_in(value, find_workload(value))
    assert unjudged is not None
    assert unjudged.routes == (("spec", "triggers", 1, "template", kind, "source", place),)
    assert unjudged.reasons[0] == "an object that stands elsewhere is created"
