"""Every control at every version answers as k8s.io/pod-security-admission v0.37.2 does, word for word.

The answers were recorded: `tools/pod_security_answers` says how, and makes the pods.
"""

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from podproof.kube.pod import raw_pod
from podproof.policies.pod_security import evaluator

DATA = Path(__file__).with_name("pod_security_answers.jsonl.xz")
NEWEST = 37
PARTS = 40
"""So many tests share the pods, each taking every fortieth."""


@cache
def answers() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The pods, and what was answered: by level, from which minor version on which violations."""
    with lzma.open(DATA, "rt", encoding="utf-8") as lines:
        objects = [json.loads(line) for line in lines]
    return list(zip(objects[::2], objects[1::2], strict=True))


@pytest.mark.parametrize("part", range(PARTS))
def test_the_answers(part: int) -> None:
    for pod, levels in answers()[part::PARTS]:
        typed = raw_pod(pod)
        for level, spans in levels.items():
            expected: list[str] = []
            for minor in range(NEWEST + 1):
                expected = next((s["violations"] for s in spans if s["since"] == minor), expected)
                verdict = evaluator(f"{level}:v1.{minor}").evaluate(typed)
                found = [f"{v.reason} ({v.detail})" if v.detail else v.reason for _, v in verdict.violations]
                assert found == expected, f"{level} v1.{minor}: {json.dumps(pod)}"
                assert verdict.allowed is (not expected)
                assert verdict.detail == ", ".join(expected)
                assert verdict.reason == ", ".join(text.partition(" (")[0] for text in expected)


def test_there_are_enough() -> None:
    assert len(answers()) > 1000
