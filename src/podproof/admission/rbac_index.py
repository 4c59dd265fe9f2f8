"""Roles and bindings of a cluster, and who may use which policies by them.

Objects that can be read come in, one at a time; grants go out. Nobody's request is judged here.
"""

from functools import cached_property

import msgspec

from ..kube.rbac import Grants, collect_grants
from .cluster_object import Key, KnownObject
from .persistent_map import PersistentMap

__all__ = ["RbacIndex"]


class RbacIndex(msgspec.Struct, frozen=True, dict=True):
    """Roles and bindings; the grants are worked out when first asked for, and kept while none changes."""

    objects: PersistentMap[Key, KnownObject] = PersistentMap()

    def with_object(self, key: Key, known: KnownObject) -> "RbacIndex":
        """Return the index with a role or binding, in place of the one of its key."""
        return RbacIndex(self.objects.set(key, known))

    def without(self, key: Key) -> "RbacIndex":
        """Return the index without a role or binding; where there is none, the index as it is."""
        return RbacIndex(self.objects.remove(key)) if key in self.objects else self

    def grants_in(self, api_groups: tuple[str, ...]) -> Grants:
        """Return who may use which policies by roles that name one of the API groups."""
        kept = self._kept.get(api_groups)
        if kept is None:
            in_turn = sorted(self.objects.values(), key=lambda known: known.turn)
            kept = self._kept[api_groups] = collect_grants(
                (known.object for known in in_turn),
                verb="use",
                resource="podsecuritypolicies",
                api_groups=api_groups,
            )
        return kept

    @cached_property
    def _kept(self) -> dict[tuple[str, ...], Grants]:
        return {}
