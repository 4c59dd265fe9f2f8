"""A real API server of the test's own on loopback: etcd and kube-apiserver, where they are at hand."""

import contextlib
import http.client
import json
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from ports import free_port
from waiting import PATIENCE, wait_until

from .programs import program

TOKEN = "of-this-test"
MAX_IDLE = 30.0
"""Seconds after which a connection is not used again: the server closes those that have been idle."""
_GROUPS = ("system:masters", "system:authenticated")


class Reply(NamedTuple):
    """What the server answered; `warnings` are the texts of its headers."""

    status: int
    value: Any
    warnings: list[str]

    @property
    def message(self) -> str | None:
        """The words of a refusal, None when there is none."""
        if self.status < 300:
            return None
        return str(self.value.get("message") if isinstance(self.value, dict) else self.value)


class ApiClient:
    """A connection to a server, for one thread; who asks may do anything."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection: http.client.HTTPSConnection | None = None
        self._used = 0.0

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = None,
        groups: Sequence[str] = _GROUPS,
        content_type: str = "application/json",
        audit_id: str | None = None,
    ) -> Reply:
        """Send a request, on behalf of a user if one is named; a body of other than bytes becomes JSON.

        `groups` are those of that user.
        """
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {TOKEN}"}
        if audit_id is not None:
            headers["Audit-ID"] = audit_id
        if user is not None:
            headers |= {"Impersonate-User": user, "Impersonate-Group": groups[0]}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = self._connected()
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        warnings = [warning_text(header) for header in answer.headers.get_all("Warning") or []]
        with contextlib.suppress(ValueError):
            return Reply(answer.status, json.loads(text), warnings)
        return Reply(answer.status, text.decode(), warnings)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request; the status and the value of the answer are returned."""
        return self.request(method, path, body)[:2]

    def must(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that is answered with success; its value is returned."""
        reply = self.request(method, path, body, **options)
        assert reply.status < 300, reply
        return reply.value

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPSConnection:
        idle, self._used = time.monotonic() - self._used, time.monotonic()
        if idle > MAX_IDLE:
            self.close()
        if self._connection is None:
            context = ssl._create_unverified_context()  # its certificate is its own
            self._connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=PATIENCE, context=context
            )
        return self._connection


def warning_text(header: str) -> str:
    """Take the text out of a Warning header. Source: RFC 7234 §5.5; the server writes it in UTF-8."""
    text: str = json.loads(header.encode("latin-1").decode().removeprefix("299 - "))
    return text


class ApiServer(ApiClient):
    """A running server. It can be stopped and started again, with the same data at the same port."""

    def __init__(self, folder: Path, command: list[Any], port: int) -> None:
        super().__init__(port)
        self.folder = folder
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with open(self.folder / "kube-apiserver.log", "ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        wait_until(self.is_ready, "the API server")

    def kill(self) -> None:
        """Kill it where it runs."""
        self.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def is_ready(self) -> bool:
        """Whether it takes requests; raises AssertionError when it has ended."""
        log = self.folder / "kube-apiserver.log"
        assert self._process is not None
        assert self._process.poll() is None, log.read_text(errors="replace")[-2000:]
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/readyz")[0] == 200
        return False

    def client(self) -> ApiClient:
        """Make a connection for another thread."""
        return ApiClient(self.port)

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
        reply = self.request(
            "POST", f"/{group}/{version}/{where}{plural}?dryRun=All&fieldValidation=Strict", object_
        )
        return reply.message or ""

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
def etcd(folder: Path) -> Iterator[str]:
    """Run etcd with its data in a folder, until the end of the block; its address is given."""
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command = [program("etcd"), "--data-dir", folder / "etcd", "--unsafe-no-fsync"]
    command += ["--listen-client-urls", client, "--advertise-client-urls", client]
    command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    command += ["--initial-cluster", f"default={peer}"]
    with open(folder / "etcd.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield client
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def api_server(
    folder: Path, *options: str, store: str | None = None, without: str = "ServiceAccount,Priority"
) -> Iterator[ApiServer]:
    """Run a server whose data are in a folder, until the end of the block.

    `options` are further options of kube-apiserver, and `store` the address of an etcd that others may use
    as well; without one, the server gets its own. `without` are the admission plugins that it goes without:
    pods are created here without anyone who makes accounts and classes first.
    """
    with contextlib.ExitStack() as stack:
        server = program("kube-apiserver")
        store = store or stack.enter_context(etcd(folder))
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "account.key").write_bytes(key)
        (folder / "tokens").write_text(f'{TOKEN},admin,1,"{",".join(_GROUPS)}"\n')
        port = free_port()
        command = [server, "--bind-address=127.0.0.1", f"--secure-port={port}", f"--etcd-servers={store}"]
        command += [f"--etcd-prefix=/{folder.name}", f"--cert-dir={folder}"]
        command += [f"--token-auth-file={folder / 'tokens'}"]
        command += ["--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=https://localhost"]
        command += ["--allow-privileged"]
        command += [f"--service-account-key-file={folder / 'account.key'}"]
        command += [f"--service-account-signing-key-file={folder / 'account.key'}"]
        command += [f"--disable-admission-plugins={without}", *options]
        running = ApiServer(folder, command, port)
        stack.callback(running.kill)
        running.start()
        yield running
