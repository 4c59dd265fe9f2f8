"""The JSON of explain, object by object, is what Python's encoder writes of all of it."""

import json
from typing import Any

import msgspec
import pytest

from podproof.outputs.explain_json import json_parts
from podproof.results.explained import (
    Explained,
    ExplainedDebug,
    ExplainedField,
    ExplainedObject,
    ExplainedOrigin,
)
from podproof.results.plain import to_plain
from podproof.session.explain import explain_pod

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: i}]}\n"
(PLAIN,) = explain_pod(POD).objects


def _with_name(name: str) -> ExplainedObject:
    return msgspec.structs.replace(PLAIN, name=name, file=f"{name}.yaml", line=1)


def _with_debug(container: dict[str, Any]) -> ExplainedObject:
    debug = ExplainedDebug("general", container, None, "", ())
    return msgspec.structs.replace(
        PLAIN, containers=(msgspec.structs.replace(PLAIN.containers[0], debug=debug),)
    )


def _with_value(value: Any) -> ExplainedObject:
    origin = ExplainedOrigin("container", None, None, None, "")
    container = msgspec.structs.replace(PLAIN.containers[0], fields={"x": ExplainedField(value, origin)})
    return msgspec.structs.replace(PLAIN, containers=(container,))


OBJECTS = {
    "plain": PLAIN,
    "without containers": msgspec.structs.replace(PLAIN, containers=()),
    "without fields": _with_value({}).only(container="nobody"),
    "letters": _with_name("schön"),
    "beyond the first plane": _with_name("a\U0001f600b"),
    "a half of a surrogate pair": _with_name("\ud800"),
    "the other half": _with_name("\udfff!"),
    "halves in the wrong order": _with_name("\udc00\ud800"),
    "bytes that are not UTF-8": _with_name("\udcff"),
    "controls": _with_name("\x00\x01\x1f\b\f\n\r\t\"\\/<>&'"),
    "delete": _with_name("a\x7fb"),
    "line separators": _with_name("\u2028\u2029\x85\ufeff"),
    "JSON in a string": _with_name('[[ {"a": [], "b": {}}, ": ,'),
    "empty": _with_value([]),
    "empty ones inside": _with_value({"a": [], "b": {}, "c": [[], {}], "d": ""}),
    "large numbers": _with_value([2**63, 2**64, 2**70, -(2**70), 0, -1]),
    "pairs": _with_value((("a", "b"), ())),
    "constants": _with_value([True, False, None]),
    "floats": _with_debug({"a": [0.1, 1.0, -0.0, 1e16, 1e22, 1e-7, 123456789012345680.0, 5e-324]}),
    "no numbers": _with_debug({"a": [float("nan"), float("inf"), -float("inf")]}),
    "a debugger": _with_debug({"name": "debugger", "securityContext": {}, "ü": ["\ud800"]}),
}


def _whole(objects: tuple[ExplainedObject, ...]) -> bytes:
    text = json.dumps(to_plain(Explained(objects=objects)), indent=2, ensure_ascii=True) + "\n"
    return text.encode("ascii")


@pytest.mark.parametrize("entry", OBJECTS.values(), ids=OBJECTS)
def test_an_object_is_written_as_python_does(entry: ExplainedObject) -> None:
    assert b"".join(json_parts([entry])) == _whole((entry,))


def test_many_objects_and_none_are_written_as_python_does() -> None:
    objects = tuple(OBJECTS.values())
    assert b"".join(json_parts(objects)) == _whole(objects)
    assert (
        b"".join(json_parts(()))
        == _whole(())
        == b'{\n  "schema": "podproof/explain/v1",\n  "objects": []\n}\n'
    )


def test_the_first_object_is_written_before_the_second_is_asked_for() -> None:
    asked = []

    def objects() -> Any:
        for name in ("a", "b"):
            asked.append(name)
            yield _with_name(name)

    parts = json_parts(objects())
    assert b'"name": "a"' in next(parts)
    assert asked == ["a"]
