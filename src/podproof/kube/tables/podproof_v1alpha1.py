"""The structs of Podproof's own kinds (podproof.dev/v1alpha1).

A PodSecurityPolicy has the spec of policy/v1beta1, whose structs are in `policy_v1beta1`.
"""

STRUCTS: dict[str, tuple[str, ...]] = {
    "PodSecurityExemption": (
        "kind string ? TypeMeta",
        "apiVersion string ? TypeMeta",
        "metadata meta/v1.ObjectMeta ?",
        "spec podproof/v1alpha1.PodSecurityExemptionSpec ?",
    ),
    "PodSecurityExemptionSpec": (
        "owner string ?",
        "reason string ?",
        "expires string ?",
        "namespaces []string ?",
        "namespaceSelector *meta/v1.LabelSelector ?",
        "objectSelector *meta/v1.LabelSelector ?",
        "containers []string ?",
        "checks []string ?",
        "fields []string ?",
    ),
    "PodSecurityPolicy": (
        "kind string ? TypeMeta",
        "apiVersion string ? TypeMeta",
        "metadata meta/v1.ObjectMeta ?",
        "modes []string ?",
        "spec policy/v1beta1.PodSecurityPolicySpec ?",
    ),
}
