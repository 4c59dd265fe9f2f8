"""What costs a client a few bytes does not cost the webhook much more than an ordinary review."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from podproof import Cluster, ManifestError, evaluate
from podproof.admission.review import answer_review
from podproof.manifest.native import native_module

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
_POD = {**pod(containers=_CONTAINERS, volumes=[{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}])}
_POD["metadata"] = {**_POD["metadata"], "creationTimestamp": "2026-01-20T10:00:00Z", "labels": {"a": "b"}}
_REVIEW = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request(_POD)}
_ROUNDS = 30
_MOST, _MOST_IN_PYTHON = 4, 8
"""Times an ordinary text. With the native reader the aim is three times; a busy machine has the rest."""


def _write(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _answer(body: bytes) -> None:
    answer_review(body, _CLUSTER, phase="validating")


def _evaluate(text: bytes) -> None:
    with contextlib.suppress(ManifestError):
        evaluate(text)


def _seconds(work: Callable[[bytes], None], text: bytes) -> float:
    begun = time.process_time()
    for _ in range(20):
        work(text)
    return time.process_time() - begun


def _require_cheap(work: Callable[[bytes], None], ordinary: bytes, odd: bytes, most: float) -> None:
    assert odd != ordinary
    usual, costly = [], []
    for _ in range(_ROUNDS):  # the least of each counts, and the first rounds that leave no doubt
        usual.append(_seconds(work, ordinary))
        costly.append(_seconds(work, odd))
        if min(costly) < most / 2 * min(usual):
            break
    assert min(costly) < most * min(usual)


_ODD = {
    "null": (b'"args":[', b'"args":[null,'),
    "surrogate": (b'"scheme":"HTTP"', rb'"scheme":"\ud800"'),
    "no UTF-8": (b'"scheme":"HTTP"', b'"scheme":"\xff"'),
    "key twice": (b'"spec":{', b'"spec":{},"spec":{'),
    "deep key twice": (b'"periodSeconds":10', b'"periodSeconds":10,"periodSeconds":10'),
    "unknown field": (b'"periodSeconds":10', b'"periodSeconds":10,"unknown":{}'),
    "colon": (b'"path":"/"', rb'"path":"\u003a"'),
    "blanks": (b":", b": "),
}
"""What is cheap to read without the native reader as well: a text, and what it is replaced by."""
_ODDER = {
    "string for an integer": (b'"periodSeconds":10', b'"periodSeconds":"10"'),
    "string for a boolean": (b'"allowPrivilegeEscalation":false', b'"allowPrivilegeEscalation":"false"'),
    "list for a map": (b'"labels":{', b'"labels":[],"others":{'),
    "map for a list": (b'"args":[', b'"args":{},"others":['),
    "fraction": (b'"periodSeconds":10', b'"periodSeconds":10.5'),
    "large integer": (b'"containerPort":8080', b'"containerPort":80808080808080808080'),
    "zone": (b"2026-01-20T10:00:00Z", b"2026-01-20T10:00:00+01:00"),
    "no time": (b"2026-01-20T10:00:00Z", b"2026-02-30T10:00:00Z"),
    "quantity": (b'"1Gi"', b'" 1.e+3"'),
    "no quantity": (b'"1Gi"', b'"1Gx"'),
    "quantity with an exponent": (b'"1Gi"', b"1e3"),
    "kind in another case": (b'"kind":"Pod"', b'"Kind":"Pod"'),
    "spec in another case": (b'"spec":{', b'"Spec":{},"spec":{'),
    "large number": (b'"spec":{', b'"unknown":1e999,"spec":{'),
    "deep": (b'"spec":{', b'"unknown":' + b"[" * 150 + b"]" * 150 + b',"spec":{'),
    "too deep": (b'"spec":{', b'"unknown":' + b"[" * 250 + b"]" * 250 + b',"spec":{'),
    "API version": (b'"apiVersion":"v1"', b'"apiVersion":"v2"'),
}
"""What is so with it alone."""
_NO_JSON = {
    "no end": (b"]}}", b"]}"),
    "comma": (b"]}", b"],}"),
    "string": (b'"scheme":"HTTP"', b'"scheme":"\t"'),
    "escape": (b'"scheme":"HTTP"', rb'"scheme":"\x"'),
    "word": (b'"allowPrivilegeEscalation":false', b'"allowPrivilegeEscalation":fals'),
}
"""The same for a pod; why a review is no JSON, Python's own reader says."""


@pytest.mark.parametrize(("old", "new"), _ODD.values(), ids=_ODD)
def test_an_odd_review_costs_little_more(old: bytes, new: bytes) -> None:
    review = _write(_REVIEW)
    most = _MOST_IN_PYTHON if native_module() is None else _MOST
    _require_cheap(_answer, review, review.replace(old, new), most)


_NATIVE = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)


@_NATIVE
@pytest.mark.parametrize(("old", "new"), _ODDER.values(), ids=_ODDER)
def test_an_odder_review_costs_little_more(old: bytes, new: bytes) -> None:
    review, text = _write(_REVIEW), _write(_POD)
    _require_cheap(_answer, review, review.replace(text, text.replace(old, new)), _MOST)


@_NATIVE
@pytest.mark.parametrize(("old", "new"), (_ODD | _ODDER | _NO_JSON).values(), ids=_ODD | _ODDER | _NO_JSON)
def test_an_odd_pod_costs_little_more(old: bytes, new: bytes) -> None:
    text = _write(_POD)
    _require_cheap(_evaluate, text, text.replace(old, new), _MOST)
