"""`accept` says what a real kube-apiserver 1.37.2 said: 2,000 random requests, and 229 curated ones.

Verdict, code, reason, message, causes, warnings and the whole object are compared. What is not modelled is
listed in `_NOT_MODELLED`; a difference there is counted and printed (`-s`), any other fails.
"""

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podproof import accept

_DATA = Path(__file__).parent / "data" / "api"

_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_UID = "00000000-0000-0000-0000-000000000000"

_NOT_MODELLED = (
    # what the admission plugins DefaultTolerationSeconds and Priority add to every pod
    "spec.tolerations",
    "spec.priority",
    "spec.preemptionPolicy",
)
"""Fields of the answer's object in which differences are counted, not refused."""


def _recorded(name: str) -> list[dict[str, Any]]:
    with lzma.open(_DATA / name, "rt") as lines:
        return [json.loads(line) for line in lines]


def _texts(headers: list[str]) -> list[str]:
    """Take the texts out of Warning headers."""
    return [json.loads(header.removeprefix("299 - ")) for header in headers]


def _without_uids(value: Any) -> Any:
    return json.loads(_UID.sub(_NO_UID, json.dumps(value)))


def _differences(mine: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Name each field in which two objects differ, list indexes left out."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in mine.keys() | theirs.keys():
            here = f"{path}.{key}" if path else key
            if key not in mine or key not in theirs:
                yield here
            else:
                yield from _differences(mine[key], theirs[key], here)
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for one, other in zip(mine, theirs, strict=True):
            yield from _differences(one, other, path)
    elif mine != theirs or type(mine) is not type(theirs):
        yield path


def _wrong(answer: dict[str, Any], tally: Counter[str]) -> list[str]:
    """Name what differs; count what differs and is not modelled."""
    got = accept(answer["body"], kind=answer["kind"], namespace="oracle", content_type=answer["content_type"])
    pairs = {
        "accepted": (got.accepted, answer["code"] == 201),
        "code": (got.code, answer["code"]),
        "reason": (got.reason, answer.get("reason")),
        "message": (got.message, answer.get("message")),
        "causes": (list(got.causes), answer.get("causes") or []),
        "warnings": (list(got.warnings), _texts(answer["warnings"])),
    }
    wrong = [
        f"{name}: {mine!r} instead of {theirs!r}" for name, (mine, theirs) in pairs.items() if mine != theirs
    ]
    if "object" not in answer or got.object is None:
        return wrong
    mine = _without_uids(got.object)
    theirs = _without_uids(answer["object"])
    mine["metadata"].pop("uid", None)
    for path in _differences(mine, theirs):
        if answer["kind"] == "Pod" and path.startswith(_NOT_MODELLED):
            tally[f"not modelled: {path}"] += 1
        else:
            wrong.append(f"object: {path}")
    return wrong


def test_every_recorded_answer_is_given() -> None:
    tally: Counter[str] = Counter()
    failures = []
    for answer in _recorded("answers.jsonl.xz"):
        wrong = _wrong(answer, tally)
        tally[f"{answer['code']} {'differs' if wrong else 'agrees'}"] += 1
        if wrong:
            failures.append(f"{answer['id']} ({answer['kind']}): {'; '.join(wrong)}\n{answer['body'][:2000]}")
    print()
    for line, count in sorted(tally.items()):
        print(f"{count:6} {line}")
    assert not failures, f"{len(failures)} of 2000 differ:\n" + "\n".join(failures[:10])


def test_a_modelled_difference_is_seen() -> None:
    answer = next(answer for answer in _recorded("answers.jsonl.xz") if "object" in answer)
    answer["object"]["spec"]["containers"][0]["imagePullPolicy"] = "Never"
    answer["warnings"] = ['299 - "x"']
    wrong = _wrong(answer, Counter())
    assert "object: spec.containers.imagePullPolicy" in wrong
    assert "warnings: [] instead of ['x']" in wrong


_OBSERVED = _recorded("observed.jsonl.xz")


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
