"""`accept` says what a real kube-apiserver 1.37.2 said about 4,000 manifests of real projects, each changed.

One to three things in each were changed at random; half were asked with strict validation. The recording is
made of others' manifests and stays outside the project; where it is absent the test says so. What differs is
printed by kind (`-s`).
"""

import re
from collections import Counter
from typing import Any

import pytest
import requires

from .api_answers import find_differences, recorded

ANSWERS = requires.SHARED / "conformance" / "api" / "mutated.jsonl.xz"
EXPECTED = 4000

pytestmark = requires.needs(requires.shared("conformance/api/mutated.jsonl.xz"))


def _replay(answers: list[dict[str, Any]]) -> None:
    tally: Counter[str] = Counter()
    failures = []
    for answer in answers:
        wrong = find_differences(answer, tally)
        tally[f"{answer['code']} {'differs' if wrong else 'agrees'}"] += 1
        tally.update(_kind(line) for line in wrong)
        if wrong:
            failures.append(f"{answer['id']} ({answer['kind']}): {'; '.join(wrong)}\n{answer['body'][:2000]}")
    print()
    for line, count in sorted(tally.items()):
        print(f"{count:6} {line}")
    assert not failures, f"{len(failures)} of {len(answers)} differ:\n" + "\n".join(failures[:10])


def _kind(difference: str) -> str:
    """Write a difference without what is of this object only, so that alike ones are counted together."""
    return re.sub(r"\d+", "N", difference)[:120]


def test_every_twentieth_answer_is_given() -> None:
    _replay(recorded(ANSWERS)[::20])


@pytest.mark.slow
def test_every_answer_is_given() -> None:
    answers = recorded(ANSWERS)
    assert len(answers) == EXPECTED
    _replay(answers)
