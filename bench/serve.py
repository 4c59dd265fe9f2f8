"""The webhook over TLS: reviews per second of processor time and of the clock, latency and memory.

Each server runs on one core and is asked from another, with a pod's review of about 5 KB on kept connections:
`podproof serve`, a bare ASGI application on the same HTTP server, which reads the body and sends 300 bytes
back, and upstream's webhook in Go where Go and an API server are here. What is left between the first two is
Podproof's own. The servers are asked in turn, for a second each, and medians of the rounds are printed, of
ratios those within a round: even processor time depends on what else shares the machine.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench._pinned import Load, Pinned, free_port, write_certificate
from bench._upstream import api_server_with, upstream_webhook
from bench.admit import PREFIX
from bench.evaluate import open_pod, stored_pod

__all__ = ["run"]

SECONDS = 5
ROUNDS = 7
CONNECTIONS = (1, 8, 32)
RATE = 1000
CASES = {"allowed": "restricted", "denied": "restricted", "privileged": "privileged"}
"""What is measured, and the namespace of the pod; it has no security context where it is not allowed."""
UNLIKE = ("allowed", "denied")
"""What is measured with pods, too, of which no two are of one workload."""
_ID = "#####"
"""Stands for what each pod has of its own."""
_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local parts, sent = {%s}, 0
request = function()
  sent = sent + 1
  return wrk.format(nil, nil, nil, table.concat(parts, string.format("%%05d", sent %% 100000)))
end
"""
NAMESPACES = 1000
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
    """Measure reviews that are allowed, denied, and of a namespace where everything is."""
    if shutil.which("wrk") is None or shutil.which("openssl") is None:
        yield "wrk or openssl is not here (Debian: apt-get install wrk openssl)"
        return
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        _prepare(folder)
        ours = stack.enter_context(_podproof(folder))
        yield f"podproof: ready after {ours.ready:.2f} s with {NAMESPACES:,} namespaces, {ours.resident} MiB"
        port = free_port()
        echo = stack.enter_context(
            Pinned(folder, [sys.executable, "-c", _ECHO, "300", str(port)], port, "/echo")
        )
        servers = {"podproof": ours, "bare echo": echo}
        theirs = stack.enter_context(_upstream(folder))
        if theirs is None:
            yield "upstream: Go, etcd or kube-apiserver is not here"
        else:
            yield f"upstream: ready after {theirs.ready:.2f} s with two namespaces, {theirs.resident} MiB"
            servers["upstream"] = theirs
        for server in servers.values():
            server.load("denied", 8, 2)  # warmed up
        for case in CASES:
            for connections in CONNECTIONS:
                yield from _compare(servers, case, connections)
        for case in UNLIKE:
            yield from _compare(servers, f"{case}-unlike", 8)
        for who, server in servers.items():
            yield f"allowed, {RATE:,} a second, {who:9} {server.steady('allowed', RATE, SECONDS)}"
        yield "memory at the end: " + ", ".join(
            f"{who} {server.resident} MiB" for who, server in servers.items()
        )


def _compare(servers: dict[str, Pinned], case: str, connections: int) -> Iterator[str]:
    """Ask the servers in turn, round by round: a core's speed changes from one second to the next."""
    rounds: dict[str, list[Load]] = {who: [] for who in servers}
    for _ in range(ROUNDS):
        for who, server in servers.items():
            rounds[who].append(server.load(case, connections, 1))
    rates = {who: [one.reviews / one.spent for one in loads] for who, loads in rounds.items()}
    for who, loads in rounds.items():
        line = (
            f"{case:14} {who:9} {connections:2} connections: {median(rates[who]):6,.0f} reviews per second "
        )
        line += f"of processor time ({min(rates[who]):,.0f} to {max(rates[who]):,.0f}), "
        line += f"{median(one.reviews / one.seconds for one in loads):6,.0f} a second, "
        line += f"p50 {median(one.p50 for one in loads):.2f} ms, "
        yield f"{line}p99 {median(one.p99 for one in loads):.2f} ms"
    ratios = []
    for who in servers:
        if who != "podproof":
            each = [ours / theirs for ours, theirs in zip(rates["podproof"], rates[who], strict=True)]
            ratios.append(f"{median(each):.2f} of {who} ({min(each):.2f} to {max(each):.2f})")
    yield f"{case:14} podproof, in processor time: {', '.join(ratios)}; load {os.getloadavg()[0]:.1f}"


def _podproof(folder: Path) -> Pinned:
    port = free_port()
    serve = ["serve", "--bind", f"127.0.0.1:{port}", "--metrics-bind", "127.0.0.1:0"]
    serve += ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--cluster", "cluster"]
    return Pinned(folder, [sys.executable, "-c", _SERVE, *serve], port)


@contextlib.contextmanager
def _upstream(folder: Path) -> Iterator[Pinned | None]:
    program = upstream_webhook(folder)
    if program is None:
        yield None
        return
    with api_server_with(folder, [_namespace(level) for level in ("restricted", "privileged")]) as kubeconfig:
        if kubeconfig is None:
            yield None
            return
        port = free_port()
        command = [str(program), "--kubeconfig", str(kubeconfig), "--bind-address", "127.0.0.1"]
        command += [
            "--secure-port",
            str(port),
            "--tls-cert-file",
            "tls.crt",
            "--tls-private-key-file",
            "tls.key",
        ]
        with Pinned(folder, command, port, "/") as server:
            yield server


def _namespace(level: str) -> dict[str, Any]:
    labels = {f"{PREFIX}enforce": level}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": labels}}


def _prepare(folder: Path) -> None:
    """Write certificate, cluster, and for each case its body and a script of wrk."""
    write_certificate(folder)
    (folder / "cluster").mkdir()
    namespaces: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"n{n}"}}
        for n in range(NAMESPACES - 2)
    ]
    namespaces += [_namespace("restricted"), _namespace("privileged")]
    everything = {"apiVersion": "v1", "kind": "List", "items": namespaces}
    (folder / "cluster" / "all.json").write_text(json.dumps(everything))
    for case, namespace in CASES.items():
        review = _review(namespace, stored_pod() if case == "allowed" else open_pod())
        body = json.dumps(review, separators=(",", ":"))
        (folder / f"{case}.json").write_text(body)
        # as those of one ReplicaSet: each has a name, and a volume with the token of its account
        body = body.replace("-x7k2p", f"-{_ID}").replace("kube-api-access", f"kube-api-access-{_ID}")
        _write_script(folder, case, body)
        if case in UNLIKE:
            _write_script(folder, f"{case}-unlike", body.replace('"name":"proxy"', f'"name":"proxy-{_ID}"'))


def _write_script(folder: Path, case: str, body: str) -> None:
    """Write a script of wrk that sends the body, each time with another identity."""
    parts = ",".join(f"[==[{part}]==]" for part in body.split(_ID))
    (folder / f"{case}.lua").write_text(_SCRIPT % parts)


def _review(namespace: str, pod: dict[str, Any]) -> dict[str, Any]:
    """Make the review of a pod's creation as an API server sends it."""
    pod["metadata"]["namespace"] = namespace
    resource = {"group": "", "version": "v1", "resource": "pods"}
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": pod["metadata"]["name"],
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {
            "username": "system:serviceaccount:kube-system:replicaset-controller",
            "uid": "0cdd0f2e-5c51-4c07-9d3a-3ae70eaf7ebb",
            "groups": [
                "system:serviceaccounts",
                "system:serviceaccounts:kube-system",
                "system:authenticated",
            ],
        },
        "object": pod,
        "oldObject": None,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
