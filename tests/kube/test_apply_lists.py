"""How `kubectl apply` merges lists, and what counts as a note of what was applied before."""

import json
from typing import Any

import pytest

from podproof.kube.apply import LAST_APPLIED, apply_manifest

Object = dict[str, Any]

KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "schedulingGates": "name",
    "ownerReferences": "uid",
}
"""Source: the patchMergeKey tags of k8s.io/api v0.37.2 core/v1 and apimachinery meta/v1."""


def _merged(live: Any, wanted: Any, before: Any = None, field: str = "containers") -> Any:
    note = None if before is None else json.dumps({"spec": {field: before}})
    annotations = {} if note is None else {"metadata": {"annotations": {LAST_APPLIED: note}}}
    return apply_manifest({**annotations, "spec": {field: live}}, {"spec": {field: wanted}})["spec"][field]


@pytest.mark.parametrize("field", KEYS)
def test_the_key_of_each_list(field: str) -> None:
    key = KEYS[field]
    live = [{key: "a", "x": 1}, {key: "b", "x": 1}]
    assert _merged(live, [{key: "c"}, {key: "b", "y": 2}], field=field) == [
        {key: "c"},
        {key: "b", "y": 2} if field == "volumes" else {key: "b", "x": 1, "y": 2},
        {key: "a", "x": 1},
    ]
    # an item without its key: the list counts whole
    assert _merged(live, [{"y": 2}], field=field) == [{"y": 2}]


A, B = {"name": "a", "x": 1}, {"name": "b", "x": 1}


@pytest.mark.parametrize(
    ("live", "wanted", "before", "merged"),
    [
        ([A, B], [{"name": "a"}], None, [A, B]),
        ([A, B], [{"name": "a"}], [{"name": "b"}], [A]),
        ([A, B], [], [{"name": "a"}], [B]),
        ([A, B], [{"name": "a"}], [{"name": "a", "x": 1}], [{"name": "a"}, B]),
        ([A, B], [{"name": "a", "x": 2}], [{"name": "a", "x": 1}], [{"name": "a", "x": 2}, B]),
        ([A], [{"name": 5}], None, [{"name": 5}, A]),
        ([A], [{"name": None}], None, [{"name": None}]),
        ([A], ["a"], None, ["a"]),
        ([A], [{"name": "c"}, {"name": "c"}], None, [{"name": "c"}, {"name": "c"}]),
        ([A, A], [{"name": "a"}], None, [{"name": "a"}]),
        ([A], [{"name": "a"}], [{"x": 1}], [{"name": "a"}]),
        ([A], [{"name": "a"}], "odd", [A]),
        ([A], "odd", None, "odd"),
        ("odd", [A], None, [A]),
    ],
)
def test_items(live: Any, wanted: Any, before: Any, merged: Any) -> None:
    assert _merged(live, wanted, before) == merged


def _note(**manifest: Any) -> str:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":")) + "\n"


@pytest.mark.parametrize(
    ("live", "manifest", "note"),
    [
        ({}, {"kind": "Pod"}, _note(kind="Pod")),
        ({"metadata": None}, {"kind": "Pod"}, _note(kind="Pod")),
        ({"metadata": {"name": "p"}}, {"kind": "Pod"}, _note(kind="Pod")),
        ({"metadata": {"annotations": None}}, {"kind": "Pod"}, _note(kind="Pod")),
        (
            {"metadata": {"annotations": {"a": "b"}}},
            {"metadata": {"name": "p"}},
            _note(metadata={"annotations": {}, "name": "p"}),
        ),
        (
            {},
            {"metadata": {"annotations": {"a": "b", LAST_APPLIED: "x"}}},
            _note(metadata={"annotations": {"a": "b"}}),
        ),
        ({}, {"metadata": {"annotations": []}}, _note(metadata={"annotations": {}})),
        ({}, {"metadata": []}, _note(metadata=[])),
        ({}, {"kind": "ä<"}, '{"kind":"ä<"}\n'),
    ],
)
def test_the_note(live: Object, manifest: Object, note: str) -> None:
    metadata = apply_manifest(live, manifest)["metadata"]
    written = (metadata or {})["annotations"] if isinstance(metadata, dict) else None
    assert written is not None
    assert written[LAST_APPLIED] == note
    assert {key: value for key, value in written.items() if key != LAST_APPLIED} == {
        **((live.get("metadata") or {}).get("annotations") or {}),
        **{
            key: value
            for key, value in dict(
                (manifest.get("metadata") or {}).get("annotations") or {}
                if isinstance(manifest.get("metadata"), dict)
                else {}
            ).items()
            if key != LAST_APPLIED
        },
    }


def test_an_unchanged_manifest_writes_no_note() -> None:
    manifest = {"metadata": {"name": "p"}, "spec": {"hostPID": True}}
    live = apply_manifest({}, manifest)
    assert apply_manifest(live, manifest) == live
    live["status"] = {"phase": "Running"}
    assert apply_manifest(live, {**manifest, "status": {"phase": "Failed"}})["status"] == {"phase": "Running"}
    assert "status" not in apply_manifest({}, {"status": {"phase": "Failed"}})


def test_another_manifest_writes_another_note() -> None:
    first, second = {"metadata": {"name": "p"}, "spec": {"hostPID": True}}, {"metadata": {"name": "p"}}
    merged = apply_manifest(apply_manifest({}, first), second)
    assert merged["metadata"]["annotations"][LAST_APPLIED] == _note(metadata={"annotations": {}, "name": "p"})
    # what the note before said decides what goes
    third = apply_manifest(merged, first)
    assert third == apply_manifest({}, first)


@pytest.mark.parametrize("text", [None, 5, "", "{", "[]", "null", '"a"', "[" * 100_000])
def test_what_is_no_note(text: Any) -> None:
    live = {"metadata": {"annotations": {LAST_APPLIED: text}}, "spec": {"hostPID": True}}
    assert apply_manifest(live, {"spec": {}})["spec"] == {"hostPID": True}


@pytest.mark.parametrize("field", ["containers", "args"])
@pytest.mark.parametrize("live", [None, 7, "text", {"a": 1}, [], [7], [[]]])
def test_what_is_no_list_of_objects_is_replaced(field: str, live: Any) -> None:
    assert _merged(live, [A, B], field=field) == [A, B]
    assert _merged(live, [A, B], before=[A], field=field) == [A, B]


@pytest.mark.parametrize("wanted", [7, "text", [], [7]])
def test_what_is_wanted_replaces_what_it_cannot_be_merged_with(wanted: Any) -> None:
    before = [A, B]
    assert _merged([A, B], wanted, before=before) == wanted
    assert _merged({"a": 1}, wanted) == wanted


@pytest.mark.parametrize("before", [7, "text", {"a": 1}])
def test_a_note_of_another_shape_says_nothing(before: Any) -> None:
    assert _merged([A, B], [{"name": "a", "y": 2}], before=before) == [{"name": "a", "x": 1, "y": 2}, B]


def test_the_order_of_what_stays() -> None:
    live = {"b": 1, "a": {"x": 1}, "c": 1}
    before = {"a": {"x": 1}, "b": 1}
    merged = apply_manifest(
        {"metadata": {"annotations": {LAST_APPLIED: json.dumps({"spec": before})}}, "spec": live},
        {"spec": {"d": 1, "a": {"y": 1}, "b": 2}},
    )["spec"]
    assert list(merged.items()) == [("b", 2), ("a", {"y": 1}), ("c", 1), ("d", 1)]
