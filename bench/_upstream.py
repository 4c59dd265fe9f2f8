"""Upstream's webhook for Pod Security, built from its published module, and an API server for it."""

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["api_server_with", "upstream_webhook"]

_MODULE = Path(__file__).with_name("upstream")
_PACKAGE = "k8s.io/pod-security-admission/cmd/webhook"


def upstream_webhook(folder: Path) -> Path | None:
    """Build the webhook into a folder; None: Go is not here."""
    if shutil.which("go") is None:
        return None
    given = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-modcacherw"}
    subprocess.run(["go", "install", "-mod=readonly", _PACKAGE], cwd=_MODULE, env=given, check=True)
    return folder / "webhook"


@contextlib.contextmanager
def api_server_with(folder: Path, objects: list[dict[str, Any]]) -> Iterator[Path | None]:
    """Run an API server that has these namespaces and lend out a kubeconfig for it; None: it is not here."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    import pytest

    tests: Any = importlib.import_module("cluster.api_server")

    place = folder / "server"
    place.mkdir()
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(tests.api_server(place))
        except pytest.skip.Exception:
            yield None
            return
        for namespace in objects:
            server.must("POST", "/api/v1/namespaces", namespace)
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [
                {
                    "name": "c",
                    "cluster": {
                        "server": f"https://127.0.0.1:{server.port}",
                        "insecure-skip-tls-verify": True,
                    },
                }
            ],
            "users": [{"name": "u", "user": {"token": tests.TOKEN}}],
        }
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        yield kubeconfig
