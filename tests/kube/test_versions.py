"""Versions are read as people write them."""

import pytest

from podproof.errors import UsageError
from podproof.kube.versions import NEWEST, parse_version


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("v1.37", 37),
        ("1.25", 25),
        ("v1.30.2", 30),
        ("1.28.4-gke.100", 28),
        ("latest", NEWEST),
        ("v1.99", NEWEST),
        ("v1.0", 0),
    ],
)
def test_versions(text: str, minor: int) -> None:
    assert parse_version(text) == minor


@pytest.mark.parametrize("text", ["", "2.0", "v2", "1", "v1.x", "v1.05", "1.2 ", "v1.٣"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(UsageError, match="is not a Kubernetes version"):
        parse_version(text)
