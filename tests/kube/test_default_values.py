"""What the API server fills in: the blocks of defaults.txt, each a piece of a pod and what becomes of it.

A block opens with what is filled in (`volume`, `container`, `pod`) and the piece as JSON. The line below has
the members that were not written like that, with what stands there then; `-` says that a member is gone.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults

BLOCKS = (Path(__file__).parent / "defaults.txt").read_text(encoding="utf-8").strip().split("\n\n")


def filled_in(block: str) -> dict[str, Any]:
    """Give the members of the piece that defaulting wrote or changed."""
    what, _, text = block.splitlines()[0].partition(" ")
    piece = json.loads(text)
    before = json.loads(text)
    containers = [piece if what == "container" else {"name": "c", "image": "i:1"}]
    spec: dict[str, Any] = {"containers": containers, "volumes": [piece] if what == "volume" else []}
    if what == "pod":
        spec = {**spec, **piece}
    apply_defaults("Pod", {"metadata": {"name": "p"}, "spec": spec})
    after = spec if what == "pod" else piece
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    if what == "pod":
        changed = {
            key: value for key, value in changed.items() if value and key not in ("containers", "volumes")
        }
        changed |= {"containers": spec["containers"]} if "containers" in before else {}
    return {**changed, **{key: "-" for key in before if key not in after}}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_piece(block: str) -> None:
    assert filled_in(block) == json.loads(block.splitlines()[1])
