"""cert-manager: an issuer may say what the pods that solve challenges over HTTP get beside containers."""

from ..custom_kind import CustomKind, CustomProject, PodSource, same_names

_OF_POD = (
    "affinity imagePullSecrets nodeSelector priorityClassName securityContext serviceAccountName tolerations"
)
"""Fields of the solver's pod template. Source: pkg/apis/acme/v1/types_issuer.go, v1.21."""


def _solver(*path: str) -> tuple[PodSource, ...]:
    return tuple(
        PodSource(
            (*path, "http01", by, "podTemplate"),
            form="parts",
            fields=same_names(_OF_POD, ("spec",)),
            written=("acmesolver",),
            context=(
                ("allowPrivilegeEscalation", False),
                ("capabilities", {"drop": ["ALL"]}),
                ("readOnlyRootFilesystem", True),
            ),
        )
        for by in ("ingress", "gatewayHTTPRoute")
    )


PROJECT = CustomProject(
    name="cert-manager",
    source="https://cert-manager.io/docs/configuration/acme/http01/",
    kinds=(
        CustomKind("cert-manager.io", ("Issuer", "ClusterIssuer"), _solver("spec", "acme", "solvers", "*")),
        CustomKind("acme.cert-manager.io", ("Challenge",), _solver("spec", "solver")),
    ),
)
