"""What the API server accepts but warns about in where a pod wants to run: old labels, null selectors.

A pod's decoded spec comes in, the bare texts of the warnings go out.
Source: kubernetes 1.37.2, as a server answered; pkg/api/pod/warnings.go, pkg/api/node/util.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...manifest.route import Route, format_route
from .affinity import PREFERRED, REQUIRED
from .formats import label_value

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
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": (
        "deprecated since v1.22; use Taints and Tolerations instead"
    ),
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
_NULL = "a null labelSelector results in matching no pod"


def warn_of_nodes(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    """Warn of node labels and spread constraints; these warnings come before all others of a pod.

    The API server's order of the labels of one node selector is random, ours is sorted.
    """
    for key in sorted(spec.get("nodeSelector") or ()):
        if key in _LABELS:
            yield f"{format_route((*route, 'nodeSelector'))}[{key}]: {_LABELS[key]}"
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    at: Route = (*route, "affinity", "nodeAffinity")
    for index, term in enumerate((affinity.get(REQUIRED) or {}).get("nodeSelectorTerms") or ()):
        yield from _term_warnings(term, (*at, REQUIRED, "nodeSelectorTerms", index), with_values=False)
    for index, preferred in enumerate(affinity.get(PREFERRED) or ()):
        where: Route = (*at, PREFERRED, index, "preference")
        yield from _term_warnings(preferred.get("preference") or {}, where, with_values=True)
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        where = (*route, "topologySpreadConstraints", index)
        key = constraint.get("topologyKey") or ""
        if key in _LABELS:
            yield f"{format_route((*where, 'topologyKey'))}: {key} is {_LABELS[key]}"
        if constraint.get("labelSelector") is None:
            yield f"{format_route((*where, 'labelSelector'))}: {_NULL}"


def _term_warnings(term: Mapping[str, Any], route: Route, *, with_values: bool) -> Iterator[str]:
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        key, at = expression.get("key") or "", (*route, "matchExpressions", index)
        if key in _LABELS:
            yield f"{format_route((*at, 'key'))}: {key} is {_LABELS[key]}"
        for position, value in enumerate(expression.get("values") or () if with_values else ()):
            for fault in label_value(value):
                yield f"{format_route((*at, 'values', position))}: {value} is invalid, {fault}"


def warn_of_pod_affinity(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    """Warn of terms that match no pod; these warnings come after all others of a pod."""
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = (spec.get("affinity") or {}).get(kind) or {}
        at: Route = (*route, "affinity", kind)
        for index, term in enumerate(affinity.get(REQUIRED) or ()):
            if term.get("labelSelector") is None:
                yield f"{format_route((*at, REQUIRED, index, 'labelSelector'))}: {_NULL}"
        for index, weighted in enumerate(affinity.get(PREFERRED) or ()):
            if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
                path = format_route((*at, PREFERRED, index, "podAffinityTerm", "labelSelector"))
                yield f"{path}: {_NULL}"
