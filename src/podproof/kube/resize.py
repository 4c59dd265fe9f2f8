"""The `resize` subresource of pods: which changes of resources the API server refuses.

The prepared new pod and the old one come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation ValidatePodResize; pkg/apis/core/helper/qos.
"""

from collections.abc import Mapping
from typing import Any

from .equal import semantically_equal
from .field_error import Errors, FieldError, forbidden, invalid
from .quantity import parse_quantity
from .types import resolve
from .versions import BETA, NEWEST, Minor
from .visit import REGULAR_FIRST, WITHOUT_EPHEMERAL, visit_mappings

__all__ = ["NO_PATH", "classify_qos", "validate_resize"]

_MOVABLE = ("cpu", "memory")
NO_PATH = "[]"  # how Go prints a path without a name: field.NewPath("")


def validate_resize(
    errors: Errors, new: Mapping[str, Any], old: Mapping[str, Any], *, mirror: bool, version: Minor
) -> Errors:
    """Judge a resize; `errors` are those of the pod as such, `mirror` says that the pod is static.

    1.38 does not ask any more whether the node supports it. Source: kubernetes 1.38.0-beta.0.
    """
    spec, old_spec = new.get("spec") or {}, old.get("spec") or {}
    for refused, detail in (
        (mirror, "static pods cannot be resized"),
        ((old_spec.get("os") or {}).get("name") == "windows", "windows pods cannot be resized"),
    ):
        if refused:
            errors.clear()
            errors.append(FieldError("Forbidden", (), None, detail, NO_PATH))
            return errors
    status = (old.get("status") or {}).get("qosClass")
    before = status or classify_qos(old_spec)
    if before != classify_qos(spec):
        # the value is the stored class: a resize does not write the status
        invalid(errors, ("spec",), before, "Pod QOS Class may not change as a result of resizing")
    if version < BETA and _runs_without_support(old):
        forbidden(errors, ("spec",), "Pod running on node without support for resize")
    if not _same_order(errors, spec, old_spec):
        return errors
    pairs = zip(
        visit_mappings(spec, fields=WITHOUT_EPHEMERAL),
        visit_mappings(old_spec, fields=WITHOUT_EPHEMERAL),
        strict=True,
    )
    for (_, container, where), (_, old_container, _) in pairs:
        _refuse_removals(errors, container, old_container, (*where, "resources"))
    _refuse_other_changes(errors, spec, old_spec)
    return errors


def _runs_without_support(pod: Mapping[str, Any]) -> bool:
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        if (status.get("state") or {}).get("running") is not None:
            return status.get("resources") is None
    return False


def _same_order(errors: Errors, spec: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    known = len(errors)
    for kind in REGULAR_FIRST:
        containers, before = spec.get(kind) or (), old.get(kind) or ()
        if len(containers) != len(before):
            forbidden(errors, ("spec", kind), f"{kind} may not be added or removed on resize")
            continue
        for index, container in enumerate(before):
            if containers[index].get("name") != container.get("name"):
                detail = f"{kind} may not be renamed or reordered on resize"
                forbidden(errors, ("spec", kind, index, "name"), detail)
    return len(errors) == known


def _refuse_removals(
    errors: Errors, container: Mapping[str, Any], old: Mapping[str, Any], route: tuple[str | int, ...]
) -> None:
    resources, before = container.get("resources") or {}, old.get("resources") or {}
    for key in ("requests", "limits"):
        if set(before.get(key) or ()) - set(resources.get(key) or ()):
            forbidden(errors, (*route, key), f"resource {key} cannot be removed")


def _refuse_other_changes(errors: Errors, spec: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    type_ = resolve("core/v1.Container", NEWEST)
    for kind, detail in (
        ("containers", "only cpu and memory resources are mutable"),
        ("initContainers", "only cpu and memory resources for init or sidecar containers are mutable"),
    ):
        for index, container in enumerate(spec.get(kind) or ()):
            before = old[kind][index]
            if not semantically_equal(_without_movable(container), _without_movable(before), type_):
                route = ("spec",) if kind == "containers" else ("spec", kind, index)
                forbidden(errors, route, detail)


def _without_movable(container: Mapping[str, Any]) -> dict[str, Any]:
    resources = dict(container.get("resources") or {})
    for key in ("requests", "limits"):
        resources[key] = {
            name: value for name, value in (resources.get(key) or {}).items() if name not in _MOVABLE
        }
    return {**container, "resources": resources}


def classify_qos(spec: Mapping[str, Any]) -> str:
    """Work out a pod's quality of service from its CPU and memory: BestEffort, Burstable or Guaranteed."""
    if spec.get("resources"):
        return _class_of(spec["resources"])
    classes = {
        _class_of(container.get("resources") or {})
        for _, container, _ in visit_mappings(spec, fields=WITHOUT_EPHEMERAL)
    }
    if not classes:
        return "BestEffort"
    return classes.pop() if len(classes) == 1 else "Burstable"


def _class_of(resources: Mapping[str, Any]) -> str:
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    kinds = set()
    for name in _MOVABLE:
        request, limit = _amount(requests.get(name)), _amount(limits.get(name))
        if request != limit:
            return "Burstable"
        kinds.add("Guaranteed" if request else "BestEffort")
    return kinds.pop() if len(kinds) == 1 else "Burstable"


def _amount(value: Any) -> Any:
    quantity = None if value is None else parse_quantity(value)
    return 0 if quantity is None else quantity.value
