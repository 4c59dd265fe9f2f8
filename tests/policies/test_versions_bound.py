"""Which version's checks hold, by the version asked for and the server's, and how violations are joined."""

import pytest

from podproof.checks.model.catalogue import pod_security_checks
from podproof.checks.model.pod_security import Violation
from podproof.errors import UsageError
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.pod import raw_pod
from podproof.policies.levels import LevelVersion, is_level, kubernetes_minor, level_note, minor_of
from podproof.policies.pod_security import Evaluator, checks_at, evaluator, evaluator_of

RESTRICTED = LevelVersion("restricted")


@pytest.mark.parametrize(
    ("version", "kubernetes", "evaluated"),
    [
        ("latest", "latest", "v1.37"),
        ("latest", "v1.30", "v1.30"),
        ("v1.25", "latest", "v1.25"),
        ("v1.25", "v1.30", "v1.25"),
        ("v1.30", "v1.30", "v1.30"),
        ("v1.31", "v1.30", "v1.30"),
        ("v1.0", "1.30.4", "v1.0"),
        ("v1.99", "v1.99", "v1.37"),
    ],
)
def test_the_version_that_is_evaluated(version: str, kubernetes: str, evaluated: str) -> None:
    found = evaluator("restricted", version, kubernetes)
    assert (found.evaluated_version, str(found.asked)) == (evaluated, f"restricted:{version}")
    assert evaluator(f"restricted:{version}", "latest", kubernetes).minor == found.minor
    gates = FeatureGates(kubernetes_minor(kubernetes, 37))
    assert evaluator_of(LevelVersion("restricted", version), gates).minor == found.minor


@pytest.mark.parametrize(
    ("version", "minor"),
    [("v1.36", 36), ("v1.37", 37), ("v1.38", 37), ("v1." + "9" * 19, 37), ("1.0", 0), ("v1.10.11", 10)],
)
def test_the_version_of_a_server(version: str, minor: int) -> None:
    assert kubernetes_minor(version, 37) == minor


@pytest.mark.parametrize(
    "version", ["v1." + "9" * 20, "1", "v1.05", "v2.0", "v1.1.", "v1.1.x", "", "Latest", "vv1.1"]
)
def test_what_is_no_version_of_a_server(version: str) -> None:
    with pytest.raises(UsageError) as caught:
        kubernetes_minor(version, 37)
    assert str(caught.value) == f'kubernetes version "{version}" must be "latest" or "v1.x", e.g. v1.37'


@pytest.mark.parametrize("version", ["v1." + "9" * 19, "v1." + "1" * 20, "v1.9223372036854775808"])
def test_a_version_has_to_be_a_number_of_go(version: str) -> None:
    with pytest.raises(ValueError, match=r'must be "latest" or "v1\.x"'):
        minor_of(version)


@pytest.mark.parametrize(
    ("level", "noted"),
    [
        (LevelVersion("restricted", "v1.38"), True),
        (LevelVersion("restricted", "v1.37"), False),
        (LevelVersion("restricted", "latest"), False),
        (LevelVersion("privileged", "v1.38"), False),
        (LevelVersion("baseline", "v1.99"), True),
    ],
)
def test_a_level_that_is_newer_than_what_is_known(level: LevelVersion, noted: bool) -> None:
    text = f"{level} is newer than every version that is known: judged as {level.level}:v1.37"
    assert level_note(level, 37) == (text if noted else "")


def test_levels() -> None:
    assert [is_level(text) for text in ("privileged", "baseline", "restricted")] == [True] * 3
    assert [is_level(text) for text in ("Baseline", "", "strict")] == [False] * 3


def test_checks_are_in_upstreams_order_and_replaced() -> None:
    assert checks_at("privileged", 37) == ()
    for minor in range(38):
        baseline = [check.upstream_id for check, _ in checks_at("baseline", minor)]
        whole = [check for check, _ in checks_at("restricted", minor)]
        kept = [check.upstream_id for check in whole if check.level == "baseline"]
        own = [check.upstream_id for check in whole if check.level == "restricted"]
        assert [check.upstream_id for check in whole] == kept + own
        assert (baseline, kept, own) == (sorted(baseline), sorted(kept), sorted(own))
        replaced = {name for check in whole for name in check.overrides}
        assert kept == [name for name in baseline if name not in replaced]
    assert {check.upstream_id for check in pod_security_checks()}.issuperset(baseline)


def test_violations_are_joined_and_an_empty_detail_has_no_parentheses() -> None:
    first, second = pod_security_checks()[:2]
    checks = (
        (first, lambda *_: Violation("one", "", list)),
        (second, lambda *_: None),
        (second, lambda *_: Violation("two", "why", list)),
    )
    verdict = Evaluator(RESTRICTED, 37, checks).evaluate(raw_pod({}))
    assert (verdict.allowed, verdict.reason, verdict.detail) == (False, "one, two", "one, two (why)")
    assert [check for check, _ in verdict.violations] == [first, second]
    assert verdict.findings == ()
