"""Recorded refusals of a real API server: same causes, same order, same message.

Only bodies that need no decoding to speak of are asked here: JSON without nulls.
"""

import json
import lzma
from pathlib import Path

from podproof.kube.defaults import apply_defaults
from podproof.kube.field_error import aggregate
from podproof.kube.validation import validate, warnings

ANSWERS = Path(__file__).parents[2] / "conformance" / "data" / "api" / "answers.jsonl.xz"


def test_refusals_and_acceptances_agree() -> None:
    asked = {422: 0, 201: 0}
    with lzma.open(ANSWERS, "rt") as lines:
        for line in lines:
            answer = json.loads(line)
            if (
                answer["code"] not in asked
                or "json" not in answer["content_type"]
                or "null" in answer["body"]
            ):
                continue
            kind, obj = answer["kind"], json.loads(answer["body"])
            texts = apply_defaults(kind, obj)
            errors = validate(kind, obj, version=37)
            asked[answer["code"]] += 1
            if answer["code"] == 422:
                assert [error.cause for error in errors] == answer["causes"], answer["id"]
                assert answer["message"].endswith(f" is invalid: {aggregate(errors)}"), answer["id"]
            else:
                assert errors == [], answer["id"]
                texts += warnings(kind, obj)
            recorded = [json.loads(text.removeprefix("299 - ")) for text in answer["warnings"]]
            assert texts == recorded, answer["id"]
    assert asked[422] > 600
    assert asked[201] > 280
