"""The webhook over TLS: reviews per second of processor time and of the clock, latency and memory.

`podproof serve` runs on one core, wrk on another, with a pod's review of about 4 KB on kept connections.
After it comes a bare ASGI application on the same server, which reads the body and sends 300 bytes back:
what is left between the two is Podproof's own.
"""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.admit import PREFIX, pod

__all__ = ["run"]

SECONDS = 5
CONNECTIONS = (1, 8, 32)
_ECHO = """
import sys, uvicorn
from podproof.webhook.limits import DEFAULT
from podproof.webhook.protocol import bounded
size = int(sys.argv[1])
async def app(scope, receive, send):
    more = True
    while more:
        more = (await receive())["more_body"]
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % size)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * size})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), ssl_certfile="tls.crt", ssl_keyfile="tls.key",
    http=bounded(DEFAULT), loop="uvloop", lifespan="off", interface="asgi3", ws="none", log_config=None,
    access_log=False, proxy_headers=False, server_header=False, date_header=False)
"""
_SERVE = "import sys; from podproof.commands import run_command; sys.exit(run_command(sys.argv[1:]))"


def run() -> Iterator[str]:
    """Measure reviews that are allowed, denied, and of a namespace where everything is, and the echo."""
    if shutil.which("wrk") is None or shutil.which("openssl") is None:
        yield "wrk or openssl is not here (Debian: apt-get install wrk openssl)"
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(folder)
        port = _free_port()
        serve = ["serve", "--bind", f"127.0.0.1:{port}", "--metrics-bind", "127.0.0.1:0"]
        serve += ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--cluster", "cluster"]
        with _Pinned(folder, _SERVE, serve, port) as server:
            yield f"podproof serve: ready after {server.ready:.2f} s, {server.resident} MiB"
            for case in ("allowed", "denied", "privileged"):
                for connections in CONNECTIONS:
                    yield f"{case:10} {server.measure(f'{case}.lua', connections)}"
            yield f"after that: {server.resident} MiB"
        port = _free_port()
        with _Pinned(folder, _ECHO, ["300", str(port)], port) as server:
            for connections in CONNECTIONS:
                yield f"{'bare echo':10} {server.measure('allowed.lua', connections)}"


def _prepare(folder: Path) -> None:
    """Write certificate, cluster, and a script of wrk for each case."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-keyout", "tls.key", "-out", "tls.crt", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*new, *files], cwd=folder, check=True, capture_output=True)
    (folder / "cluster").mkdir()
    namespaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"n{n}", "labels": {}}}
        for n in range(998)
    ]
    for level in ("restricted", "privileged"):
        labels = {f"{PREFIX}enforce": level}
        namespaces.append(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": labels}}
        )
    everything = {"apiVersion": "v1", "kind": "List", "items": namespaces}
    (folder / "cluster" / "all.json").write_text(json.dumps(everything))
    for case, namespace, context in (
        ("allowed", "restricted", None),
        ("denied", "restricted", {}),
        ("privileged", "privileged", {}),
    ):
        body = json.dumps(_review(namespace, context), separators=(",", ":"))
        head = 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        (folder / f"{case}.lua").write_text(f"{head}wrk.body = [==[{body}]==]\n")


def _review(namespace: str, context: dict[str, Any] | None) -> dict[str, Any]:
    """Make a review as a server sends it: a pod of two containers with what is filled in of each."""
    object_ = pod(context=context)
    object_["metadata"]["namespace"] = namespace
    (container,) = object_["spec"]["containers"]
    container["env"] = [{"name": f"VARIABLE_{n}", "value": "value of some length"} for n in range(12)]
    probe = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "timeoutSeconds": 1}
    container |= {"livenessProbe": probe, "readinessProbe": probe, "imagePullPolicy": "IfNotPresent"}
    container |= {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
    object_["spec"]["containers"] = [container, {**container, "name": "sidecar"}]
    object_["spec"] |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": "web",
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": object_,
        "oldObject": None,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class _Pinned:
    """A server on the first core that this process may use, and wrk on the last one."""

    def __init__(self, folder: Path, code: str, arguments: list[str], port: int) -> None:
        self._folder, self._port = folder, port
        self._cores = sorted(os.sched_getaffinity(0))
        started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {self._cores[0]}),
        )
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain):
                    break
            except OSError:
                if self._process.poll() is not None:
                    raise
                time.sleep(0.01)
        self.ready = time.monotonic() - started

    def __enter__(self) -> "_Pinned":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def resident(self) -> int:
        """Memory of the server in MiB."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") >> 20

    def _processor_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, script: str, connections: int) -> str:
        """Run wrk, and say what it and the server's clock of processor time show."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", script]
        before = self._processor_seconds()
        result = subprocess.run(
            [*command, f"https://127.0.0.1:{self._port}/validate"],
            cwd=self._folder,
            preexec_fn=lambda: os.sched_setaffinity(0, {self._cores[-1]}),
            capture_output=True,
            text=True,
            check=True,
        )
        spent = self._processor_seconds() - before
        done = re.search(r"(\d+) requests in", result.stdout)
        assert done is not None, result.stdout
        assert "Non-2xx" not in result.stdout, result.stdout
        shown = dict(re.findall(r"^ +(50|99)% +(\S+)$", result.stdout, re.MULTILINE))
        number = int(done[1])
        return (
            f"{connections:2} connections: {number / SECONDS:6,.0f} a second, "
            f"{number / spent:6,.0f} per second of processor time, p50 {shown['50']}, p99 {shown['99']}"
        )
