"""What the API server accepts but warns about in where a pod wants to run: old node labels, null selectors.

A pod's decoded spec comes in, the bare texts of the warnings go out.
Source: kubernetes 1.37.2, as a server answered; pkg/api/pod/warnings.go, pkg/api/node/util.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...manifest.route import Route, format_route

_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
}
_NULL = "a null labelSelector results in matching no pod"
_REQUIRED, _PREFERRED = (
    f"{word}DuringSchedulingIgnoredDuringExecution" for word in ("required", "preferred")
)


def warn_of_nodes(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    """Warn of node labels and spread constraints; these warnings come before all others of a pod.

    The API server's order of the labels of one node selector is random, ours is sorted.
    """
    for key in sorted(spec.get("nodeSelector") or ()):
        if key in _LABELS:
            yield f"{format_route((*route, 'nodeSelector'))}[{key}]: {_LABELS[key]}"
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    at: Route = (*route, "affinity", "nodeAffinity")
    for index, term in enumerate((affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ()):
        yield from _term_warnings(term, (*at, _REQUIRED, "nodeSelectorTerms", index))
    for index, preferred in enumerate(affinity.get(_PREFERRED) or ()):
        yield from _term_warnings(preferred.get("preference") or {}, (*at, _PREFERRED, index, "preference"))
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        where: Route = (*route, "topologySpreadConstraints", index)
        key = constraint.get("topologyKey") or ""
        if key in _LABELS:
            yield f"{format_route((*where, 'topologyKey'))}: {key} is {_LABELS[key]}"
        if constraint.get("labelSelector") is None:
            yield f"{format_route((*where, 'labelSelector'))}: {_NULL}"


def _term_warnings(term: Mapping[str, Any], route: Route) -> Iterator[str]:
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        key = expression.get("key") or ""
        if key in _LABELS:
            path = format_route((*route, "matchExpressions", index, "key"))
            yield f"{path}: {key} is {_LABELS[key]}"


def warn_of_pod_affinity(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    """Warn of terms that match no pod; these warnings come after all others of a pod."""
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = (spec.get("affinity") or {}).get(kind) or {}
        at: Route = (*route, "affinity", kind)
        for index, term in enumerate(affinity.get(_REQUIRED) or ()):
            if term.get("labelSelector") is None:
                yield f"{format_route((*at, _REQUIRED, index, 'labelSelector'))}: {_NULL}"
        for index, weighted in enumerate(affinity.get(_PREFERRED) or ()):
            if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
                path = format_route((*at, _PREFERRED, index, "podAffinityTerm", "labelSelector"))
                yield f"{path}: {_NULL}"
