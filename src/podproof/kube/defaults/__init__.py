"""API defaulting: what the API server writes into an object before it is validated and stored.

A decoded plain object comes in and is completed in place. What admission plugins add (tolerations, priority,
service account) is not written, nor anything a controller does.
Source: kubernetes 1.37.2 pkg/apis/{core,apps,batch}/v1/defaults.go and the registries' PrepareForCreate.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from ..version_skew import has_apparmor_field
from ..versions import NEWEST, Minor

__all__ = ["apply_defaults", "apply_defaults_of_storing"]


def apply_defaults(kind: str, obj: dict[str, Any], version: Minor = NEWEST) -> list[str]:
    """Complete an object in place and give the warnings that this alone causes; other kinds stay as they are.

    The warnings accompany the answer whether the object is accepted or not. Values are the newest version's,
    but that nothing is copied to fields which 1.`version` does not have.
    """
    if kind == "Pod":
        from .pod import default_pod_object

        return default_pod_object(obj, has_apparmor_field(version))
    _of_workloads()(kind, obj)
    return []


@cache
def _of_workloads() -> Callable[[str, dict[str, Any]], None]:
    from .workloads import default_workload

    return default_workload


def apply_defaults_of_storing(kind: str, obj: dict[str, Any]) -> None:
    """Complete an object in place that has been found valid, as the API server does when it stores it."""
    if kind == "Job":
        from .workloads import default_stored_job

        default_stored_job(obj)
