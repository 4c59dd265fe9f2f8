"""What was found right is not judged again, and only that: not what was wrong, nor what stands elsewhere."""

from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.field_error import Errors
from podproof.kube.validation.formats import dns_label
from podproof.kube.validation.probes import validate_probes
from podproof.kube.validation.right_parts import RightParts
from podproof.kube.validation.volumes import validate_volumes


def test_an_equal_part_is_known_and_another_is_not() -> None:
    parts = RightParts()
    key = parts.key({"port": 1}, "x")
    assert key
    parts.add(key)
    assert parts.key({"port": 1}, "x") is None
    assert parts.key({"port": 1}, "y")
    assert parts.key({"port": "1"}, "x")


@pytest.mark.parametrize("part", ["\ud800", "x" * 5000])
def test_half_a_pair_and_large_parts_are_not_remembered(part: str) -> None:
    parts = RightParts()
    for _ in range(2):
        key = parts.key(part)
        assert key is not None
        parts.add(key)


def test_memory_is_bounded() -> None:
    parts = RightParts()
    for number in range(5000):
        parts.add(parts.key(number) or b"")
    known = [number for number in range(5000) if parts.key(number) is None]
    assert 0 < len(known) <= 1024
    assert known[-1] == 4999


def _probes(probe: dict[str, Any], key: str = "livenessProbe") -> list[str]:
    errors = Errors()
    validate_probes(errors, {key: probe}, 30, ("c",))
    return [error.text for error in errors]


def test_a_probe_is_right_only_under_its_own_name() -> None:
    probe = {"exec": {"command": ["x"]}, "successThreshold": 2}
    for _ in range(2):
        assert _probes(probe, "readinessProbe") == []
        assert _probes(probe) == ["c.livenessProbe.successThreshold: Invalid value: 2: must be 1"]


def test_a_volume_is_right_only_for_the_same_pod_and_server() -> None:
    source = {"podCertificate": {"signerName": "a.b/c", "keyType": "MLDSA44", "credentialBundlePath": "p"}}
    volumes = [{"name": "v", "projected": {"sources": [source], "defaultMode": 420}}]

    def found(minor: int, allowed: bool) -> list[str]:
        errors = Errors(FeatureGates(minor, (("PodCertificateMLDSA", allowed),)))
        validate_volumes(errors, volumes, "", ("volumes",))
        return [error.text for error in errors]

    for _ in range(2):
        assert found(38, allowed=True) == []
        assert len(found(38, allowed=False)) == 1


def test_what_is_known_of_volumes_is_what_was_judged() -> None:
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {"path": "/x"}}]
    first, second = (validate_volumes(Errors(), volumes, "", ("volumes",)) for _ in range(2))
    assert first == second == {"a": volumes[0], "b": volumes[1]}


@pytest.mark.parametrize("name", ["A", "a.b", "x" * 64])
def test_a_wrong_name_stays_wrong(name: str) -> None:
    assert dns_label(name) == dns_label(name) != ()


def test_more_names_than_are_remembered() -> None:
    for number in range(5000):
        assert dns_label(f"a-{number}") == ()
    assert dns_label("a-0") == ()
    assert dns_label("a-") != ()
