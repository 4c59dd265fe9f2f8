"""The recorded lives of namespaces, at both servers: labels come and go, pods are there before and after.

What the plugin says now is compared with what Podproof says, not with what was recorded: that is done by
tools/record_answers.py.
"""

from pathlib import Path
from typing import Any

import pytest
from conformance.stories import recorded

from .sides import Sides, two_sides


def _live(sides: Sides, story: dict[str, Any]) -> None:
    name, steps = story["namespace"], story["steps"]
    labels = {} if any(step["op"] == "label" for step in steps) else story["labels"]
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    if sides.send("POST", "/api/v1/namespaces", body).status != 201:
        body["metadata"] = {"name": name}
        sides.send("POST", "/api/v1/namespaces", body)
    for step in steps:
        if step["op"] in ("label", "label-dry-run"):
            sides.settle_pods(name)
        options = {"user": step["user"], "content_type": step["content_type"]}
        reply = sides.send(step["method"], step["path"], step["body"], **options)
        if step["op"] == "label" and reply.status == 200:
            sides.settle_labels(name, step["body"]["metadata"]["labels"])


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_each_step_gets_the_same_answer(tmp_path: Path, every: int) -> None:
    with two_sides(tmp_path, []) as sides:
        for story in recorded("admission")[::every]:
            _live(sides, story)
        differences = sides.differences()
    assert not differences, f"{len(differences)}:\n" + "\n".join(differences[:10])
    assert sides.tally["requests"] * every > 1000
    assert sides.tally["warnings"] * every > 300
