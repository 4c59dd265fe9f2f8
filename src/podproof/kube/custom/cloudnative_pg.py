"""CloudNativePG: the operator writes a cluster's pods; a cluster says their user, group and seccomp profile.

Since 1.28 it may override fields of the two security contexts. A Pooler has a pod template that the operator
completes.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, PodSource, same_names

PROJECT = CustomProject(
    name="CloudNativePG",
    source="https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/",
    kinds=(
        CustomKind(
            "postgresql.cnpg.io",
            ("Cluster",),
            (
                PodSource(
                    ("spec",),
                    form="parts",
                    containers=(Containers((), only=("securityContext",), name="postgres"),),
                    fields=(
                        ("securityContext", ("podSecurityContext",)),
                        ("securityContext.seccompProfile", ("seccompProfile",)),
                        ("securityContext.runAsUser", ("postgresUID",)),
                        ("securityContext.runAsGroup", ("postgresGID",)),
                        *same_names("priorityClassName schedulerName topologySpreadConstraints"),
                    ),
                    written=("postgres", "bootstrap-controller"),
                ),
            ),
        ),
        CustomKind(
            "postgresql.cnpg.io",
            ("Pooler",),
            (PodSource(("spec", "template"), written=("pgbouncer", "bootstrap-controller")),),
        ),
    ),
    adds="every container and its security context",
)
