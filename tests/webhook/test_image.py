"""The image that the Containerfile makes runs as the Deployment's own pod, on a real container runtime."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requires
import yaml
from commands.engine_command import Command, command_with_engine
from session.manifests.installations import of_kind, values

from .conftest import LEVEL
from .served import write_certificate

pytestmark = [
    pytest.mark.slow,
    requires.needs(
        requires.engine,
        requires.program("buildah"),
        requires.program("mmdebstrap"),
        requires.program("apt-get"),
    ),
]

ROOT = Path(__file__).resolve().parents[2]
BASE = "base.example/python:1"
IMAGE = "podproof.example/podproof:0.1.0"
_PACKAGES = ("python3", "python3-venv", "dash", "coreutils", "sed")
_LONGEST = 1500
"""Seconds for one step; building the base takes four minutes on a busy machine."""


def _do(*command: str, cwd: Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_LONGEST,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build a base with mmdebstrap, the image on it with buildah, and give its archive."""
    folder = tmp_path_factory.mktemp("image")
    packages = [word for package in _PACKAGES for word in ("--from-debian", package)]
    podproof = (sys.executable, "-m", "podproof", "images", "build")
    base = folder / "base.tar"
    _do(*podproof, BASE, "-o", str(base), *packages, "--files-only", PYTHONPATH=str(ROOT / "src"))
    with tempfile.TemporaryDirectory(prefix="podproof-buildah-") as store:  # short, for sockets
        buildah = (
            "buildah",
            "--root",
            f"{store}/root",
            "--runroot",
            f"{store}/run",
            "--storage-driver",
            "vfs",
        )
        _do(*buildah, "pull", f"oci-archive:{base}")
        inside = _do(*buildah, "from", "--pull-never", BASE).strip()
        version = _do(*buildah, "run", "--isolation", "chroot", inside, "python3", "--version").split()[1]
        _do(*buildah, "rm", inside)
        options = ("--isolation", "chroot", "--build-arg", f"BASE={BASE}", "--build-arg", "PIP_NO_INDEX=1")
        context = _context(folder / "context", version)
        _do(*buildah, "build", "--pull-never", *options, "--tag", IMAGE, ".", cwd=context)
        path = folder / "image.tar"
        _do(*buildah, "push", IMAGE, f"oci-archive:{path}:{IMAGE}")
        _do(*buildah, "rmi", "--all", "--force")
    yield path
    shutil.rmtree(folder)


def _context(folder: Path, version: str) -> Path:
    """Make the build's context: what git would give, and the wheels, since the build asks no index."""
    package = folder / "src" / "podproof"
    shutil.copytree(ROOT / "src" / "podproof", package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Containerfile", ".containerignore", "LICENSE", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    pip = (sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps", "--only-binary", ":all:")
    chosen = ("--python-version", version.rpartition(".")[0], "--requirement", "requirements.lock")
    _do(*pip, *chosen, "--dest", "wheels", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def podproof() -> Iterator[Command]:
    with command_with_engine() as command:
        yield command


def _installed(folder: Path) -> list[dict[str, Any]]:
    """The Deployment's own pod, but for where it learns of the cluster and gets its certificate from."""
    installed = values(image=IMAGE, replicas=1)
    deployment = of_kind("Deployment", installed)
    files = {path.name: path.read_text() for path in write_certificate(folder)}
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {LEVEL: "restricted"}},
    }
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    container["args"].remove("--self-managed")
    container["args"] += ["--cluster=/cluster", "--tls-cert=/tls/tls.crt", "--tls-key=/tls/tls.key"]
    pod["volumes"] += [
        {"name": "tls", "secret": {"secretName": "tls"}},
        {"name": "cluster", "configMap": {"name": "cluster"}},
    ]
    container["volumeMounts"] += [
        {"name": "tls", "mountPath": "/tls"},
        {"name": "cluster", "mountPath": "/cluster"},
    ]
    metadata = {"namespace": deployment["metadata"]["namespace"]}
    return [
        deployment,
        of_kind("ServiceAccount", installed),
        of_kind("ConfigMap", installed),
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls", **metadata}, "stringData": files},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "cluster", **metadata},
            "data": {"shop.yaml": yaml.safe_dump(namespace)},
        },
    ]


_ASK = """
import json, os, ssl, urllib.request
context = ssl.create_default_context(cafile="/tls/tls.crt")
spec = {"containers": [{"name": "c", "image": "i"}]}
pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": spec}
request = {"uid": "u", "operation": "CREATE", "resource": {"group": "", "version": "v1", "resource": "pods"},
           "namespace": "shop", "name": "p", "userInfo": {"username": "ann"}, "object": pod}
review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
asked = urllib.request.Request("https://localhost:8443/validate", json.dumps(review).encode(),
                               {"Content-Type": "application/json"})
answer = json.load(urllib.request.urlopen(asked, context=context))["response"]
writable = [path for path in ("/", "/opt/podproof", "/etc/podproof", "/tmp") if os.access(path, os.W_OK)]
found = [name for name in ("pip", "grpc") if os.path.exists(f"/opt/podproof/{name}")]
print(json.dumps([os.getuid(), os.getgid(), answer["allowed"], answer["status"]["code"], writable, found]))
"""


def test_the_deployments_pod_becomes_ready_and_answers(archive: Path, podproof: Command) -> None:
    text = yaml.safe_dump_all(_installed(podproof.folder))
    path = podproof.write(text, "installed.yaml")
    code, out, err = podproof(
        *("run", path, "--image-archive", str(archive), "--until", "ready", "--timeout", "4m", "--verify"),
        *("--exec", "webhook", "--", "python3", "-c", _ASK),
    )
    assert code == 0, out + err
    assert '[65532, 65532, false, 403, ["/tmp"], []]' in out
