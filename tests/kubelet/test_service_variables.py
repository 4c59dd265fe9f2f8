"""The variables by which containers find Services, by the kubelet's code."""

from typing import Any

from podproof.kube.service import Service, ServicePort
from podproof.kubelet.environment import environment
from podproof.kubelet.fields import DownwardValues
from podproof.kubelet.objects import Objects
from podproof.kubelet.service_variables import ServiceAddress, service_variables

PORTS = (ServicePort(5432, "sql", "TCP", "my-sql"), ServicePort(53, 53, "UDP"))
DATABASE = ServiceAddress(Service("the-db", "shop", {"app": "db"}, PORTS), "10.88.0.9")


def pod(namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "namespace": namespace}, "spec": spec}


def test_every_port_has_its_variables() -> None:
    assert service_variables(pod(), [DATABASE]) == {
        "THE_DB_SERVICE_HOST": "10.88.0.9",
        "THE_DB_SERVICE_PORT": "5432",
        "THE_DB_SERVICE_PORT_MY_SQL": "5432",
        "THE_DB_PORT": "tcp://10.88.0.9:5432",
        "THE_DB_PORT_5432_TCP": "tcp://10.88.0.9:5432",
        "THE_DB_PORT_5432_TCP_PROTO": "tcp",
        "THE_DB_PORT_5432_TCP_PORT": "5432",
        "THE_DB_PORT_5432_TCP_ADDR": "10.88.0.9",
        "THE_DB_PORT_53_UDP": "udp://10.88.0.9:53",
        "THE_DB_PORT_53_UDP_PROTO": "udp",
        "THE_DB_PORT_53_UDP_PORT": "53",
        "THE_DB_PORT_53_UDP_ADDR": "10.88.0.9",
    }


def test_other_namespaces_and_pods_without_links_have_none() -> None:
    assert service_variables(pod("other"), [DATABASE]) == {}
    assert service_variables(pod(enableServiceLinks=False), [DATABASE]) == {}
    assert len(service_variables(pod(enableServiceLinks=True), [DATABASE])) == 12


def test_a_container_sees_them_and_may_replace_them() -> None:
    container = {
        "env": [
            {"name": "URL", "value": "sql://$(THE_DB_SERVICE_HOST)"},
            {"name": "THE_DB_PORT", "value": "1"},
        ]
    }
    variables = environment(
        container, pod(), Objects(), DownwardValues(), service_variables(pod(), [DATABASE])
    )
    assert variables["URL"] == "sql://10.88.0.9"
    assert variables["THE_DB_PORT"] == "1"
    assert list(variables)[:3] == ["URL", "THE_DB_PORT", "THE_DB_SERVICE_HOST"]


def test_a_pod_without_a_spec_is_told_of_services() -> None:
    metadata = {"name": "web", "namespace": "shop"}
    told = service_variables(pod(), [DATABASE])
    assert service_variables({"metadata": metadata}, [DATABASE]) == told
    assert service_variables({"metadata": metadata, "spec": None}, [DATABASE]) == told
    assert service_variables(pod(enableServiceLinks=True), [DATABASE]) == told
    assert service_variables(pod(enableServiceLinks=None), [DATABASE]) == told
    assert service_variables(pod(enableServiceLinks=False), [DATABASE]) == {}
