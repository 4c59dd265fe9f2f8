"""Each field that a gate guards, in the first version that drops it while the gate is off.

A block of gated_fields.txt has version and gate, a pod's spec, what is left of it, and how many fields went.
Source: kubernetes 1.19.16 to 1.38.0-beta.0 pkg/api/pod/util.go, dropDisabledFields.
"""

import json
from pathlib import Path

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.gated_fields import drop_gated_fields

BLOCKS = (Path(__file__).parent / "gated_fields.txt").read_text(encoding="utf-8").strip().split("\n\n")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_gate(block: str) -> None:
    head, spec, left, count = (line.strip() for line in block.splitlines())
    version, gate = head.split()
    minor, pod = int(version.removeprefix("1.")), json.loads(spec)
    off = drop_gated_fields(pod, ("spec",), FeatureGates(minor, ((gate, False),)))
    assert pod == json.loads(left)
    assert len([field for field in off if field.gate == gate]) == int(count)
    pod = json.loads(spec)
    on = drop_gated_fields(pod, ("spec",), FeatureGates(minor, ((gate, True),)))
    assert [field for field in on if field.gate == gate] == []
