"""The commands of docs/serve.md, run as they stand, at a real API server that asks a webhook on loopback.

Nobody is there who would start the Deployment's pods: the test starts a process with their arguments and
their account's token, and says of the Deployment that it is rolled out. No Service leads anywhere either, so
a loopback `url` takes the place of `service` in what kubectl applies, and nothing else is changed.
"""

import base64
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requires
from ports import free_port
from waiting import PATIENCE, wait_until
from webhook.served import write_certificate

from .api_server import ApiServer, Reply, api_server
from .self_managing import NAMESPACE, SECRET, VALIDATING, write_kubeconfig

pytestmark = requires.needs(requires.program("kubectl", "kubernetes-client"))

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "serve.md").read_text()
_BLOCK = re.compile(
    r"^(?P<indent> *)<!-- run(?P<when>[^>]*) -->\n(?P=indent)```console\n(?P<text>.*?)^(?P=indent)```$",
    re.M | re.S,
)
_SERVICE = re.compile(r"^ {4}service:\n(?: {6}(?!path)\S.*\n)+ {6}path: (?P<path>\S+)\n", re.M)
_DEPLOYMENT = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/podproof-webhook"
_DOWN = "while no replica runs"


class Step(NamedTuple):
    """A command, what it should print (`...` is anything), and under which circumstances it is run."""

    command: str
    printed: str
    down: bool


def steps(page: str) -> Iterator[Step]:
    """Find the commands of a page in their order; one goes on to the end of its here-document."""
    for block in _BLOCK.finditer(page):
        text = re.sub(rf"^{block['indent']}", "", block["text"], flags=re.M)
        for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
            here = re.match(r"(.*<<(\w+)\n.*?^\2\n)", part, re.M | re.S)
            command = here[1] if here else part.partition("\n")[0] + "\n"
            yield Step(command, part[len(command) :], _DOWN in block["when"])


def pattern(printed: str) -> str:
    """Make a regular expression of what should be printed: a line of dots is any lines."""
    lines = [
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + r"\n"
        for line in printed.splitlines()
    ]
    return "".join(lines)


class Installation:
    """The cluster, and the process in place of the Deployment's pods."""

    def __init__(self, folder: Path, server: ApiServer) -> None:
        self.folder, self.server, self.port = folder, server, free_port()
        self.metrics_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "bin").mkdir()
        (folder / "admin").mkdir()
        self.environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),  # where kubectl keeps what it learned of a server
            "KUBECONFIG": str(write_kubeconfig(folder / "admin", server)),
            "PYTHONPATH": str(ROOT / "src"),
        }
        self._write("podproof", f'exec {sys.executable} -m podproof "$@"')
        kubectl = shutil.which("kubectl")
        # what is applied has an address in place of the Service
        changed = 'case "$*" in "apply -f podproof.yaml") set -- apply -f loopback.yaml ;; esac'
        self._write("kubectl", f'{changed}\nexec {kubectl} "$@"')

    def _write(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, command: str) -> str:
        """Run a command of the page; what it prints is returned."""
        manifests = self.folder / "podproof.yaml"
        if manifests.exists():
            text = _SERVICE.sub(self._url, manifests.read_text())
            assert " service:\n" not in text
            (self.folder / "loopback.yaml").write_text(text)
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        return done.stdout

    def _url(self, service: "re.Match[str]") -> str:
        return f"    url: https://127.0.0.1:{self.port}{service['path']}\n"

    def roll_out(self) -> None:
        """Start the process as the Deployment says by now, and say that all replicas are there."""
        self.stop()
        deployment = self.server.must("GET", _DEPLOYMENT)
        configuration = self.server.must("GET", f"/api/v1/namespaces/{NAMESPACE}/configmaps/podproof-webhook")
        (name,) = configuration["data"]
        (self.folder / name).write_text(configuration["data"][name])
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        changed = {
            "--bind": f"127.0.0.1:{self.port}",
            "--metrics-bind": f"127.0.0.1:{self.metrics_port}",
            "--config": str(self.folder / name),
        }
        given = [argument.partition("=") for argument in container["args"]]
        arguments = [option + same + changed.get(option, value) for option, same, value in given]
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/podproof-webhook/token"
        token = self.server.must("POST", account, {"spec": {"expirationSeconds": 3600}})["status"]["token"]
        (self.folder / "account").mkdir(exist_ok=True)
        kubeconfig = write_kubeconfig(self.folder / "account", self.server, token)
        with (self.folder / "log").open("ab") as log, (self.folder / "errors").open("ab") as errors:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "podproof", *arguments),
                    *("--kubeconfig", str(kubeconfig), "--tls-name", "127.0.0.1"),
                ],
                stdout=log,
                stderr=errors,
                env=self.environment,
                start_new_session=True,
            )
        wait_until(self._is_ready, "a ready webhook")
        number = deployment["spec"]["replicas"]
        status = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), number)
        status["observedGeneration"] = deployment["metadata"]["generation"]
        reply = self.server.request(
            "PATCH", f"{_DEPLOYMENT}/status", {"status": status}, content_type="application/merge-patch+json"
        )
        assert reply.status == 200, reply.message

    def stop(self) -> None:
        """Kill the process, if it runs."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def is_down(self) -> bool:
        """Whether no process runs."""
        return self._process is None

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "errors").read_text()[-2000:]
        with contextlib.suppress(OSError, urllib.error.URLError):
            address = f"http://127.0.0.1:{self.metrics_port}/readyz"
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        return False

    def settle(self) -> None:
        """Wait until the API server asks the webhook where its configuration says so, and nowhere else."""
        wait_until(self._is_asked, "the webhook to be asked as its configuration says")

    def _is_asked(self) -> bool:
        configuration = self.server.request("GET", VALIDATING)
        there = configuration.status == 200
        names = [one["name"] for one in configuration.value["webhooks"]] if there else []
        denying = "validate.podproof.dev" in names
        advised = self.send_pod("default")
        guarded = self.send_pod("shop")
        warned = any("would be denied by Podproof" in text for text in advised.warnings)
        return warned == there and (guarded.status == 404 or (guarded.status == 403) == denying)

    def send_pod(self, namespace: str) -> Reply:
        """Create a pod that violates baseline, as a dry run."""
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "asked"},
            "spec": {"hostPID": True, "containers": [{"name": "c", "image": "i"}]},
        }
        return self.server.request("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", pod)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    (tmp_path / "server").mkdir()
    with api_server(tmp_path / "server", "--authorization-mode=RBAC") as server:
        made = Installation(tmp_path, server)
        try:
            yield made
        finally:
            made.stop()


def test_every_command_does_what_the_page_says(installation: Installation) -> None:
    found = list(steps(PAGE))
    assert len(found) > 20
    for step in found:
        if step.down:
            installation.stop()
        elif installation.is_down and (installation.folder / "log").exists() and "delete" not in step.command:
            installation.roll_out()
        if step.command.startswith("kubectl rollout status"):
            installation.roll_out()
            installation.settle()
        before = installation.server.request("GET", SECRET)
        printed = installation.run(step.command)
        assert re.fullmatch(pattern(step.printed), printed), f"$ {step.command}{printed}"
        assert "apply" not in step.command or "Warning" not in printed, printed
        if step.command.startswith("kubectl apply -f podproof.yaml") and not installation.is_down:
            installation.settle()
        if step.command.startswith("kubectl patch secret"):
            wait_until(lambda old=before: _renewed(installation, old.value["data"]), "a new authority")
        if step.command.startswith("kubectl delete validatingwebhook"):
            wait_until(lambda: installation.send_pod("shop").status == 201, "nobody to be asked")
    wait_until(lambda: _is_gone(installation), "everything to be gone")
    log = (installation.folder / "log").read_text()
    assert "is forbidden: User" not in log  # the account may do all that it does
    assert [line for line in map(json.loads, log.splitlines()) if line["level"] == "error"] == []


class _Impostor(http.server.BaseHTTPRequestHandler):
    """Allows whatever it is asked."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = {**asked, "response": {"uid": asked["request"]["uid"], "allowed": True}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_another_who_answers_in_its_place_is_not_believed(installation: Installation, tmp_path: Path) -> None:
    """Whoever gets the webhook's traffic lacks its key; with the key, it would be believed."""
    installation.run("kubectl create namespace shop")
    options = "--mode enforcing --enforce-namespace shop --default-level baseline"
    assert installation.run(f"podproof manifests --image r.example/p:1 {options} > podproof.yaml") == ""
    installation.run("kubectl apply -f podproof.yaml")
    installation.roll_out()
    installation.settle()
    data = installation.server.must("GET", SECRET)["data"]
    installation.stop()
    for own in (False, True):
        certificate, key = write_certificate(tmp_path)
        if own:
            certificate.write_bytes(base64.b64decode(data["tls.crt"]))
            key.write_bytes(base64.b64decode(data["tls.key"]))
        with _impostor(installation.port, certificate, key):
            reply = installation.send_pod("shop")
        assert (reply.status == 201) == own
        assert own or "failed to verify certificate" in (reply.message or "")


@contextlib.contextmanager
def _impostor(port: int, certificate: Path, key: Path) -> Iterator[None]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Impostor)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _renewed(installation: Installation, before: dict[str, str]) -> bool:
    data = installation.server.must("GET", SECRET).get("data") or {}
    return set(data) == set(before) and all(data[key] != before[key] for key in data)


def _is_gone(installation: Installation) -> bool:
    """Whether everything has been deleted; nobody is here who would end the namespace."""
    left = installation.run("kubectl get -f podproof.yaml --ignore-not-found --output name").split()
    return left == [f"namespace/{NAMESPACE}"]
