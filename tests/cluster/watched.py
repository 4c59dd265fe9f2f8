"""`podproof serve` that watches an API server."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from webhook.served import Served, serving

from .api_server import TOKEN, ApiServer


@contextlib.contextmanager
def watching(
    folder: Path,
    server: ApiServer,
    *options: str,
    token: str = TOKEN,
    user: dict[str, Any] | None = None,
    port: int | None = None,
) -> Iterator[Served]:
    """Serve for a server until the end of the block, as whoever has the token, or as a kubeconfig's user."""
    cluster = {
        "server": f"https://127.0.0.1:{port or server.port}",
        "certificate-authority": str(server.folder / "apiserver.crt"),
    }
    kubeconfig = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user or {"token": token}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig))
    with serving(folder, "--kubeconfig", str(path), *options, cluster=False) as served:
        yield served
