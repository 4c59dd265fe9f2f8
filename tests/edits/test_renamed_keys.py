"""Which keys got another name: alike in name, of one type, one for one, and few at once."""

from typing import Any

import pytest

from podproof.edits.text.renamed import renamed_keys


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        ({"runAsNotRoot": True}, {"runAsNonRoot": True}, {"runAsNotRoot": "runAsNonRoot"}),
        ({"runAsNotRoot": True}, {"runAsNonRoot": False}, {"runAsNotRoot": "runAsNonRoot"}),
        ({"runAsUser": 1}, {"runAsGroup": 1}, {}),
        ({"abcd": 1}, {"abce": 1}, {"abcd": "abce"}),  # just alike: 0.75
        ({"abcd": 1}, {"abef": 1}, {}),
        # another type is another thing
        ({"abcd": 1}, {"abce": True}, {}),
        ({"abcd": 1}, {"abce": "1"}, {}),
        # nothing is gone, or nothing came
        ({"abcd": 1}, {"abcd": 1, "abce": 1}, {}),
        ({"abcd": 1, "abce": 1}, {"abcd": 1}, {}),
        ({"abcd": 1}, {}, {}),
        # one for one, in their order
        ({"abcd": 1, "abce": 1}, {"abcf": 1}, {"abcd": "abcf"}),
        ({"abcd": 1, "abce": 1}, {"abcf": 1, "abcg": 1}, {"abcd": "abcf", "abce": "abcg"}),
        ({"abcd": 1, "wxyz": 1}, {"wxyy": 1, "abce": 1}, {"abcd": "abce", "wxyz": "wxyy"}),
        ({"abcd": 1}, {"abce": 1, "abcf": 1}, {"abcd": "abce"}),
        # what stays is neither
        ({"abcd": 1, "stay": 1}, {"stay": 1, "abce": 1}, {"abcd": "abce"}),
        ({"abcd": 1, "abce": 1}, {"abce": 1, "abcf": 1}, {"abcd": "abcf"}),
    ],
)
def test_which_keys_are_renamed(old: dict[str, Any], new: dict[str, Any], renamed: dict[str, str]) -> None:
    assert renamed_keys(old, new, dict.fromkeys(old, 1)) == renamed


def test_a_key_that_is_written_twice_or_not_at_all_is_not_renamed() -> None:
    old, new = {"abcd": 1}, {"abce": 1}
    assert renamed_keys(old, new, {"abcd": 2}) == {}
    assert renamed_keys(old, new, {}) == {}


@pytest.mark.parametrize(("gone", "came", "renamed"), [(8, 8, 8), (9, 8, 0), (8, 9, 0), (8, 1, 1), (1, 8, 1)])
def test_few_at_once(gone: int, came: int, renamed: int) -> None:
    old = {f"abcdefgh{number}": 1 for number in range(gone)}
    new = {f"abcdefgh-{number}": 1 for number in range(came)}
    assert len(renamed_keys(old, new, dict.fromkeys(old, 1))) == renamed
