"""Anything anywhere in what `admit` is given, as a file of requests or of the cluster: always a result that
can be printed in every form, or an error in words."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof.errors import PodproofError
from podproof.outputs import admission_review
from podproof.outputs.admit_text import render
from podproof.outputs.compare_text import render as render_changes
from podproof.outputs.compare_text import render_json, render_yaml
from podproof.session.admit.identity import Requester
from podproof.session.admit.pipeline import admit
from podproof.session.admit.prepared_cluster import prepare
from podproof.session.admit.requests import read_requests
from podproof.session.compare import compare
from podproof.session.config import ProjectConfiguration

from .damage import OBJECTS, ODD, damage, routes
from .requests import namespace, pod, request

_POD = {**pod({"runAsUser": 1}), "metadata": {"name": "p", "labels": {"a": "b"}}}
_ASKED: list[Any] = [
    _POD,
    namespace(enforce="baseline"),
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "annotations": {"a": "b"}},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": _POD["spec"]},
        },
    },
    OBJECTS[2],
    OBJECTS[3],
    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request(_POD)},
    {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Request",
        "auditID": "a1",
        "stage": "ResponseComplete",
        "verb": "create",
        "user": {"username": "ann", "groups": ["dev"]},
        "objectRef": {"resource": "pods", "namespace": "n", "name": "p", "apiVersion": "v1"},
        "requestObject": _POD,
    },
]
_ODD_IN_JSON = [wrong for wrong in ODD if wrong != "\ud800"]


def _write(folder: str, name: str, value: Any) -> str:
    path = Path(folder) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": value}))
    return str(path)


def _answer(requests: str, cluster: str, version: str) -> None:
    requester = Requester(namespace="n", groups=("dev",))
    try:
        prepared = prepare(cluster=cluster, config=None, kubernetes_version=version)
        outcome = admit(read_requests((requests,)), prepared, requester=requester)
        changes = compare(
            list(read_requests((requests,))),
            (cluster, cluster),
            cluster=None,
            config=None,
            requester=requester,
            labels=None,
            kubernetes_version=version,
            project=ProjectConfiguration(),
        )
    except PodproofError:
        return  # a configuration that stops a server
    assert render(outcome, verbose=True)
    for line in admission_review.render_json(outcome).splitlines():
        json.loads(line)
    admission_review.render_yaml(outcome)
    assert (changes.newly_denied, list(changes.changed)) == (0, [])
    for form in (render_changes, render_json, render_yaml):
        form(changes)


@seed(10)
@given(
    st.sampled_from([route for route in routes(_ASKED) if route]),
    st.sampled_from(_ODD_IN_JSON),
    st.sampled_from(["v1.24", "v1.37"]),
)
@settings(max_examples=150)
def test_damaged_requests(place: tuple[Any, ...], wrong: Any, version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _write(folder, "cluster/all.json", OBJECTS)
        requests = _write(folder, "requests.json", [damage(_ASKED, place, wrong)[place[0]]])
        _answer(requests, str(Path(folder) / "cluster"), version)


@seed(11)
@given(
    st.sampled_from([route for route in routes(OBJECTS) if route]),
    st.sampled_from(_ODD_IN_JSON),
    st.sampled_from(["v1.24", "v1.37"]),
)
@settings(max_examples=100)
def test_damaged_clusters(place: tuple[Any, ...], wrong: Any, version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _write(folder, "cluster/all.json", damage(OBJECTS, place, wrong))
        requests = _write(folder, "requests.json", _ASKED)
        _answer(requests, str(Path(folder) / "cluster"), version)
