"""`podproof.Cluster` answers what the verb answers: every pod of examples/admit, asked both ways."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from podproof import Cluster
from podproof.kube.apply import apply_manifest

from .conftest import Run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "admit"
SOMEBODY = {"username": "some-user", "groups": ["system:authenticated"]}


def _documents(path: Path) -> list[dict[str, Any]]:
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return [document for file in files for document in yaml.safe_load_all(file.read_text()) if document]


def _request(cluster: Cluster, object_: dict[str, Any]) -> dict[str, Any]:
    """Make the request that kubectl apply would send: an update of what the cluster has."""
    kind, metadata = object_["kind"], object_["metadata"]
    namespace = "" if kind == "Namespace" else metadata.get("namespace", "default")
    old = cluster.find(kind, namespace, metadata["name"])
    return {
        "operation": "CREATE" if old is None else "UPDATE",
        "resource": {"group": object_["apiVersion"].rpartition("/")[0], "resource": kind.lower() + "s"},
        "namespace": namespace,
        "name": metadata["name"],
        "userInfo": SOMEBODY,
        "object": object_ if old is None else apply_manifest(old, object_),
        "oldObject": old,
    }


def _response(decision: Any) -> dict[str, Any]:
    response: dict[str, Any] = {"allowed": decision.allowed}
    if not decision.allowed:
        response["status"] = {"status": "Failure", "message": decision.message}
        response["status"] |= {"reason": decision.reason, "code": decision.code}
        if decision.details is not None:
            response["status"]["details"] = decision.details
    if decision.warnings:
        response["warnings"] = list(decision.warnings)
    if decision.audit_annotations:
        response["auditAnnotations"] = decision.audit_annotations
    if decision.patch:
        response["patch"] = list(decision.patch)
    return response


@pytest.mark.parametrize(
    ("requests", "cluster", "version"),
    [("labels/web.yaml", "labels/cluster", "v1.37"), ("policies/pods.yaml", "policies/cluster", "v1.24")],
)
@pytest.mark.parametrize("account", [None, "builder"])
def test_api_and_verb_answer_alike(
    podproof: Run, requests: str, cluster: str, version: str, account: str | None
) -> None:
    objects = _documents(EXAMPLES / requests)
    options = ["--user", SOMEBODY["username"], "--format", "json", "--kubernetes-version", version]
    if account is not None:
        options += ["--service-account", account]
    result = podproof("admit", requests, "--cluster", cluster, *options, cwd=EXAMPLES)
    reviews = [json.loads(line)["response"] for line in result.stdout.splitlines()]
    assert len(reviews) == len(objects) > 0
    asked = Cluster.from_objects(_documents(EXAMPLES / cluster), kubernetes_version=version)
    verdicts = []
    for object_, review in zip(objects, reviews, strict=True):
        for key in ("uid", "patchType"):
            review.pop(key, None)
        if "patch" in review:
            review["patch"] = json.loads(base64.b64decode(review["patch"]))
        request = _request(asked, object_)
        decision = asked.admit(request) if account is None else asked.admit(request, service_account=account)
        assert _response(decision) == review
        verdicts.append(decision.allowed)
        if decision.allowed and object_["kind"] == "Namespace":
            asked = asked.with_object(request["object"])
    assert account is not None or set(verdicts) == {True, False}
