"""Defaults of pods and of the pod specs inside templates.

Plain objects come in and are completed in place.
Source: kubernetes 1.37.2 pkg/apis/core/v1/defaults.go, zz_generated.defaults.go;
pkg/registry/core/pod/strategy.go PrepareForCreate.
"""

from collections.abc import Mapping
from typing import Any

from ..image_name import default_pull_policy
from ..visit import CONTAINER_FIELDS, WITHOUT_EPHEMERAL, visit_mappings
from .downward_api import default_selectors
from .quantities import default_quantities
from .volumes import default_volume

APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_NUMBERS = (
    ("timeoutSeconds", 1),
    ("periodSeconds", 10),
    ("successThreshold", 1),
    ("failureThreshold", 3),
)


def default_pod_object(pod: dict[str, Any], has_apparmor_field: bool = True) -> list[str]:
    """Complete a pod; returns the warnings about AppArmor annotations that are copied to a field."""
    spec = pod.setdefault("spec", {})
    metadata = pod.setdefault("metadata", {})
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        spec["terminationGracePeriodSeconds"] = 1
    for _, container, _ in visit_mappings(spec, fields=WITHOUT_EPHEMERAL):
        _requests_from_limits(container.get("resources"))
        if spec.get("hostNetwork"):
            for port in container.get("ports") or ():
                if not port.get("hostPort") and port.get("containerPort"):
                    port["hostPort"] = port["containerPort"]
    if spec.get("enableServiceLinks") is None:
        spec["enableServiceLinks"] = True
    default_pod_spec(spec)
    metadata["generation"] = 1
    return _copy_apparmor_annotations(spec, metadata.get("annotations") or {}) if has_apparmor_field else []


def _requests_from_limits(resources: dict[str, Any] | None) -> None:
    if resources is None or resources.get("limits") is None:
        return
    requests = resources.get("requests")
    if requests is None:
        requests = resources["requests"] = {}
    for name, quantity in resources["limits"].items():
        requests.setdefault(name, quantity)
    if not requests:
        del resources["requests"]


def default_pod_spec(spec: dict[str, Any]) -> None:
    """Complete a pod spec of a pod or a template."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or ""
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    get = spec.get
    if not get("dnsPolicy"):
        spec["dnsPolicy"] = "ClusterFirst"
    if not get("restartPolicy"):
        spec["restartPolicy"] = "Always"
    if not get("schedulerName"):
        spec["schedulerName"] = "default-scheduler"
    if get("securityContext") is None:
        spec["securityContext"] = {}
    if get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = 30
    for volume in get("volumes") or ():
        default_volume(volume)
    for field in CONTAINER_FIELDS:
        for container in get(field) or ():
            _default_container(container)
    if get("overhead"):
        default_quantities(spec["overhead"])
    if get("resources"):
        _canonical_resources(spec["resources"])


def _default_container(container: dict[str, Any]) -> None:
    get = container.get
    if not get("imagePullPolicy"):
        container["imagePullPolicy"] = default_pull_policy(get("image") or "")
    if not get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    if get("resources") is None:
        container["resources"] = {}
    else:
        _canonical_resources(container["resources"])
    for port in get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in get("env") or ():
        if variable.get("valueFrom"):
            _default_env_source(variable["valueFrom"])
    for key in _PROBES:
        if key in container and container[key] is not None:
            _default_probe(container[key])
    if get("lifecycle"):
        for key in ("postStart", "preStop"):
            hook = container["lifecycle"].get(key)
            if hook is not None:
                _default_http(hook.get("httpGet"))


def _default_probe(probe: dict[str, Any]) -> None:
    for name, number in _PROBE_NUMBERS:
        if not probe.get(name):
            probe[name] = number
    _default_http(probe.get("httpGet"))
    if probe.get("grpc") is not None and probe["grpc"].get("service") is None:
        probe["grpc"]["service"] = ""


def _default_env_source(source: dict[str, Any]) -> None:
    default_selectors(source)
    if source.get("fileKeyRef") is not None and source["fileKeyRef"].get("optional") is None:
        source["fileKeyRef"]["optional"] = False


def _default_http(action: dict[str, Any] | None) -> None:
    if action is not None:
        if not action.get("path"):
            action["path"] = "/"
        if not action.get("scheme"):
            action["scheme"] = "HTTP"


def _canonical_resources(resources: dict[str, Any] | None) -> None:
    if resources:
        for side in ("limits", "requests"):
            if side in resources:
                default_quantities(resources[side])


def parse_apparmor_annotation(annotation: str) -> dict[str, str] | None:
    """Translate an annotation's value to the field; None when it says nothing that a field can hold."""
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation == "runtime/default":
        return {"type": "RuntimeDefault"}
    name = annotation.removeprefix("localhost/")
    if name == annotation or not name:
        return None
    return {"type": "Localhost", "localhostProfile": name}


def _copy_apparmor_annotations(spec: dict[str, Any], annotations: Mapping[str, str]) -> list[str]:
    if (
        not any(key.startswith(APPARMOR) for key in annotations)
        or (spec.get("os") or {}).get("name") == "windows"
    ):
        return []
    from ..field_error import Errors
    from ..validation.profiles import validate_apparmor_profile

    warnings = []
    pod_profile = (spec.get("securityContext") or {}).get("appArmorProfile")
    for _, container, _ in visit_mappings(spec):
        key = APPARMOR + (container.get("name") or "")
        context = container.get("securityContext")
        if key not in annotations or (context or {}).get("appArmorProfile") is not None:
            continue
        profile = parse_apparmor_annotation(annotations[key] or "")
        if profile is not None:
            errors = Errors()
            validate_apparmor_profile(errors, profile, ())
            if errors:
                profile = None
        if profile is not None:
            if profile == pod_profile:
                continue
            if context is None:
                context = container["securityContext"] = {}
            context["appArmorProfile"] = profile
        text = 'deprecated since v1.30; use the "appArmorProfile" field instead'
        warnings.append(f"metadata.annotations[{key}]: {text}")
    return warnings
