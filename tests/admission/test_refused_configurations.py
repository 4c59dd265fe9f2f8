"""What a server says of a configuration that it does not read, and what it reads from around one."""

from typing import Any

import pytest

from podproof.admission.configuration import ConfigurationError, PodSecurityConfiguration, read_configuration

GROUP = "pod-security.admission.config.k8s.io"
PLUGIN = 'couldn\'t init admission plugin "PodSecurity"'


def configuration(**rest: Any) -> dict[str, Any]:
    return {"apiVersion": f"{GROUP}/v1", "kind": "PodSecurityConfiguration", **rest}


def around(*plugins: Any, **rest: Any) -> dict[str, Any]:
    whole = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration"}
    return {**whole, "plugins": list(plugins), **rest}


@pytest.mark.parametrize(
    "version",
    ["apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1alpha1", "apiserver.k8s.io/v1alpha1"],
)
def test_every_version_of_an_admission_configuration(version: str) -> None:
    inner = configuration(exemptions={"usernames": ["ann"]})
    raw = around({"name": "PodSecurity", "configuration": inner}, apiVersion=version)
    assert read_configuration(raw).users == {"ann"}


@pytest.mark.parametrize(
    "raw",
    [
        around(),
        around(plugins=None),
        around({"name": "Other", "configuration": {"kind": "x"}}),
        around({"name": "PodSecurity"}),
        around({"name": "PodSecurity", "configuration": {}}),
        around({"name": "PodSecurity", "configuration": "text"}),
        configuration(),
        configuration(defaults=None, exemptions=None),
        configuration(defaults={"enforce": "", "enforce-version": ""}, exemptions={"usernames": None}),
    ],
)
def test_what_means_the_defaults(raw: dict[str, Any]) -> None:
    assert read_configuration(raw) == PodSecurityConfiguration()


def test_a_configuration_counts_over_the_path_beside_it() -> None:
    inner = configuration(exemptions={"usernames": ["ann"]})
    plugin = {"name": "PodSecurity", "path": "/etc/ps.yaml", "configuration": inner}
    assert read_configuration(around(plugin)).users == {"ann"}


def test_the_first_of_two_plugins_counts() -> None:
    first, second = (
        {"name": "PodSecurity", "configuration": configuration(exemptions={"usernames": [name]})}
        for name in ("first", "second")
    )
    assert read_configuration(around(first, second)).users == {"first"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            around(apiVersion="apiserver.config.k8s.io/v2"),
            'apiVersion "apiserver.config.k8s.io/v2" of the AdmissionConfiguration is unknown; '
            "write apiserver.config.k8s.io/v1",
        ),
        (
            around(apiVersion=None),
            'apiVersion "" of the AdmissionConfiguration is unknown; write apiserver.config.k8s.io/v1',
        ),
        (
            around(apiVersion=1),
            'apiVersion "1" of the AdmissionConfiguration is unknown; write apiserver.config.k8s.io/v1',
        ),
        (around(7), "a plugin of the AdmissionConfiguration is not an object"),
        (
            around({"name": "PodSecurity"}, "PodSecurity"),
            "a plugin of the AdmissionConfiguration is not an object",
        ),
        (around(plugins={"a": 1}), "plugins of the AdmissionConfiguration must be a list"),
        (
            around({"name": "PodSecurity", "path": "/etc/ps.yaml"}),
            "the PodSecurity configuration is in another file, /etc/ps.yaml; pass that file",
        ),
        (
            configuration(apiVersion=None),
            f'{PLUGIN}: no kind "PodSecurityConfiguration" is registered for version "" in scheme',
        ),
        ({}, f'{PLUGIN}: no kind "" is registered for version "" in scheme'),
        (
            {"kind": 7, "apiVersion": 8},
            f'{PLUGIN}: no kind "7" is registered for version "8" in scheme',
        ),
        (
            around({"name": "PodSecurity", "configuration": {"kind": "Other", "apiVersion": "v1"}}),
            f'{PLUGIN}: no kind "Other" is registered for version "v1" in scheme',
        ),
        (
            configuration(metadata={}, defaults={"x": 1, "audit": "baseline"}, exemptions={"users": []}),
            f'{PLUGIN}: strict decoding error: unknown field "metadata", unknown field "defaults.x", '
            'unknown field "exemptions.users"',
        ),
        (configuration(exemptions="x"), f"{PLUGIN}: exemptions must be an object"),
        (
            configuration(exemptions={"runtimeClasses": ["a", 1]}),
            f"{PLUGIN}: exemptions.runtimeClasses must be a list of strings",
        ),
        *(
            (configuration(defaults={key: 1}), f"{PLUGIN}: defaults.{key} must be a string")
            for mode in ("enforce", "audit", "warn")
            for key in (mode, f"{mode}-version")
        ),
        (
            configuration(exemptions={"runtimeClasses": ["a", "b", "a"]}),
            'PodSecurity invalid: exemptions.runtimeClasses[2]: Duplicate value: "a"',
        ),
    ],
)
def test_what_is_refused(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(raw)
    assert str(caught.value) == message


@pytest.mark.parametrize(("name", "fine"), [("a.b", True), ("A", False), ("a_b", False)])
def test_runtime_classes_are_subdomains(name: str, fine: bool) -> None:
    raw = configuration(exemptions={"runtimeClasses": [name]})
    if fine:
        assert read_configuration(raw).runtime_classes == {name}
        return
    with pytest.raises(ConfigurationError, match=r"exemptions\.runtimeClasses\[0\]: Invalid value"):
        read_configuration(raw)
