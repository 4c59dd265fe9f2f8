"""A pod that is taken out of a cluster is no longer warned about when its namespace gets stricter."""

from podproof import Cluster

from .requests import namespace, pod, request


def test_a_pod_that_is_gone() -> None:
    cluster = Cluster.from_objects([namespace(), pod({}, name="a"), pod({}, name="b")])
    asked = request(namespace(enforce="restricted"), namespace(), resource="namespaces", namespace="")
    whole, one, none = (
        cluster,
        cluster.without("Pod", "a", "n"),
        cluster.without("Pod", "a", "n").without("Pod", "b", "n"),
    )
    told = [" ".join(found.admit(asked).warnings) for found in (whole, one, none)]
    assert "a (and 1 other pod)" in told[0]
    assert "b: " in told[1]
    assert "other pod" not in told[1]
    assert told[2] == ""
