"""A server without the PodSecurity plugin, guarded by Podproof as `podproof manifests` installs it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from waiting import wait_until
from webhook.served import Served

from .api_server import ApiServer, Reply, api_server
from .installed import VALIDATING, configurations, install
from .watched import watching

ENFORCE = "pod-security.kubernetes.io/enforce"
DENIED = f'admission webhook "{VALIDATING}" denied the request: '
STRICT: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""A security context that meets `restricted`."""


def pod(name: str, context: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """Make a pod of one container that can be resized, by default one that meets `restricted`."""
    container = {"name": "c", "image": "i:1", "securityContext": STRICT if context is None else context}
    container["resources"] = {"requests": {"cpu": "20m"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"a": "b"}},
        "spec": {"containers": [container], **spec},
    }


class Guarded:
    """The server and the webhook at it."""

    def __init__(self, server: ApiServer, served: Served) -> None:
        self.server, self.served = server, served

    def wait_for_decision(self, **wanted: Any) -> dict[str, Any]:
        """Wait until the webhook has logged a decision with these values, and give the last."""
        return wait_until(lambda: self.decisions(**wanted), f"a decision about {wanted}")[-1]

    def decisions(self, **wanted: Any) -> list[dict[str, Any]]:
        """Give the decisions that are in the webhook's log so far and have these values."""
        return [
            line
            for line in self.served.lines
            if line["event"] == "decision" and all(line[key] == value for key, value in wanted.items())
        ]


def is_denied(reply: Reply, start: str = "") -> bool:
    """Whether Podproof, and nobody else, denied a request, with a message that starts like this."""
    return reply.status == 403 and (reply.message or "").startswith(DENIED + start)


@contextlib.contextmanager
def unguarded(folder: Path, namespaces: list[dict[str, Any]]) -> Iterator[ApiServer]:
    """Run the server without Podproof until the end of the block, with these namespaces."""
    (folder / "server").mkdir()
    with api_server(folder / "server", "--disable-admission-plugins=PodSecurity") as server:
        for namespace in namespaces:
            server.must("POST", "/api/v1/namespaces", namespace)
        yield server


@contextlib.contextmanager
def guarded(
    folder: Path, namespaces: list[dict[str, Any]], prepare: Callable[[ApiServer], None] = lambda _: None
) -> Iterator[Guarded]:
    """Run both until the end of the block; `prepare` makes what is there before Podproof."""
    with unguarded(folder, namespaces) as server:
        prepare(server)
        with watching(folder, server) as served:
            served.wait_for("cluster synced")
            address = f"https://localhost:{served.port}"
            install(server, configurations(address, served.certificate, mode="enforcing"))
            yield Guarded(server, served)
