"""Which containers a proof compares with which, and that none starts less surely than before."""

from typing import Any

import msgspec
import pytest
from test_proof import FIVES, a_judge, pods_to_fix
from test_proof_rules import value_of

from podproof.effective.value import Unknown
from podproof.findings import ContainerRef
from podproof.fixes.change import PodToFix
from podproof.fixes.proof import disprove
from podproof.kubelet.start_prediction import PodStartPrediction, StartPrediction

# containers that go, come and change places


def test_containers_are_known_by_their_names() -> None:
    judge = a_judge()
    (pod,) = pods_to_fix(judge.judge(value_of(FIVES.replace("image: five}]", "image: root}]"))))
    turned = msgspec.structs.replace(
        pod, containers=pod.containers[::-1], places=pod.places[::-1], processes=pod.processes[::-1]
    )
    assert disprove([pod], [turned], []) == ""
    wrong = msgspec.structs.replace(pod, containers=pod.containers[::-1])
    assert 'container "a": uid would be 0, not 5' in disprove([pod], [wrong], [])
    more = msgspec.structs.replace(
        pod,
        containers=(ContainerRef("new", "container"), *pod.containers),
        processes=(pod.processes[1], *pod.processes),
    )
    assert disprove([pod], [more], []) == ""
    assert disprove([more], [pod], []) == 'container "new" would go'
    other = msgspec.structs.replace(pod, containers=(ContainerRef("a", "init"), pod.containers[1]))
    assert disprove([pod], [other], []) == 'container "a" would go'


def test_two_of_one_name_are_compared_in_their_order() -> None:
    """No server takes such a pod, which is no reason to change what is not the mistake."""
    (pod,) = pods_to_fix(a_judge().judge(value_of(FIVES.replace("image: five}]", "image: root}]"))))
    twins = msgspec.structs.replace(pod, containers=(pod.containers[0], pod.containers[0]))
    assert disprove([twins], [twins], []) == ""


def test_processes_that_are_not_known_are_not_compared() -> None:
    (pod,) = pods_to_fix(a_judge().judge(value_of(FIVES)))
    blank = msgspec.structs.replace(pod, processes=())
    first = msgspec.structs.replace(pod, processes=pod.processes[:1])
    for before, after in ((pod, blank), (blank, pod), (first, pod), (pod, first)):
        assert disprove([before], [after], []) == ""


def test_each_pod_is_compared_with_its_own() -> None:
    fives, roots = (
        pods_to_fix(a_judge().judge(value_of(f"containers: [{{name: a, image: {image}}}]")))[0]
        for image in ("five", "root")
    )
    assert disprove([fives, roots], [fives, roots], []) == ""
    assert "uid would be 5, not 0" in disprove([fives, roots], [fives, fives], [])
    assert disprove([fives, roots], [fives], []) == "the object would make 1 pods, not 2"
    assert disprove([], [], []) == ""


# starts

MAYBE = Unknown("who knows")
WORDS = {
    True: "",
    False: 'container "a" will not start: refused',
    MAYBE: 'container "a" may not start: who knows',
}


def starting(starts: bool | Unknown | None, message: str = "refused", name: str = "a") -> PodToFix:
    reason = None if starts is True else "Blocked"
    predicted = StartPrediction(name, "container", starts or False, reason, message)
    start = None if starts is None else PodStartPrediction(None, None, "", None, (predicted,))
    return PodToFix(("spec",), (ContainerRef("a", "container"),), (("spec", "containers", 0),), start=start)


@pytest.mark.parametrize(
    ("before", "after", "objects"),
    [
        (True, True, False), (True, False, True), (True, MAYBE, True),
        (MAYBE, True, False), (MAYBE, False, True), (MAYBE, MAYBE, False),
        (False, True, False), (False, False, False), (False, MAYBE, False),
        (None, False, False), (True, None, False), (None, None, False),
    ],
)  # fmt: skip
def test_no_container_starts_less_surely(before: Any, after: Any, objects: bool) -> None:
    words = disprove([starting(before)], [starting(after)], [])
    assert words == (WORDS[after] if objects else "")


def test_why_a_container_does_not_start() -> None:
    assert disprove([starting(True)], [starting(False, "")], []) == 'container "a" will not start: Blocked'
    assert disprove([starting(True)], [starting(False, name="b")], []) == ""
