"""What each word of the catalogue does: how a pod is put together from an object, and where its parts are."""

from typing import Any

import pytest

from podproof.kube.custom_kind import Chosen, Containers, CustomKind, PodSource
from podproof.kube.custom_pods import all_projects, custom_kind, custom_templates
from podproof.kube.template import Template

A, B = {"name": "a", "image": "x"}, {"name": "b", "image": "y"}


def made(spec: Any, *sources: PodSource, metadata: Any = None, placeholder: str = "") -> list[Template]:
    value = {"metadata": metadata or {"name": "w"}, "spec": spec}
    kind = CustomKind("g.h", ("K",), sources, placeholder=placeholder)
    return list(custom_templates(value, kind, lambda inner: (Template(inner, ("in",), (((), ("in",)),)),)))


def only(spec: Any, source: PodSource, **more: Any) -> Template:
    (template,) = made(spec, source, **more)
    return template


def parts(*containers: Containers, **more: Any) -> PodSource:
    return PodSource(("spec",), form="parts", containers=containers, **more)


MAIN = Containers(("main",), name="main")


@pytest.mark.parametrize(
    ("spec", "pods"),
    [
        ({"t": {"metadata": {"name": "m"}, "spec": {"containers": [A]}}},
         [{"metadata": {"name": "m"}, "spec": {"containers": [A]}}]),
        ({"t": {"metadata": "odd", "spec": {"containers": [A]}}}, [{"spec": {"containers": [A]}}]),
        # a spec that is none is what stands there; without containers there is no pod to speak of
        ({"t": {"spec": "odd"}}, [{"spec": "odd"}]),
        ({"t": {"spec": None}}, []),
        ({"t": {"spec": {"containers": []}}}, []),
        ({"t": {}}, []),
        ({"t": "odd"}, []),
        ({"t": None}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_a_template(spec: Any, pods: list[Any]) -> None:
    found = made(spec, PodSource(("spec", "t")))
    assert [t.pod for t in found] == [{"apiVersion": "v1", "kind": "Pod", **pod} for pod in pods]
    assert all(t.route == ("spec", "t") and t.read == (("spec", "t", "spec"),) for t in found)
    assert all(t.source_route(("spec", "x")) == ("spec", "t", "spec", "x") for t in found)
    assert all(t.source_route(("metadata", "x")) == ("spec", "t", "metadata", "x") for t in found)


def test_a_spec_with_fields_of_its_own() -> None:
    template = only({"containers": [A], "own": 1}, PodSource(("spec",), form="spec", own_fields=("own",)))
    assert template.pod["spec"] == {"containers": [A]}
    assert template.source_route(("spec", "containers", 0)) == ("spec", "containers", 0)


def test_an_object_inside() -> None:
    source = PodSource(("spec", "*"), form="object")
    found = made([{"kind": "X"}, "odd", {"kind": "Y"}], source, placeholder="{{")
    assert [(t.pod, t.route, t.placeholder) for t in found] == [
        ({"kind": "X"}, ("spec", 0, "in"), "{{"),
        ({"kind": "Y"}, ("spec", 2, "in"), "{{"),
    ]
    assert found[1].read == (("spec", 2, "in"),)
    assert found[1].source_route(("spec",)) == ("spec", 2, "in", "spec")


BASE = {"metadata": {"labels": {"a": "1"}}, "spec": {"containers": [A, B], "hostPID": True}}


@pytest.mark.parametrize(
    ("over", "flag", "containers", "outer"),
    [
        ({"containers": [{"name": "b"}]}, None, [{"name": "b", "image": "x"}, B], ("over", "spec")),
        ({"containers": [{"name": "b", "tty": True}]}, "true", [A, {**B, "tty": True}], ("base", "spec")),
        ({"containers": [{"name": "b", "tty": True}]}, True, [A, {**B, "tty": True}], ("base", "spec")),
        ({"containers": [{"name": "b"}]}, "yes", [{"name": "b", "image": "x"}, B], ("over", "spec")),
        ({}, None, [A, B], ("base", "spec")),
    ],
)
def test_a_template_over_another(over: Any, flag: Any, containers: Any, outer: tuple[str, ...]) -> None:
    source = PodSource(("spec", "over"), base=("spec", "base"), by_name=("spec", "flag"))
    template = only({"base": BASE, "over": {"spec": over}, "flag": flag}, source)
    assert template.pod["spec"] == {"containers": containers, "hostPID": True}
    assert template.pod["metadata"] == BASE["metadata"]
    assert template.route == ("spec", "over")
    assert template.source_route(("spec", "containers", 0, "name")) == (
        "spec",
        *outer,
        "containers",
        0,
        "name",
    )
    assert template.source_route(("spec", "hostPID")) == ("spec", "base", "spec", "hostPID")
    assert template.source_route(("metadata", "labels")) == ("spec", "base", "metadata", "labels")
    assert set(template.read) == {
        ("spec", "base", "metadata"), ("spec", "base", "spec"), ("spec", "over", "spec"),
    }  # fmt: skip


@pytest.mark.parametrize("rest", [{}, {"over": None}, {"over": "odd"}])
def test_the_base_alone(rest: dict[str, Any]) -> None:
    source = PodSource(("spec", "over"), base=("spec", "base"))
    template = only({"base": BASE, **rest}, source)
    assert (template.pod["spec"], template.route) == (BASE["spec"], ("spec", "base"))
    assert template.read == (("spec", "base", "spec"),)
    assert made({"base": "odd", "over": {"spec": {"containers": [A]}}}, source)[0].route == ("spec", "over")


def test_what_is_chosen_for_one_pod() -> None:
    source = PodSource(
        ("spec", "steps", "*", "pod"),
        form="spec",
        chosen=Chosen(("spec", "runs"), "step", (("hostPID", ("pid",)), ("nodeName", ("node",)))),
        shared=(("nodeName", ("spec", "node")),),
    )
    runs = [
        {"step": "one", "pid": True, "node": "n"},
        {"step": "two", "pid": False, "node": None},
        {"step": "", "pid": True},
        "odd",
    ]
    steps = [{"name": name, "pod": {"containers": [A]}} for name in ("one", "two", "three", "")]
    found = made({"steps": steps, "runs": runs, "node": "shared"}, source)
    assert [{k: v for k, v in t.pod["spec"].items() if k != "containers"} for t in found] == [
        {"hostPID": True, "nodeName": "n"},
        {"nodeName": "shared"},
        {"nodeName": "shared"},
        {"nodeName": "shared"},
    ]
    assert found[0].source_route(("spec", "hostPID")) == ("spec", "runs", 0, "pid")
    assert found[0].source_route(("spec", "nodeName")) == ("spec", "runs", 0, "node")
    assert found[1].source_route(("spec", "nodeName")) == ("spec", "node")
    assert ("spec", "runs", 0, "pid") in found[0].read


MOUNTS = [{"name": "one", "mountPath": "/1"}, {"name": "two", "mountPath": "/2"}, "odd", {"name": 7}]


@pytest.mark.parametrize(
    ("more", "volumes"),
    [
        ({}, None),
        ({"adds_volumes": True}, [{"name": "one", "emptyDir": {}}, {"name": "two", "emptyDir": {}}]),
        ({"shared": (("volumes", ("spec", "volumes")),)}, [{"name": "two", "x": 1}, {"name": "three"}]),
        ({"shared": (("volumes", ("spec", "volumes")),), "if_mounted": True}, [{"name": "two", "x": 1}]),
        (
            {"claims": ("spec", "claims")},
            [{"name": "one", "persistentVolumeClaim": {"claimName": "w-one"}}],
        ),
    ],
)
def test_volumes(more: dict[str, Any], volumes: Any) -> None:
    spec = {
        "main": {"image": "i", "volumeMounts": MOUNTS},
        "volumes": [{"name": "two", "x": 1}, {"name": "three"}],
        "claims": [{"metadata": {"name": "one"}}, {"metadata": {"name": "four"}}, {"name": "two"}],
    }
    template = only(spec, parts(MAIN, **more))
    assert template.pod["spec"].get("volumes") == volumes
    if "claims" in more:
        assert template.source_route(("spec", "volumes", 0)) == ("spec", "claims", 0)
    if "shared" in more:
        assert template.source_route(("spec", "volumes", 0)) == ("spec", "volumes", 0)
    assert spec["volumes"] == [{"name": "two", "x": 1}, {"name": "three"}], "the object stays as it is"


def test_labels_of_the_object() -> None:
    source = PodSource(("spec", "t"), shared_metadata=("spec", "meta"))
    spec = {
        "t": {"metadata": {"labels": {"a": "own"}, "name": "n"}, "spec": {"containers": [A]}},
        "meta": {"labels": {"a": "1", "b": "2"}, "annotations": {"c": "3"}, "name": "x"},
    }
    template = only(spec, source)
    assert template.pod["metadata"] == {
        "labels": {"a": "own", "b": "2"}, "annotations": {"c": "3"}, "name": "n",
    }  # fmt: skip
    assert template.source_route(("metadata", "labels", "a")) == ("spec", "t", "metadata", "labels", "a")
    assert template.source_route(("metadata", "labels", "b")) == ("spec", "meta", "labels", "b")
    odd = {**spec, "meta": {"labels": "odd", "annotations": {"c": "3"}}}
    assert only(odd, source).pod["metadata"]["labels"] == {"a": "own"}
    odd["t"] = {"metadata": {"labels": "odd"}, "spec": {"containers": [A]}}
    odd["meta"] = {"labels": {"a": "1"}}
    assert only(odd, source).pod["metadata"] == {"labels": "odd"}


SIDE = Containers(("sides",), many=True)


@pytest.mark.parametrize(
    ("part", "item", "container"),
    [
        (SIDE, {"name": "s", "image": "i"}, {"name": "s", "image": "i"}),
        (Containers(("sides",), many=True, name="c-{}"), {"image": "i"}, {"image": "i", "name": "c-1"}),
        (Containers(("sides",), many=True, name="c-{}"), {"name": "s"}, {"name": "s"}),
        (Containers(("sides",), many=True, prefix="p-"), {"name": "s"}, {"name": "p-s"}),
        (Containers(("sides",), many=True, prefix="p-"), {"image": "i"}, {"image": "i"}),
        (Containers(("sides",), many=True, own_fields=("own",)), {"name": "s", "own": 1}, {"name": "s"}),
        (Containers(("sides",), many=True, only=("name",)), {"name": "s", "own": 1}, {"name": "s"}),
        (Containers(("sides",), many=True, only=("name",)), {"own": 1}, None),
        (Containers(("sides",), many=True, only=("name",), always=True), {"own": 1}, {}),
        (Containers(("sides",), many=True, not_if="ref"), {"name": "s", "ref": "x"}, None),
        (Containers(("sides",), many=True, not_if="ref"), {"name": "s", "ref": ""}, {"name": "s", "ref": ""}),
        (SIDE, "odd", None),
    ],
)
def test_containers(part: Containers, item: Any, container: Any) -> None:
    template = only({"main": {"image": "m"}, "sides": [item]}, parts(MAIN, part))
    main, *others = template.pod["spec"]["containers"]
    assert main == {"image": "m", "name": "main"}
    assert others == ([] if container is None else [container])
    if container is not None:
        assert template.source_route(("spec", "containers", 1)) == ("spec", "sides", 0)


def test_which_list_containers_go_to_and_where_they_are_counted_from() -> None:
    part = Containers(("all", "inits"), many=True, to="initContainers", shared=True)
    template = only({"main": {"image": "m"}}, parts(MAIN, part))
    assert "initContainers" not in template.pod["spec"]
    value = {"spec": {"main": {"image": "m"}}, "all": {"inits": [A]}}
    (template,) = custom_templates(value, CustomKind("g.h", ("K",), (parts(MAIN, part),)), lambda _: ())
    assert template.pod["spec"]["initContainers"] == [A]
    assert template.source_route(("spec", "initContainers", 0, "x")) == ("all", "inits", 0, "x")
    assert template.read == (("spec", "main"), ("all", "inits", 0))


FULL = {"name": "a", "image": "z", "tty": True, "env": [{"name": "E"}], "resources": {"limits": {"cpu": "1"}}}


@pytest.mark.parametrize(
    ("same_name", "containers"),
    [
        ("", [A, FULL]),
        ("skipped", [A]),
        ("fills", [{**FULL, "image": "x"}]),
    ],
)
def test_two_of_one_name(same_name: Any, containers: Any) -> None:
    source = parts(SIDE, Containers(("more",), many=True, same_name=same_name))
    template = only({"sides": [A], "more": [FULL]}, source)
    assert template.pod["spec"]["containers"] == containers
    if same_name == "fills":
        assert template.source_route(("spec", "containers", 0, "tty")) == ("spec", "more", 0, "tty")
        assert template.source_route(("spec", "containers", 0, "image")) == ("spec", "sides", 0, "image")


def test_a_container_that_is_filled_keeps_its_own_mappings_and_joins_lists() -> None:
    own = {**A, "env": [{"name": "O"}], "resources": {"requests": {}}, "args": ["o"]}
    more = {**FULL, "args": ["m"]}
    source = parts(SIDE, Containers(("more",), many=True, same_name="fills"))
    template = only({"sides": [own], "more": [more]}, source)
    assert template.pod["spec"]["containers"] == [{**own, "env": [{"name": "O"}, {"name": "E"}], "tty": True}]
    assert template.source_route(("spec", "containers", 0, "env", 1)) == ("spec", "more", 0, "env", 0)
    assert template.source_route(("spec", "containers", 0, "env", 0)) == ("spec", "sides", 0, "env", 0)


@pytest.mark.parametrize(
    ("more", "main"),
    [
        ({}, {"tty": True, "securityContext": {"runAsUser": 1, "privileged": False}, "odd": 2}),
        ({"default_fields": ("tty",)}, {"tty": True, "securityContext": {"runAsUser": 1}}),
        (
            {"only": ("name", "securityContext")},
            {"securityContext": {"runAsUser": 1, "privileged": False}},
        ),
        ({"shared_defaults": True}, {"securityContext": {"runAsUser": 1}}),
    ],
)
def test_defaults_of_a_container(more: dict[str, Any], main: dict[str, Any]) -> None:
    part = Containers(("main",), name="main", defaults=("defaults",), **more)
    spec = {
        "main": {"securityContext": {"runAsUser": 1}},
        "defaults": {"tty": True, "odd": 2, "securityContext": {"runAsUser": 2, "privileged": False}},
    }
    template = only(spec, parts(part))
    assert template.pod["spec"]["containers"] == [{"name": "main", **main}]
    inner = ("spec", "containers", 0, "securityContext")
    assert template.source_route((*inner, "runAsUser")) == ("spec", "main", "securityContext", "runAsUser")
    if "privileged" in main["securityContext"]:
        outer = ("spec", "defaults", "securityContext", "privileged")
        assert template.source_route((*inner, "privileged")) == outer
    assert only({**spec, "defaults": "odd"}, parts(part)).pod["spec"]["containers"] == [
        {"name": "main", "securityContext": {"runAsUser": 1}}
    ]


def test_fields_that_lie_apart() -> None:
    source = parts(
        MAIN,
        fields=(("hostPID", ("pid",)), ("nodeName", ("node",)), ("securityContext.fsGroup", ("group",))),
        shared=(("hostPID", ("spec", "other")), ("nodeName", ("spec", "other"))),
    )
    template = only({"main": {"image": "m"}, "pid": False, "node": None, "group": 5, "other": "x"}, source)
    spec = template.pod["spec"]
    assert (spec["hostPID"], spec["nodeName"], spec["securityContext"]) == (False, "x", {"fsGroup": 5})
    assert template.source_route(("spec", "hostPID")) == ("spec", "pid")
    assert template.source_route(("spec", "nodeName")) == ("spec", "other")
    assert template.source_route(("spec", "securityContext", "fsGroup")) == ("spec", "group")
    # where a field would be, when nobody says it
    template = only({"main": {"image": "m"}}, source)
    assert template.source_route(("spec", "hostPID")) == ("spec", "pid")


def test_containers_that_the_controller_writes() -> None:
    source = PodSource(("spec", "t"), written=("main",))
    template = only({"t": {"spec": {"hostPID": True}}}, source)
    assert template.filled_in == ("main",)
    assert template.pod["spec"]["containers"][0]["image"] == "controller"
    assert made({"t": {"spec": {}}}, source) == []
    assert only({"t": {"spec": {}}}, PodSource(("spec", "t"), written=("main",), context_is_whole=True))
    mounted = {"containers": [{"name": "main", "volumeMounts": MOUNTS[:1]}]}
    assert only({"t": {"spec": mounted}}, source).pod["spec"]["volumes"] == [{"name": "one", "emptyDir": {}}]


def test_the_catalogue() -> None:
    projects = all_projects()
    assert "Flink" in [project.name for project in projects]
    assert all(project.source.startswith("https://") for project in projects)
    for project in projects:
        for kind in project.kinds:
            assert custom_kind(f"{kind.group}/{(kind.versions or ('v1',))[0]}", kind.kinds[0]) is not None
    assert custom_kind("g.h/v1", "K") is None
    assert custom_kind("flink.apache.org/v1beta1", "Other") is None
