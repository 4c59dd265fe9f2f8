"""Kubewarden: policies name a module and its settings; no pods."""

from ..custom_kind import CustomKind, CustomProject

PROJECT = CustomProject(
    name="Kubewarden",
    source="https://docs.kubewarden.io/reference/CRDs",
    kinds=(
        CustomKind(
            "policies.kubewarden.io",
            (
                "AdmissionPolicy",
                "AdmissionPolicyGroup",
                "ClusterAdmissionPolicy",
                "ClusterAdmissionPolicyGroup",
            ),
            pattern="a Kubewarden policy: a module and its settings, not pods",
        ),
    ),
)
