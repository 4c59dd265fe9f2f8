"""The existing pods of one namespace, listed when its labels change, as upstream's webhook does.

A namespace and a time come in, its pods go out, as far as Pod Security looks at them: names, owners,
annotations and specifications. Why they are not watched, docs/adr/0016 says.
Source: k8s.io/pod-security-admission v0.37.2 admission/pods.go, PodListerFromClient.
"""

import asyncio
from typing import Any, TypedDict

from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor
from .api_lists import list_pages

__all__ = ["list_pods", "unlisted"]

MAX_PODS = 20_000
"""In memory at once: about 300 MB of usual pods. No namespace should have so many, and three thousand are
judged."""


def unlisted(namespace: str) -> dict[str, Any]:
    """Make a pod that nobody can read, in place of a namespace's pods that could not be listed."""
    name = {"name": "not-listed", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": name, "spec": "not listed"}


class _PodName(TypedDict, total=False):
    name: str
    namespace: str
    annotations: Any
    ownerReferences: Any


class _ExistingPod(TypedDict, total=False):
    metadata: _PodName
    spec: Any


async def list_pods(
    client: ApiClient, http: Any, namespace: str, seconds: float, slots: asyncio.Semaphore
) -> list[dict[str, Any]]:
    """List the pods of a namespace, when there is a slot for it.

    Raises ApiServerError: it fails, takes longer with the wait, or they are too many.
    """
    asked = AskedFor("list", "pods", "", namespace)
    found: list[dict[str, Any]] = []
    path = f"/api/v1/namespaces/{namespace}/pods"
    with client.errors("list", "pods", namespace=namespace):
        async with asyncio.timeout(seconds), slots:
            async for page in list_pages(client, http, path, _ExistingPod, asked):
                found.extend({"apiVersion": "v1", "kind": "Pod", **pod} for pod in page.items)
                if len(found) > MAX_PODS:
                    raise ApiServerError(f"more than {MAX_PODS:,} to {asked}", "refused")
    return found
