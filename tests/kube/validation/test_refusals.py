"""What is refused, rule after rule: blocks of refusals.txt are changes of a valid object, with errors.

A block opens with what is changed (`volume`, `container`, `pod` or a kind of workload) and the change as
JSON, which replaces members of the object's spec. The lines below it are the errors, or `accepted`
with the warnings.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.validation import validate, warnings

BLOCKS = (Path(__file__).parent / "refusals.txt").read_text(encoding="utf-8").strip().split("\n\n")
LABELS = {"a": "b"}
CONTAINER = {"name": "c", "image": "i:1"}
WORKLOADS = {"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob"}


def changed(what: str, change: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Give kind and object of a valid object with one change."""
    if what == "volume":
        return changed("pod", {"serviceAccountName": "s", "volumes": [{"name": "v", **change}]})
    if what == "container":
        volumes = [
            {"name": "e", "emptyDir": {}},
            {"name": "p", "persistentVolumeClaim": {"claimName": "c"}},
            {"name": "s", "secret": {"secretName": "s"}},
        ]
        return changed("pod", {"volumes": volumes, "containers": [{**CONTAINER, **change}]})
    metadata: dict[str, Any] = {"name": "w", "namespace": "n"}
    metadata |= change.pop("metadata", {})
    if what == "pod":
        return "Pod", {"metadata": metadata, "spec": {"containers": [CONTAINER], **change}}
    template: dict[str, Any] = {"metadata": {"labels": LABELS}, "spec": {"containers": [CONTAINER]}}
    spec: dict[str, Any] = {"selector": {"matchLabels": LABELS}, "template": template}
    if what in ("Job", "CronJob"):
        template["spec"] = {"containers": [CONTAINER], "restartPolicy": "Never"}
        if what == "Job":
            spec["manualSelector"] = True
        else:
            del spec["selector"]
            job = change.pop("job", {})
            spec = {"schedule": "* * * * *", "jobTemplate": {"spec": {**spec, **job}}}
    return what, {"metadata": metadata, "spec": {**spec, **change}}


def judged(block: str) -> list[str]:
    head = block.splitlines()[0]
    what, _, text = head.partition(" ")
    kind, made = changed(what, json.loads(text))
    object_ = json.loads(json.dumps(made))  # defaulting changes it in place, and no two parts are one
    early = apply_defaults(kind, object_)
    errors = [error.text for error in validate(kind, object_, version=37)]
    return errors or ["accepted", *(f"warning: {text}" for text in (*early, *warnings(kind, object_)))]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_change(block: str) -> None:
    assert judged(block) == [line.strip() for line in block.splitlines()[1:]]
