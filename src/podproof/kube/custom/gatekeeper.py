"""Gatekeeper: constraints and their templates hold parameters and rules, mutators hold what they assign."""

from ..custom_kind import CustomKind, CustomProject

_GROUPS = (
    "constraints.gatekeeper.sh",
    "expansion.gatekeeper.sh",
    "mutations.gatekeeper.sh",
    "templates.gatekeeper.sh",
)

PROJECT = CustomProject(
    name="Gatekeeper",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/",
    kinds=tuple(
        CustomKind(group, ("*",), pattern="a Gatekeeper policy: rules and parameters, not pods")
        for group in _GROUPS
    ),
)
