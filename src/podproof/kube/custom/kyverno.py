"""Kyverno: policies hold patterns with anchors, patches and expressions, and what they generate; no pods."""

from ..custom_kind import CustomKind, CustomProject

PROJECT = CustomProject(
    name="Kyverno",
    source="https://kyverno.io/docs/policy-types/",
    kinds=tuple(
        CustomKind(group, ("*",), pattern="a Kyverno policy: patterns and patches, not pods")
        for group in ("kyverno.io", "policies.kyverno.io")
    ),
)
