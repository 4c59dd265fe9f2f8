"""The Services of a plan: those that are played, the notes about the others, and limits."""

from typing import Any

import pytest

from podproof.session.run.plan import Plan, plan_objects
from podproof.session.run.planned_services import MAX_PORTS, MAX_SERVICES


def service(name: str, ports: int = 1, **more: Any) -> dict[str, Any]:
    listed = [{"port": number} for number in range(1, ports + 1)]
    spec = {"selector": {"app": "web"}, "ports": listed}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec} | more


def plan(*values: dict[str, Any]) -> Plan:
    return plan_objects([(value, f"m.yaml:{index}") for index, value in enumerate(values, 1)])


def test_what_is_played_and_what_is_not() -> None:
    made = plan(service("web"), service("db", spec={"selector": {}}), service("api", ports=2))
    assert [one.name for one in made.services] == ["web", "api"]
    assert made.notes == ("m.yaml:2: Service/db is not played: no spec.selector: Endpoints are not played",)


def test_a_later_one_of_the_same_name_counts() -> None:
    made = plan(service("web", ports=1), service("web", ports=3))
    assert [len(one.ports) for one in made.services] == [3]


def test_another_projects_kind_is_none() -> None:
    made = plan(service("web", apiVersion="serving.knative.dev/v1"))
    assert (made.services, made.notes) == ((), ())


@pytest.mark.parametrize("ports", [1, 100])
def test_huge_numbers_are_limited(ports: int) -> None:
    made = plan(*(service(f"s{number}", ports) for number in range(3000)))
    played = min(MAX_SERVICES, MAX_PORTS // ports)
    assert len(made.services) == played
    (note,) = made.notes
    assert note == f"{3000 - played} more Services are not played: at most 64 with 256 ports are"
