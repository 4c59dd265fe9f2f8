"""Many ports of one number: each pair is a warning, and a server drops what comes after the first fifty."""

from cost import LINEAR, growth

from podproof.kube.validation.port_warnings import warn_of_ports


def warnings(count: int) -> list[str]:
    ports = [{"containerPort": 80}] * count
    return warn_of_ports({"containers": [{"name": "c", "ports": ports}]}, ("spec",))


def test_pairs_of_ports_are_told_until_a_server_would_not_pass_them_on() -> None:
    assert len(warnings(10)) == 45
    many = warnings(3000)
    assert many[:3] == warnings(3)
    assert len("".join(many)) > 10 * 4096
    assert len(many) < 4000


def test_ports_cost_what_they_are() -> None:
    assert growth(warnings, 1500) < LINEAR
