"""What may be asked for, and what a wrong question is answered."""

import pytest

from podproof.errors import UsageError
from podproof.policies.levels import kubernetes_minor, minor_of, parse_level_version


@pytest.mark.parametrize(
    ("text", "version", "printed"),
    [
        ("restricted", None, "restricted:latest"),
        ("restricted", "v1.34", "restricted:v1.34"),
        ("baseline:v1.0", None, "baseline:v1.0"),
        ("privileged:latest", "latest", "privileged:latest"),
        ("restricted:v1.1000", None, "restricted:v1.1000"),
    ],
)
def test_is_printed_as_asked(text: str, version: str | None, printed: str) -> None:
    assert str(parse_level_version(text, version)) == printed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "restrictd",
            'level "restrictd" must be one of privileged, baseline, restricted; did you mean restricted?',
        ),
        (
            "Baseline",
            'level "Baseline" must be one of privileged, baseline, restricted; did you mean baseline?',
        ),
        ("", 'level "" must be one of privileged, baseline, restricted'),
        (
            "baseline:1.25.3",
            'version "v1.25.3" of level baseline must be "latest" or "v1.x"; did you mean v1.25?',
        ),
        (
            "baseline:v1.25.3",
            'version "v1.25.3" of level baseline must be "latest" or "v1.x"; did you mean v1.25?',
        ),
        ("baseline:", 'version "" of level baseline must be "latest" or "v1.x"'),
        ("baseline:v2.0", 'version "v2.0" of level baseline must be "latest" or "v1.x"'),
    ],
)
def test_a_wrong_level_is_named_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_level_version(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "version", ["v1.05", "v1.", "v1.-1", "v1.1\n", "V1.1", "v1.٣", "v1.9223372036854775808"]
)
def test_versions_are_read_as_upstream_reads_them(version: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        minor_of(version)
    assert minor_of("v1.9223372036854775807") == 9223372036854775807


def test_a_kubernetes_version_may_have_a_patch_and_no_v() -> None:
    asked = [kubernetes_minor(v, 37) for v in ("latest", "v1.30", "1.30", "v1.30.4", "v1.99")]
    assert asked == [37, 30, 30, 30, 37]
    with pytest.raises(UsageError, match=r'kubernetes version "1" must be'):
        kubernetes_minor("1", 37)
