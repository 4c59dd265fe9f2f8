"""Writes an Event where an exemption is about to expire or has expired, for who looks with kubectl.

An exemption and the step that it has come to come in; an Event about it goes to the API server. Several
replicas tell of the same step: the Event's name is made of both, so that there is one.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from ...admission.exemption_index import PodSecurityExemption
from ...kube.go_format import quote
from ...kube.own_kinds import GROUP, OWN_VERSION
from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor, error_of_answer

__all__ = ["ExemptionEvents", "event_of"]

NAMESPACE = "default"
"""Where Events about objects without a namespace are.

Source: kubernetes 1.37.2 pkg/apis/core/validation/events.go.
"""
_REASONS = {"expiring": "ExemptionExpiring", "expired": "ExemptionExpired"}
_MOST_NAMED = 900
"""Characters of a note, of which 1,024 are allowed."""


class ExemptionEvents:
    """Writes Events by a client; what is refused is raised as an ApiServerError."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    async def tell(self, exemption: PodSecurityExemption, step: str) -> None:
        """Write the Event of a step, unless somebody has.

        Raises ApiServerError: the server cannot be reached, or refuses it.
        """
        async with self._client.open_http() as http:
            event = event_of(exemption, step, await self._uid(http, exemption.name), datetime.now(UTC))
            with self._client.errors("create", "events", namespace=NAMESPACE):
                answer = await http.post(f"/api/v1/namespaces/{NAMESPACE}/events", json=event)
            if answer.status_code >= 400:
                asked = AskedFor("create", "events", "", NAMESPACE)
                access = self._client.access
                error = error_of_answer(answer.status_code, answer.content, asked, access.server, access.who)
                if error.failing != "conflict":
                    raise error

    async def _uid(self, http: Any, name: str) -> str:
        """Ask for the exemption's uid, by which kubectl finds its Events; "" where nobody says it."""
        try:
            with self._client.errors("list", "podsecurityexemptions", GROUP):
                answer = await http.get(
                    f"/apis/{OWN_VERSION}/podsecurityexemptions",
                    params={"fieldSelector": f"metadata.name={name}"},
                )
                items = answer.json().get("items") or []
                return str(items[0]["metadata"]["uid"]) if items else ""
        except (ApiServerError, ValueError, AttributeError, LookupError, TypeError):
            return ""


def event_of(exemption: PodSecurityExemption, step: str, uid: str, now: datetime) -> dict[str, Any]:
    """Make the Event; its name is the same for the same step of the same exemption."""
    told = f"{exemption.name}\0{exemption.expires}\0{step}\0{uid}"
    at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    verb = "expires" if step == "expiring" else "expired, and has no effect since"
    message = (
        f"PodSecurityExemption {quote(exemption.name)} {verb} {exemption.expires}; ask {exemption.owner}"
    )
    about = {"apiVersion": OWN_VERSION, "kind": "PodSecurityExemption", "name": exemption.name}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"podsecurityexemption.{hashlib.sha256(told.encode()).hexdigest()[:24]}",
            "namespace": NAMESPACE,
        },
        "involvedObject": {**about, "uid": uid} if uid else about,
        "type": "Warning",
        "reason": _REASONS.get(step, "Exemption"),
        "message": message[:_MOST_NAMED],
        "source": {"component": "podproof-webhook"},
        "reportingComponent": "podproof.dev/webhook",
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }
