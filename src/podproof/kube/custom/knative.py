"""Knative: a Service and a Configuration have a revision's template: a PodSpec with a few fields of its own.

The server of Knative refuses most pod-level settings unless a feature flag allows them.
"""

from ..custom_kind import CustomKind, CustomProject, PodSource

_OWN = ("containerConcurrency", "idleTimeoutSeconds", "responseStartTimeoutSeconds", "timeoutSeconds")
"""Fields of RevisionSpec beside those of a PodSpec. Source: pkg/apis/serving/v1/revision_types.go, v0.51."""

PROJECT = CustomProject(
    name="Knative",
    source="https://knative.dev/docs/serving/reference/serving-api/",
    kinds=(
        CustomKind(
            "serving.knative.dev",
            ("Service", "Configuration"),
            (PodSource(("spec", "template"), own_fields=_OWN),),
        ),
        CustomKind("serving.knative.dev", ("Revision",), (PodSource((), own_fields=_OWN),)),
        CustomKind("sources.knative.dev", ("ContainerSource",), (PodSource(("spec", "template")),)),
    ),
    adds="the container `queue-proxy`",
)
