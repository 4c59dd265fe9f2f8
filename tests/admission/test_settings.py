"""A PodproofConfiguration says what is in force; whatever it does not know is refused with its place."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.settings import AdmissionSettings, PolicySettings, SettingsError, read_settings
from podproof.errors import UsageError
from podproof.policies.levels import LevelVersion

OWN = {"apiVersion": "podproof.dev/v1alpha1", "kind": "PodproofConfiguration"}


def test_nothing_is_in_force_unless_it_is_said() -> None:
    assert read_settings(OWN) == AdmissionSettings()
    assert (
        read_settings({**OWN, "podSecurityPolicy": None, "podSecurityExemption": {}}) == AdmissionSettings()
    )
    assert read_settings({**OWN, "podSecurityPolicy": {"grantGroups": ["policy"]}}).policies is None


def test_everything_can_be_said() -> None:
    settings = read_settings(
        {
            **OWN,
            "metadata": {"name": "podproof"},
            "podSecurity": {
                "defaults": {"enforce": "baseline", "enforce-version": "v1.30"},
                "exemptions": {"namespaces": ["kube-system"], "usernames": ["admin"]},
            },
            "podSecurityPolicy": {
                "enabled": True,
                "grantGroups": ["podproof.dev", "policy"],
                "exemptNamespaces": ["kube-system"],
            },
            "podSecurityExemption": {"enabled": True},
        }
    )
    assert settings.pod_security.defaults.enforce == LevelVersion("baseline", "v1.30")
    assert settings.pod_security.namespaces == {"kube-system"}
    assert settings.pod_security.users == {"admin"}
    assert settings.policies == PolicySettings(("podproof.dev", "policy"), frozenset(("kube-system",)))
    assert settings.exemptions


def test_grants_count_in_the_own_group_unless_said() -> None:
    assert read_settings({**OWN, "podSecurityPolicy": {"enabled": True}}).policies == PolicySettings(
        ("podproof.dev",)
    )


def test_the_api_servers_kinds_put_nothing_of_ours_in_force() -> None:
    settings = read_settings(
        {
            "apiVersion": "pod-security.admission.config.k8s.io/v1",
            "kind": "PodSecurityConfiguration",
            "defaults": {"enforce": "restricted"},
        }
    )
    assert settings.pod_security.defaults.enforce.level == "restricted"
    assert (settings.policies, settings.exemptions) == (None, False)


@pytest.mark.parametrize(
    ("given", "message", "route"),
    [
        ({"apiVersion": "podproof.dev/v1"}, "must be podproof.dev/v1alpha1", ("apiVersion",)),
        (
            {"podSecurityPolicies": {}},
            'unknown field "podSecurityPolicies"; did you mean podSecurityPolicy?',
            ("podSecurityPolicies",),
        ),
        (
            {"podSecurityPolicy": {"enable": True}},
            'unknown field "podSecurityPolicy.enable"; did you mean enabled?',
            ("podSecurityPolicy", "enable"),
        ),
        (
            {"podSecurity": {"defaults": {"enforced": "baseline"}}},
            'unknown field "podSecurity.defaults.enforced"; did you mean enforce?',
            ("podSecurity", "defaults", "enforced"),
        ),
        (
            {"podSecurity": {"exemptions": {"groups": []}}},
            "known are usernames, namespaces, runtimeClasses",
            ("podSecurity", "exemptions", "groups"),
        ),
        (
            {"podSecurity": {"defaults": {"enforce": "strict"}}},
            "enforce: must be one of privileged, baseline, restricted",
            ("podSecurity",),
        ),
        ({"podSecurity": []}, "podSecurity must be a mapping, is a list", ("podSecurity",)),
        (
            {"podSecurityExemption": {"enabled": "yes"}},
            "podSecurityExemption.enabled must be true or false, is a string",
            ("podSecurityExemption", "enabled"),
        ),
        (
            {"podSecurityPolicy": {"grantGroups": "policy"}},
            "podSecurityPolicy.grantGroups must be a list of strings",
            ("podSecurityPolicy", "grantGroups"),
        ),
        (
            {"podSecurityPolicy": {"grantGroups": [""]}},
            'grantGroups has ""',
            ("podSecurityPolicy", "grantGroups", 0),
        ),
        (
            {"podSecurityPolicy": {"exemptNamespaces": ["shop", "*"]}},
            'exemptNamespaces has "*"',
            ("podSecurityPolicy", "exemptNamespaces", 1),
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(given: dict[str, Any], message: str, route: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**OWN, **given})
    assert message in str(caught.value)
    assert caught.value.route == route


def test_there_is_one_configuration() -> None:
    with pytest.raises(UsageError, match="two configurations"):
        Cluster.from_objects([OWN, OWN])
