"""Kubernetes versions: `v1.37`, `1.37`, `1.37.2` or `latest` comes in, the minor version goes out.

Never judges what a version has: tables and checks do.
"""

import re
from typing import Literal

from ..errors import UsageError

Minor = int
"""The N of Kubernetes 1.N."""

NEWEST: Minor = 37
"""The newest release whose types and rules are known."""

BETA: Minor = 38
"""The version after it, of which its beta is known: new fields, feature gates, changed words."""

BETA_RELEASE = "v1.38.0-beta.0"

LAST_WITH_POD_SECURITY_POLICY: Minor = 24
"""The last version that has PodSecurityPolicy, which 1.25 removed."""

_VERSION = re.compile(r"v?1\.(0|[1-9][0-9]{0,3})(?:\.[0-9]+(?:[-+].*)?)?\Z")


def parse_version(text: str | Literal["latest"]) -> Minor:
    """Read a version; `latest` and what is newer than known count as the newest release.

    Raises UsageError: the text is not a version of Kubernetes 1.
    """
    minor = _read(text)
    return minor if minor <= BETA else NEWEST


def version_note(text: str | Literal["latest"]) -> str:
    """Say as which version one that is not fully known is judged; "" for any other.

    Raises UsageError: the text is not a version of Kubernetes 1.
    """
    minor = _read(text)
    if minor <= NEWEST:
        return ""
    if minor == BETA:
        return f"Kubernetes v1.{BETA} is not released yet: judged by what is known of {BETA_RELEASE}"
    return f"Kubernetes v1.{minor} is newer than every version that is known: judged as v1.{NEWEST}"


def _read(text: str | Literal["latest"]) -> Minor:
    if text == "latest":
        return NEWEST
    match = _VERSION.match(text)
    if match is None:
        raise UsageError(f'"{text}" is not a Kubernetes version; write v1.0 to v1.{NEWEST}, or latest')
    return int(match[1])
