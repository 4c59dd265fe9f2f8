"""A webhook that makes its own certificates, beside others, at a real API server; its times can be short."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from session.manifests.installations import values
from waiting import wait_until
from webhook.conftest import LEVEL
from webhook.served import ROOT, Served

from .api_server import TOKEN, ApiServer, api_server
from .balancer import is_ready
from .installed import PATIENT

NAMESPACE = "podproof"
SECRET = f"/api/v1/namespaces/{NAMESPACE}/secrets/podproof-webhook-certificates"
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/podproof-webhook-certificates"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
VALIDATING = f"{ADMISSION}/validatingwebhookconfigurations/podproof-webhook"
MUTATING = f"{ADMISSION}/mutatingwebhookconfigurations/podproof-webhook"
_SHORT = """
import datetime, sys
import podproof.webhook.certificates_managed as managed
from podproof.session.serve.lease import LeaseTimes
from podproof.session.serve.self_managed_pairs import Lifetimes

make = managed.SelfManagement
seconds = lambda number: datetime.timedelta(seconds=number)
managed.SelfManagement = lambda **options: make(
    **options,
    lifetimes=Lifetimes(seconds({authority}), seconds({leaf}), seconds({skew}), seconds({settling})),
    times=LeaseTimes(duration={duration}, deadline={deadline}, retry={retry}),
)
from podproof.commands import run_command
sys.exit(run_command(sys.argv[1:]))
"""


QUICK = {
    "authority": 3600,
    "leaf": 1200,
    "skew": 2,
    "settling": 1,
    "duration": 2,
    "deadline": 1.2,
    "retry": 0.4,
}
"""In seconds; nothing ends by itself during a test, but others take over soon."""
CALM = {**QUICK, "duration": 60, "deadline": 40}
"""Nobody takes over, however long a busy machine keeps the leader from renewing its Lease."""
ROTATING = {**CALM, "authority": 60, "leaf": 30, "settling": 4}
"""The authority is replaced after 40 s, the certificate after 20, and ten seconds before it ends."""


def write_kubeconfig(folder: Path, server: ApiServer, token: str = TOKEN) -> Path:
    """Write a kubeconfig whose context is in Podproof's namespace."""
    cluster = {
        "server": f"https://127.0.0.1:{server.port}",
        "certificate-authority": str(server.folder / "apiserver.crt"),
    }
    path = folder / "kubeconfig"
    path.write_text(
        yaml.safe_dump(
            {
                "current-context": "here",
                "contexts": [
                    {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": NAMESPACE}}
                ],
                "clusters": [{"name": "c", "cluster": cluster}],
                "users": [{"name": "u", "user": {"token": token}}],
            }
        )
    )
    return path


class Replica(Served):
    """A webhook whose certificate is its own business: asked by way of the API server, or for health."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        super().__init__(process, folder / "log", folder / "none")

    def events(self, event: str) -> list[dict[str, Any]]:
        """Give the lines of the log about an event."""
        return [line for line in self.lines if line["event"] == event]


@contextlib.contextmanager
def replica(
    folder: Path, server: ApiServer, port: int, *options: str, token: str = TOKEN, **times: float
) -> Iterator[Replica]:
    """Run one until the block ends; `times` in seconds replace those of the product, all or none."""
    folder.mkdir()
    kubeconfig = write_kubeconfig(folder, server, token)
    started = ["-c", _SHORT.format(**times)] if times else ["-m", "podproof"]
    command = [sys.executable, *started, "serve", "--bind", f"127.0.0.1:{port}"]
    command += ["--metrics-bind", "127.0.0.1:0", "--self-managed", "--tls-name", "127.0.0.1"]
    command += ["--kubeconfig", str(kubeconfig), *options]
    with (folder / "log").open("wb") as log, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            start_new_session=True,
        )
    try:
        yield Replica(process, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert b"Traceback" not in (folder / "errors").read_bytes()
    for file in ("log", "errors"):
        assert b"PRIVATE KEY" not in (folder / file).read_bytes()


def install(server: ApiServer, port: int, **options: Any) -> None:
    """Create the webhook configurations of an installation without any bundle; they call a loopback port.

    The server waits as long as it may: a busy machine is slower, and no other answer comes of it.
    """
    for one in values(mode="enforcing", **options):
        if not one["kind"].endswith("WebhookConfiguration"):
            continue
        for webhook in one["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = {"url": f"https://127.0.0.1:{port}{path}"}
            webhook["timeoutSeconds"] = PATIENT
        server.must("POST", f"{ADMISSION}/{one['kind'].lower()}s", one)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server without the PodSecurity plugin and with a namespace where nothing dangerous may run."""
    options = ("--disable-admission-plugins=PodSecurity", "--authorization-mode=RBAC")
    with api_server(tmp_path_factory.mktemp("server"), *options) as running:
        for name, labels in ((NAMESPACE, {}), ("shop", {LEVEL: "baseline"})):
            running.must("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
        yield running


@pytest.fixture
def server(running: ApiServer) -> Iterator[ApiServer]:
    """The server, without what an installation has left there."""
    yield running
    client = running.client()  # the other's connection may have been idle for too long
    core, rbac = f"/api/v1/namespaces/{NAMESPACE}", "/apis/rbac.authorization.k8s.io/v1"
    for path in (
        *(VALIDATING, MUTATING, SECRET, LEASE, f"{core}/serviceaccounts/podproof-webhook"),
        *(f"{rbac}/{kind}/podproof-webhook" for kind in ("clusterroles", "clusterrolebindings")),
        *(f"{rbac}/namespaces/{NAMESPACE}/{kind}/podproof-webhook" for kind in ("roles", "rolebindings")),
    ):
        client.request("DELETE", path)


def wait_for_readiness(*replicas: Replica) -> None:
    """Wait until all are ready."""
    for one in replicas:
        wait_until(lambda one=one: is_ready(one.metrics_port), "readiness")
