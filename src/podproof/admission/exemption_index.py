"""The exemptions of a cluster by the namespaces that they are for.

Exemptions with their places come in, one at a time; those that concern a pod go out, however many others
there are. Whether one has expired is not asked here.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from ..kube.validation.metadata import selector_matches
from ..policies.exemptions import ExemptionTable, PodSecurityExemption
from .persistent_map import PersistentMap

__all__ = ["ExemptionIndex", "PlacedExemption", "PodSecurityExemption"]

_MOST_NAMESPACES = 4096
"""So many namespaces' exemptions are kept, where tenants can make namespaces."""

Selector = Mapping[str, Any]


class PlacedExemption(msgspec.Struct, frozen=True):
    """An exemption, the namespaces that it is for, and what labels its pods must have; None: any."""

    exemption: PodSecurityExemption
    namespaces: tuple[str, ...] = ()
    namespace_selector: Selector | None = None
    object_selector: Selector | None = None


class _OfNamespace(msgspec.Struct, frozen=True):
    """What is exempt in a namespace: of every pod, and of those with certain labels."""

    labels: Mapping[str, str]
    table: ExemptionTable
    selective: tuple[PlacedExemption, ...]


_NOTHING = ExemptionTable()


class ExemptionIndex(msgspec.Struct, frozen=True, dict=True):
    """Exemptions by their names; it never changes, and is sorted out when it is first asked."""

    by_name: PersistentMap[str, PlacedExemption] = PersistentMap()

    def with_exemption(self, placed: PlacedExemption) -> "ExemptionIndex":
        """Return the index with an exemption, in place of the one of its name."""
        return ExemptionIndex(self.by_name.set(placed.exemption.name, placed))

    def without(self, name: str) -> "ExemptionIndex":
        """Return the index without an exemption; where there is none, the index as it is."""
        return ExemptionIndex(self.by_name.remove(name)) if name in self.by_name else self

    @cached_property
    def in_order(self) -> tuple[PodSecurityExemption, ...]:
        """All exemptions, sorted by name."""
        return tuple(self.by_name[name].exemption for name in sorted(self.by_name))

    def table_for(
        self, namespace: str, namespace_labels: Mapping[str, str], labels: Mapping[str, str | None] | None
    ) -> ExemptionTable:
        """Return what is exempt for a pod with these labels in a namespace with those."""
        if not self.by_name or not namespace:
            return _NOTHING
        here = self._here(namespace, namespace_labels)
        if not here.selective:
            return here.table
        own = {key: value or "" for key, value in (labels or {}).items()}
        matching = [one.exemption for one in here.selective if selector_matches(one.object_selector, own)]
        return ExemptionTable(matching, here.table) if matching else here.table

    def _here(self, namespace: str, labels: Mapping[str, str]) -> _OfNamespace:
        known = self._kept.get(namespace)
        if known is not None and known.labels == labels:
            return known
        candidates = {id(one): one for one in self._by_namespace.get(namespace, ())}
        for pair in labels.items():
            candidates |= {id(one): one for one in self._by_label.get(pair, ()) if _selects(one, labels)}
        candidates |= {id(one): one for one in self._by_expression if _selects(one, labels)}
        placed = candidates.values()
        here = _OfNamespace(
            dict(labels),
            ExemptionTable(one.exemption for one in placed if one.object_selector is None),
            tuple(one for one in placed if one.object_selector is not None),
        )
        if len(self._kept) >= _MOST_NAMESPACES:
            self._kept.clear()
        self._kept[namespace] = here
        return here

    @cached_property
    def _kept(self) -> dict[str, _OfNamespace]:
        return {}

    @cached_property
    def _by_namespace(self) -> dict[str, list[PlacedExemption]]:
        found: dict[str, list[PlacedExemption]] = {}
        for placed in self.by_name.values():
            for namespace in placed.namespaces:
                found.setdefault(namespace, []).append(placed)
        return found

    @cached_property
    def _by_label(self) -> dict[tuple[str, str], list[PlacedExemption]]:
        """Exemptions by one of the labels that their namespaces must have."""
        found: dict[tuple[str, str], list[PlacedExemption]] = {}
        for placed in self.by_name.values():
            for key, value in sorted((_match_labels(placed)).items())[:1]:
                found.setdefault((key, value or ""), []).append(placed)
        return found

    @cached_property
    def _by_expression(self) -> list[PlacedExemption]:
        """Exemptions of which only their expressions say which namespaces they are for."""
        return [
            placed
            for placed in self.by_name.values()
            if placed.namespace_selector is not None and not _match_labels(placed)
        ]


def _match_labels(placed: PlacedExemption) -> Mapping[str, str | None]:
    return (placed.namespace_selector or {}).get("matchLabels") or {}


def _selects(placed: PlacedExemption, labels: Mapping[str, str]) -> bool:
    return selector_matches(placed.namespace_selector, labels)
