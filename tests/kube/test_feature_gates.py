"""Which feature gates are on, and what is said of those that cannot be set."""

from typing import Any

import pytest

from podproof.errors import UsageError
from podproof.kube.feature_gates import (
    FeatureGates,
    lenient,
    parse_feature_gates,
    read_feature_gates,
    since_default,
)
from podproof.kube.tables import gates, other_gates


@pytest.mark.parametrize(
    ("gate", "since", "gone"),
    [
        # Source: kubernetes/website, feature-gates pages; upstream's versioned feature list.
        ("UserNamespacesSupport", 33, None),
        ("ProcMountType", 33, None),
        ("SupplementalGroupsPolicy", 33, 38),
        ("SidecarContainers", 29, 37),
        ("InPlacePodVerticalScaling", 33, 38),
        ("PodLevelResources", 34, None),
        ("ImageVolume", 35, None),
        ("RecursiveReadOnlyMounts", 31, None),
        ("EphemeralContainers", 23, 27),
        ("SetHostnameAsFQDN", 20, 24),
        ("StartupProbe", 0, 23),
        ("ContainerStopSignals", None, None),
    ],
)
def test_a_gate_is_on_since_its_version(gate: str, since: int | None, gone: int | None) -> None:
    assert since_default(gate) == since
    assert gates.GONE.get(gate) == gone
    if since:
        assert not FeatureGates(since - 1).enabled(gate)
    if since is not None:
        assert FeatureGates(since).enabled(gate)
        assert FeatureGates(gone or since).enabled(gate), "a gate that is gone stays on"
    assert FeatureGates(gone or 37).has(gate) is (gone is None)


def test_the_two_tables_share_no_gate() -> None:
    assert gates.GATES.keys().isdisjoint(other_gates.GATES)


def test_what_is_told_wins_over_the_default() -> None:
    told = parse_feature_gates(["UserNamespacesSupport=true,ProcMountType=T", " NodeSwap=false "], 30)
    assert told == FeatureGates(
        30, (("NodeSwap", False), ("ProcMountType", True), ("UserNamespacesSupport", True))
    )
    assert told.enabled("UserNamespacesSupport")
    assert not told.enabled("ImageVolume")
    assert parse_feature_gates([], 30) == FeatureGates(30)


def test_a_stage_is_set_as_a_whole() -> None:
    told = read_feature_gates({"AllAlpha": True, "ProcMountType": False}, 30)
    assert told.enabled("PodSchedulingReadiness")
    assert told.enabled("RecursiveReadOnlyMounts")
    assert not told.enabled("ProcMountType")
    assert not told.enabled("UserNamespacesSupport"), "it is beta in 1.30"
    assert read_feature_gates({"AllBeta": True}, 30).enabled("UserNamespacesSupport")


@pytest.mark.parametrize(
    ("text", "minor", "message"),
    [
        (
            "ProcMountTyp=true",
            37,
            "--feature-gates: unrecognized feature gate: ProcMountTyp; did you mean ProcMountType",
        ),
        ("Nothing=true", 37, "--feature-gates: unrecognized feature gate: Nothing"),
        (
            "SidecarContainers=true",
            27,
            "--feature-gates: unrecognized feature gate: SidecarContainers; "
            "v1.27 does not have it yet, v1.28 is the first version that does",
        ),
        (
            "SidecarContainers=true",
            37,
            "--feature-gates: unrecognized feature gate: SidecarContainers; "
            "v1.37 does not have it any more, v1.36 was the last version that did",
        ),
        (
            "UserNamespacesSupport=false",
            36,
            "--feature-gates: cannot set feature gate UserNamespacesSupport to false, "
            "feature is locked to true (v1.36)",
        ),
        (
            "ProcMountType",
            33,
            "--feature-gates: missing bool value for ProcMountType, "
            "write ProcMountType=true or ProcMountType=false",
        ),
        (
            "ProcMountType=yes",
            33,
            "--feature-gates: invalid value of ProcMountType=yes, write true or false",
        ),
        (
            "UserNamespacesSupport=false",
            35,
            "--feature-gates: ProcMountType is enabled, but depends on features that are disabled: "
            "[UserNamespacesSupport]",
        ),
    ],
)
def test_what_a_server_does_not_start_with_is_refused(text: str, minor: int, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_feature_gates([text], minor)
    assert str(refused.value).startswith(message)


def test_what_is_locked_may_be_said_and_older_servers_do_not_look_at_dependencies() -> None:
    assert parse_feature_gates(["UserNamespacesSupport=true"], 36).enabled("UserNamespacesSupport")
    assert not parse_feature_gates(["UserNamespacesSupport=false"], 34).enabled("UserNamespacesSupport")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["1", "t", "T", "TRUE", "true", "True", " true "], True),
        (["0", "f", "F", "FALSE", "false", "False", " false "], False),
    ],
)
def test_the_words_of_go(words: list[str], value: bool) -> None:
    for word in words:
        assert parse_feature_gates([f"NodeSwap={word}"], 30) == FeatureGates(30, (("NodeSwap", value),))


@pytest.mark.parametrize("word", ["", "tRUE", "yes", "on", "2", "true=true"])
def test_no_words_of_go(word: str) -> None:
    said = f"^x: invalid value of NodeSwap={word}, write true or false$"
    with pytest.raises(UsageError, match=said):
        parse_feature_gates([f"NodeSwap={word}"], 30, where="x")


def test_parts_are_apart_and_the_last_one_counts() -> None:
    told = parse_feature_gates(["NodeSwap=true,, ProcMountType = false ,", "NodeSwap=false", ""], 30)
    assert told.changed == (("NodeSwap", False), ("ProcMountType", False))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (None, "gates: must map gates to true or false, has None"),
        (["A"], "gates: must map gates to true or false, has ['A']"),
        ({"NodeSwap": 1}, "gates: NodeSwap must be true or false, has 1"),
        ({"AllBeta": "true"}, "gates: AllBeta must be true or false, has 'true'"),
        ({"": True}, "gates: unrecognized feature gate: "),
        (
            {"PodLevelResource": True},
            "gates: unrecognized feature gate: PodLevelResource; "
            "did you mean PodLevelResources or PodLevelResourceManagers?",
        ),
        (
            {"APIListChunking": True},
            "gates: unrecognized feature gate: APIListChunking; "
            "v1.37 does not have it any more, v1.32 was the last version that did",
        ),
        (
            {"AggregatedDiscoveryRemoveBetaType": False},
            "gates: cannot set feature gate AggregatedDiscoveryRemoveBetaType to false, "
            "feature is locked to true (v1.37)",
        ),
    ],
)
def test_what_is_no_setting(told: Any, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_feature_gates(told, 37, where="gates")
    assert str(refused.value) == message


def test_gates_that_do_not_bear_on_pods_may_be_set() -> None:
    assert read_feature_gates({"APIServingWithRoutine": True}, 37).changed == (
        ("APIServingWithRoutine", True),
    )
    assert not FeatureGates(37).has("APIServingWithRoutine")


@pytest.mark.parametrize(
    ("gate", "needed", "minor"),
    [
        ("ImageVolumeWithDigest", "ImageVolume", 35),
        ("InPlacePodLevelResourcesVerticalScaling", "PodLevelResources", 35),
        ("InPlacePodLevelResourcesVerticalScaling", "PodLevelResources", 37),
        ("MatchLabelKeysInPodTopologySpreadSelectorMerge", "MatchLabelKeysInPodTopologySpread", 35),
        ("PodLevelResourcesFixDefaulting", "PodLevelResources", 37),
        ("ProcMountType", "UserNamespacesSupport", 35),
        ("ResourceHealthStatusMessage", "ResourceHealthStatus", 36),
        ("RestartAllContainersOnContainerExits", "ContainerRestartRules", 35),
        ("UserNamespacesHostNetworkSupport", "UserNamespacesSupport", 35),
    ],
)
def test_a_gate_needs_another(gate: str, needed: str, minor: int) -> None:
    """Source: kubernetes 1.35.4 to 1.37.2 pkg/features, defaultKubernetesFeatureGateDependencies."""
    both = {"AllAlpha": False, "AllBeta": False, gate: True, needed: True}
    assert read_feature_gates(both, minor).enabled(gate)
    with pytest.raises(UsageError) as refused:
        read_feature_gates({**both, needed: False}, minor, where="x")
    assert str(refused.value) == (
        f"x: {gate} is enabled, but depends on features that are disabled: [{needed}]"
    )
    assert not read_feature_gates({"AllBeta": False, gate: False}, minor).enabled(gate)


RULES = {
    30: {
        "MatchLabelKeysInPodTopologySpread", "PodHostIPs", "RelaxedEnvironmentVariableValidation",
        "SELinuxMount",
    },
    34: {
        "EnvFiles", "MatchLabelKeysInPodTopologySpread", "MatchLabelKeysInPodTopologySpreadSelectorMerge",
        "PodLifecycleSleepActionAllowZero", "RelaxedDNSSearchValidation",
        "RelaxedEnvironmentVariableValidation", "SELinuxMount",
    },
    38: {
        "EnvFiles", "MatchLabelKeysInPodTopologySpread", "MatchLabelKeysInPodTopologySpreadSelectorMerge",
        "PodCertificateMLDSA", "RelaxedEnvironmentVariableValidation",
        "RestartAllContainersOnContainerExits", "SELinuxMount", "SecurityProfileOCI",
        "TaintTolerationComparisonOperators", "UserNamespacesHostNetworkSupport",
    },
}  # fmt: skip
"""Gates that lift rules, of each version. Source: kubernetes pkg/api/pod/util.go."""


@pytest.mark.parametrize("minor", RULES)
def test_what_was_allowed_once_stays_allowed(minor: int) -> None:
    given = lenient(FeatureGates(minor))
    assert {gate for gate, value in given.changed if value} == RULES[minor]
    off = {gate for gate, value in given.changed if not value}
    assert off == {"PodDeletionCost"} | ({"StrictIPCIDRValidation"} if minor > 30 else set())
    assert given.changed == tuple(sorted(given.changed))
    assert given.minor == minor


def test_what_was_allowed_once_wins_over_what_is_told() -> None:
    told = FeatureGates(34, (("EnvFiles", False), ("NodeSwap", False), ("PodDeletionCost", True)))
    given = lenient(told)
    assert given.enabled("EnvFiles")
    assert not given.enabled("PodDeletionCost")
    assert ("NodeSwap", False) in given.changed


def test_a_renamed_gate_counts_from_the_new_name() -> None:
    assert since_default("UserNamespacesStatelessPodsSupport") == since_default("UserNamespacesSupport") == 33


def test_a_stage_leaves_what_is_locked_or_of_another_stage() -> None:
    told = FeatureGates(36, (("AllAlpha", False), ("AllBeta", False)))
    assert told.enabled("ProcMountType"), "it is locked"
    assert not told.enabled("PodLevelResources")
    assert not FeatureGates(37).has("NoSuchGate")
