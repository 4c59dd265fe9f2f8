"""Edits in a document's text: what a careful colleague would have written, and nothing else changed."""

import json
from collections.abc import Sequence

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.edits.text.apply import TextEditError, edit_text
from podproof.edits.text.spans import change_text
from podproof.manifest.document import Document
from podproof.manifest.reader import read

S = ("spec", "securityContext")


def put(*route: str | int, value: object) -> Edit:
    return Edit(route, "set", value)


def drop(*route: str | int) -> Edit:
    return Edit(route, "remove")


def edited(text: str, edits: Sequence[Edit], file: str = "a.yaml", number: int = 0) -> str:
    data = text.encode("utf-8", "surrogateescape")
    document = [one for one in read(file, data) if isinstance(one, Document)][number]
    changes = edit_text(document, edits)
    assert all(change.text or change.start < change.end for change in changes)
    return change_text(text.removeprefix("\ufeff"), changes)


CASES: dict[str, tuple[str, list[Edit], str]] = {
    "brackets with comments in them go": (
        "a: [ # one\n  x, # two\n  w\n] # three\nb:\n- {c: 1, # four\n   d: 2}\n- e\n",
        [put("a", value={"x": 1}), put("b", 0, value="f")],
        "a: # three\n  x: 1\n# one\n# two\nb:\n- f\n  # four\n- e\n",
    ),
    "an item that is empty": (
        "a:\n-\n- # c\n- b\n",
        [put("a", 0, value="x"), put("a", 1, value={"d": 1})],
        "a:\n- x\n- d: 1 # c\n- b\n",
    ),
    "an item with blanks behind its dash": ("a:\n-   x\n", [put("a", 0, value="z")], "a:\n-   z\n"),
    "a key behind the last": (
        "spec:\n  a: 1 # one\n  # of what follows\nkind: Pod\n",
        [put(*S, "runAsNonRoot", value=True)],
        "spec:\n  a: 1 # one\n  securityContext:\n    runAsNonRoot: true\n  # of what follows\nkind: Pod\n",
    ),
    "a list of scalars, blocks as elsewhere": (
        "spec:\n    containers:\n      - name: a\n        args:\n          - x\n",
        [put("spec", "containers", 0, "securityContext", "capabilities", "drop", value=["ALL"])],
        "spec:\n    containers:\n      - name: a\n        args:\n          - x\n        securityContext:\n"
        "            capabilities:\n                drop:\n                  - ALL\n",
    ),
    "a list of scalars in brackets as elsewhere, with their quotes": (
        'spec:\n  args: ["abc", "def"]\n',
        [put("spec", "drop", value=["ALL"])],
        'spec:\n  args: ["abc", "def"]\n  drop: ["ALL"]\n',
    ),
    "several at once": (
        "spec:\n  securityContext:\n    privileged: true # why\n    runAsUser: 0\n",
        [put(*S, "runAsUser", value=7), drop(*S, "privileged"), put(*S, "runAsNonRoot", value=True)],
        "spec:\n  securityContext:\n    # why\n    runAsUser: 7\n    runAsNonRoot: true\n",
    ),
    "in place of nothing": (
        "spec:\n  securityContext: # later\n  a: 1\n",
        [put(*S, "runAsUser", value=7)],
        "spec:\n  securityContext: # later\n    runAsUser: 7\n  a: 1\n",
    ),
    "in place of braces": (
        "spec:\n  securityContext: {} # later\n  a: 1\n",
        [put(*S, "runAsUser", value=7)],
        "spec:\n  securityContext: # later\n    runAsUser: 7\n  a: 1\n",
    ),
    "nothing left": (
        "spec:\n  securityContext: # his\n    runAsUser: 7 # mine\n  a: 1\n",
        [drop(*S, "runAsUser")],
        "spec:\n  securityContext: {} # his\n  # mine\n  a: 1\n",
    ),
    "in braces": (
        "spec: {a: 1, b: [x, w], c: 3}\n",
        [
            put("spec", "d", value="e"),
            drop("spec", "a"),
            put("spec", "b", 2, value="z"),
            drop("spec", "b", 0),
        ],
        "spec: {b: [w, z], c: 3, d: e}\n",
    ),
    "the last in braces": ("spec: {a: 1, b: 2}\n", [drop("spec", "b")], "spec: {a: 1}\n"),
    "braces over lines": (
        "spec: {\n  a: 1, # one\n  b: 2 # two\n}\n",
        [put("spec", "c", value=3)],
        "spec: {\n  a: 1, # one\n  b: 2, # two\n  c: 3\n}\n",
    ),
    "a comma at the end": (
        "spec: {\n  a: 1, # one\n}\n",
        [put("spec", "c", value=3)],
        "spec: {\n  a: 1, # one\n  c: 3,\n}\n",
    ),
    "an item": (
        "add:\n- 'NET_ADMIN'\n# that was all\nkind: x\n",
        [put("add", 1, value="SYS_TIME")],
        "add:\n- 'NET_ADMIN'\n- 'SYS_TIME'\n# that was all\nkind: x\n",
    ),
    "items go": (
        "add:\n  - A # a\n  - B\n  - C\nkind: x\n",
        [drop("add", 2), drop("add", 0)],
        "add:\n  # a\n  - B\nkind: x\n",
    ),
    "all items go": ("add:\n- A\n- B\nkind: x\n", [drop("add", 1), drop("add", 0)], "add: []\nkind: x\n"),
    "behind a dash": (
        "c:\n  - privileged: true\n    name: a\n",
        [drop("c", 0, "privileged")],
        "c:\n  - name: a\n",
    ),
    "behind a dash, with a comment": (
        "c:\n  - privileged: true # why\n    name: a\n",
        [drop("c", 0, "privileged")],
        "c:\n  - # why\n    name: a\n",
    ),
    "an item of its own": (
        "c:\n- name: a\n",
        [put("c", 1, value={"name": "b", "args": ["x"]})],
        "c:\n- name: a\n- name: b\n  args:\n  - x\n",
    ),
    "a mapping in place of an item": (
        "c:\n- a\n- b\n",
        [put("c", 0, value={"x": 1, "w": 2})],
        "c:\n- x: 1\n  w: 2\n- b\n",
    ),
    "quotes stay": ("a: 'Always'\n", [put("a", value="Never")], "a: 'Never'\n"),
    "quotes where they are needed": ("a: abc\n", [put("a", value="yes")], 'a: "yes"\n'),
    "CRLF": ("a:\r\n  b: 1\r\n", [put("a", "c", "d", value=True)], "a:\r\n  b: 1\r\n  c:\r\n    d: true\r\n"),
    "no line end at the end": ("a:\n  b: 1", [put("a", "c", value=2)], "a:\n  b: 1\n  c: 2"),
    "the last line goes": ("a:\n  b: 1\n  c: 2", [drop("a", "c")], "a:\n  b: 1"),
    "a byte order mark": ("\ufeffa:\n  b: 1\n", [put("a", "c", value=2)], "a:\n  b: 1\n  c: 2\n"),
    "behind a block of text": (
        "a:\n  t: |\n    # no comment\n    x\n\n  # a comment\nb: 1\n",
        [put("a", "c", value=2)],
        "a:\n  t: |\n    # no comment\n    x\n  c: 2\n\n  # a comment\nb: 1\n",
    ),
    "a block of text goes": (
        "a:\n  t: |\n    # no comment\n    x\n  b: 1\n",
        [drop("a", "t")],
        "a:\n  b: 1\n",
    ),
    "the last line of what something is written behind": (
        "c:\n  - ports:\n      - port: 1\n        host: 2 # why\nkind: x\n",
        [drop("c", 0, "ports", 0, "host"), put("c", 0, "d", value=1)],
        "c:\n  - ports:\n      - port: 1\n        # why\n    d: 1\nkind: x\n",
    ),
    "an anchor that all share": (
        "x: &s\n  u: 0\nw: *s\n",
        [put("x", "u", value=7), put("w", "u", value=7)],
        "x: &s\n  u: 7\nw: *s\n",
    ),
    "an alias that differs": (
        "x: &s\n  u: 0\nw: *s # his\n",
        [put("w", "u", value=7)],
        "x: &s\n  u: 0\nw: # his\n  u: 7\n",
    ),
    "an anchor that an alias does not follow": (
        "x: &s\n  u: 0\nw: *s\n",
        [put("x", "u", value=7)],
        "x: &s\n  u: 7\nw:\n  u: 0\n",
    ),
    "an anchor goes": (
        "x: &s\n  u: 0\nw: *s\nv: *s\n",
        [drop("x")],
        "w:\n  u: 0\nv:\n  u: 0\n",
    ),
    "an anchor's value goes": (
        "x: &s # c\n  u: 0\nw: *s\n",
        [drop("x", "u"), drop("w", "u")],
        "x: &s {} # c\nw: *s\n",
    ),
    "an anchor of a scalar stays": (
        "x: &s 0\nw: *s\n",
        [put("x", value=7), put("w", value=7)],
        "x: &s 7\nw: *s\n",
    ),
    "what a merge brings in is overridden": (
        "x: &s\n  u: 0\nw:\n  <<: *s\n",
        [put("w", "u", value=7)],
        "x: &s\n  u: 0\nw:\n  <<: *s\n  u: 7\n",
    ),
    "of keys written twice the one that counts": ("a: 1\na: 2\n", [put("a", value=3)], "a: 1\na: 3\n"),
    "keys written twice go": ("a: 1\nb: 0\na: 2\n", [drop("a")], "b: 0\n"),
    "other documents stay": (
        "a: 1 # x\n---\n# é\nb:   2\n---\nc: 3\n",
        [put("c", value=4), put("d", value="é x")],
        'a: 1 # x\n---\n# é\nb:   2\n---\nc: 4\nd: "é x"\n',
    ),
}


@pytest.mark.parametrize(("text", "edits", "expected"), CASES.values(), ids=CASES)
def test_text_is_edited(text: str, edits: list[Edit], expected: str) -> None:
    number = text.count("\n---\n")
    assert edited(text, edits, number=number) == expected


JSON: dict[str, tuple[str, list[Edit], str]] = {
    "a value": ('{"a":1,"b": 2}', [put("a", value=3), put("b", value="x")], '{"a":3,"b": "x"}'),
    "the first key": ("{}", [put("a", value={"b": 1})], '{"a": {"b": 1}}'),
    "on one line": ('{"a":1,"b":[1,2]}', [put("c", value={"d": [3]})], '{"a":1,"b":[1,2],"c":{"d":[3]}}'),
    "with blanks": ('{"a": 1, "b": {}}', [put("b", "x", value=None)], '{"a": 1, "b": {"x": null}}'),
    "indented": (
        '{\n  "a": {\n    "b": 1\n  }\n}\n',
        [put("a", "c", "d", value=["x"])],
        '{\n  "a": {\n    "b": 1,\n    "c": {\n      "d": [\n        "x"\n      ]\n    }\n  }\n}\n',
    ),
    "with tabs": (
        '{\n\t"a": 1\n}\n',
        [put("b", value={"c": 2})],
        '{\n\t"a": 1,\n\t"b": {\n\t\t"c": 2\n\t}\n}\n',
    ),
    "removed": ('{\n  "a": 1,\n  "b": 2\n}\n', [drop("b")], '{\n  "a": 1\n}\n'),
    "escapes": (
        '{"a": "\\ud83d\\ude00", "b": 1}',
        [put("b", value="\u2028")],
        '{"a": "\\ud83d\\ude00", "b": "\\u2028"}',
    ),
    "the second value": ('{"a": 1}\n{"a": 1}\n', [put("a", value=2)], '{"a": 1}\n{"a": 2}\n'),
}


@pytest.mark.parametrize(("text", "edits", "expected"), JSON.values(), ids=JSON)
def test_json_is_edited(text: str, edits: list[Edit], expected: str) -> None:
    assert edited(text, edits, "a.json", text.count("\n{")) == expected


REFUSED = {
    "a merged key cannot go": (
        "x: &s {u: 0, v: 1}\nw:\n  <<: *s\n",
        [drop("w", "u")],
        r"line 3, column 3: cannot be edited: a merge \(<<\) brings in the key that would be removed",
    ),
    "a comment in brackets": (
        "a: [\n  x, # why\n  w\n]\n",
        [drop("a", 0)],
        "comments stand beside what would be removed",
    ),
    "an unusual key": ("? a\n: 1\n", [put("a", value={"b": 1})], "its key is written in an unusual way"),
    "a dash on another line": ("a:\n-\n  b: 1\n- c\n", [drop("a", 0)], "its dash stands on another line"),
    "half of a pair": ("a: 1\n", [put("a", value="\ud800")], "half of a surrogate pair has no form in UTF-8"),
    "an anchor goes that a merge needs": (
        "x: &s {u: 0}\nw:\n  <<: *s\n",
        [drop("x")],
        "the edits cannot be written so that nothing else changes",
    ),
    "an anchor that a merge needs": (
        "x: &s {u: 0}\nw:\n  <<: *s\n",
        [put("x", "u", value=7)],
        "the edits cannot be written so that nothing else changes",
    ),
}


@pytest.mark.parametrize(("text", "edits", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_safe_is_refused(text: str, edits: list[Edit], message: str) -> None:
    with pytest.raises(TextEditError, match=f"{message}$"):
        edited(text, edits)


def test_a_document_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(TextEditError, match=r"the document is not a mapping$"):
        edited("- a\n", [put("a", value=1)])


def test_json_stays_json() -> None:
    text = json.dumps({"a": {"b": [1, {"c": "é"}]}}, indent=4)
    result = edited(text, [put("a", "b", 1, "c", value='"'), put("a", "d", value={"e": []})], "a.json")
    edits = [put("a", "b", 1, "c", value='"'), put("a", "d", value={"e": []})]
    assert json.loads(result) == apply_edits(json.loads(text), edits)
    assert result == json.dumps(json.loads(result), indent=4)
