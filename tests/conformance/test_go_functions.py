"""Texts, well formed and not, are read as Go's own functions and those of Kubernetes' libraries read them.

Integers, durations, base64, JSON, quoted texts, quantities, times, schedules and names of images: what Go
1.26 and the packages of Kubernetes 1.37.2 answered, an error or values. Of a number in JSON the literal
counts.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from podproof.kube.cron_schedule import find_schedule_problem
from podproof.kube.go_base64 import find_base64_problem
from podproof.kube.go_duration import find_duration_problem, format_duration, parse_duration
from podproof.kube.go_format import json_string, quote
from podproof.kube.go_integers import find_int64_problem, parse_int64
from podproof.kube.go_json import Number, SyntaxProblem, parse
from podproof.kube.go_values import UndecodableValue, decode_special
from podproof.kube.image_name import ImageNameError, parse_image_name, with_default_tag
from podproof.kube.quantity import canonical, parse_quantity

from . import stories
from .api_answers import recorded

Call = dict[str, Any]
Answer = str | list[Any]
"""The text of an error, or the values."""

_CALLS: dict[str, list[Call]] = defaultdict(list)
for _call in recorded(stories.DATA / "go" / "calls.jsonl.xz"):
    _CALLS[_call["function"]].append(_call)


def _bytes(call: Call) -> bytes:
    return base64.b64decode(call.get("bytes", ""))


def _integer(call: Call) -> Answer:
    text: str = call["text"]
    return find_int64_problem(text, call["function"]) or [str(parse_int64(text))]


def _duration(call: Call) -> Answer:
    text: str = call["text"]
    problem = find_duration_problem(text)
    seconds = parse_duration(text)
    if problem:
        return problem
    if text[:1] in ("-", "+") or "\u03bc" in text:
        # a sign, and a Greek mu for the sign of micro, are read only where a schedule is judged
        assert seconds is None, text
    else:
        assert seconds == pytest.approx(int(call["values"][0]) / 1e9, abs=1e-9)
    return call["values"]  # type: ignore[no-any-return]  # JSON


def _json(call: Call) -> Answer:
    try:
        return [_with_literals(parse(_bytes(call)))]
    except SyntaxProblem as problem:
        return str(problem)


def _with_literals(value: Any) -> Any:
    if isinstance(value, Number):
        return f"number {value.literal}"
    if isinstance(value, list):
        return [_with_literals(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_literals(item) for key, item in value.items()}
    return f"number {value}" if isinstance(value, int) and not isinstance(value, bool) else value


def _special(name: str, call: Call) -> Answer:
    value = decode_special(name, parse(_bytes(call)))
    if isinstance(value, UndecodableValue):
        return value.message or f"json: cannot unmarshal {value.word} into Go value of type {value.type}"
    return [value]


def _quantity(call: Call) -> Answer:
    decoded = _special("resource.Quantity", call)
    if isinstance(decoded, str):
        return decoded
    quantity = parse_quantity(decoded[0])
    assert quantity is not None
    return [str(quantity), canonical(decoded[0]), quantity.value]


def _image(call: Call) -> Answer:
    try:
        parsed = parse_image_name(call["text"])
    except ImageNameError:
        with pytest.raises(ImageNameError) as caught:
            with_default_tag(call["text"])
        return str(caught.value)
    return [parsed.name, parsed.tag, parsed.digest]


ASK: dict[str, Callable[[Call], Answer]] = {
    "ParseInt": _integer,
    "Atoi": _integer,
    "ParseDuration": _duration,
    "Duration.String": lambda call: [format_duration(int(call["text"]) / 1e9)],
    "base64": lambda call: find_base64_problem(call["text"]) or [],
    "Quote": lambda call: [quote(call["text"])],
    "json.Marshal": lambda call: [json_string(call["text"])],
    "json.Unmarshal": _json,
    "Quantity": _quantity,
    "IntOrString": lambda call: _special("intstr.IntOrString", call),
    "Time": lambda call: _special("v1.Time", call),
    "cron": lambda call: find_schedule_problem(call["text"]) or [],
    "ParseImageName": _image,
}


def _recorded(call: Call) -> Answer:
    if "error" in call:
        return str(call["error"])
    values: list[Any] = call["values"]
    match call["function"]:
        case "Quantity":
            return [*values[:2], Fraction(values[2])]
        case "IntOrString" | "Time":
            return [json.loads(values[0])]
        case "json.Unmarshal":
            literal = "number {}".format
            return [json.loads(values[0], parse_int=literal, parse_float=literal)]
    return values


@pytest.mark.parametrize("function", ASK)
def test_every_call(function: str) -> None:
    assert _CALLS[function]
    for call in _CALLS[function]:
        assert ASK[function](call) == _recorded(call), call
