"""What `podproof manifests` installs, at a server without a Service network: its webhooks are on loopback."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from session.manifests.installations import values
from waiting import wait_until

from .api_server import ApiServer

VALIDATING = "validate.podproof.dev"
WARNING = "warn.podproof.dev"
MUTATING = "mutate.podproof.dev"
PATIENT = 30
"""Seconds, the most that a server waits: a busy machine is slower, and no other answer comes of it."""


def configurations(
    address: str, *certificates: Path, patient: bool = True, **options: Any
) -> list[dict[str, Any]]:
    """Give the webhook configurations of an installation, with a loopback `url` in place of each `service`.

    `address` is as `https://localhost:8443`, and the server trusts the certificates. Nothing else is changed,
    but the time that the server waits where `patient`. `options` are those of `installations.install`.
    """
    bundle = b"".join(certificate.read_bytes() for certificate in certificates)
    made = [one for one in values(**options) if one["kind"].endswith("WebhookConfiguration")]
    for one in made:
        for webhook in one["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = {
                "url": urlunsplit(urlsplit(address)._replace(path=path)),
                "caBundle": base64.b64encode(bundle).decode(),
            }
            if patient:
                webhook["timeoutSeconds"] = PATIENT
    return made


def install(server: ApiServer, made: list[dict[str, Any]]) -> None:
    """Create webhook configurations, and wait until the server asks them."""
    for one in made:
        plural = f"{one['kind'].lower()}s"
        server.must("POST", f"/apis/admissionregistration.k8s.io/v1/{plural}", one)
    wait_until(lambda: _is_asked(server), "the webhook to be asked")


def _is_asked(server: ApiServer) -> bool:
    """Whether a namespace is refused as the plugin, and nobody else, refuses it."""
    labels = {"pod-security.kubernetes.io/enforce": "of-no-such-level"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "asked", "labels": labels}}
    return server.request("POST", "/api/v1/namespaces?dryRun=All", namespace).status == 422
