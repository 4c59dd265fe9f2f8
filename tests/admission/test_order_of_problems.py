"""What is wrong with a cluster's objects is said in the order of the objects, however many there are."""

from typing import Any

from podproof import Cluster


def _binding(number: int) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"b{number}"},
        "roleRef": {"kind": "ClusterRole", "name": f"gone{number}"},
        "subjects": [{"kind": "User", "name": "ann"}],
    }


def test_of_grants() -> None:
    """More than sixteen: so many stand in one table of the map that holds them, in order by chance."""
    numbers = [*range(30, 60), *range(30)]
    assert Cluster.from_objects(map(_binding, numbers), kubernetes_version="v1.24").problems == tuple(
        f"ClusterRoleBinding 'b{number}' grants nothing: there is no ClusterRole 'gone{number}'"
        for number in numbers
    )
