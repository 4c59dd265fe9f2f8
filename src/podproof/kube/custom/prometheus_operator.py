"""Prometheus operator: the operator writes the containers, and `containers` adds to them or changes them.

A container of `containers` that has the name of one of the operator's is a patch of it. The operator's own
containers drop every capability and cannot gain privileges; the pod around them has the security context of
the spec, or none.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, PodSource, same_names

_OF_POD = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostNetwork "
    "hostUsers imagePullSecrets nodeSelector priorityClassName schedulerName securityContext "
    "serviceAccountName terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes"
)
"""Fields of the specs that are a pod's. Source: pkg/apis/monitoring/v1/*_types.go, v0.95."""

_CONTEXT = (
    ("allowPrivilegeEscalation", False),
    ("capabilities", {"drop": ["ALL"]}),
    ("readOnlyRootFilesystem", True),
)
"""Of each of the operator's containers. Source: pkg/{prometheus,alertmanager,thanos}, makeStatefulSetSpec."""


def _kind(*kinds: str, container: str) -> CustomKind:
    return CustomKind(
        "monitoring.coreos.com",
        kinds,
        (
            PodSource(
                ("spec",),
                form="parts",
                containers=(
                    Containers(("containers",), many=True),
                    Containers(("initContainers",), many=True, to="initContainers"),
                ),
                fields=same_names(_OF_POD),
                metadata=("podMetadata",),
                written=(container, "config-reloader"),
                context=_CONTEXT,
                context_is_whole=True,
            ),
        ),
    )


PROJECT = CustomProject(
    name="Prometheus operator",
    source="https://prometheus-operator.dev/docs/api-reference/api/",
    kinds=(
        _kind("Prometheus", "PrometheusAgent", container="prometheus"),
        _kind("Alertmanager", container="alertmanager"),
        _kind("ThanosRuler", container="thanos-ruler"),
    ),
    adds="the init container `init-config-reloader` and, with `thanos`, the container `thanos-sidecar`",
)
