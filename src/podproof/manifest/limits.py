"""What one input may cost: bounds of the reader, and go-yaml's own bound for aliases.

In: counts. Out: whether they are allowed. Never reads anything itself.
"""

import msgspec

__all__ = ["DEFAULT", "MAX_BODY", "MAX_DEPTH", "Limits", "excessive_aliasing"]


MAX_BODY = 3 * 1024 * 1024
"""Bytes of a request that an API server reads. Source: apiserver pkg/server/config.go."""
MAX_DEPTH = 10_000
"""Collections inside each other that Go's JSON decoder reads. Source: encoding/json scanner.go."""


class Limits(msgspec.Struct, frozen=True):
    """Bounds what one input may cost; each limit is far above what real manifests have."""

    max_bytes: int = 32 * 1024 * 1024
    """Bytes of one file: etcd refuses objects above 1.5 MiB, so this is some twenty of the largest."""
    max_seconds: float = 60.0
    """Wall time in which the end of a named pipe, a device or a file of /proc has to come."""
    max_depth: int = 1000
    """Collections inside each other: where libyaml stops; Kubernetes' own reader stops at 10,000."""
    max_documents: int = 100_000
    """Documents of one file."""
    max_alias_nodes: int = 400_000
    """Nodes that aliases may stand for in one document: what go-yaml allows a document of ordinary size."""
    max_digits: int = 4300
    """Digits of an integer written in JSON: where Python itself stops converting in bounded time."""


DEFAULT = Limits()

_LOW, _HIGH = 400_000, 4_000_000
"""Decode operations between which go-yaml lowers the share that aliases may have from 99 % to 10 %."""


def excessive_aliasing(decoded: int, aliased: int) -> bool:
    """Tell whether go-yaml refuses a document in which `aliased` of `decoded` nodes came from aliases.

    Source: go.yaml.in/yaml/v2 v2.4.4 decode.go, allowedAliasRatio and unmarshal.
    """
    if aliased <= 100 or decoded <= 1000:
        return False
    if decoded <= _LOW:
        allowed = 0.99
    elif decoded >= _HIGH:
        allowed = 0.10
    else:
        allowed = 0.99 - 0.89 * ((decoded - _LOW) / (_HIGH - _LOW))
    return aliased / decoded > allowed
