"""Configuration files: read in every version, refused in the server's words."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.configuration import ConfigurationError, read_configuration

_V1 = "pod-security.admission.config.k8s.io/v1"


def _configuration(**rest: Any) -> dict[str, Any]:
    return {"apiVersion": _V1, "kind": "PodSecurityConfiguration", **rest}


@pytest.mark.parametrize("version", ["v1alpha1", "v1beta1", "v1"])
def test_all_versions(version: str) -> None:
    raw = _configuration(
        apiVersion=f"pod-security.admission.config.k8s.io/{version}",
        defaults={"enforce": "baseline", "enforce-version": "v1.20", "warn": "restricted"},
        exemptions={"usernames": ["u"], "namespaces": ["n"], "runtimeClasses": ["r"]},
    )
    found = read_configuration(raw)
    assert str(found.defaults.enforce) == "baseline:v1.20"
    assert str(found.defaults.audit) == "privileged:latest"
    assert str(found.defaults.warn) == "restricted:latest"
    assert (found.users, found.namespaces, found.runtime_classes) == ({"u"}, {"n"}, {"r"})


def test_inside_an_admission_configuration() -> None:
    plugin = {"name": "PodSecurity", "configuration": _configuration(defaults={"audit": "baseline"})}
    raw = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AdmissionConfiguration",
        "plugins": [{"name": "Other", "configuration": {}}, plugin],
    }
    assert str(read_configuration(raw).defaults.audit) == "baseline:latest"
    assert read_configuration({**raw, "plugins": []}).defaults.audit.level == "privileged"


_DNS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            _configuration(defaults={"enforce": "x"}),
            "PodSecurity configuration error: enforce: must be one of privileged, baseline, restricted",
        ),
        (
            _configuration(defaults={"enforce-version": "1.2"}),
            'PodSecurity configuration error: enforce-version: must be "latest" or "v1.x"',
        ),
        (
            _configuration(defaults={"warn": "x", "audit-version": "y"}),
            'PodSecurity configuration error: [audit-version: must be "latest" or "v1.x", '
            "warn: must be one of privileged, baseline, restricted]",
        ),
        (
            _configuration(defaults={"enforced": "baseline"}),
            'couldn\'t init admission plugin "PodSecurity": strict decoding error: '
            'unknown field "defaults.enforced"',
        ),
        (
            _configuration(exemptions={"namespaces": ["a*"]}),
            f'PodSecurity invalid: exemptions.namespaces[0]: Invalid value: "a*": {_DNS}',
        ),
        (
            _configuration(exemptions={"usernames": ["a", "a", "", ""]}),
            'PodSecurity invalid: [exemptions.usernames[1]: Duplicate value: "a", '
            'exemptions.usernames[2]: Invalid value: "": username must not be empty, '
            'exemptions.usernames[3]: Invalid value: "": username must not be empty]',
        ),
        (
            _configuration(apiVersion="pod-security.admission.config.k8s.io/v2"),
            'couldn\'t init admission plugin "PodSecurity": no kind "PodSecurityConfiguration" is registered '
            'for version "pod-security.admission.config.k8s.io/v2" in scheme',
        ),
        (
            _configuration(exemptions={"usernames": "ann"}),
            'couldn\'t init admission plugin "PodSecurity": exemptions.usernames must be a list of strings',
        ),
        (
            _configuration(defaults=[]),
            'couldn\'t init admission plugin "PodSecurity": defaults must be an object',
        ),
    ],
)
def test_what_stops_a_server(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Cluster.from_objects([raw])
    assert str(caught.value) == message


def test_two_configurations_contradict_each_other() -> None:
    with pytest.raises(ConfigurationError, match="two configurations"):
        Cluster.from_objects([_configuration(), _configuration()])


def test_a_newer_version_than_known_is_fine() -> None:
    found = read_configuration(_configuration(defaults={"enforce": "restricted", "enforce-version": "v1.99"}))
    assert str(found.defaults.enforce) == "restricted:v1.99"
