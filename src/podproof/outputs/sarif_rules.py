"""Describes checks as SARIF's rules: ids come in, reportingDescriptors go out, made of the checks' pages."""

from collections.abc import Container
from typing import Any

from ..checks.model.catalogue import all_checks
from ..checks.model.check import Check
from ..checks.model.pages import page
from ..checks.model.pod_security import PodSecurityCheck

__all__ = ["rules"]

_SECURITY_SEVERITY = {"baseline": "8.0", "restricted": "5.0"}
"""In GitHub's bands high and medium: baseline stops known ways to more privileges, restricted hardens.

Other checks have none: what they find may be no weakness at all.
"""

_MOST_CHARACTERS = 1024
"""Of descriptions. Source: GitHub's documentation, "SARIF support for code scanning"."""


def rules(ids: Container[str]) -> list[dict[str, Any]]:
    """Describe the checks that have these ids, in the order of all checks."""
    return [_rule(check) for check in all_checks() if check.id in ids]


def _rule(check: Check) -> dict[str, Any]:
    text = page(check)
    properties: dict[str, Any] = {"tags": ["security", "kubernetes"]}
    if isinstance(check, PodSecurityCheck):
        levels = ["baseline", "restricted"] if check.level == "baseline" else ["restricted"]
        properties["tags"] += ["pod-security-standards", check.level]
        properties["security-severity"] = _SECURITY_SEVERITY[check.level]
        properties["upstreamId"] = check.upstream_id
        properties["levels"] = levels
        properties["kubernetesVersions"] = [f"v1.{since}" for since, _ in check.versions]
    return {
        "id": check.id,
        "shortDescription": {"text": check.summary[:_MOST_CHARACTERS]},
        "fullDescription": {"text": _first_sentence(text)[:_MOST_CHARACTERS]},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": check.severity.value},
        "properties": properties,
    }


def _first_sentence(text: str) -> str:
    """Give the line below the title, the reason why a person should care."""
    return text.split("\n\n")[1].replace("\n", " ")
