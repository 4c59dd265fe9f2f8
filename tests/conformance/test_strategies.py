"""`accept` says what the code of Kubernetes 1.37.2 says of every field, each set to values at its borders.

The answers are those of the strategies of `pkg/registry`: strict decoding, defaulting, what is done to a new
object, validation, warnings. An object is valid but for what is changed in one struct, which names the test:
one field, or two where their faults together are not those of each. Then come values of wrong types, several
changes at once, and random objects.
"""

from collections import Counter, defaultdict
from typing import Any

import pytest

from .api_answers import DATA, find_differences, recorded

_BY_STRUCT: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _answer in recorded(DATA / "strategies.jsonl.xz"):
    _BY_STRUCT[_answer["what"]].append(_answer)


@pytest.mark.parametrize("struct", sorted(_BY_STRUCT))
def test_every_field(struct: str) -> None:
    tally: Counter[str] = Counter()
    for answer in _BY_STRUCT[struct]:
        assert find_differences(answer, tally) == [], answer["id"]
    assert not tally  # no admission plugin has added anything here
