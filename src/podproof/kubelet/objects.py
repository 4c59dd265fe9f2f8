"""The API objects that stand beside the pods: looked up by kind, namespace and name. Data only."""

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Objects", "namespace_of"]


def namespace_of(value: Mapping[str, Any]) -> str:
    """Give the namespace that an object is created in: its own, or `default` as kubectl has it."""
    metadata = value.get("metadata") or {}
    return str(metadata.get("namespace") or "default")


class Objects:
    """ConfigMaps, Secrets, ServiceAccounts, claims, RuntimeClasses; a later one replaces an earlier."""

    def __init__(self, values: Iterable[Mapping[str, Any]] = ()) -> None:
        self._objects: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        for value in values:
            self.add(value)

    def add(self, value: Mapping[str, Any]) -> None:
        """Take an object in, in place of one of the same kind, namespace and name."""
        metadata = value.get("metadata") or {}
        key = (str(value.get("kind")), namespace_of(value), str(metadata.get("name") or ""))
        self._objects[key] = value

    def find(self, kind: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Give the object, or None when the manifests do not have it. RuntimeClasses have no namespace."""
        return self._objects.get((kind, namespace, name))

    def named(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """Give an object of a kind without namespaces."""
        for (its_kind, _, its_name), value in self._objects.items():
            if (its_kind, its_name) == (kind, name):
                return value
        return None
