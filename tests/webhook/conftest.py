"""A cluster folder with a namespace for each level, and reviews about it."""

import json
from pathlib import Path
from typing import Any

import pytest

LEVEL = "pod-security.kubernetes.io/enforce"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose `cluster` has the namespaces baseline, restricted and privileged."""
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    levels = ("privileged", "baseline", "restricted")
    namespaces: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": {LEVEL: level}}}
        for level in levels
    ]
    (cluster / "all.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": namespaces}))
    return tmp_path


def review(namespace: str, uid: str = "u", **spec: Any) -> bytes:
    """Write the review of a new pod, which meets baseline unless `spec` says otherwise."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": namespace},
        "spec": {"containers": [{"name": "c", "image": "i"}], **spec},
    }
    request = {
        "uid": uid,
        "operation": "CREATE",
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": namespace,
        "name": "p",
        "userInfo": {"username": "ann"},
        "object": pod,
    }
    body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return json.dumps(body).encode()
