"""The structs of policy/v1beta1 that make a PodSecurityPolicy, and its named types.

Written by hand from k8s.io/api v0.24.17, since later releases, of which the other tables are made, have no
PodSecurityPolicy. extensions/v1beta1, served up to 1.15, has the same fields.
"""

NAMED: dict[str, str] = {
    "policy/v1beta1.FSGroupStrategyType": "string",
    "policy/v1beta1.FSType": "string",
    "policy/v1beta1.RunAsGroupStrategy": "string",
    "policy/v1beta1.RunAsUserStrategy": "string",
    "policy/v1beta1.SELinuxStrategy": "string",
    "policy/v1beta1.SupplementalGroupsStrategyType": "string",
}

STRUCTS: dict[str, tuple[str, ...]] = {
    "AllowedCSIDriver": ("name string .",),
    "AllowedFlexVolume": ("driver string .",),
    "AllowedHostPath": ("pathPrefix string ?", "readOnly bool ?"),
    "FSGroupStrategyOptions": (
        "rule policy/v1beta1.FSGroupStrategyType ?",
        "ranges []policy/v1beta1.IDRange ?",
    ),
    "HostPortRange": ("min int32 .", "max int32 ."),
    "IDRange": ("min int64 .", "max int64 ."),
    "PodSecurityPolicy": (
        "kind string ? TypeMeta",
        "apiVersion string ? TypeMeta",
        "metadata meta/v1.ObjectMeta ?",
        "spec policy/v1beta1.PodSecurityPolicySpec ?",
    ),
    "PodSecurityPolicySpec": (
        "privileged bool ?",
        "defaultAddCapabilities []core/v1.Capability ?",
        "requiredDropCapabilities []core/v1.Capability ?",
        "allowedCapabilities []core/v1.Capability ?",
        "volumes []policy/v1beta1.FSType ?",
        "hostNetwork bool ?",
        "hostPorts []policy/v1beta1.HostPortRange ?",
        "hostPID bool ?",
        "hostIPC bool ?",
        "seLinux policy/v1beta1.SELinuxStrategyOptions .",
        "runAsUser policy/v1beta1.RunAsUserStrategyOptions .",
        "runAsGroup *policy/v1beta1.RunAsGroupStrategyOptions ?",
        "supplementalGroups policy/v1beta1.SupplementalGroupsStrategyOptions .",
        "fsGroup policy/v1beta1.FSGroupStrategyOptions .",
        "readOnlyRootFilesystem bool ?",
        "defaultAllowPrivilegeEscalation *bool ?",
        "allowPrivilegeEscalation *bool ?",
        "allowedHostPaths []policy/v1beta1.AllowedHostPath ?",
        "allowedFlexVolumes []policy/v1beta1.AllowedFlexVolume ?",
        "allowedCSIDrivers []policy/v1beta1.AllowedCSIDriver ?",
        "allowedUnsafeSysctls []string ?",
        "forbiddenSysctls []string ?",
        "allowedProcMountTypes []core/v1.ProcMountType ?",
        "runtimeClass *policy/v1beta1.RuntimeClassStrategyOptions ?",
    ),
    "RunAsGroupStrategyOptions": (
        "rule policy/v1beta1.RunAsGroupStrategy .",
        "ranges []policy/v1beta1.IDRange ?",
    ),
    "RunAsUserStrategyOptions": (
        "rule policy/v1beta1.RunAsUserStrategy .",
        "ranges []policy/v1beta1.IDRange ?",
    ),
    "RuntimeClassStrategyOptions": (
        "allowedRuntimeClassNames []string .",
        "defaultRuntimeClassName *string ?",
    ),
    "SELinuxStrategyOptions": (
        "rule policy/v1beta1.SELinuxStrategy .",
        "seLinuxOptions *core/v1.SELinuxOptions ?",
    ),
    "SupplementalGroupsStrategyOptions": (
        "rule policy/v1beta1.SupplementalGroupsStrategyType ?",
        "ranges []policy/v1beta1.IDRange ?",
    ),
}
