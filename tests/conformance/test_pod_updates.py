"""Updates, resizes and new ephemeral containers of pods, as the code of Kubernetes 1.37.2 answers them.

The old pod is one that the strategy of `pkg/registry/core/pod` created; what it says of each change of it is
compared, and where it takes the change, the pod that would be stored. Not here is what is not modelled:
resources of the pod as a whole and volumes that a resize changes, and whether a change of the affinity of a
gated pod narrows it.
"""

from collections import defaultdict
from typing import Any

import pytest

from podproof.kube.decode import decode_type, type_of
from podproof.kube.defaults import apply_defaults
from podproof.kube.encode import encode
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.gated_fields import without_gated
from podproof.kube.types import workload_type
from podproof.kube.update import prepare_pod_update, validate_pod_update

from .api_answers import DATA, recorded

VERSION = 37

_BY_POD: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _answer in recorded(DATA / "pod_updates.jsonl.xz"):
    _BY_POD[_answer["what"]].append(_answer)


def _pod(body: dict[str, Any]) -> dict[str, Any]:
    pod = decode_type(body, type_of("Pod", VERSION, "v1")).object
    apply_defaults("Pod", pod)
    return pod


def _compared(pod: dict[str, Any]) -> dict[str, Any]:
    kept = {"metadata", "spec"}
    written = {key: dict(value) for key, value in pod.items() if key in kept}
    for counted in ("generation", "managedFields"):
        written["metadata"].pop(counted, None)
    return written


@pytest.mark.parametrize("what", sorted(_BY_POD))
def test_every_change(what: str) -> None:
    type_ = workload_type("v1", "Pod", VERSION)
    assert type_ is not None
    for answer in _BY_POD[what]:
        old, sub_resource = _pod(answer["old"]), answer["sub_resource"]
        prepared = prepare_pod_update(_pod(answer["new"]), old, sub_resource)
        new, _ = without_gated("Pod", prepared, FeatureGates(VERSION), old)
        errors = validate_pod_update(new, old, sub_resource=sub_resource, version=VERSION)
        # what follows a line break is a Go diff
        causes = [{**error.cause, "message": error.message.partition("\n")[0]} for error in errors]
        assert causes == answer["causes"], answer["id"]
        if not errors:
            assert _compared(encode(new, type_)) == _compared(answer["object"]), answer["id"]
