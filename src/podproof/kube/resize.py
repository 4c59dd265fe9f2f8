"""The `resize` subresource of pods: which changes of resources the API server refuses.

The prepared new pod and the old one come in, what is wrong is added. What else than the resources of
containers can be resized depends on feature gates: init containers, the pod's own resources, limits of
volumes in memory.
Source: kubernetes 1.33.13 to 1.38.0-beta.0 pkg/apis/core/validation,
ValidatePodResize; pkg/apis/core/helper/qos.
"""

from collections.abc import Mapping
from typing import Any

from .equal import semantically_equal
from .feature_gates import FeatureGates
from .field_error import Errors, FieldError, forbidden, invalid
from .quantity import parse_quantity
from .types import resolve
from .versions import BETA, NEWEST
from .visit import REGULAR_FIRST, WITHOUT_EPHEMERAL, visit_mappings

__all__ = ["NO_PATH", "classify_qos", "validate_resize"]

_MOVABLE = ("cpu", "memory")
NO_PATH = "[]"  # how Go prints a path without a name: field.NewPath("")
_POD_LEVEL = "InPlacePodLevelResourcesVerticalScaling"
_VOLUMES = "InPlacePodVerticalScalingMemoryBackedVolumes"
_POD_LEVEL_SINCE = 35  # before, a pod with resources of its own cannot be resized, gate or not
_INIT_SINCE = 36  # the first version that may resize init containers; its words are others
_VOLUMES_SINCE = 37


def validate_resize(
    errors: Errors, new: Mapping[str, Any], old: Mapping[str, Any], *, mirror: bool, gates: FeatureGates
) -> Errors:
    """Judge a resize; `errors` are those of the pod as such, `mirror` says that the pod is static.

    1.38 does not ask any more whether the node supports it. Source: kubernetes 1.38.0-beta.0.
    """
    spec, old_spec, version = new.get("spec") or {}, old.get("spec") or {}, gates.minor
    pod_level = _has_resources(old_spec) or _has_resources(spec)
    for refused, detail in (
        (version < _POD_LEVEL_SINCE and pod_level, "pods with pod-level resources cannot be resized"),
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
    if pod_level:
        if not gates.enabled(_POD_LEVEL):
            detail = (
                f"resize of pods with pod-level resources is forbidden when {_POD_LEVEL}Enabled feature gate "
                "is disabled"
            )
            errors.append(FieldError("Forbidden", (), None, detail, NO_PATH))
            return errors
        _validate_pod_level(errors, spec.get("resources"), old_spec.get("resources"))
    if not _same_order(errors, spec, old_spec):
        return errors
    for kind in WITHOUT_EPHEMERAL:
        for index, container in enumerate(spec.get(kind) or ()):
            if kind == "containers" or _is_resizable(old_spec[kind][index], gates):
                where = ("spec", kind, index, "resources")
                _refuse_removals(errors, container, old_spec[kind][index], where)
    _refuse_other_changes(errors, spec, old_spec, gates)
    if version >= _VOLUMES_SINCE:
        _validate_volumes(errors, spec.get("volumes") or (), old_spec.get("volumes") or (), gates)
    return errors


def _has_resources(spec: Mapping[str, Any]) -> bool:
    resources = spec.get("resources") or {}
    return bool(resources.get("requests") or resources.get("limits"))


def _validate_pod_level(
    errors: Errors, resources: Mapping[str, Any] | None, old: Mapping[str, Any] | None
) -> None:
    route = ("spec", "resources")
    if old is not None and resources is None:
        forbidden(errors, route, "pod-level resources cannot be removed")
        return
    for key in ("requests", "limits") if old is not None else ():
        if _is_removed((resources or {}).get(key), (old or {}).get(key)):
            forbidden(errors, (*route, key), f"pod-level resource {key} cannot be removed")
    fixed, before = (_fixed(which or {}) for which in (resources, old))
    if not semantically_equal(fixed, before, resolve("core/v1.ResourceRequirements", NEWEST)):
        forbidden(errors, ("spec",), "only cpu and memory resources are mutable at pod-level")


def _is_sidecar(container: Mapping[str, Any]) -> bool:
    return container.get("restartPolicy") == "Always"


def _is_resizable(init: Mapping[str, Any], gates: FeatureGates) -> bool:
    return _is_sidecar(init) or gates.enabled("InPlacePodVerticalScalingInitContainers")


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


def _is_removed(resources: Mapping[str, Any] | None, old: Mapping[str, Any] | None) -> bool:
    return bool(set(old or ()) - set(resources or ()))


def _refuse_removals(
    errors: Errors, container: Mapping[str, Any], old: Mapping[str, Any], route: tuple[str | int, ...]
) -> None:
    resources, before = container.get("resources") or {}, old.get("resources") or {}
    for key in ("requests", "limits"):
        if _is_removed(resources.get(key), before.get(key)):
            forbidden(errors, (*route, key), f"resource {key} cannot be removed")


def _refuse_other_changes(
    errors: Errors, spec: Mapping[str, Any], old: Mapping[str, Any], gates: FeatureGates
) -> None:
    type_ = resolve("core/v1.Container", NEWEST)
    for index, container in enumerate(spec.get("containers") or ()):
        if not semantically_equal(_with_fixed(container), _with_fixed(old["containers"][index]), type_):
            forbidden(errors, ("spec",), "only cpu and memory resources are mutable")
    recent = gates.minor >= _INIT_SINCE
    for index, container in enumerate(spec.get("initContainers") or ()):
        before, route = old["initContainers"][index], ("spec", "initContainers", index)
        if semantically_equal(container, before, type_):
            continue
        if not _is_resizable(container, gates):
            forbidden(errors, ("spec",), "resources for non-sidecar init containers are immutable")
            continue
        if not semantically_equal(_with_fixed(container), _with_fixed(before), type_):
            which = "init or sidecar containers" if recent else "sidecar containers"
            detail = f"only cpu and memory resources for {which} are mutable"
            forbidden(errors, route if recent else ("spec",), detail)
        if _is_sidecar(container):
            continue
        for policy in container.get("resizePolicy") or ():
            if policy.get("restartPolicy") == "RestartContainer":
                detail = (
                    "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"
                )
                forbidden(errors, route, detail)


def _with_fixed(container: Mapping[str, Any]) -> dict[str, Any]:
    return {**container, "resources": _fixed(container.get("resources") or {})}


def _fixed(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Give the resources without those that may be resized."""
    fixed = dict(resources)
    for key in ("requests", "limits"):
        fixed[key] = {
            name: value for name, value in (resources.get(key) or {}).items() if name not in _MOVABLE
        }
    return fixed


def _validate_volumes(errors: Errors, volumes: Any, old: Any, gates: FeatureGates) -> None:
    """Judge volumes, of which only the limits of those in memory may change, behind a gate."""
    type_, route = resolve("core/v1.Volume", NEWEST), ("spec", "volumes")
    same = len(volumes) == len(old)
    if not gates.enabled(_VOLUMES):
        if not same or not all(
            semantically_equal(volume, before, type_) for volume, before in zip(volumes, old, strict=True)
        ):
            detail = f"volumes are immutable on resize when {_VOLUMES} feature gate is disabled"
            forbidden(errors, route, detail)
        return
    if not same:
        forbidden(errors, route, "volumes may not be added or removed on resize")
        return
    for index, (volume, before) in enumerate(zip(volumes, old, strict=True)):
        at = (*route, index)
        if volume.get("name") != before.get("name"):
            forbidden(errors, (*at, "name"), "volumes may not be renamed or reordered on resize")
            continue
        folder, old_folder = volume.get("emptyDir"), before.get("emptyDir")
        compared = volume
        if folder is not None and old_folder is not None:
            compared = {**volume, "emptyDir": {**folder, "sizeLimit": old_folder.get("sizeLimit")}}
        if not semantically_equal(compared, before, type_):
            forbidden(errors, at, "only sizeLimit of memory-backed emptyDir volumes is mutable on resize")
        elif folder is not None and old_folder is not None:
            _validate_size_limit(errors, folder, old_folder, (*at, "emptyDir", "sizeLimit"))


def _validate_size_limit(
    errors: Errors, folder: Mapping[str, Any], old: Mapping[str, Any], route: tuple[str | int, ...]
) -> None:
    limit, old_limit = _amount(folder.get("sizeLimit")), _amount(old.get("sizeLimit"))
    if bool(limit) != bool(old_limit):
        forbidden(errors, route, "adding or removing sizeLimit on an existing volume is not allowed")
    elif limit != old_limit and folder.get("medium") != "Memory":
        forbidden(errors, route, "sizeLimit is only mutable for memory-backed emptyDir volumes")


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
    quantity = parse_quantity(value)
    return 0 if quantity is None else quantity.value
