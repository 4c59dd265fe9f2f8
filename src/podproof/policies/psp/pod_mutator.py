"""A pod while one policy fills it in: cheap to make, never touching the pod that it is made of.

A decoded and defaulted pod comes in; strategies read effective values from it and set values, each set value
becoming an Edit with its origin; the edited pod goes out. Which values to set is the strategies' business.
Source: kubernetes 1.24.17 pkg/securitycontext/accessors.go.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...edits.edit import Edit
from ...kube.visit import visit_mappings
from ...manifest.route import Route

__all__ = ["ContainerMutator", "PodMutator", "PolicyEdit"]


class PolicyEdit(msgspec.Struct, frozen=True):
    """An edit and who made it: the policy's name and what in it asks for the value, e.g.
    `runAsUser.ranges[0]`."""

    edit: Edit
    policy: str
    strategy: str

    @property
    def origin(self) -> str:
        """Name the origin for people: `PodSecurityPolicy example, runAsUser.ranges[0]`."""
        return f"PodSecurityPolicy {self.policy}, {self.strategy}"


class ContainerMutator:
    """A container of the pod that is filled in. `context` is its security context, None while it has none."""

    __slots__ = ("container", "context", "name", "route")

    def __init__(self, container: Mapping[str, Any], route: Route) -> None:
        self.container = container
        self.route = route
        self.name: str = container.get("name") or ""
        self.context: dict[str, Any] | None = container.get("securityContext")

    def own(self, key: str) -> Any:
        """Return a field of the container's own security context; None when it is not set."""
        return None if self.context is None else self.context.get(key)


class PodMutator:
    """The pod as the policy has made it so far; containers stand in order init, regular, ephemeral."""

    __slots__ = ("annotations", "containers", "context", "edits", "pod", "policy", "runtime_class", "spec")

    def __init__(self, pod: Mapping[str, Any], policy: str) -> None:
        self.pod = pod
        self.policy = policy
        self.spec: Mapping[str, Any] = pod.get("spec") or {}
        self.context: dict[str, Any] | None = self.spec.get("securityContext")
        self.annotations: Mapping[str, str] = (pod.get("metadata") or {}).get("annotations") or {}
        self.runtime_class: str | None = self.spec.get("runtimeClassName")
        self.containers = [
            ContainerMutator(container, where) for _, container, where in visit_mappings(self.spec)
        ]
        self.edits: list[PolicyEdit] = []

    def own(self, key: str) -> Any:
        """Return a field of the pod's security context; None when it is not set."""
        return None if self.context is None else self.context.get(key)

    def effective(self, container: ContainerMutator, key: str) -> Any:
        """Return a field of the container's security context, else of the pod's."""
        value = container.own(key)
        return self.own(key) if value is None else value

    def annotation(self, key: str) -> str:
        """Return an annotation; the empty string when it is absent."""
        return self.annotations.get(key) or ""

    def set(self, key: str, value: Any, strategy: str) -> None:
        """Set a field of the pod's security context."""
        self.context = {**(self.context or {}), key: value}
        self._note(("spec", "securityContext", key), value, strategy)

    def set_on(self, container: ContainerMutator, key: str, value: Any, strategy: str) -> None:
        """Set a field of a container's security context."""
        container.context = {**(container.context or {}), key: value}
        self._note((*container.route, "securityContext", key), value, strategy)

    def annotate(self, key: str, value: str, strategy: str) -> None:
        """Set an annotation."""
        self.annotations = {**self.annotations, key: value}
        self._note(("metadata", "annotations", key), value, strategy)

    def set_runtime_class(self, name: str, strategy: str) -> None:
        """Set the pod's runtime class."""
        self.runtime_class = name
        self._note(("spec", "runtimeClassName"), name, strategy)

    def _note(self, route: Route, value: Any, strategy: str) -> None:
        self.edits.append(PolicyEdit(Edit(route, "set", value), self.policy, strategy))
