"""Where Podproof's answer and a real server's differ: two answers go in, lines for people come out.

What admission plugins, the clock, chance and random order put into the server's does not count.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from oracle_server import Said

from podproof.kube.status import Acceptance

Cause = dict[str, str]

UID = "00000000-0000-0000-0000-000000000000"
EMPTY: tuple[Any, ...] = ("", 0, False, {}, [])
WARNING_RUNES = 4 * 1024
"""Where the server begins to cut its warnings. Source: apiserver pkg/endpoints/filters/warning.go."""


def compare(mine: Acceptance, said: Said) -> list[str]:
    """Say where Podproof's answer and the server's differ."""
    if mine.code != said.code:
        server = f"server {said.body.get('message')}"
        return [f"code {mine.code}, server {said.code}", f"mine {mine.message}", server]
    found = compare_objects(mine, said) if said.code == 201 else compare_refusals(mine, said)
    if said.warnings != list(mine.warnings) and sum(map(len, mine.warnings)) < WARNING_RUNES:
        found.append(f"warnings: {list(mine.warnings)}, server {said.warnings}")
    return found


def compare_objects(mine: Acceptance, said: Said) -> list[str]:
    """Compare the objects that were made."""
    left, right = normal(mine.object), normal(said.body)
    if left == right:
        return []
    return list(unlike(left, right)) or ["objects differ in empty values"]


def compare_refusals(mine: Acceptance, said: Said) -> list[str]:
    """Compare causes, messages and reasons."""
    found = []
    theirs, message = causes_of(said.body)
    causes = [dict(cause) for cause in mine.causes]
    random_order = "resources" in json.dumps(theirs)  # the server walks resource maps in random order
    if random_order:
        theirs, causes = sorted(theirs, key=by_place), sorted(causes, key=by_place)
    if theirs != causes:
        rest = [cause for cause in causes if cause not in theirs]
        lost = [cause for cause in theirs if cause not in causes]
        found.append(f"causes: missing {lost}, surplus {rest}" if rest or lost else order(causes, theirs))
    same = parts(mine.message) == parts(message) if random_order else mine.message == message
    if not same:
        found.append(f"message {mine.message!r}\n  server  {message!r}")
    if mine.reason != said.body.get("reason"):
        found.append(f"reason {mine.reason}, server {said.body.get('reason')}")
    return found


def causes_of(status: dict[str, Any]) -> tuple[list[Cause], str]:
    """Give causes and message of a refusal, the UID that chance put there made one that is known."""
    causes, message = status.get("details", {}).get("causes", []), status["message"]
    causes = [{key: cause.get(key, "") for key in ("reason", "message", "field")} for cause in causes]
    uid = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", json.dumps(causes))
    if uid:
        causes = json.loads(json.dumps(causes).replace(uid[0], UID))
        message = message.replace(uid[0], UID)
    return causes, message


def normal(answer: Any) -> dict[str, Any]:
    """Leave out of an object what admission plugins, the clock and chance put there."""
    text = json.dumps(answer)
    uid = answer["metadata"].get("uid")
    plain: dict[str, Any] = json.loads(text.replace(uid, UID) if uid else text)
    for key in ("uid", "creationTimestamp", "managedFields", "generation"):
        plain["metadata"].pop(key, None)
    plain.pop("status", None)
    if plain["kind"] == "Pod":
        for key in ("tolerations", "priority", "preemptionPolicy"):
            plain["spec"].pop(key, None)
    return plain


def unlike(mine: object, theirs: object, path: str = "") -> Iterator[str]:
    """Yield where two objects differ; empty values that the server leaves out are equal to absent ones."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in sorted({*mine, *theirs}):
            if key not in mine:
                if theirs[key] not in EMPTY:
                    yield f"{path}.{key}: missing {theirs[key]!r}"
            elif key not in theirs:
                if mine[key] not in EMPTY:
                    yield f"{path}.{key}: surplus {mine[key]!r}"
            else:
                yield from unlike(mine[key], theirs[key], f"{path}.{key}")
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for index, (left, right) in enumerate(zip(mine, theirs, strict=True)):
            yield from unlike(left, right, f"{path}[{index}]")
    elif mine != theirs:
        yield f"{path}: {mine!r}, server {theirs!r}"


def parts(message: str | None) -> list[str]:
    """Cut a message of causes, whose order is random in places."""
    return sorted(re.split(r", (?=[a-z])", (message or "").replace("[", "").replace("]", "")))


def by_place(cause: Cause) -> tuple[str, str]:
    """Order causes that the server gives in random order."""
    return cause["field"].partition("resources")[0], json.dumps(cause)


def order(mine: list[Cause], theirs: list[Cause]) -> str:
    """Show causes that are the same but come in another order or number."""
    shown = [[f"{cause['field']}: {cause['message'][:40]}" for cause in causes] for causes in (mine, theirs)]
    return f"order of causes: {shown[0]}, server {shown[1]}"
