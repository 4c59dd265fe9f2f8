"""Asks Kubernetes' own code again what is recorded, and writes the answers anew.

    PYTHONPATH=src:tests python tools/strategy_oracle/record.py

Needs Go and some minutes to compile (development time only). For a new release raise the versions in go.mod
first; git then shows which answers changed. Requests are those of the recordings: to add one, add its line
with any answer. Podproof is not asked.
"""

import json
import lzma
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "tests" / "conformance" / "data"
Line = dict[str, Any]
ANSWER = ("code", "reason", "message", "causes", "warnings", "object", "error", "values")


def ask(program: str, requests: list[Line]) -> list[Line]:
    """Compile a program of this folder and give it requests, a line each."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "oracle"
        subprocess.run(["go", "build", "-o", str(binary), program], cwd=HERE, check=True)
        text = "".join(json.dumps(request) + "\n" for request in requests)
        done = subprocess.run([str(binary)], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def create(line: Line) -> Line:
    return {"kind": line["kind"], "body": json.loads(line["body"])}


def update(line: Line) -> Line:
    return {"kind": "Pod", "body": line["new"], "old": line["old"], "sub": line["sub_resource"]}


def created(line: Line, answer: Line) -> Line:
    warnings = [f"299 - {json.dumps(text, ensure_ascii=False)}" for text in answer["warnings"]]
    return {**line, **answer, "warnings": warnings}


def updated(line: Line, answer: Line) -> Line:
    causes = [{**cause, "message": cause["message"].split("\n")[0]} for cause in answer.get("causes") or ()]
    line = {**line, "causes": causes}
    if "object" in answer:
        line["object"] = {key: value for key, value in answer["object"].items() if key != "status"}
    return line


def called(line: Line, answer: Line) -> Line:
    return {**line, **(answer if "error" in answer else {"values": answer.get("values", [])})}


def in_order(line: Line) -> Line:
    """Give an answer without what Go takes in the order of a map, without random names and times."""
    causes = sorted(line.get("causes") or (), key=lambda cause: (cause["field"], cause["message"]))
    object_ = dict(line.get("object") or {})
    if object_:
        generated = object_["metadata"].get("generateName")
        chance = ("creationTimestamp", "name") if generated else ("creationTimestamp",)
        metadata = {key: value for key, value in object_["metadata"].items() if key not in chance}
        object_["metadata"] = metadata
    message = sorted(line.get("message") or "")
    return {**line, "causes": causes, "message": message, "object": object_}


def record(
    name: str, program: str, request: Callable[[Line], Line], written: Callable[[Line, Line], Line]
) -> None:
    """Write a recording anew: `request` makes a line's request, `written` puts its answer into it."""
    path = DATA / name
    with lzma.open(path, "rt") as file:
        lines = [json.loads(text) for text in file]
    answers = ask(program, [request(line) for line in lines])
    made = []
    for line, answer in zip(lines, answers, strict=True):
        bare = {key: value for key, value in line.items() if key not in ANSWER}
        anew = written(bare, answer)
        made.append(line if in_order(anew) == in_order(line) else anew)
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in made)
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{name}: {len(lines)} answers")


if __name__ == "__main__":
    record("api/strategies.jsonl.xz", ".", create, created)
    record("api/pod_updates.jsonl.xz", ".", update, updated)
    record("go/calls.jsonl.xz", "./functions", lambda line: line, called)
