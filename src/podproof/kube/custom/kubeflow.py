"""Kubeflow: training jobs have a pod template for each kind of replica, and a Notebook has one.

A TrainJob of the Trainer has none: it patches those of the runtime that it names.
"""

from ..custom_kind import CustomKind, CustomProject, PodSource

_REPLICAS = {
    "MPIJob": "mpiReplicaSpecs",
    "MXJob": "mxReplicaSpecs",
    "PaddleJob": "paddleReplicaSpecs",
    "PyTorchJob": "pytorchReplicaSpecs",
    "TFJob": "tfReplicaSpecs",
    "XGBoostJob": "xgbReplicaSpecs",
}
"""Where each kind has its replicas. Source: training-operator pkg/apis/kubeflow.org/v1, v1.8."""

_JOB_SET = ("spec", "template", "spec")

PROJECT = CustomProject(
    name="Kubeflow",
    source="https://www.kubeflow.org/docs/components/trainer/legacy-v1/reference/",
    kinds=(
        *(
            CustomKind("kubeflow.org", (kind,), (PodSource(("spec", field, "*", "template")),))
            for kind, field in _REPLICAS.items()
        ),
        CustomKind("kubeflow.org", ("Notebook",), (PodSource(("spec", "template")),)),
        CustomKind(
            "trainer.kubeflow.org",
            ("TrainingRuntime", "ClusterTrainingRuntime"),
            (PodSource((*_JOB_SET, "replicatedJobs", "*", "template", "spec", "template")),),
        ),
        CustomKind(
            "trainer.kubeflow.org",
            ("TrainJob",),
            opaque=(
                (("spec", "runtimeRef"), "its pods are those of a runtime elsewhere"),
                (("spec", "runtimePatches"), "patches change pods when they are made"),
                (("spec", "podTemplateOverrides"), "patches change pods when they are made"),
            ),
        ),
    ),
)
