"""The kinds that a webhook watches: what of them is kept, and which configurations ask for them.

A cluster's configuration comes in, the kinds to watch go out. Nothing is asked of the API server here. A kind
is one row of `WATCHED`; who may watch what, RBAC says by `group` and `plural`.

Pods are not among them, see `existing_pods`. Service accounts are not either: a policy is granted to the name
of a pod's account, whether it exists or not, and the server itself refuses pods whose account does not exist.
"""

import re
from collections.abc import Callable
from typing import Any, TypedDict

import msgspec

from ...admission.cluster import Cluster
from ...kube.own_kinds import GROUP, OWN_VERSION, qualified

__all__ = ["NAMESPACES", "WATCHED", "ObjectName", "WatchedKind", "is_namespace_name", "watched_by"]


class ObjectName(TypedDict, total=False):
    """What is kept of every object's metadata; what msgspec decodes to it leaves all else out."""

    name: str
    namespace: str | None
    labels: dict[str, str | None] | None


class _Namespace(TypedDict, total=False):
    metadata: ObjectName


class _Role(TypedDict, total=False):
    metadata: ObjectName
    rules: Any
    aggregationRule: Any


class _Binding(TypedDict, total=False):
    metadata: ObjectName
    roleRef: Any
    subjects: Any


class _AnnotatedName(ObjectName, total=False):
    annotations: dict[str, str] | None


class _WatchedPolicy(TypedDict, total=False):
    metadata: _AnnotatedName
    spec: Any


class _WatchedOwnPolicy(_WatchedPolicy, total=False):
    modes: Any


class WatchedKind(msgspec.Struct, frozen=True):
    """A kind, where the API server has it, and what of its objects is kept.

    `shape` is a TypedDict: an object is decoded to it. `asked_for` says whether a cluster's configuration
    needs the kind. Of a kind that is `optional` the server may have none, as of one that somebody has to
    install first: then there are no such objects, and it is looked for again.
    """

    kind: str
    plural: str
    group: str
    version: str
    shape: Any
    asked_for: Callable[[Cluster], bool]
    optional: bool = False

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """Where all of them are, in every namespace."""
        return f"/{'apis' if self.group else 'api'}/{self.api_version}/{self.plural}"

    @property
    def resource(self) -> str:
        """Its name with the group, as `kubectl api-resources` writes it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def known_as(self) -> str:
        """How a Cluster names the kind."""
        return qualified(self.kind, self.api_version)


def _has_policies(cluster: Cluster) -> bool:
    return cluster.has_policies


def _has_own_policies(cluster: Cluster) -> bool:
    return cluster.settings.policies is not None


def _grants_policies(cluster: Cluster) -> bool:
    return _has_policies(cluster) or _has_own_policies(cluster)


def _has_exemptions(cluster: Cluster) -> bool:
    return cluster.settings.exemptions


_VERSION = OWN_VERSION.removeprefix(f"{GROUP}/")
_RBAC = "rbac.authorization.k8s.io"

NAMESPACES = WatchedKind("Namespace", "namespaces", "", "v1", _Namespace, lambda _: True)

WATCHED: tuple[WatchedKind, ...] = (
    NAMESPACES,
    WatchedKind("ClusterRole", "clusterroles", _RBAC, "v1", _Role, _grants_policies),
    WatchedKind("ClusterRoleBinding", "clusterrolebindings", _RBAC, "v1", _Binding, _grants_policies),
    WatchedKind("Role", "roles", _RBAC, "v1", _Role, _grants_policies),
    WatchedKind("RoleBinding", "rolebindings", _RBAC, "v1", _Binding, _grants_policies),
    WatchedKind(
        "PodSecurityPolicy",
        "podsecuritypolicies",
        "policy",
        "v1beta1",
        _WatchedPolicy,
        _has_policies,
        optional=True,
    ),
    WatchedKind(
        "PodSecurityPolicy",
        "podsecuritypolicies",
        GROUP,
        _VERSION,
        _WatchedOwnPolicy,
        _has_own_policies,
        optional=True,
    ),
    WatchedKind(
        "PodSecurityExemption",
        "podsecurityexemptions",
        GROUP,
        _VERSION,
        _WatchedPolicy,
        _has_exemptions,
        optional=True,
    ),
)


_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


def is_namespace_name(name: str) -> bool:
    """Say whether a namespace can have a name, which whoever reaches a webhook can make up."""
    return _LABEL.fullmatch(name) is not None


def watched_by(cluster: Cluster) -> tuple[WatchedKind, ...]:
    """Return the kinds that are needed to decide for a cluster configured like this one."""
    return tuple(kind for kind in WATCHED if kind.asked_for(cluster))
