"""The fields of a PodSecurityPolicy, none of which is unknown. Source: k8s.io/api policy/v1beta1, v0.24."""

import pytest

from podproof.checks.model.acceptance import ReviewedObject
from podproof.checks.unknown_field import CHECK
from podproof.kube.feature_gates import FeatureGates

FIELDS = (
    "privileged", "defaultAddCapabilities", "requiredDropCapabilities", "allowedCapabilities", "volumes",
    "hostNetwork", "hostPorts", "hostPID", "hostIPC", "seLinux", "runAsUser", "runAsGroup",
    "supplementalGroups", "fsGroup", "readOnlyRootFilesystem", "defaultAllowPrivilegeEscalation",
    "allowPrivilegeEscalation", "allowedHostPaths", "allowedFlexVolumes", "allowedCSIDrivers",
    "allowedUnsafeSysctls", "forbiddenSysctls", "allowedProcMountTypes", "runtimeClass",
)  # fmt: skip


def messages(**spec: object) -> list[str]:
    value = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {}, "spec": spec}
    reviewed = ReviewedObject(value, "policy/v1beta1", "PodSecurityPolicy", FeatureGates(24))
    return [finding.message for finding in CHECK.find(reviewed)]


@pytest.mark.parametrize("field", FIELDS)
def test_known(field: str) -> None:
    assert messages(**{field: None}) == []


@pytest.mark.parametrize("field", FIELDS)
def test_another_case_is_another_field(field: str) -> None:
    wrong = field[0].upper() + field[1:]
    assert messages(**{wrong: None}) == [f'unknown field "spec.{wrong}"; did you mean {field}?']
