"""What the replays of an API server's answers share: `accept` is asked, and what differs is named.

Verdict, code, reason, message, causes, warnings and the whole object are compared. What is not modelled is
listed in `NOT_MODELLED`; a difference there is only counted.
"""

import itertools
import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from podproof import accept
from podproof.kube.status import Acceptance

from . import stories

DATA = stories.DATA / "api"

NOT_MODELLED = (
    # what the admission plugins DefaultTolerationSeconds and Priority add to every pod
    "spec.tolerations",
    "spec.priority",
    "spec.preemptionPolicy",
)
"""Fields of a pod in which differences are counted, not refused."""

_OF_THE_MOMENT = ("uid", "creationTimestamp", "managedFields")
"""Metadata that another request of the same object would not get again."""

_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_UID = "00000000-0000-0000-0000-000000000000"


def recorded(path: Path) -> list[dict[str, Any]]:
    """Read a file of recorded answers."""
    with lzma.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def find_differences(answer: dict[str, Any], tally: Counter[str]) -> list[str]:
    """Name what differs from the recorded answer; count what differs and is not modelled."""
    url = urlsplit(answer["path"])
    got = accept(
        answer["body"],
        kind=answer["kind"],
        namespace=re.findall("/namespaces/([^/]+)/", url.path)[0],
        content_type=answer["content_type"],
        field_validation=parse_qs(url.query).get("fieldValidation", [""])[0],
    )
    wrong = list(_different_words(got, answer))
    if "object" in answer and got.object is not None:
        for path in _different_fields(got.object, answer["object"]):
            if answer["kind"] == "Pod" and path.startswith(NOT_MODELLED):
                tally[f"not modelled: {path}"] += 1
            else:
                wrong.append(f"object: {path}")
    return wrong


def _different_words(got: Acceptance, answer: dict[str, Any]) -> Iterator[str]:
    mine, theirs = _without_uids(list(got.causes)), _without_uids(answer.get("causes") or [])
    if _in_order(mine) == _in_order(theirs):
        # the server took the resources of a map in the order in which Go gave them
        mine = theirs
        message = _without_uids(answer.get("message"))
    else:
        message = _without_uids(got.message)
    pairs = {
        "accepted": (got.accepted, answer["code"] == 201),
        "code": (got.code, answer["code"]),
        "reason": (got.reason, answer.get("reason")),
        "message": (message, _without_uids(answer.get("message"))),
        "causes": (mine, theirs),
        "warnings": (list(got.warnings), stories.texts(answer["warnings"])),
    }
    for name, (one, other) in pairs.items():
        if one != other:
            yield f"{name}: {one!r} instead of {other!r}"


def _in_order(causes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Sort only those neighbours whose order is random: faults of one map of resources."""

    def place(cause: dict[str, str]) -> str:
        return cause["field"] if cause["field"].endswith((".requests", ".limits")) else ""

    out: list[dict[str, str]] = []
    for field, group in itertools.groupby(causes, place):
        neighbours = list(group)
        out += sorted(neighbours, key=lambda cause: cause["message"]) if field else neighbours
    return out


def _without_uids(value: Any) -> Any:
    return json.loads(_UID.sub(_NO_UID, json.dumps(value)))


def _different_fields(mine: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    text = json.dumps(theirs)
    if theirs["metadata"].get("generateName"):
        text = text.replace(theirs["metadata"]["name"], mine["metadata"]["name"])  # five random letters
    one, other = _without_uids(mine), _without_uids(json.loads(text))
    for value in (one, other):
        value.pop("status", None)  # what controllers fill in later
        for key in _OF_THE_MOMENT:
            value["metadata"].pop(key, None)
    return _differences(one, other)


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
