"""Which pods the fast way reads, and what it makes of nulls in lists and maps.

That it is taken is counted: the exact decoder answers the same, so nothing else would tell.
"""

import contextlib
import json
from types import MappingProxyType
from typing import Any, get_args

import msgspec
import pytest

from podproof.errors import ManifestError
from podproof.kube import read_pod as module
from podproof.kube import whole_pod
from podproof.kube.read_pod import pod_as_json, read_exactly, read_pod

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "labels": {"a:b": "c:d"}},
    "spec": {
        "hostPID": True,
        "priority": 7,
        "containers": [
            {
                "name": "c",
                "image": "i",
                "env": [{"name": "A", "value": "b"}],
                "resources": {"limits": {"cpu": "1"}},
                "securityContext": {"privileged": True, "capabilities": {"add": ["X"]}},
            }
        ],
    },
    "status": {"phase": "Running"},
}


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what is left to the exact decoder."""
    asked: list[Any] = []

    def ask(pod: Any) -> Any:
        asked.append(pod)
        return read_exactly(pod)

    monkeypatch.setattr(module, "read_exactly", ask)
    return asked


def variant(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    copy: Any = json.loads(json.dumps(POD))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return copy  # type: ignore[no-any-return]


CONTAINER = ("spec", "containers", 0)
CONTEXT = (*CONTAINER, "securityContext")
FAST_TEXTS = {
    "plain": json.dumps(POD),
    "compact": json.dumps(POD, separators=(",", ":")),
    "indented": json.dumps(POD, indent=2),
    "null field": json.dumps(variant(("spec", "nodeName"), None)),
    "unknown field": json.dumps(variant(("spec", "unknown"), {"a": 1})),
    "escape": json.dumps(variant(("spec", "nodeName"), "\u00e9")),
    "escaped colon": json.dumps(variant(("spec", "nodeName"), "a:b")).replace("a:b", "a\\u003ab"),
    "another escaped colon": json.dumps(variant(("spec", "nodeName"), "a:b")).replace("a:b", "a\\u003Ab"),
    "null in a list": json.dumps(variant((*CONTEXT, "capabilities", "add"), ["X", None])),
    "null in a map": json.dumps(variant(("metadata", "annotations"), {"a": None})),
    "null volume": json.dumps(variant(("spec", "volumes"), [None])),
    "null container": json.dumps(variant(("spec", "initContainers"), [None])),
    "unknown in the outermost object": json.dumps({**POD, "other": 1}),
    "the same kind in another case": json.dumps({**POD, "Kind": "Pod", "APIVERSION": None}),
    "null part": json.dumps(variant((*CONTAINER, "env"), None)),
    "null in a part": json.dumps(variant((*CONTAINER, "env"), [None, {"name": None}])),
}


@pytest.mark.parametrize("text", FAST_TEXTS.values(), ids=FAST_TEXTS)
def test_texts_that_are_read_fast(text: str, exact: list[Any]) -> None:
    for form in (text, text.encode()):
        for pod in (read_pod(form), read_pod(form, lambda: None)):  # by the readers in Python, too
            assert exact == []
            assert pod.spec is not None
            assert pod.spec.host_pid is True


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(variant(("spec", "priority"), "7")),
        json.dumps(POD)[:-1] + ', "k\\u003aind": "Pod", "k:ind": "Pod"}',
        json.dumps(POD)[:-1] + ', "Kind": [], "Kind": "Pod"}',
        json.dumps(POD)[:-1] + ', "Kind": "pod"}',
        json.dumps(POD)[:-1] + ', "\u212aind": 7}',
        json.dumps(POD).replace('"apiVersion"', '"apiversion"'),
        json.dumps(POD).replace('"env": [', '"env": [7, '),
        json.dumps(POD).replace('"limits": {', '"limits": {"x": [], '),
    ],
)
def test_texts_that_are_left_to_the_exact_decoder(text: str, exact: list[Any]) -> None:
    for form in (text, text.encode()):
        with contextlib.suppress(ManifestError):
            read_pod(form, lambda: None)  # by the readers in Python
        assert exact.pop() == form
        assert exact == []


def test_mappings(exact: list[Any]) -> None:
    for value in (POD, variant(("spec", "unknown"), 1), variant(("spec", "nodeName"), None)):
        assert read_pod(value).spec is not None
    assert exact == []
    other = {**POD, "Kind": ""}
    read_pod(other, lambda: None)
    assert [json.loads(text) for text in exact] == [other], "as the JSON that a client would send"


class Texts(str):
    """A kind of text, as programs have them."""


@pytest.mark.parametrize(
    ("pod", "as_it_is"),
    [
        (POD, True),
        ({}, True),
        (variant(("spec", "nodeName"), None), True),
        (variant(("spec", "unknown"), {"a": [1, None, True]}), True),
        (variant((*CONTAINER, "env"), [{"name": "A"}]), True),
        (variant((*CONTAINER, "resources"), {"limits": {"cpu": 2}}), True),
        # what is no plain value, or not plainly a Pod, is written as a client would send it
        (MappingProxyType(POD), False),
        (variant(("spec", "nodeName"), Texts("a")), False),
        (variant(("spec", "tolerations"), ()), False),
        ({**POD, 7: "a"}, False),
        ({**POD, "Kind": "Pod"}, False),
        ({**POD, "unknown": 1}, False),
        (variant(("spec", "nodeName"), 7), False),
        (variant(("spec", "volumes"), [None]), False),
        (variant((*CONTAINER, "env"), [{"name": 7}]), False),
        (variant((*CONTAINER, "resources"), {"limits": {"cpu": []}}), False),
        (variant(("spec", "unknown"), 1.5), False),
    ],
)
def test_mappings_that_are_read_as_they_are(
    pod: Any, as_it_is: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Any] = []

    def write(mapping: Any) -> bytes:
        written.append(mapping)
        return pod_as_json(mapping)

    monkeypatch.setattr(module, "pod_as_json", write)
    with contextlib.suppress(ManifestError):
        read_pod(pod)
    assert written == ([] if as_it_is else [pod])


@pytest.mark.parametrize(
    ("path", "written", "held"),
    [
        (("metadata", "annotations"), {"a": None, "b": "c"}, {"a": "", "b": "c"}),
        (("metadata", "annotations"), {"b": "c"}, {"b": "c"}),
    ],
)
def test_nulls_in_maps(path: Any, written: Any, held: Any, exact: list[Any]) -> None:
    # a null in another list makes the pod one with nulls in any case
    text = json.dumps({**variant(path, written), "status": {"conditions": [None]}})
    assert read_pod(text).metadata.annotations == held  # type: ignore[union-attr]
    assert exact == []


def test_nulls_in_lists(exact: list[Any]) -> None:
    value = variant((*CONTEXT, "capabilities", "add"), ["X", None, "Y"])
    value["spec"]["volumes"] = [None, {"name": "v", "emptyDir": {}}, None]
    pod = read_pod(json.dumps(value))
    assert exact == []
    assert pod.spec is not None
    context = pod.spec.containers[0].security_context  # type: ignore[index]
    assert context is not None
    assert context.capabilities is not None
    assert context.capabilities.add == ("X", "", "Y")
    first, second, third = pod.spec.volumes or ()
    assert (first.name, second.name, third.name) == (None, "v", None)
    assert first is not third


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[bytes]]:
    env, resources = set[bytes](), set[bytes]()
    monkeypatch.setattr(whole_pod, "_KNOWN_ENV", env)
    monkeypatch.setattr(whole_pod, "_KNOWN_RESOURCES", resources)
    monkeypatch.setattr(whole_pod, "_KNOWN", {"env": env, "resources": resources})
    return {"env": env, "resources": resources}


def env_of(length: int) -> list[dict[str, str]]:
    """Make variables whose JSON has so many bytes."""
    made = [{"name": "A", "value": ""}]
    made[0]["value"] = "x" * (length - len(json.dumps(made, separators=(",", ":"))))
    return made


def read(env: Any) -> None:
    # by the readers in Python, which remember
    read_pod(json.dumps(variant((*CONTAINER, "env"), env), separators=(",", ":")), lambda: None)


@pytest.mark.parametrize(("length", "kept"), [(4096, True), (4097, False)])
def test_parts_are_remembered_up_to_a_size(length: int, kept: bool, known: dict[str, set[bytes]]) -> None:
    read(env_of(length))
    assert [len(text) for text in known["env"]] == ([length] if kept else [])
    assert known["resources"] == {b'{"limits":{"cpu":"1"}}'}


def test_known_parts_are_not_read_again(
    known: dict[str, set[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()
    reads = whole_pod._reads

    def ask(name: str, part: Any) -> bool:
        asked.append(name)
        return reads(name, part)

    monkeypatch.setattr(whole_pod, "_reads", ask)
    for _ in range(3):
        read([{"name": "A"}])
    assert asked == ["env", "resources"]
    assert known["env"] == {b'[{"name":"A"}]'}


def test_when_too_many_parts_are_known_all_are_forgotten(
    known: dict[str, set[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pod, "_MOST_KEPT", 3)
    kept = []
    for number in range(5):
        read([{"name": f"A{number}"}])
        kept.append(len(known["env"]))
    assert kept == [1, 2, 3, 1, 2]


@pytest.mark.parametrize("name", ["initContainers", "containers", "ephemeralContainers"])
@pytest.mark.parametrize("part", [{"env": [{"name": 7}]}, {"resources": {"limits": 7}}])
def test_a_wrong_part_is_found_in_every_list(name: str, part: Any, exact: list[Any]) -> None:
    with pytest.raises(ManifestError, match="cannot unmarshal number"):
        read_pod(json.dumps({**POD, "spec": {name: [{"name": "a"}, {"name": "b", **part}]}}), lambda: None)
    assert len(exact) == 1


PROBE = (*CONTAINER, "livenessProbe")
QUANTITIES = (*CONTAINER, "resources", "limits")
VOLUME = ("spec", "volumes")
CREATED = ("metadata", "creationTimestamp")
TYPES: dict[str, tuple[tuple[str | int, ...], list[Any], list[Any]]] = {
    "string": (("spec", "nodeName"), ["", "a"], [7, True, [], {}]),
    "bool": (("spec", "hostIPC"), [True, False], ["true", 0, []]),
    "int32": (("spec", "priority"), [0, -(1 << 31), (1 << 31) - 1], [1 << 31, 1.0, "1", True]),
    "int64": (("spec", "securityContext"), [{"fsGroup": (1 << 63) - 1}], [{"fsGroup": 1 << 63}, 5]),
    "quantity": (QUANTITIES, [{"cpu": "100m"}, {"cpu": 2}, {}], [{"cpu": "x"}, {"cpu": []}, [], "1"]),
    "size": (VOLUME, [[{"emptyDir": {"sizeLimit": "1Gi"}}]], [[{"emptyDir": {"sizeLimit": {}}}]]),
    "port": (PROBE, [{"httpGet": {"port": 80}}, {"httpGet": {"port": "web"}}],
             [{"httpGet": {"port": []}}, {"httpGet": {"port": 1.5}}]),
    "time": (CREATED, ["2026-01-20T10:00:00Z"], ["2026-01-20", 7, "2026-02-30T10:00:00Z", []]),
    "list": (("spec", "tolerations"), [[], [{"key": "a"}]], [{}, "a", [7], [[]]]),
    "map": (("spec", "nodeSelector"), [{}, {"a": "b"}], [[], "a", {"a": 7}]),
    "struct": (("spec", "dnsConfig"), [{}, {"searches": ["a"]}], [[], "a", {"searches": "a"}]),
    "variables": ((*CONTAINER, "env"), [[], [{"name": "A", "valueFrom": {}}]], [{}, [7], [{"name": []}]]),
    "status": (("status",), [{}, {"podIPs": [{"ip": "a"}]}], [{"podIPs": {}}, 7]),
}  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_what_is_read_fast_of_each_type(name: str, exact: list[Any]) -> None:
    path, plain, odd = TYPES[name]
    for value in plain:
        for pod in (json.dumps(variant(path, value)), variant(path, value)):
            assert read_pod(pod).spec is not None
            assert exact == [], value
    for value in odd:
        for pod in (json.dumps(variant(path, value)), variant(path, value)):
            with contextlib.suppress(ManifestError):
                read_pod(pod, lambda: None)  # by the readers in Python
            assert len(exact) == 1, value
            exact.clear()


def test_pods_with_few_parts(exact: list[Any]) -> None:
    for text in ("{}", '{"kind": "Pod"}', '{"spec": {}}', '{"spec": {"containers": [{}]}}', '{"spec": null}'):
        assert read_pod(text).metadata is None
        assert read_pod(json.loads(text)).metadata is None
    assert exact == []


def test_a_struct_is_made_once() -> None:
    """Containers of all three lists share what they have in common."""
    fields = {field.name: field.type for field in msgspec.structs.fields(whole_pod.whole_pod_of_text())}
    assert whole_pod.whole_pod_of_text() is whole_pod.whole_pod_of_text()
    spec = next(part for part in get_args(fields["spec"]) if part is not type(None))
    lists = {field.name: field.type for field in msgspec.structs.fields(spec)}
    assert lists["containers"] == lists["init_containers"]
    assert lists["containers"] != lists["ephemeral_containers"]
