"""The NodeDeclaredFeatureValidator plugin: a running pod is only changed in ways that its node can follow.

The cluster's state and the update of a pod come in, a refusal or nothing goes out. Nothing is known of a node
where no Node is among the objects and all could be read, so that nothing is refused for it then.
Source: kubernetes 1.36.3 to 1.38.0-beta.0 plugin/pkg/admission/nodedeclaredfeatures; k8s.io/component-helpers
of the same versions, nodedeclaredfeatures/features/inplacepodresize.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..kube.equal import semantically_equal
from ..kube.go_format import quote
from ..kube.quantity import parse_quantity
from ..kube.types import resolve
from .attributes import Attributes
from .decision import Decision, forbidden
from .plugin import Plugin
from .request import AdmissionRequest
from .state import ClusterState

__all__ = ["NODE_DECLARED_FEATURES", "may_refuse"]

_SINCE = 36  # 1.35 has the plugin, behind a gate that is off
_MEMORY_SINCE = 37
_ALLOWED = Decision(True)
_RESOURCES = "core/v1.ResourceRequirements"

_Spec = Mapping[str, Any]


def _resizes_pod(spec: _Spec, old: _Spec, minor: int) -> bool:
    return not semantically_equal(spec.get("resources"), old.get("resources"), resolve(_RESOURCES, minor))


def _resizes_init_container(spec: _Spec, old: _Spec, minor: int) -> bool:
    return any(
        before.get("restartPolicy") != "Always"
        and not semantically_equal(
            container.get("resources"), before.get("resources"), resolve(_RESOURCES, minor)
        )
        for container, before in zip(
            spec.get("initContainers") or (), old.get("initContainers") or (), strict=False
        )
    )


def _resizes_volume(spec: _Spec, old: _Spec, minor: int) -> bool:
    volumes, before = spec.get("volumes") or (), old.get("volumes") or ()
    if minor < _MEMORY_SINCE or len(volumes) != len(before):
        return False
    for volume, old_volume in zip(volumes, before, strict=True):
        folder = volume.get("emptyDir") or {}
        if volume.get("name") != old_volume.get("name") or folder.get("medium") != "Memory":
            continue
        limit = _limit(folder)
        old_limit = _limit(old_volume.get("emptyDir") or {})
        if limit is not None and old_limit is not None and limit != old_limit:
            return True
    return False


def _limit(folder: Mapping[str, Any]) -> Any:
    quantity = parse_quantity(folder.get("sizeLimit"))
    return None if quantity is None else quantity.value


_FEATURES: tuple[tuple[str, Callable[[_Spec, _Spec, int], bool]], ...] = (
    ("InPlacePodLevelResourcesVerticalScaling", _resizes_pod),
    ("InPlacePodVerticalScalingInitContainers", _resizes_init_container),
    ("InPlacePodVerticalScalingMemoryBackedVolumes", _resizes_volume),
)
"""What an update can need of a node, sorted by name as the server's message has it."""


def may_refuse(state: ClusterState, request: AdmissionRequest) -> bool:
    """Tell whether the plugin looks at the pod of a request."""
    return (
        request.operation == "UPDATE"
        and request.kind == "Pod"
        and request.sub_resource in ("", "resize")
        and state.minor >= _SINCE
        and state.gates.enabled("NodeDeclaredFeatures")
        and (state.has("Node") or state.lacks_objects)
    )


def _validate(state: ClusterState, attributes: Attributes) -> Decision:
    request = attributes.request
    if not may_refuse(state, request):
        return _ALLOWED
    spec, old = (((pod or {}).get("spec") or {}) for pod in (attributes.object, attributes.old))
    name = spec.get("nodeName")
    if not name:
        return _ALLOWED
    needed = [feature for feature, needs in _FEATURES if needs(spec, old, state.minor)]
    if not needed:
        return _ALLOWED
    node = state.find("Node", "", name)
    if node is None:
        return forbidden("pods", request.name, f"node {quote(name)} not found")
    status = node.get("status")
    declared = status.get("declaredFeatures") if isinstance(status, Mapping) else None
    missing = [feature for feature in needed if not isinstance(declared, list) or feature not in declared]
    if not missing:
        return _ALLOWED
    why = f"pod update requires features {', '.join(missing)} which are not available on node {quote(name)}"
    return forbidden("pods", request.name, why)


NODE_DECLARED_FEATURES = Plugin("NodeDeclaredFeatureValidator", validate=_validate)
