"""Argo Events: a Sensor and an EventSource run a pod each; a Sensor also creates the objects of its triggers.

The controller writes the container `main`, without a security context unless `template.container` has one.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, PodSource, same_names

_TEMPLATE = ("template",)
_OF_POD = (
    "affinity imagePullSecrets nodeSelector priority priorityClassName securityContext serviceAccountName "
    "tolerations volumes"
)
"""Fields of Template that are the pod's. Source: pkg/apis/events/v1alpha1/template.go, v1.9."""

_POD = PodSource(
    ("spec",),
    form="parts",
    containers=(Containers((*_TEMPLATE, "container"), name="main"),),
    fields=same_names(_OF_POD, _TEMPLATE),
    metadata=(*_TEMPLATE, "metadata"),
    written=("main",),
    context_is_whole=True,
)

_TRIGGER = ("spec", "triggers", "*", "template")

PROJECT = CustomProject(
    name="Argo Events",
    source="https://argoproj.github.io/argo-events/APIs/",
    kinds=(
        CustomKind("argoproj.io", ("EventSource",), (_POD,)),
        CustomKind(
            "argoproj.io",
            ("Sensor",),
            (
                _POD,
                *(
                    PodSource((*_TRIGGER, kind, "source", "resource"), form="object")
                    for kind in ("argoWorkflow", "k8s")
                ),
            ),
            opaque=tuple(
                ((*_TRIGGER, kind, "source", place), "an object that stands elsewhere is created")
                for kind in ("argoWorkflow", "k8s")
                for place in ("configmap", "file", "git", "inline", "s3", "url")
            ),
        ),
    ),
)
