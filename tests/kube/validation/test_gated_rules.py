"""Rules that a feature gate changes, by version and as a cluster sets the gate.

Source: kubernetes 1.28.15 to 1.38.0-beta.0, pkg/api/pod/util.go GetValidationOptionsFromPodSpecAndMeta and
pkg/apis/core/validation/validation.go of each release.
"""

from typing import Any

import pytest

from podproof.kube.feature_gates import parse_feature_gates
from podproof.kube.review import review
from podproof.kube.update import validate_pod_update

Fields = dict[str, Any]
C, INIT = "spec.containers[0]", "spec.initContainers[0]"


def pod(
    spec: Fields | None = None,
    container: Fields | None = None,
    init: Fields | None = None,
    annotations: dict[str, str] | None = None,
) -> Fields:
    made: Fields = {"containers": [{"name": "c", "image": "i:1", **(container or {})}], **(spec or {})}
    if init is not None:
        made["initContainers"] = [{"name": "i", "image": "i:1", **init}]
    metadata = {"name": "p", "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": made}


def refusals(object_: Fields, minor: int, gates: str = "") -> list[str]:
    told = parse_feature_gates([gates], minor)
    return [error.text for error in review(object_, version=minor, gates=told).errors]


ENV = pod(
    container={
        "env": [{"name": "a b", "value": "1"}],
        "envFrom": [{"prefix": "1", "secretRef": {"name": "s"}}],
    }
)
NAME_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and "
    "must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for "
    "validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
)
STRICT_NAMES = [
    f'{C}.env[0].name: Invalid value: "a b": {NAME_RULE}',
    f'{C}.envFrom[0].prefix: Invalid value: "1": {NAME_RULE}',
]
DOTS = pod(container={"env": [{"name": "..a", "value": "1"}]})
SEARCH = pod({"dnsConfig": {"searches": ["_tcp.a", "."]}})
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
STRICT_SEARCH = [
    f'spec.dnsConfig.searches[0]: Invalid value: "_tcp.a": {SUBDOMAIN}',
    f'spec.dnsConfig.searches[1]: Invalid value: "": {SUBDOMAIN}',
]
SLEEP = pod(container={"lifecycle": {"preStop": {"sleep": {"seconds": 0}}}})
POSITIVE = (
    f"{C}.lifecycle.preStop.sleep: Invalid value: 0: "
    "must be greater than 0 and less than terminationGracePeriodSeconds (30)"
)
ENABLE = f"{POSITIVE}. Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
MOUNT_OPTION = pod({"securityContext": {"seLinuxChangePolicy": "MountOption"}})
ONLY_RECURSIVE = [
    'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": '
    'supported values: "Recursive"'
]
OWN_POLICY = pod(container={"restartPolicy": "Never"})
NOT_INIT = [f"{C}.restartPolicy: Forbidden: may not be set for non-init containers"]
INIT_POLICY = pod(init={"restartPolicy": "OnFailure"})
ONLY_ALWAYS = [f'{INIT}.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"']
RESTART_ALL = [{"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [1]}}]
ALL_RULES = pod(container={"restartPolicy": "Never", "restartPolicyRules": RESTART_ALL})
ONLY_RESTART = [
    f'{C}.restartPolicyRules[0].action: Unsupported value: "RestartAllContainers": '
    'supported values: "Restart"'
]
SIDECAR_RULES = pod(init={"restartPolicy": "Always", "restartPolicyRules": RESTART_ALL})
NO_SIDECAR_RULES = [
    f"{INIT}.restartPolicyRules: Forbidden: restartPolicyRules are not allowed for init containers with "
    "restart policy Always"
]
NO_SOURCE = pod(container={"env": [{"name": "A", "valueFrom": {}}]})
SOURCES = f'{C}.env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, '
COMPARED = pod({"tolerations": [{"key": "k", "operator": "Gt", "value": "010"}]})
COMPARE = "TaintTolerationComparisonOperators=true"
T = "spec.tolerations[0]"
COST = pod(annotations={"controller.kubernetes.io/pod-deletion-cost": "x"})
HOST_USERS = pod({"hostUsers": False, "hostNetwork": True})
HOST_IPS = pod(container={"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIPs"}}}]})
ZEROS = pod({"dnsConfig": {"nameservers": ["010.1.1.1", "::ffff:1.2.3.4"]}})
RESIZE = pod(init={"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]})
RESIZE_IN_PART = pod(init={"resizePolicy": [{"resourceName": "cpu"}, {"restartPolicy": "NotRequired"}]})


@pytest.mark.parametrize(
    ("object_", "minor", "gates", "errors"),
    [
        (ENV, 29, "", STRICT_NAMES),
        (ENV, 31, "", STRICT_NAMES),
        (ENV, 31, "RelaxedEnvironmentVariableValidation=true", []),
        (ENV, 32, "", []),
        (ENV, 33, "RelaxedEnvironmentVariableValidation=false", STRICT_NAMES),
        (ENV, 37, "", []),
        (DOTS, 31, "", [f"{C}.env[0].name: Invalid value: \"..a\": must not start with '..'"]),
        (SEARCH, 32, "", STRICT_SEARCH),
        (SEARCH, 32, "RelaxedDNSSearchValidation=true", []),
        (SEARCH, 33, "", []),
        (SEARCH, 33, "RelaxedDNSSearchValidation=false", STRICT_SEARCH),
        (SLEEP, 31, "", [POSITIVE]),
        (SLEEP, 32, "", [ENABLE]),
        (SLEEP, 32, "PodLifecycleSleepActionAllowZero=true", []),
        (SLEEP, 33, "", []),
        (MOUNT_OPTION, 33, "", ONLY_RECURSIVE),
        (MOUNT_OPTION, 36, "", ONLY_RECURSIVE),
        (MOUNT_OPTION, 36, "SELinuxMount=true", []),
        (MOUNT_OPTION, 37, "", []),
        (MOUNT_OPTION, 37, "SELinuxMount=false", ONLY_RECURSIVE),
        # its own gate is off: there is nothing to judge
        (MOUNT_OPTION, 32, "", []),
        (OWN_POLICY, 29, "", NOT_INIT),
        (OWN_POLICY, 33, "", NOT_INIT),
        # the gate exists and is off: the field is dropped
        (OWN_POLICY, 34, "", []),
        (OWN_POLICY, 35, "", []),
        (INIT_POLICY, 33, "", ONLY_ALWAYS),
        (INIT_POLICY, 35, "", []),
        (ALL_RULES, 35, "", ONLY_RESTART),
        (ALL_RULES, 35, "RestartAllContainersOnContainerExits=true", []),
        (ALL_RULES, 36, "", []),
        (ALL_RULES, 36, "RestartAllContainersOnContainerExits=false", ONLY_RESTART),
        (SIDECAR_RULES, 35, "", NO_SIDECAR_RULES),
        (SIDECAR_RULES, 37, "", []),
        (NO_SOURCE, 33, "", [f"{SOURCES}`configMapKeyRef` or `secretKeyRef`"]),
        (NO_SOURCE, 35, "", [f"{SOURCES}`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"]),
        (NO_SOURCE, 37, "EnvFiles=false", [f"{SOURCES}`configMapKeyRef` or `secretKeyRef`"]),
        (COMPARED, 34, "",
         [f'{T}.operator: Unsupported value: "Gt": supported values: "Equal", "Exists"']),
        (COMPARED, 35, "",
         [f'{T}.operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"']),
        (COMPARED, 37, COMPARE,
         [f'{T}.value: Invalid value: "010": must be a valid decimal integer in canonical form']),
        (pod({"tolerations": [{"key": "k", "operator": "Lt"}]}), 37, COMPARE,
         [f'{T}.value: Invalid value: "": must be non-empty',
          f'{T}.value: Invalid value: "": strconv.ParseInt: parsing "": invalid syntax']),
        (pod({"tolerations": [{"key": "k", "operator": "Lt", "value": "-12"}]}), 37,
         COMPARE, []),
        (COST, 37, "",
         ["metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"x\": "
          "must be a 32bit integer"]),
        (COST, 37, "PodDeletionCost=false", []),
        (COST, 21, "", []),
        (HOST_USERS, 33, "", ["spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false"]),
        (HOST_USERS, 34, "", ["spec.hostNetwork: Forbidden: when `hostUsers` is false"]),
        (HOST_USERS, 37, "UserNamespacesHostNetworkSupport=true", []),
        (HOST_IPS, 28, "",
         [f"{C}.env[0].valueFrom.fieldRef: Forbidden: may not be set when feature gate 'PodHostIPs' is not "
          "enabled"]),
        (HOST_IPS, 28, "PodHostIPs=true", []),
        (HOST_IPS, 29, "", []),
        (ZEROS, 35, "", []),
        (ZEROS, 36, "StrictIPCIDRValidation=false", []),
        (ZEROS, 36, "",
         ['spec.dnsConfig.nameservers[0]: Invalid value: "010.1.1.1": must not have leading 0s',
          'spec.dnsConfig.nameservers[1]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 '
          "address"]),
        (RESIZE, 32, "", []),
        (RESIZE, 32, "InPlacePodVerticalScaling=true",
         [f'{INIT}.resizePolicy: Invalid value: []core.ContainerResizePolicy{{core.ContainerResizePolicy'
          '{ResourceName:"cpu", RestartPolicy:"RestartContainer"}}: must not be set for init containers']),
        (RESIZE_IN_PART, 33, "", [f"{INIT}.resizePolicy: Required value"]),
        (RESIZE_IN_PART, 32, "InPlacePodVerticalScaling=true",
         [f"{INIT}.resizePolicy: Required value",
          f'{INIT}.resizePolicy: Invalid value: []core.ContainerResizePolicy{{core.ContainerResizePolicy'
          '{ResourceName:"cpu", RestartPolicy:""}, core.ContainerResizePolicy{ResourceName:"", '
          'RestartPolicy:"NotRequired"}}: must not be set for init containers']),
        (RESIZE, 35, "", []),
        (RESIZE, 36, "",
         [f'{INIT}.resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to '
          "'RestartContainer' for non-sidecar initContainers"]),
    ],
)  # fmt: skip
def test_what_a_server_refuses(object_: Fields, minor: int, gates: str, errors: list[str]) -> None:
    assert refusals(object_, minor, gates) == errors


def test_what_a_stored_pod_has_stays_allowed() -> None:
    stored = pod({"tolerations": [{"key": "k", "operator": "Gt", "value": "1"}]})
    assert refusals(stored, 37) != []
    stored["metadata"] |= {"uid": "u", "resourceVersion": "1", "namespace": "default"}
    assert refusals(stored, 37) == []
    old = review(stored, version=37).object
    assert old is not None
    assert validate_pod_update(old, old, version=37) == []
    before = {**old, "spec": {**old["spec"], "tolerations": []}}
    added = [error.text for error in validate_pod_update(old, before, version=37)]
    assert added == [
        f'{T}.operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'
    ]
