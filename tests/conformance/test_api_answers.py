"""`accept` says what a real kube-apiserver 1.37.2 said: 2,000 random requests, and 277 curated ones.

A difference in what is not modelled is counted and printed (`-s`), any other fails.
"""

from collections import Counter
from typing import Any

import pytest

from podproof import accept

from .api_answers import DATA, find_differences, recorded


def test_every_recorded_answer_is_given() -> None:
    tally: Counter[str] = Counter()
    failures = []
    for answer in recorded(DATA / "answers.jsonl.xz"):
        wrong = find_differences(answer, tally)
        tally[f"{answer['code']} {'differs' if wrong else 'agrees'}"] += 1
        if wrong:
            failures.append(f"{answer['id']} ({answer['kind']}): {'; '.join(wrong)}\n{answer['body'][:2000]}")
    print()
    for line, count in sorted(tally.items()):
        print(f"{count:6} {line}")
    assert not failures, f"{len(failures)} of 2000 differ:\n" + "\n".join(failures[:10])


def test_a_modelled_difference_is_seen() -> None:
    answer = next(answer for answer in recorded(DATA / "answers.jsonl.xz") if "object" in answer)
    answer["object"]["spec"]["containers"][0]["imagePullPolicy"] = "Never"
    answer["warnings"] = ['299 - "x"']
    wrong = find_differences(answer, Counter())
    assert "object: spec.containers.imagePullPolicy" in wrong
    assert "warnings: [] instead of ['x']" in wrong


_SCHEDULING = recorded(DATA / "scheduling.jsonl.xz")


@pytest.mark.parametrize("one", _SCHEDULING, ids=[one["what"] for one in _SCHEDULING])
def test_scheduling(one: dict[str, Any]) -> None:
    assert find_differences(one, Counter()) == []


_OBSERVED = recorded(DATA / "observed.jsonl.xz")


@pytest.mark.parametrize("one", _OBSERVED, ids=[f"{one['section']}: {one['title']}" for one in _OBSERVED])
def test_observed(one: dict[str, Any]) -> None:
    got = accept(
        one["body"],
        kind=one["kind"],
        namespace="plain",
        content_type=one["content_type"],
        field_validation=one["field_validation"],
    )
    assert (got.code, got.reason) == (one["code"], one.get("reason"))
    assert got.message == one.get("message")
    assert list(got.warnings) == one["warnings"]
    if "stored" in one and one["kind"] == "Pod":
        assert got.object is not None
        spec = got.object["spec"]
        stored = {"c": spec["containers"][0].get("securityContext"), "pod": spec["securityContext"]}
        assert stored == one["stored"]
