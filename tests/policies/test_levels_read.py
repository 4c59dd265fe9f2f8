"""Levels and versions as people write them. Source: k8s.io/pod-security-admission api/helpers.go."""

from typing import Any

import pytest

from podproof.errors import UsageError
from podproof.policies.levels import minor_of, parse_level_version


@pytest.mark.parametrize(
    ("version", "minor"),
    [("latest", None), ("v1.0", 0), ("v1.25", 25), ("v1.9223372036854775807", 2**63 - 1)],
)
def test_a_version(version: str, minor: int | None) -> None:
    assert minor_of(version) == minor


@pytest.mark.parametrize(
    "version",
    ["", "1.25", "v1.05", "v2.0", "v1.25.3", "v1.", "Latest", "v1.9223372036854775808", "v1." + "1" * 5000],
)
def test_what_is_no_version(version: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        minor_of(version)


@pytest.mark.parametrize(
    ("text", "version", "read"),
    [
        ("restricted", None, "restricted:latest"),
        ("restricted", "v1.25", "restricted:v1.25"),
        ("baseline:v1.25", None, "baseline:v1.25"),
        ("baseline:v1.25", "latest", "baseline:v1.25"),
        ("baseline:v1.25", "v1.25", "baseline:v1.25"),
        ("baseline:1.25", None, "baseline:v1.25"),
        ("baseline", "1.25", "baseline:v1.25"),
        ("baseline:1.25", "v1.25", "baseline:v1.25"),
    ],
)
def test_a_level_with_its_version(text: str, version: str | None, read: str) -> None:
    assert str(parse_level_version(text, version)) == read


def test_two_versions_are_one_too_many() -> None:
    with pytest.raises(UsageError) as caught:
        parse_level_version("baseline:v1.25", "v1.26")
    assert str(caught.value) == 'level "baseline:v1.25" and version "v1.26" differ; write only one version'


@pytest.mark.parametrize("level", [None, 3, b"baseline"])
def test_what_is_no_text(level: Any) -> None:
    with pytest.raises(UsageError, match="level must be text such as restricted"):
        parse_level_version(level)
