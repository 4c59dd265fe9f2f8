"""What the tests of strategies share: a lenient policy, a small pod, and what the policy says of the pod."""

from typing import Any

from podproof.policies.psp.policy import read_policy
from podproof.policies.psp.provider import try_policy

ANY = {"rule": "RunAsAny"}
LENIENT = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY, "volumes": ["*"]}


def policy(annotations: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "example", "annotations": annotations or {}}, "spec": {**LENIENT, **spec}}


def pod(
    context: dict[str, Any] | None = None,
    *,
    annotations: dict[str, str] | None = None,
    container: dict[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """Make a pod of one container `c`; `context` is the container's security context, absent when None."""
    first: dict[str, Any] = {"name": "c", "image": "i", **(container or {})}
    if context is not None:
        first["securityContext"] = context
    return {
        "metadata": {"name": "p", "annotations": annotations or {}},
        "spec": {"containers": [first], "securityContext": {}, **spec},
    }


def trial(policy_: dict[str, Any], pod_: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Return the errors, and the edits as route → (value, what in the policy asked for it)."""
    found = try_policy(read_policy(policy_), pod_)
    edits = {
        ".".join(map(str, edit.edit.route)).removeprefix("spec."): (edit.edit.value, edit.strategy)
        for edit in found.edits
    }
    return [error.text for error in found.errors], edits
