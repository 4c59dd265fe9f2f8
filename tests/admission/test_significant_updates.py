"""Which updates of a pod PodSecurity looks at: those that change images, or which containers there are.

Source: k8s.io/pod-security-admission v0.37.2, admission/admission.go, isSignificantPodUpdate.
"""

from typing import Any

import msgspec
import pytest

from podproof.admission.configuration import PodSecurityConfiguration
from podproof.admission.pod_security import judge_pod
from podproof.admission.request import read_request
from podproof.admission.shaped_pod import ShapedPod
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.pod import Pod

from .requests import PREFIX, request

A1, A2, B1 = ({"name": name, "image": image} for name, image in (("a", "1"), ("a", "2"), ("b", "1")))
NAMELESS, IMAGELESS = {"image": "1"}, {"name": "a"}


def judged(new: dict[str, Any] | None, old: dict[str, Any] | None) -> bool:
    """Say whether an update is looked at; with wrong labels, that is annotated."""
    decision = judge_pod(
        read_request(request({}, {})),
        ShapedPod(lambda: msgspec.convert({"spec": new}, Pod)),
        msgspec.convert({"spec": old}, Pod),
        {f"{PREFIX}audit": "wrong"},
        PodSecurityConfiguration(),
        FeatureGates(37),
    )
    return f"{PREFIX}error" in decision.audit_annotations


@pytest.mark.parametrize("field", ["containers", "initContainers"])
@pytest.mark.parametrize(
    ("new", "old", "significant"),
    [
        ([A1], [A1], False),
        ([A1], [A2], True),
        ([A1], [A1, B1], True),
        ([A1, B1], [A1], True),
        ([A1], None, True),
        (None, [A1], True),
        # by position, so that another name alone changes nothing
        ([A1], [B1], False),
        ([A1, A2], [A2, A1], True),
        ([IMAGELESS], [{"name": "a", "image": ""}], False),
        ([IMAGELESS], [A1], True),
        ([A1], [IMAGELESS], True),
    ],
)
def test_containers_by_position(field: str, new: Any, old: Any, significant: bool) -> None:
    rest = {} if field == "containers" else {"containers": [A1]}
    assert judged({**rest, field: new}, {**rest, field: old}) is significant


@pytest.mark.parametrize(
    ("new", "old", "significant"),
    [
        ([A1], [A1], False),
        ([A1], None, True),
        ([A1], [A2], True),
        # by name, and one that is gone leaves nothing to look at
        ([A1, B1], [B1, A1], False),
        ([A1], [A1, B1], False),
        (None, [A1], False),
        ([B1], [A1], True),
        # of two with one name the first counts
        ([A1], [A1, A2], False),
        ([A1], [A2, A1], True),
        ([NAMELESS], [{"name": "", "image": "1"}], False),
        ([NAMELESS], [A1], True),
        ([IMAGELESS], [{"name": "a", "image": ""}], False),
        ([{"name": "a", "image": ""}], [IMAGELESS], False),
        ([IMAGELESS], [A1], True),
    ],
)
def test_ephemeral_containers_by_name(new: Any, old: Any, significant: bool) -> None:
    rest = {"containers": [A1]}
    assert judged({**rest, "ephemeralContainers": new}, {**rest, "ephemeralContainers": old}) is significant


@pytest.mark.parametrize(
    ("new", "old", "significant"),
    [
        (None, None, False),
        (None, {"hostPID": True}, False),
        ({"hostPID": True}, None, False),
        (None, {"containers": [A1]}, True),
        ({"containers": [A1]}, None, True),
    ],
)
def test_a_pod_without_a_spec_has_no_containers(new: Any, old: Any, significant: bool) -> None:
    assert judged(new, old) is significant
