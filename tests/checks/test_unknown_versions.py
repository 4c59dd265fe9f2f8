"""Kinds in versions that no server ever had, also where no review says so."""

import pytest

from podproof.checks.model.acceptance import ReviewedObject
from podproof.checks.removed_api_version import CHECK
from podproof.kube.feature_gates import FeatureGates


@pytest.mark.parametrize(
    ("version", "kind", "found"),
    [
        ("apps/v9", "Deployment", True),
        ("batch/v9", "CronJob", True),
        ("apps/v1", "Deployment", False),
        ("policy/v9", "PodSecurityPolicy", False),
        ("extensions/v1beta1", "StatefulSet", False),
        ("apps/v9", "Nothing", False),
    ],
)
def test_without_a_review(version: str, kind: str, found: bool) -> None:
    reviewed = ReviewedObject({}, version, kind, FeatureGates(37))
    expected = [f'no matches for kind "{kind}" in version "{version}"'] if found else []
    assert [finding.message.partition(";")[0] for finding in CHECK.find(reviewed)] == expected
