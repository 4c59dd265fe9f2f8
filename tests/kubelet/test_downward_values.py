"""fieldRef and resourceFieldRef: every path and every resource, and what none of them is."""

from typing import Any

import pytest

from podproof.kubelet.fields import DownwardValues, FieldProblem, field_value, resource_value

NODE = DownwardValues(
    pod_ip="10.0.0.7", host_ip="192.0.2.1", node_name="node", cpu=4, memory=8 << 30, storage=100 << 30
)
POD: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "u-1",
        "labels": {"b": "2", "a": 'x"y', "n": None},
        "annotations": {"k/l": "v", "z": "line\n"},
    },
    "spec": {"serviceAccountName": "account"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.nodeName", "node"),
        ("spec.serviceAccountName", "account"),
        ("status.hostIP", "192.0.2.1"),
        ("status.hostIPs", "192.0.2.1"),
        ("status.podIP", "10.0.0.7"),
        ("status.podIPs", "10.0.0.7"),
        ("metadata.name", "web"),
        ("metadata.namespace", "shop"),
        ("metadata.uid", "u-1"),
        ("metadata.labels", 'a="x\\"y"\nb="2"\nn=""'),
        ("metadata.annotations", 'k/l="v"\nz="line\\n"'),
        ("metadata.labels['b']", "2"),
        ("metadata.labels['n']", ""),
        ("metadata.labels['none']", ""),
        ("metadata.annotations['k/l']", "v"),
    ],
)
def test_a_field(path: str, value: str) -> None:
    assert field_value(path, POD, NODE) == value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.namespace", "default"),
        ("metadata.name", ""),
        ("metadata.uid", ""),
        ("spec.serviceAccountName", ""),
        ("metadata.labels", ""),
        ("metadata.annotations['a']", ""),
        ("spec.nodeName", ""),
        ("status.podIP", ""),
    ],
)
def test_a_field_that_is_empty(path: str, value: str) -> None:
    assert field_value(path, {}, DownwardValues()) == value


@pytest.mark.parametrize(
    "path", ["", "spec.hostname", "metadata.labels['a'", "metadata.labels[a]", "metadata"]
)
def test_no_field(path: str) -> None:
    with pytest.raises(FieldProblem) as caught:
        field_value(path, POD, NODE)
    assert str(caught.value) == f"unsupported fieldPath: {path}"


RESOURCES = {
    "limits": {"cpu": "1500m", "memory": "64Mi", "ephemeral-storage": "1Gi", "hugepages-2Mi": "4Mi"},
    "requests": {"cpu": "250m", "memory": "1000001"},
}


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [
        ("limits.cpu", None, "2"),
        ("limits.cpu", "0", "2"),
        ("limits.cpu", "1", "2"),
        ("limits.cpu", "1m", "1500"),
        ("requests.cpu", None, "1"),
        ("requests.cpu", "1m", "250"),
        ("limits.memory", None, "67108864"),
        ("limits.memory", "1Mi", "64"),
        ("limits.memory", "1Gi", "1"),
        ("requests.memory", "1k", "1001"),
        ("requests.memory", "1M", "2"),
        ("limits.ephemeral-storage", "1Gi", "1"),
        ("requests.ephemeral-storage", None, "0"),
        ("limits.hugepages-2Mi", "1Mi", "4"),
        ("requests.hugepages-2Mi", None, "0"),
        ("limits.hugepages-1Gi", None, "0"),
    ],
)
def test_a_resource(resource: str, divisor: str | None, value: str) -> None:
    reference = {"resource": resource, "divisor": divisor}
    assert resource_value(reference, {"resources": RESOURCES}, POD, NODE) == value


@pytest.mark.parametrize(
    ("resource", "value"),
    [
        ("limits.cpu", "4"),
        ("limits.memory", str(8 << 30)),
        ("limits.ephemeral-storage", str(100 << 30)),
        ("limits.hugepages-2Mi", "0"),
        ("requests.cpu", "0"),
        ("requests.memory", "0"),
    ],
)
@pytest.mark.parametrize(
    "container",
    [
        {},
        {"resources": None},
        {"resources": {"limits": {"cpu": "0"}}},
        {"resources": {"limits": {"cpu": "x", "memory": ""}, "requests": {"cpu": "x", "memory": []}}},
    ],
)
def test_a_limit_that_is_not_set_is_the_nodes(container: dict[str, Any], resource: str, value: str) -> None:
    assert resource_value({"resource": resource}, container, POD, NODE) == value


def test_the_resource_of_another_container() -> None:
    pod = {
        "spec": {
            "initContainers": [{"name": "i", "resources": {"limits": {"cpu": "3"}}}],
            "containers": [{"name": "a", "resources": RESOURCES}, {"name": "b"}],
        }
    }
    own = {"resources": {"limits": {"cpu": "9"}}}
    for name, value in (("i", "3"), ("a", "2"), ("b", "4"), ("", "9")):
        assert resource_value({"containerName": name, "resource": "limits.cpu"}, own, pod, NODE) == value
    with pytest.raises(FieldProblem, match=r"^container x not found$"):
        resource_value({"containerName": "x", "resource": "limits.cpu"}, own, pod, NODE)


@pytest.mark.parametrize("resource", ["", "limits", "cpu", "limits.gpu", "used.cpu", "limits.hugepages"])
def test_no_resource(resource: str) -> None:
    with pytest.raises(FieldProblem) as caught:
        resource_value({"resource": resource}, {}, POD, NODE)
    assert str(caught.value) == f"unsupported container resource : {resource}"


@pytest.mark.parametrize("reference", [{}, {"resource": None}])
def test_a_resource_that_is_absent(reference: dict[str, Any]) -> None:
    with pytest.raises(FieldProblem, match=r"^unsupported container resource : $"):
        resource_value(reference, {}, POD, NODE)


@pytest.mark.parametrize(
    "path", ["metadata.name", "metadata.uid", "spec.serviceAccountName", "metadata.namespace"]
)
def test_a_field_that_is_no_text_is_written_as_one(path: str) -> None:
    room, _, field = path.partition(".")
    assert field_value(path, {room: {field: 7}}, DownwardValues()) == "7"
