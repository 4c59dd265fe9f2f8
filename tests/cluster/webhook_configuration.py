"""The webhook configurations that send a server's requests to a Podproof on loopback."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VALIDATING = "validate.podproof.dev"
MUTATING = "mutate.podproof.dev"
_BOTH = ["CREATE", "UPDATE"]
_PODS = ["pods", "pods/ephemeralcontainers", "pods/resize"]
_CONTROLLERS = [
    {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["podtemplates", "replicationcontrollers"]},
    {
        "apiGroups": ["apps"],
        "apiVersions": ["v1"],
        "resources": ["daemonsets", "deployments", "replicasets", "statefulsets"],
    },
    {"apiGroups": ["batch"], "apiVersions": ["v1"], "resources": ["cronjobs", "jobs"]},
]


def configurations(ports: Sequence[int], certificate: Path) -> list[dict[str, Any]]:
    """Write them for webhooks at these ports, each with its own pair, and one certificate that all show."""
    bundle = base64.b64encode(certificate.read_bytes()).decode()

    def webhook(name: str, path: str, port: int, rules: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "name": name,
            "admissionReviewVersions": ["v1"],
            "clientConfig": {"url": f"https://localhost:{port}{path}", "caBundle": bundle},
            "failurePolicy": "Fail",
            "matchPolicy": "Equivalent",
            "sideEffects": "None",
            "timeoutSeconds": 30,
            "rules": [{**rule, "operations": _BOTH} for rule in rules],
        }

    pods = {"apiGroups": [""], "apiVersions": ["v1"], "resources": _PODS}
    namespaces = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["namespaces"]}
    made = []
    for number, port in enumerate(ports):
        mutating = webhook(MUTATING, "/mutate", port, [pods])
        mutating["reinvocationPolicy"] = "IfNeeded"
        validating = webhook(VALIDATING, "/validate", port, [pods, namespaces, *_CONTROLLERS])
        for kind, one in (("Mutating", mutating), ("Validating", validating)):
            made.append(
                {
                    "apiVersion": "admissionregistration.k8s.io/v1",
                    "kind": f"{kind}WebhookConfiguration",
                    "metadata": {"name": f"podproof-webhook-{number}"},
                    "webhooks": [one],
                }
            )
    return made
