"""The containers that a controller of a custom resource writes itself: neutral ones stand for them.

A pod's spec comes in; the names of the containers whose image the object leaves to the controller go out,
filled in so that only what is written around them is judged. Nothing is validated here.
"""

from typing import Any

from .custom_kind import PodSource

__all__ = ["fill_in"]

_NEUTRAL: dict[str, Any] = {
    "image": "controller",
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}
"""A container that does its own part for every level, so that only what is written around it is judged."""


def fill_in(spec: dict[str, Any], source: PodSource) -> list[str]:
    """Give neutral values to the containers whose image the controller writes; returns their names."""
    neutral, names = _NEUTRAL, list[str]()
    if source.context_is_whole or (source.context and spec.get("securityContext") is not None):
        neutral = {**_NEUTRAL, "securityContext": dict(source.context)}
    for field in ("initContainers", "containers"):
        containers = spec.get(field)
        if isinstance(containers, list):
            spec[field] = [_filled_in(container, source, neutral, names) for container in containers]
    present = spec.get("containers")
    if not present:
        spec["containers"] = [{"name": source.written[0], **neutral}]
        names.append(source.written[0])
    elif source.context_is_whole and isinstance(present, list):
        known = {
            one.get("name") for one in present if isinstance(one, dict) and isinstance(one.get("name"), str)
        }
        for name in source.written:
            if name not in known:
                spec["containers"] = [*spec["containers"], {"name": name, **neutral}]
                names.append(name)
    return names


def _filled_in(container: Any, source: PodSource, neutral: dict[str, Any], names: list[str]) -> Any:
    if not isinstance(container, dict) or container.get("image") is not None:
        return container
    name = container.get("name")
    names.append(name if isinstance(name, str) else source.written[0])
    context = container.get("securityContext")
    if isinstance(context, dict):
        container = {**container, "securityContext": _over_neutral(context, neutral)}
    kept = {key: held for key, held in container.items() if held is not None}
    return {**neutral, "name": names[-1], **kept}


def _over_neutral(context: dict[str, Any], neutral: dict[str, Any]) -> dict[str, Any]:
    """Lay what is written of a security context over the neutral one, without making it contradict itself."""
    over: dict[str, Any] = {**neutral["securityContext"], **context}
    capabilities = context.get("capabilities")
    added = None
    if isinstance(capabilities, dict):
        over["capabilities"] = {**neutral["securityContext"].get("capabilities", {}), **capabilities}
        added = capabilities.get("add")
    # The API server refuses these two together with allowPrivilegeEscalation: false.
    contradicts = context.get("privileged") or (isinstance(added, list) and "CAP_SYS_ADMIN" in added)
    if contradicts and "allowPrivilegeEscalation" not in context:
        over.pop("allowPrivilegeEscalation", None)
    return over
