"""The names of Podproof's own kinds; nothing comes in or goes out but these."""

__all__ = ["EXEMPTION", "GROUP", "OWN_VERSION", "POLICY", "qualified"]

GROUP = "podproof.dev"
OWN_VERSION = f"{GROUP}/v1alpha1"
"""The API version of all own kinds."""
POLICY = f"PodSecurityPolicy.{GROUP}"
"""The kind that has a namesake, policy/v1beta1 PodSecurityPolicy, with its group, as messages write it."""
EXEMPTION = f"PodSecurityExemption.{GROUP}"


def qualified(kind: str, api_version: object) -> str:
    """Return a kind with its group when it is Podproof's own, else as it is."""
    return f"{kind}.{GROUP}" if isinstance(api_version, str) and api_version.startswith(f"{GROUP}/") else kind
