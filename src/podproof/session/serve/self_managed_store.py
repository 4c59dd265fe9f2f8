"""The Secret, the webhook configurations and the Lease of the webhook, in a cluster.

What is to be read and written comes in, requests to the API server go out. A write names the version that it
is based on, so that it has no effect where somebody else was faster, and it touches only what is the
webhook's own: a Secret's other data, and whatever else a configuration has, stay as they are.
"""

import asyncio
import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor, error_of_answer
from .lease import Lease
from .self_managed import SecretVersion
from .self_managed_state import SECRET_KEYS, PublishedBundles

__all__ = ["CERTIFICATES", "CONFIGURATIONS", "NEEDED_RIGHTS", "WEBHOOK", "ApiCertificateStore"]

WEBHOOK = "podproof-webhook"
"""The name of the Service, and of both webhook configurations."""
CERTIFICATES = "podproof-webhook-certificates"
"""The name of the Secret and of the Lease."""
CONFIGURATIONS = {
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
}
_ADMISSION, _LEASES = "admissionregistration.k8s.io", "coordination.k8s.io"

NEEDED_RIGHTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("", "secrets", CERTIFICATES, ("get", "watch", "update")),
    (_LEASES, "leases", CERTIFICATES, ("get", "patch")),
    *((_ADMISSION, resource, WEBHOOK, ("get", "watch", "patch")) for resource in CONFIGURATIONS.values()),
)
"""API group, resource, name and verbs that an account needs, the first two in the webhook's namespace."""

_WINDOW = 60.0
"""Seconds that a watch stays open."""
_GRACE = 5.0
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 30.0


class ApiCertificateStore:
    """What the API server has, by an open client."""

    def __init__(self, client: ApiClient, http: Any) -> None:
        self._client, self._http = client, http
        self._namespace = client.access.namespace
        self._ahead = 0.0
        """Seconds by which the API server's clock is ahead of this process's."""

    def now(self) -> datetime:
        """Return the API server's time, as far as its answers have told."""
        return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    async def read_published(self) -> tuple[PublishedBundles, ...]:
        """Read the configurations that there are."""
        found = []
        for kind, resource in CONFIGURATIONS.items():
            asked = AskedFor("get", resource, _ADMISSION, name=WEBHOOK)
            read = await self._get(asked)
            if read is not None:
                webhooks = read.get("webhooks") or []
                bundles = [one["clientConfig"].get("caBundle") or "" for one in webhooks]
                found.append(
                    PublishedBundles(
                        kind=kind,
                        name=WEBHOOK,
                        version=read["metadata"]["resourceVersion"],
                        webhooks=tuple(one["name"] for one in webhooks),
                        bundles=tuple(base64.b64decode(text) for text in bundles),
                    )
                )
        return tuple(found)

    async def publish(self, configuration: PublishedBundles, bundle: bytes) -> None:
        """Write the bundle of each webhook, by its name: the list may hold more than was read."""
        asked = AskedFor("patch", CONFIGURATIONS[configuration.kind], _ADMISSION, name=WEBHOOK)
        text = base64.b64encode(bundle).decode()
        webhooks = [{"name": name, "clientConfig": {"caBundle": text}} for name in configuration.webhooks]
        body = {"metadata": {"resourceVersion": configuration.version}, "webhooks": webhooks}
        await self._send("PATCH", asked, body, "application/strategic-merge-patch+json")

    async def read_secret(self) -> SecretVersion | None:
        """Read the Secret; None: there is none."""
        read = await self._get(self._asked("get", "secrets"))
        if read is None:
            return None
        data = {key: base64.b64decode(text or "") for key, text in (read.get("data") or {}).items()}
        return SecretVersion(read["metadata"]["resourceVersion"], data, read)

    async def write_secret(self, data: dict[str, bytes], before: SecretVersion | None) -> None:
        """Write the Secret where it is still as it was `before`, or make it for None."""
        written = {key: base64.b64encode(value).decode() for key, value in data.items()}
        if before is None:
            labels = {"app.kubernetes.io/name": "podproof", "app.kubernetes.io/component": "webhook"}
            metadata = {"name": CERTIFICATES, "namespace": self._namespace, "labels": labels}
            secret = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata}
            await self._send("POST", self._asked("create", "secrets"), {**secret, "data": written})
            return
        others = {
            key: text for key, text in (before.object.get("data") or {}).items() if key not in SECRET_KEYS
        }
        await self._send(
            "PUT", self._asked("update", "secrets"), {**before.object, "data": {**others, **written}}
        )

    async def read_lease(self) -> Lease | None:
        """Read the Lease; None: there is none."""
        read = await self._get(self._asked("get", "leases"))
        return None if read is None else _lease_of(read)

    async def write_lease(self, lease: Lease) -> Lease:
        """Write the Lease where its version is that which is stored, or make it where it has none.

        What else it has stays as it is: labels, and what `kubectl apply` notes.
        """
        spec = {
            "holderIdentity": lease.holder,
            "leaseDurationSeconds": lease.duration,
            "leaseTransitions": lease.transitions,
            "acquireTime": lease.acquired or None,
            "renewTime": lease.renewed or None,
        }
        if lease.version:
            changed = {"metadata": {"resourceVersion": lease.version}, "spec": spec}
            asked = self._asked("patch", "leases")
            return _lease_of(await self._send("PATCH", asked, changed, "application/merge-patch+json"))
        labels = {"app.kubernetes.io/name": "podproof", "app.kubernetes.io/component": "webhook"}
        metadata = {"name": CERTIFICATES, "namespace": self._namespace, "labels": labels}
        made = {"apiVersion": f"{_LEASES}/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        return _lease_of(await self._send("POST", self._asked("create", "leases"), made))

    async def watch_changes(self, wake: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Call `wake` whenever something may have changed, and `failed` with words or "", until cancelled."""
        asked = [self._asked("watch", "secrets")]
        asked += [AskedFor("watch", one, _ADMISSION, name=WEBHOOK) for one in CONFIGURATIONS.values()]
        problems: dict[AskedFor, str] = {}

        def tell(about: AskedFor, problem: str) -> None:
            problems[about] = problem
            failed(next((one for one in problems.values() if one), ""))

        async with asyncio.TaskGroup() as group:
            for one in asked:
                group.create_task(self._watch(one, wake, tell))

    async def _watch(
        self, asked: AskedFor, wake: Callable[[], None], tell: Callable[[AskedFor, str], None]
    ) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                with self._client.errors("watch", asked.resource, asked.group, asked.namespace, asked.name):
                    await self._follow(asked, wake, tell)
                wait = _FIRST_WAIT
            except (ApiServerError, TimeoutError) as error:
                tell(asked, str(error))
                wait = min(_LONGEST_WAIT, 2 * wait)
            wake()
            await asyncio.sleep(wait)

    async def _follow(
        self, asked: AskedFor, wake: Callable[[], None], tell: Callable[[AskedFor, str], None]
    ) -> None:
        """Follow one watch to its end. It begins with what there is, since it names no version."""
        parameters = {
            "watch": "true",
            "fieldSelector": f"metadata.name={asked.name}",
            "timeoutSeconds": str(int(_WINDOW)),
        }
        path = _path(asked).rpartition("/")[0]
        async with (
            asyncio.timeout(_WINDOW + _GRACE),
            self._http.stream("GET", path, params=parameters, timeout=None) as answer,
        ):
            if answer.status_code != 200:
                raise self._error(answer.status_code, await answer.aread(), asked)
            tell(asked, "")
            async for _ in answer.aiter_bytes():  # what has changed is read by whoever is woken
                wake()

    def _asked(self, verb: str, resource: str) -> AskedFor:
        group = "" if resource == "secrets" else _LEASES
        return AskedFor(verb, resource, group, self._namespace, CERTIFICATES)

    async def _get(self, asked: AskedFor) -> dict[str, Any] | None:
        try:
            return await self._send("GET", asked)
        except ApiServerError as error:
            if error.failing == "missing":
                return None
            raise

    async def _send(
        self, method: str, asked: AskedFor, body: Any = None, content_type: str = "application/json"
    ) -> dict[str, Any]:
        path = _path(asked)
        if method == "POST":
            path = path.rpartition("/")[0]
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"content-type": content_type}
        with self._client.errors(asked.verb, asked.resource, asked.group, asked.namespace, asked.name):
            answer = await self._http.request(
                method,
                path,
                content=content,
                headers=headers,
                params={"fieldManager": "podproof"} if body else {},
            )
            self._take_time(answer)
            if answer.status_code not in (200, 201):
                raise self._error(answer.status_code, answer.content, asked)
            read: dict[str, Any] = msgspec.json.decode(answer.content, type=dict[str, Any])
            return read

    def _error(self, status: int, body: bytes, asked: AskedFor) -> ApiServerError:
        access = self._client.access
        return error_of_answer(status, body, asked, access.server, access.who)

    def _take_time(self, answer: Any) -> None:
        try:
            said = parsedate_to_datetime(answer.headers["date"]).timestamp()
        except (KeyError, ValueError):
            return
        self._ahead = said + 0.5 - time.time()  # in whole seconds, cut


def _path(asked: AskedFor) -> str:
    root = f"/apis/{asked.group}/v1" if asked.group else "/api/v1"
    where = f"/namespaces/{asked.namespace}" if asked.namespace else ""
    return f"{root}{where}/{asked.resource}/{asked.name}"


def _lease_of(read: dict[str, Any]) -> Lease:
    spec = read.get("spec") or {}
    return Lease(
        holder=spec.get("holderIdentity") or "",
        duration=spec.get("leaseDurationSeconds") or 0,
        transitions=spec.get("leaseTransitions") or 0,
        acquired=spec.get("acquireTime") or "",
        renewed=spec.get("renewTime") or "",
        version=read["metadata"]["resourceVersion"],
    )
