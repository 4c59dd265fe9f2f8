"""Pods and pod templates: the order in which their parts are judged.

A decoded and defaulted object comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidatePodCreate, validatePodMetadataAndSpec,
ValidatePodSpec, ValidatePodTemplateSpec.
"""

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, forbidden, invalid, required
from ..versions import BETA
from ..visit import CONTAINER_FIELDS
from .annotations import validate_pod_annotations
from .containers import Surroundings, validate_containers, validate_image_padding, validate_init_containers
from .dns import (
    DNS_POLICIES,
    validate_dns_config,
    validate_dns_policy,
    validate_host_aliases,
    validate_hostname_override,
)
from .env import validate_file_key_volumes
from .ephemeral_containers import validate_ephemeral_containers
from .host_namespaces import validate_host_network, validate_host_users, validate_share_process_namespace
from .metadata import validate_annotations, validate_labels, validate_metadata
from .mounts import Volumes
from .os import validate_os
from .pod_security_context import validate_pod_security_context
from .profiles import validate_apparmor_agreement, validate_seccomp_agreement
from .restart_policies import RESTART_POLICIES, validate_pod_restart_policy
from .scheduling import (
    list_claim_names,
    validate_claims,
    validate_classes,
    validate_deadline,
    validate_gates,
    validate_label_field,
    validate_subdomain_name,
    validate_tolerations,
)
from .volumes import validate_volumes
from .windows import validate_host_process


def validate_pod(errors: Errors, pod: Mapping[str, Any], *, account_is_set: bool) -> None:
    """Judge a pod that is to be created; `account_is_set` takes it for one that names a service account."""
    metadata, spec = pod.get("metadata") or {}, pod.get("spec") or {}
    annotations = metadata.get("annotations") or {}
    route: Route = ("spec",)
    validate_metadata(errors, metadata)
    validate_pod_annotations(errors, annotations, spec, ("metadata", "annotations"))
    validate_pod_spec(errors, spec, metadata, route)
    if not account_is_set and not spec.get("serviceAccountName"):
        _refuse_tokens(errors, spec, (*route, "volumes"))
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        detail = "must be greater than or equal to 0"
        invalid(errors, (*route, "terminationGracePeriodSeconds"), grace, detail)
    validate_image_padding(errors, spec, route)
    if spec.get("ephemeralContainers"):
        forbidden(errors, (*route, "ephemeralContainers"), "cannot be set on create")
    if spec.get("nodeName") and spec.get("schedulingGates"):
        forbidden(errors, (*route, "nodeName"), "cannot be set until all schedulingGates have been cleared")
    if annotations:
        validate_seccomp_agreement(errors, annotations, spec, route)
        validate_apparmor_agreement(errors, annotations, spec, route)
    if errors.gates.minor >= BETA:
        _registry_rules().validate_declared_profiles(errors, spec, route)


@cache
def _registry_rules() -> ModuleType:
    from . import security_profile_oci  # for a version that is not released: late

    return security_profile_oci


def _refuse_tokens(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Refuse tokens of an account that is not named."""
    for index, volume in enumerate(spec.get("volumes") or ()):
        for position, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                at = (*route, index, "projected", "sources", position, "serviceAccountToken")
                forbidden(errors, at, "must not be specified when serviceAccountName is not set")


def validate_template(errors: Errors, template: Mapping[str, Any], route: Route) -> None:
    """Judge a pod template; paths of its labels and annotations lack `metadata`, as upstream's do."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    validate_template_metadata(errors, template, route)
    at = (*route, "spec")
    validate_pod_spec(errors, spec, None, at)
    annotations = metadata.get("annotations") or {}
    if annotations:
        validate_seccomp_agreement(errors, annotations, spec, at)
        validate_apparmor_agreement(errors, annotations, spec, at)
    if spec.get("ephemeralContainers"):
        forbidden(errors, (*at, "ephemeralContainers"), "ephemeral containers not allowed in pod template")
    if errors.gates.minor >= BETA:
        _registry_rules().validate_declared_profiles(errors, spec, at)


def validate_template_metadata(errors: Errors, template: Mapping[str, Any], route: Route) -> None:
    """Judge a template's labels and annotations."""
    metadata = template.get("metadata") or {}
    if metadata.get("labels"):
        validate_labels(errors, metadata["labels"], (*route, "labels"))
    if metadata.get("annotations"):
        at = (*route, "annotations")
        validate_annotations(errors, metadata["annotations"], at)
        validate_pod_annotations(errors, metadata["annotations"], template.get("spec") or {}, at)


def validate_pod_spec(
    errors: Errors, spec: Mapping[str, Any], metadata: Mapping[str, Any] | None, route: Route
) -> None:
    """Judge a pod spec; `metadata` is the pod's, None in a template (which allows a little more)."""
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is None:
        required(errors, (*route, "terminationGracePeriodSeconds"))
    pod_name = (metadata or {}).get("name") or ""
    claims = list_claim_names(spec)
    volumes: Volumes = {}
    if spec.get("volumes"):
        volumes = validate_volumes(errors, spec["volumes"], pod_name, (*route, "volumes"))
    if claims:
        annotations = None if metadata is None else metadata.get("annotations") or {}
        validate_claims(errors, spec, annotations, (*route, "resourceClaims"))
    restart_policy = spec.get("restartPolicy") or ""
    pod = Surroundings(volumes, claims, restart_policy, spec.get("hostUsers") is not False, grace)
    validate_containers(errors, spec, pod, (*route, "containers"))
    if spec.get("initContainers"):
        validate_init_containers(errors, spec, pod, route)
    if spec.get("ephemeralContainers"):
        validate_ephemeral_containers(errors, spec, pod, (*route, "ephemeralContainers"))
    if spec.get("resources") is not None:
        from .resources import validate_pod_resources  # drags in fractions and decimal: late

        validate_pod_resources(errors, spec, claims, route)
    if spec.get("hostNetwork"):
        validate_host_network(errors, spec, route, is_pod=metadata is not None)
    if restart_policy not in RESTART_POLICIES:
        validate_pod_restart_policy(errors, restart_policy, (*route, "restartPolicy"))
    if spec.get("dnsPolicy") not in DNS_POLICIES:
        validate_dns_policy(errors, spec.get("dnsPolicy") or "", (*route, "dnsPolicy"))
    if spec.get("nodeSelector"):
        validate_labels(errors, spec["nodeSelector"], (*route, "nodeSelector"))
    if spec.get("securityContext"):
        validate_pod_security_context(errors, spec, (*route, "securityContext"))
    if errors.gates.minor >= BETA:
        _registry_rules().validate_privileged_profiles(errors, spec, route)
    if spec.get("shareProcessNamespace"):
        validate_share_process_namespace(errors, spec, route)
    if spec.get("affinity"):
        from .affinity import validate_affinity  # most pods have none: late

        validate_affinity(errors, spec["affinity"], (*route, "affinity"))
    if "dnsConfig" in spec or spec.get("dnsPolicy") == "None":
        validate_dns_config(errors, spec, (*route, "dnsConfig"))
    if "readinessGates" in spec or "schedulingGates" in spec:
        validate_gates(errors, spec, route)
    if spec.get("topologySpreadConstraints"):
        from .topology_spread import validate_topology_spread

        at = (*route, "topologySpreadConstraints")
        validate_topology_spread(errors, spec["topologySpreadConstraints"], at)
    windows, files = _rare_settings(spec)
    if windows:
        validate_host_process(errors, spec, route)
    if spec.get("hostUsers") is False:
        validate_host_users(errors, spec, route)
    if _RARE.isdisjoint(spec):
        validate_subdomain_name(errors, spec, "serviceAccountName", route)
    else:
        _validate_rest(errors, spec, route)
    if files:
        validate_file_key_volumes(errors, spec, route)


def _rare_settings(spec: Mapping[str, Any]) -> tuple[bool, bool]:
    """Tell quickly whether there are options for Windows, and variables that have their value from a file."""
    context = spec.get("securityContext")
    windows, files = bool(context and "windowsOptions" in context), False
    for field in CONTAINER_FIELDS:
        for container in spec.get(field) or ():
            context = container.get("securityContext")
            if context and "windowsOptions" in context:
                windows = True
            for variable in container.get("env") or ():
                if "valueFrom" in variable and "fileKeyRef" in (variable["valueFrom"] or ()):
                    files = True
    return windows, files


_RARE = frozenset(
    (
        "activeDeadlineSeconds",
        "hostAliases",
        "hostname",
        "hostnameOverride",
        "nodeName",
        "os",
        "overhead",
        "preemptionPolicy",
        "priorityClassName",
        "runtimeClassName",
        "subdomain",
        "tolerations",
    )
)
"""What `_validate_rest` judges beside the name of the service account; most pods have none of it."""


def _validate_rest(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    validate_hostname_override(errors, spec, route)
    validate_subdomain_name(errors, spec, "serviceAccountName", route)
    validate_subdomain_name(errors, spec, "nodeName", route)
    validate_deadline(errors, spec, route)
    validate_label_field(errors, spec, "hostname", route)
    validate_label_field(errors, spec, "subdomain", route)
    if spec.get("tolerations"):
        validate_tolerations(errors, spec["tolerations"], (*route, "tolerations"))
    if spec.get("hostAliases"):
        validate_host_aliases(errors, spec, (*route, "hostAliases"))
    validate_subdomain_name(errors, spec, "priorityClassName", route)
    validate_classes(errors, spec, route)
    if spec.get("overhead"):
        from .resources import validate_resources

        validate_resources(errors, {"limits": spec["overhead"]}, (*route, "overhead"))
    validate_os(errors, spec, route)
