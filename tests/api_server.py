"""A real API server of the test's own on loopback: etcd and kube-apiserver, where they are at hand.

They are looked for in KUBEBUILDER_ASSETS, in PATH, and where other built programs are kept (see `go_tools`).
"""

import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from go_tools import CACHE
from waiting import PATIENCE, wait_until

TOKEN = "of-this-test"
HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}

STORED = CACHE / "kube-apiserver-v1.37.2" / "kube-apiserver"


def program(name: str) -> str:
    """Give the path of a program; skips the test where there is none."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    path = shutil.which(name, path=assets) if assets else None
    path = path or shutil.which(name) or (str(STORED) if name == STORED.name and STORED.exists() else None)
    if path is None:
        pytest.skip(f"needs {name}, in KUBEBUILDER_ASSETS or in PATH")
    return path


class ApiServer:
    """A running server; who asks may do anything."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection: http.client.HTTPSConnection | None = None
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request; the status and the value of the answer are returned."""
        if self._connection is None:
            context = ssl._create_unverified_context()  # its certificate is its own
            self._connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=PATIENCE, context=context
            )
        data = None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, path, data, HEADERS)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        with contextlib.suppress(ValueError):
            return answer.status, json.loads(text)
        return answer.status, text.decode()

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/readyz")[0] == 200
        return False

    def create_dry(self, object_: Any) -> str | None:
        """Create an object as a dry run; "" when the server takes it, None for a kind that it does not serve.

        Else the words of its refusal are returned. Fields are validated strictly.
        """
        version, kind = object_.get("apiVersion"), object_.get("kind")
        resource = self._resources(version).get(kind)
        if resource is None:
            return None
        plural, namespaced = resource
        namespace = object_.get("metadata", {}).get("namespace") or "default"
        where = f"namespaces/{quote(namespace, safe='')}/" if namespaced else ""
        group = "api" if version == "v1" else "apis"
        status, answer = self.ask(
            "POST", f"/{group}/{version}/{where}{plural}?dryRun=All&fieldValidation=Strict", object_
        )
        if status == 201:
            return ""
        return str(answer.get("message") if isinstance(answer, dict) else answer)

    def _resources(self, version: Any) -> dict[str, tuple[str, bool]]:
        if not isinstance(version, str):
            return {}
        if version not in self._kinds:
            group = "api" if version == "v1" else "apis"
            status, answer = self.ask("GET", f"/{group}/{quote(version)}")
            resources = answer["resources"] if status == 200 else []
            self._kinds[version] = {
                one["kind"]: (one["name"], one["namespaced"]) for one in resources if "/" not in one["name"]
            }
        return self._kinds[version]


@contextlib.contextmanager
def api_server(folder: Path) -> Iterator[ApiServer]:
    """Run a server whose data are in a folder, until the end of the block."""
    etcd, server = program("etcd"), program("kube-apiserver")
    key = folder / "account.key"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    tokens = folder / "tokens"
    tokens.write_text(f"{TOKEN},admin,1,system:masters\n")
    ports = [_free_port() for _ in range(3)]
    client, peer = (f"http://127.0.0.1:{port}" for port in ports[:2])
    storing = [etcd, "--data-dir", folder / "etcd", "--unsafe-no-fsync"]
    storing += ["--listen-client-urls", client, "--advertise-client-urls", client]
    storing += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    storing += ["--initial-cluster", f"default={peer}"]
    serving = [server, "--bind-address=127.0.0.1", f"--secure-port={ports[2]}", f"--etcd-servers={client}"]
    serving += [f"--cert-dir={folder}", f"--token-auth-file={tokens}"]
    serving += ["--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=https://localhost"]
    serving += [f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"]
    # pods are created here without anyone who makes accounts and classes first
    serving += ["--disable-admission-plugins=ServiceAccount,Priority"]
    with contextlib.ExitStack() as stack:
        for name, command in (("etcd", storing), ("kube-apiserver", serving)):
            log = stack.enter_context(open(folder / f"{name}.log", "wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
        running = ApiServer(ports[2])
        wait_until(running.is_ready, "the API server")
        yield running


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
