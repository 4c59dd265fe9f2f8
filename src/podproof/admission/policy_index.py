"""The PodSecurityPolicies of a cluster by their names, the API server's or those of Podproof's own kind.

Policies come in, one at a time; those that a plugin tries go out, in the order in which it tries them. No
pod is judged here.
"""

from functools import cached_property

import msgspec

from ..policies.psp.policy import PodSecurityPolicy
from .persistent_map import PersistentMap

__all__ = ["PolicyIndex"]


class PolicyIndex(msgspec.Struct, frozen=True, dict=True):
    """Policies by name; they are sorted when first asked for, since many may come one by one."""

    by_name: PersistentMap[str, PodSecurityPolicy] = PersistentMap()

    def with_policy(self, name: str, policy: PodSecurityPolicy) -> "PolicyIndex":
        """Return the index with a policy, in place of the one of its name."""
        return PolicyIndex(self.by_name.set(name, policy))

    def without(self, name: str) -> "PolicyIndex":
        """Return the index without a policy; where there is none, the index as it is."""
        return PolicyIndex(self.by_name.remove(name)) if name in self.by_name else self

    @cached_property
    def in_order(self) -> tuple[PodSecurityPolicy, ...]:
        """All policies, sorted by name."""
        return tuple(self.by_name[name] for name in sorted(self.by_name))

    def with_mode(self, mode: str) -> tuple[PodSecurityPolicy, ...]:
        """Return the policies that have a mode, sorted by name."""
        if mode not in self._kept:
            self._kept[mode] = tuple(policy for policy in self.in_order if mode in policy.modes)
        return self._kept[mode]

    @cached_property
    def _kept(self) -> dict[str, tuple[PodSecurityPolicy, ...]]:
        return {}
