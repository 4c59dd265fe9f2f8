"""A key that gets another name keeps its place, its quotes, its comments and what stands below it."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.edits.text.apply import TextEditError, edit_text
from podproof.edits.text.spans import change_text
from podproof.manifest.document import Document
from podproof.manifest.reader import read


def renamed(text: str, old: str, new: str, value: object = None, file: str = "a.yaml") -> str:
    (document,) = read(file, text.encode())
    assert isinstance(document, Document)
    assert isinstance(document.value, dict)
    given_value = document.value["a"][old] if value is None else value
    edits = [Edit(("a", old), "remove"), Edit(("a", new), "set", given_value)]
    return change_text(text, edit_text(document, edits))


CASES = {
    "comments beside and between": (
        "a:\n  x: 1\n  # above\n  runAsNotRoot: true   # beside\n  # below\n  y: 2\n",
        "runAsNotRoot",
        "runAsNonRoot",
    ),
    "a block below it": (
        "a:\n  capability:   # one\n    drop:\n    # two\n    - ALL   # three\n",
        "capability",
        "capabilities",
    ),
    "its quotes": ("a: {'volume' : [1], \"b\": 2}\n", "volume", "volumes"),
    "other quotes": ('a:\n  "volume": [1]\n', "volume", "volumes"),
    "the only key": ("a:\n  volume:\n  - 1\n", "volume", "volumes"),
    "no value": ("a:\n  volume:   # none\n  b: 1\n", "volume", "volumes"),
    "an anchor at its value": ("a:\n  volume: &v [1]\n  b: *v\n", "volume", "volumes"),
    "line ends of Windows": ("a:\r\n  volume: 1\r\n", "volume", "volumes"),
}


@pytest.mark.parametrize(("text", "old", "new"), CASES.values(), ids=CASES)
def test_nothing_but_the_name_changes(text: str, old: str, new: str) -> None:
    written = renamed(text, old, new)
    assert written == text.replace(old, new)


def test_json() -> None:
    text = '{\n\t"a": {"volume": [1], "b": 2}\n}'
    assert renamed(text, "volume", "volumes", file="a.json") == text.replace("volume", "volumes")


def test_what_stands_below_may_change_as_well() -> None:
    text = "a:\n  capability:   # one\n    drop: [KILL]   # two\n"
    written = renamed(text, "capability", "capabilities", {"drop": ["ALL"]})
    assert written == text.replace("capability", "capabilities").replace("KILL", "ALL")


def test_another_field_is_not_taken_for_it() -> None:
    """What goes and what comes have comments of their own."""
    text = "a:\n  privileged: true   # for devices\n  b: 1\n"
    written = renamed(text, "privileged", "runAsNonRoot")
    assert "runAsNonRoot: true\n" in written
    assert "# for devices" in written


@pytest.mark.parametrize("key", ["volumes", "yes", "a b", "1", "", "ünlike", "#x", "- x"])
def test_any_name_is_read_again(key: str) -> None:
    text = "a:\n  b: 1\n  volume: [1]\n"
    (document,) = read("a.yaml", text.encode())
    assert isinstance(document, Document)
    assert isinstance(document.value, dict)
    edits = [Edit(("a", "volume"), "remove"), Edit(("a", key), "set", [1])]
    written = change_text(text, edit_text(document, edits))
    assert yaml.safe_load(written) == apply_edits(document.value, edits)


def test_a_name_that_is_written_in_an_unusual_way_is_refused_with_its_place() -> None:
    text = "a:\n  &k volume: [1]\n  b: *k\n"
    with pytest.raises(TextEditError, match="line 2, column 3"):
        renamed(text, "volume", "volumes")


NAMES = st.sampled_from(["volume", "volumes", "volumez", "Volumes", "x", "capability", "capabilities"])


@given(st.dictionaries(NAMES, st.integers(0, 2), min_size=1), st.dictionaries(NAMES, st.integers(0, 2)))
def test_whatever_is_renamed_the_text_means_it(before: dict[str, int], after: dict[str, int]) -> None:
    value = {"a": {**before, "z": 0}}
    text = yaml.safe_dump(value)
    (document,) = read("a.yaml", text.encode())
    assert isinstance(document, Document)
    edits = [Edit(("a", name), "remove") for name in before if name not in after]
    edits += [Edit(("a", name), "set", number) for name, number in after.items()]
    written = change_text(text, edit_text(document, edits))
    assert yaml.safe_load(written) == json.loads(json.dumps({"a": {**after, "z": 0}}))
