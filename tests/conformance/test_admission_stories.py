"""`Cluster.admit` says what a kube-apiserver 1.37.2 with the PodSecurity plugin said, in 120 namespaces.

Compared: code, message, warnings and audit annotations of every step. Not compared: the Go diff after `pod
updates may not change …`, and the message of a refused change of the QoS class.
"""

from collections import Counter
from typing import Any

import pytest

from .stories import Story, recorded, texts

_STORIES = recorded("admission")
tally: Counter[str] = Counter()


def _compare(decision: Any, answer: dict[str, Any], where: str) -> None:
    tally["steps"] += 1
    code = None if answer["code"] < 300 else answer["code"]
    assert decision.code == code, f"{where}: {decision.message} instead of {answer['message']}"
    message, theirs = decision.message, answer["message"]
    if theirs is not None and "pod updates may not change" in theirs:
        tally["the diff after the line break, not compared"] += 1
        message, theirs = message.partition("\n")[0], theirs.partition("\n")[0]
    elif theirs is not None and "Pod QOS Class" in theirs:
        tally["QoS class, compared by code"] += 1
        theirs = message
    assert message == theirs, where
    assert list(decision.warnings) == texts(answer["warnings"]), where
    assert decision.audit_annotations == answer["audit"], where


@pytest.mark.parametrize("story", _STORIES, ids=lambda story: str(story["id"]))
def test_story(story: dict[str, Any]) -> None:
    played = Story(story)
    labelled_later = any(step["op"] == "label" for step in story["steps"])
    decision = played.create_namespace({} if labelled_later else story["labels"])
    _compare(decision, story["namespace_answer"], "namespace")
    if not decision.allowed:
        played.create_namespace({})
    for index, step in enumerate(story["steps"]):
        decision = played.play(step)
        _compare(decision, step["answer"], f"step {index}, {step['op']}")


def test_tally() -> None:
    """Print what was compared (`-s`), and see that nothing was passed over."""
    print(dict(tally))
    if tally:
        assert tally["steps"] <= sum(len(story["steps"]) + 1 for story in _STORIES)
