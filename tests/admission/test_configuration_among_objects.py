"""A PodSecurity configuration among a cluster's objects is the configuration of its server."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.configuration import ConfigurationError, is_configuration

from .requests import namespace, pod, request

CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "defaults": {"enforce": "restricted"},
}
WRAPPED = {
    "apiVersion": "apiserver.config.k8s.io/v1",
    "kind": "AdmissionConfiguration",
    "plugins": [{"name": "PodSecurity", "configuration": CONFIGURATION}],
}


@pytest.mark.parametrize("object_", [CONFIGURATION, WRAPPED])
def test_both_kinds_are_configurations(object_: dict[str, Any]) -> None:
    assert is_configuration(object_)
    assert Cluster.from_objects([namespace()]).admit(request(pod({}))).allowed
    assert not Cluster.from_objects([namespace(), object_]).admit(request(pod({}))).allowed


@pytest.mark.parametrize("kind", ["Pod", "PodSecurityPolicy", "", None])
def test_others_are_not(kind: str | None) -> None:
    assert not is_configuration({**CONFIGURATION, "kind": kind})


@pytest.mark.parametrize("other", [CONFIGURATION, WRAPPED])
def test_two_are_one_too_many(other: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="there are two configurations of PodSecurity; keep one"):
        Cluster.from_objects([CONFIGURATION, other])
