"""Services as they are played: what leads to pods is read, anything else is named or refused."""

from typing import Any

import pytest

from podproof.kube.service import (
    ServicePort,
    ServiceProblem,
    named_port,
    read_service,
    unplayed_service_fields,
)


def manifest(name: Any = "web", namespace: Any = "shop", **spec: Any) -> dict[str, Any]:
    written = {"selector": {"app": "web"}, "ports": [{"port": 80}]} | spec
    return {"kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": written}


def pod(labels: dict[str, str], namespace: str | None = "shop") -> dict[str, Any]:
    return {"metadata": {"labels": labels} | ({"namespace": namespace} if namespace else {})}


def test_ports() -> None:
    ports = [
        {"port": 80, "targetPort": "http", "name": "web"},
        {"port": 80, "protocol": "UDP", "targetPort": 0},
        {"port": 9, "targetPort": 99},
    ]
    assert read_service(manifest(ports=ports)).ports == (
        ServicePort(80, "http", "TCP", "web"),
        ServicePort(80, 80, "UDP"),
        ServicePort(9, 99),
    )


def test_the_longest_texts_of_a_port() -> None:
    (port,) = read_service(manifest(ports=[{"port": 1, "targetPort": "a" * 63, "name": "b" * 63}])).ports
    assert port == ServicePort(1, "a" * 63, "TCP", "b" * 63)


def test_the_largest_number_of_ports() -> None:
    ports = [{"port": number} for number in range(1, 101)]
    assert [one.port for one in read_service(manifest(ports=ports)).ports] == list(range(1, 101))


def test_selected_pods() -> None:
    service = read_service(manifest())
    assert service.selects(pod({"app": "web", "more": "x"}))
    assert not service.selects(pod({"app": "db"}))
    assert not service.selects(pod({}))
    assert not service.selects(pod({"app": "web"}, None))
    in_default = read_service(manifest(namespace=None))
    assert in_default.selects(pod({"app": "web"}, None))


@pytest.mark.parametrize("written", [None, False, True])
def test_pods_that_are_not_ready(written: bool | None) -> None:
    assert read_service(manifest(publishNotReadyAddresses=written)).publish_not_ready is (written is True)


def test_a_headless_one_needs_no_ports() -> None:
    service = read_service(manifest(clusterIP="None", ports=None))
    assert (service.headless, service.ports) == (True, ())
    assert read_service(manifest()).headless is False


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (manifest(name="../x"), "metadata.name must be a name of DNS, has '../x'"),
        (manifest(name="a" * 64), "metadata.name must be a name of DNS, has "),
        (manifest(name=None), "metadata.name must be a name of DNS, has None"),
        (manifest(namespace="a.b"), "metadata.namespace must be a name of DNS, has 'a.b'"),
        (manifest(namespace="a\nb"), "metadata.namespace must be a name of DNS"),
        (manifest(type="ExternalName"), "spec.externalName must be a name of DNS, has None"),
        (manifest(type="ExternalName", externalName=""), "spec.externalName must be a name of DNS, has ''"),
        (manifest(type="ExternalName", externalName="a..b"), "spec.externalName must be a name of DNS"),
        (manifest(type="ExternalName", externalName="A.b"), "spec.externalName must be a name of DNS"),
        (manifest(type="ExternalName", externalName=["a"]), "spec.externalName must be a name of DNS"),
        (manifest(type="ExternalName", externalName="a." * 126 + "aa"), "spec.externalName must be"),
        (manifest(ports=[{"port": 1, "name": "a.b"}]), "spec.ports[0].name must be a name of DNS, has 'a.b'"),
        (manifest(ports=[{"port": 1, "name": [1]}]), "spec.ports[0].name must be a name of DNS, has [1]"),
        (manifest(selector=None), "no spec.selector: Endpoints are not played"),
        (manifest(selector={}), "no spec.selector: Endpoints are not played"),
        (manifest(selector={"app": 1}), "spec.selector must have texts only"),
        (manifest(ports=[]), "no spec.ports"),
        (manifest(ports="80"), "spec.ports must be a list of at most 100 ports"),
        (
            manifest(ports=[{"port": n} for n in range(1, 102)]),
            "spec.ports must be a list of at most 100 ports",
        ),
        (manifest(ports=[None]), "spec.ports[0].port must be between 1 and 65535, has None"),
        (manifest(ports=[{"port": True}]), "spec.ports[0].port must be between 1 and 65535, has True"),
        (manifest(ports=[{"port": 65536}]), "spec.ports[0].port must be between 1 and 65535, has 65536"),
        (manifest(ports=[{"port": 1}, {"port": 0}]), "spec.ports[1].port must be between 1 and 65535, has 0"),
        (manifest(ports=[{"port": 1, "targetPort": 70000}]), "spec.ports[0].targetPort must be a port"),
        (manifest(ports=[{"port": 1, "targetPort": "a" * 64}]), "spec.ports[0].targetPort must be a port"),
        (manifest(ports=[{"port": 1, "targetPort": []}]), "spec.ports[0].targetPort must be a port"),
        (manifest(ports=[{"port": 1, "protocol": "tcp"}]), "spec.ports[0].protocol must be TCP, UDP or SCTP"),
        (
            manifest(ports=[{"port": 1, "protocol": ["TCP"]}]),
            "spec.ports[0].protocol must be TCP, UDP or SCTP",
        ),
        (manifest(ports=[{"port": 1}, {"port": 1}]), "spec.ports[1]: port 1 is there twice"),
        ({"metadata": [], "spec": 3}, "metadata.name must be a name of DNS, has None"),
    ],
)
def test_what_cannot_be_played(value: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceProblem) as caught:
        read_service(value)
    assert str(caught.value).startswith(words)


def test_another_name() -> None:
    value = manifest(type="ExternalName", externalName="db.example.com.", selector=None, ports=None)
    service = read_service(value)
    assert (service.external, service.ports, service.headless) == ("db.example.com", (), False)
    assert not service.selects(pod({"app": "web"}))
    longest = "a." * 126 + "a"
    assert read_service(manifest(type="ExternalName", externalName=longest)).external == longest


def seconds(written: Any) -> dict[str, Any]:
    config = {"clientIP": {"timeoutSeconds": written}}
    return manifest(sessionAffinity="ClientIP", sessionAffinityConfig=config)


@pytest.mark.parametrize(
    ("value", "affinity"),
    [
        (manifest(), None),
        (manifest(sessionAffinity="None"), None),
        (manifest(sessionAffinity="ClientIP"), 10800),
        (manifest(sessionAffinity="ClientIP", sessionAffinityConfig={"clientIP": None}), 10800),
        (manifest(sessionAffinity="ClientIP", clusterIP="None"), None),
        (seconds(1), 1),
        (seconds(86400), 86400),
    ],
)
def test_how_long_a_client_has_the_same_pod(value: dict[str, Any], affinity: int | None) -> None:
    assert read_service(value).affinity == affinity


@pytest.mark.parametrize("written", [0, 86401, True, "1"])
def test_a_time_that_is_none(written: Any) -> None:
    with pytest.raises(ServiceProblem, match="timeoutSeconds must be between 1 and 86400, has "):
        read_service(seconds(written))


def test_what_changes_nothing_is_named() -> None:
    value = manifest(
        type="NodePort",
        clusterIP="8.8.8.8",
        externalIPs=["192.0.2.1"],
        loadBalancerIP="192.0.2.1",
        externalTrafficPolicy="Local",
        internalTrafficPolicy="Local",
        trafficDistribution="PreferClose",
        ports=[{"port": 53, "protocol": "UDP"}, {"port": 5, "protocol": "SCTP"}],
    )
    assert list(unplayed_service_fields(value)) == [
        "spec.type NodePort is not played: --publish opens a port of this machine",
        "spec.clusterIP is not played: it gets a free address",
        "spec.externalIPs is not played: no address of others is taken",
        "spec.loadBalancerIP is not played: no address of others is taken",
        "spec.externalTrafficPolicy is not played: nothing comes from outside",
        "spec.internalTrafficPolicy is not played: there is one node",
        "spec.trafficDistribution is not played: there is one node",
        "SCTP is not played: TCP and UDP are passed on",
    ]


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"type": "ClusterIP", "clusterIP": "", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"},
        {"clusterIP": "None", "ports": [{"port": 53, "protocol": "SCTP"}]},
        {"ports": [{"port": 53, "protocol": "UDP"}]},
        {"sessionAffinity": "ClientIP"},
        {"type": "ExternalName", "externalName": "a.example", "clusterIP": "10.0.0.1"},
    ],
)
def test_what_is_played_is_not_named(plain: dict[str, Any]) -> None:
    assert list(unplayed_service_fields(manifest(**plain))) == []


def test_the_number_of_a_named_port() -> None:
    ports = [
        {"name": "dns", "containerPort": 53},
        {"name": "dns", "containerPort": 5300, "protocol": "UDP"},
        {"name": "http", "containerPort": 8080, "protocol": None},
    ]
    value = {"spec": {"containers": [{"name": "a"}, {"name": "b", "ports": ports}]}}
    assert named_port(value, "http") == 8080
    assert named_port(value, 81) == 81
    assert (named_port(value, "dns", "TCP"), named_port(value, "dns", "UDP")) == (53, 5300)
    assert named_port(value, "http", "UDP") is None
    assert named_port(value, "other") is None
