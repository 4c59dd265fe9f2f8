"""Kubernetes versions: `v1.37`, `1.37`, `1.37.2` or `latest` comes in, the minor version goes out.

Never judges what a version has: tables and checks do.
"""

import re
from typing import Literal

from ..errors import UsageError

Minor = int
"""The N of Kubernetes 1.N."""

NEWEST: Minor = 37
"""The newest version whose types and rules are known."""

LAST_WITH_POD_SECURITY_POLICY: Minor = 24
"""The last version that has PodSecurityPolicy, which 1.25 removed."""

_VERSION = re.compile(r"v?1\.(0|[1-9][0-9]{0,3})(?:\.[0-9]+(?:[-+].*)?)?\Z")


def parse_version(text: str | Literal["latest"]) -> Minor:
    """Read a version; `latest` and what is newer than known count as the newest.

    Raises UsageError: the text is not a version of Kubernetes 1.
    """
    if text == "latest":
        return NEWEST
    match = _VERSION.match(text)
    if match is None:
        raise UsageError(f'"{text}" is not a Kubernetes version; write v1.0 to v1.{NEWEST}, or latest')
    return min(int(match[1]), NEWEST)
