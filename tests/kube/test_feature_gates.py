"""Which feature gates are on, and what is said of those that cannot be set."""

import pytest

from podproof.errors import UsageError
from podproof.kube.feature_gates import FeatureGates, parse_feature_gates, read_feature_gates, since_default
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
