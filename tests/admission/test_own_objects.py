"""Requests about objects of Podproof's own kinds: what would have no effect is refused with words."""

from typing import Any

import pytest

from podproof import Cluster, Decision
from podproof.admission.phases import answer_phase
from podproof.admission.request import read_request

from .exempted import exemption
from .test_own_policies import SECCOMP, policy

CLUSTER = Cluster.from_objects([])
PLURALS = {"PodSecurityPolicy": "podsecuritypolicies", "PodSecurityExemption": "podsecurityexemptions"}


def _ask(object_: Any, old: Any = None, *, phase: bool) -> Decision:
    about = old if object_ is None else object_
    request = {
        "uid": "1",
        "operation": "CREATE" if old is None else "UPDATE",
        "kind": {"group": "podproof.dev", "version": "v1alpha1", "kind": about["kind"]},
        "resource": {"group": "podproof.dev", "version": "v1alpha1", "resource": PLURALS[about["kind"]]},
        "name": about["metadata"]["name"],
        "userInfo": {"username": "admin"},
        "object": object_,
        "oldObject": old,
    }
    if phase:
        return answer_phase(CLUSTER, read_request(request), "validating")
    return CLUSTER.admit(request)


WRONG = policy(annotations={f"{SECCOMP}defaultProfileName": "x"})


@pytest.mark.parametrize("phase", [True, False])
def test_good_ones_are_let_in(phase: bool) -> None:
    for object_ in (policy(), exemption()):
        assert _ask(object_, phase=phase).allowed


@pytest.mark.parametrize("phase", [True, False])
def test_wrong_annotations_of_a_policy_are_refused(phase: bool) -> None:
    decision = _ask(WRONG, phase=phase)
    assert (decision.code, decision.reason) == (422, "Invalid")
    assert "must be a valid seccomp profile" in (decision.message or "")
    assert decision.details is not None
    assert decision.details["kind"] == "PodSecurityPolicy"


def test_a_malformed_exemption_is_refused() -> None:
    decision = _ask(exemption(expires="never"), phase=True)
    assert (decision.code, "RFC 3339" in (decision.message or "")) == (422, True)
    assert _ask(exemption(extra=1), phase=True).code == 400


def test_what_an_update_leaves_as_it_was_is_let_be() -> None:
    labelled = {**WRONG, "metadata": {**WRONG["metadata"], "labels": {"a": "b"}}}
    assert _ask(labelled, WRONG, phase=True).allowed
    changed = {**labelled, "modes": ["warn"]}
    assert not _ask(changed, WRONG, phase=True).allowed
    assert not _ask(exemption(expires="never"), exemption(), phase=True).allowed
