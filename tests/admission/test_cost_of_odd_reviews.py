"""What costs a client a few bytes does not cost the webhook much more than an ordinary review."""

import json
import time

import pytest

from podproof import Cluster
from podproof.admission.review import answer_review

from .requests import GOOD, namespace, pod, request

_CLUSTER = Cluster.from_objects([namespace(enforce="restricted")])
_CONTAINERS = [
    {
        "name": f"c{number}",
        "image": "registry.example/app@sha256:0123456789abcdef",
        "args": ["--listen", ":8080"],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [
            {"name": f"N{n}", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}} for n in range(6)
        ],
        "volumeMounts": [{"name": "tmp", "mountPath": f"/tmp/{n}"} for n in range(6)],
        "livenessProbe": {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10},
        "securityContext": GOOD,
    }
    for number in range(4)
]
_ORDINARY = json.dumps(
    {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": request(pod(containers=_CONTAINERS, volumes=[{"name": "tmp", "emptyDir": {}}])),
    },
    separators=(",", ":"),
).encode()
_MOST = 8
"""Times an ordinary review; keys that stand twice cost more than twenty when a scan found them."""
_ROUNDS = 30


def _answer(body: bytes) -> float:
    begun = time.process_time()
    for _ in range(20):
        answer_review(body, _CLUSTER, phase="validating")
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"args":[', b'"args":[null,'),
        (b'"scheme":"HTTP"', rb'"scheme":"\ud800"'),
        (b'"scheme":"HTTP"', b'"scheme":"\xff"'),
        (b'"spec":{', b'"spec":{},"spec":{'),
        (b'"periodSeconds":10', b'"periodSeconds":10,"periodSeconds":10'),
        (b'"periodSeconds":10', b'"periodSeconds":10,"unknown":{}'),
        (b'"path":"/"', rb'"path":"\u003a"'),
        (b":", b": "),
    ],
    ids=["null", "surrogate", "no UTF-8", "key twice", "deep key twice", "unknown field", "colon", "blanks"],
)
def test_an_odd_review_costs_little_more(old: bytes, new: bytes) -> None:
    odd = _ORDINARY.replace(old, new)
    assert odd != _ORDINARY
    ordinary, costly = [], []
    for _ in range(_ROUNDS):  # the least of each counts, and the first rounds that leave no doubt
        ordinary.append(_answer(_ORDINARY))
        costly.append(_answer(odd))
        if min(costly) < _MOST / 2 * min(ordinary):
            break
    assert min(costly) < _MOST * min(ordinary)
