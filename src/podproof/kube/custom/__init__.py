"""The catalogue of custom resources that make pods, one project a file: data.

A file says which kinds a project has, where their pods are, where pod-level settings lie apart from the
containers, and what the project's controller adds. `kube.custom_pods` reads it.
"""

GROUPS = {
    "acme.cert-manager.io": ("cert_manager",),
    "admissionregistration.k8s.io": ("admission_policies",),
    "apps.kruise.io": ("openkruise",),
    "argoproj.io": (
        "argo_events",
        "argo_rollouts",
        "argo_workflows",
    ),
    "batch.volcano.sh": ("volcano",),
    "cert-manager.io": ("cert_manager",),
    "constraints.gatekeeper.sh": ("gatekeeper",),
    "expansion.gatekeeper.sh": ("gatekeeper",),
    "flink.apache.org": ("flink",),
    "flow.volcano.sh": ("volcano",),
    "jobset.x-k8s.io": ("job_set",),
    "kafka.strimzi.io": ("strimzi",),
    "keda.sh": ("keda",),
    "kro.run": ("kro",),
    "kubeflow.org": ("kubeflow",),
    "kyverno.io": ("kyverno",),
    "leaderworkerset.x-k8s.io": ("leader_worker_set",),
    "monitoring.coreos.com": ("prometheus_operator",),
    "mutations.gatekeeper.sh": ("gatekeeper",),
    "policies.kubewarden.io": ("kubewarden",),
    "policies.kyverno.io": ("kyverno",),
    "postgresql.cnpg.io": ("cloudnative_pg",),
    "ray.io": ("ray",),
    "serving.knative.dev": ("knative",),
    "sources.knative.dev": ("knative",),
    "sparkoperator.k8s.io": ("spark_operator",),
    "tekton.dev": ("tekton",),
    "templates.gatekeeper.sh": ("gatekeeper",),
    "trainer.kubeflow.org": ("kubeflow",),
    "triggers.tekton.dev": ("tekton",),
}
"""The files that know kinds of an API group, so that no other is loaded for an object of the group."""
