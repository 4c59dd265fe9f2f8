"""How many pods of a workload run: one, unless `--replicas` says otherwise.

Its texts come in; for each workload a number goes out.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ...errors import UsageError

__all__ = ["MAX_REPLICAS", "Replicas", "parse_replicas"]

MAX_REPLICAS = 50
"""Pods of one workload."""

_KINDS = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")


class Replicas(msgspec.Struct, frozen=True):
    """What was asked for: a number for every workload (None: nothing was), and others by name."""

    every: int | None = None
    named: Mapping[str, int] = {}

    def count(self, kind: str, name: str) -> int:
        """Give the number of pods that run of a workload."""
        asked = self.asked(kind, name)
        return 1 if asked is None else asked

    def asked(self, kind: str, name: str) -> int | None:
        """Give the number that was asked for; None where none was, or the kind has none."""
        if kind not in _KINDS:
            return None
        return self.named.get(f"{kind}/{name}".lower(), self.named.get(name, self.every))

    def verify(self, workloads: Sequence[tuple[str, str]]) -> None:
        """Raise UsageError when a name is that of no workload, given by kinds and names."""
        known = [(kind, name) for kind, name in workloads if kind in _KINDS]
        names = {name for _, name in known} | {f"{kind}/{name}".lower() for kind, name in known}
        for name, number in self.named.items():
            if name not in names:
                there = ", ".join([f"{kind}/{name}".lower() for kind, name in known][:10])
                only = f", only {there}" if there else ""
                raise UsageError(f"--replicas {name}={number}: there is no workload {name}{only}")


def parse_replicas(texts: Sequence[str]) -> Replicas:
    """Read `N` and `NAME=N`. Raises UsageError: neither, too many pods, or one name twice."""
    every: int | None = None
    named: dict[str, int] = {}
    for text in texts:
        name, equals, digits = text.rpartition("=")
        if not digits.isdecimal() or len(digits) > 9 or bool(equals) != bool(name):
            raise UsageError(f"--replicas must be a number, or NAME=NUMBER, has {text!r}")
        if (number := int(digits)) > MAX_REPLICAS:
            raise UsageError(f"--replicas {text}: at most {MAX_REPLICAS} pods of a workload are run")
        if name in named or (not name and every is not None):
            raise UsageError(f"--replicas {text}: a number is given twice")
        if name:
            named[name if "/" not in name else name.lower()] = number
        else:
            every = number
    return Replicas(every, named)
