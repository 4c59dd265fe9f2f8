"""The NamespaceLifecycle plugin: nothing is made or changed in a namespace that does not exist.

The cluster's state and a request come in, a refusal or nothing goes out.
Source: kubernetes 1.37.2 and 1.24.17, apiserver pkg/admission/plugin/namespace/lifecycle/admission.go.
"""

from ..kube.go_format import quote
from .attributes import Attributes
from .decision import Decision
from .plugin import Mutation, Plugin
from .state import ClusterState

__all__ = ["NAMESPACE_LIFECYCLE", "missing_namespace"]

_NOTHING = Mutation()


def missing_namespace(state: ClusterState, kind: str, namespace: str) -> Decision | None:
    """Refuse what is asked of a namespace that does not exist; None: it exists, or none is meant.

    Which namespaces exist, `ClusterState.labels_of` says. Deletion is not refused.
    """
    if kind == "Namespace" or not namespace or state.labels_of(namespace) is not None:
        return None
    return Decision(False, 404, f"namespaces {quote(namespace)} not found", reason="NotFound")


def _mutate(state: ClusterState, attributes: Attributes) -> Mutation:
    request = attributes.request
    if request.operation == "DELETE":
        return _NOTHING
    refusal = missing_namespace(state, request.kind, request.namespace)
    return _NOTHING if refusal is None else Mutation(refusal)


NAMESPACE_LIFECYCLE = Plugin("NamespaceLifecycle", mutate=_mutate)
