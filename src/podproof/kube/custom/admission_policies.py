"""Kubernetes' own admission policies: expressions about objects, and changes to them; no pods."""

from ..custom_kind import CustomKind, CustomProject

PROJECT = CustomProject(
    name="Kubernetes admission policies",
    source="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/",
    kinds=(
        CustomKind(
            "admissionregistration.k8s.io",
            (
                "MutatingAdmissionPolicy",
                "MutatingAdmissionPolicyBinding",
                "ValidatingAdmissionPolicy",
                "ValidatingAdmissionPolicyBinding",
            ),
            pattern="an admission policy: expressions, not pods",
        ),
    ),
)
