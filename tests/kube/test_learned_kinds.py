"""Where the pods of a custom kind are, as a CustomResourceDefinition of it tells."""

from typing import Any

import pytest

from podproof.kube.custom_kind import PodSource
from podproof.kube.custom_schemas import CustomSchemas, is_definition

Schema = dict[str, Any]


def _type(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}
CONTEXT = _type(privileged={"type": "boolean"})
CONTAINER = _type(name=TEXT, image=TEXT, securityContext=CONTEXT)
CONTAINERS = {"type": "array", "items": _type(name=TEXT, image=TEXT)}
POD_SPEC = _type(containers=CONTAINERS, nodeName=TEXT, hostNetwork=TEXT)
TEMPLATE = _type(metadata=_type(), spec=POD_SPEC)


def _learned(spec: Schema, **rest: Schema) -> tuple[PodSource, ...]:
    schemas = CustomSchemas()
    version = {"name": "v1", "schema": {"openAPIV3Schema": _type(spec=spec, **rest)}}
    schemas.add({"spec": {"group": "a.b", "names": {"kind": "K"}, "versions": [version]}})
    kind = schemas.get(("a.b/v1", "K"))
    return kind.pods if kind else ()


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (_type(template=TEMPLATE), [(("spec", "template"), "template", ())]),
        (_type(pod=POD_SPEC), [(("spec", "pod"), "spec", ())]),
        (POD_SPEC, [(("spec",), "spec", ())]),
        (_type(list={"type": "array", "items": TEMPLATE}), [(("spec", "list", "*"), "template", ())]),
        (
            _type(map={"type": "object", "additionalProperties": TEMPLATE}),
            [(("spec", "map", "*"), "template", ())],
        ),
        (
            _type(a=_type(b=TEMPLATE), c=TEMPLATE),
            [(("spec", "a", "b"), "template", ()), (("spec", "c"), "template", ())],
        ),
        # a field of the project's own is not the pod's
        (
            _type(template=_type(spec=_type(**POD_SPEC["properties"], own=TEXT))),
            [(("spec", "template"), "template", ("own",))],
        ),
        (_type(pod=_type(**POD_SPEC["properties"], own=TEXT)), [(("spec", "pod"), "spec", ("own",))]),
        # too little of a PodSpec: less than three fields, or less than three quarters
        (_type(pod=_type(containers=CONTAINERS, nodeName=TEXT)), []),
        (_type(pod=_type(**POD_SPEC["properties"], own=TEXT, other=TEXT)), []),
        (_type(pod=_type(containers={"items": _type(name=TEXT)}, nodeName=TEXT, hostNetwork=TEXT)), []),
        (_type(name=TEXT), []),
        ({"type": "object"}, []),
        ([], []),
    ],
)
def test_whole_pods(spec: Any, found: list[tuple[Any, ...]]) -> None:
    sources = [(source.path, source.form, source.own_fields) for source in _learned(spec)]
    assert sorted(sources) == sorted(found)


def test_parts_of_pods() -> None:
    (source,) = _learned(
        _type(
            main=CONTAINER,
            initTasks={"type": "array", "items": _type(**CONTAINER["properties"], own=TEXT)},
            hostNetwork=TEXT,
            initContainers=TEXT,
            podSecurityContext=_type(fsGroup=TEXT),
            securityContext=_type(privileged=TEXT),
            mode=TEXT,
        )
    )
    assert (source.path, source.form) == (("spec",), "parts")
    main, tasks = source.containers
    assert (main.path, main.many, main.to, main.name, main.own_fields) == (
        ("main",), False, "containers", "container", ()
    )  # fmt: skip
    assert (tasks.path, tasks.many, tasks.to, tasks.name, tasks.own_fields) == (
        ("initTasks",), True, "initContainers", "container-{}", ("own",)
    )  # fmt: skip
    assert source.fields == (("hostNetwork", ("hostNetwork",)), ("securityContext", ("podSecurityContext",)))


def test_a_type_that_is_a_container_itself() -> None:
    (source,) = _learned(_type(**CONTAINER["properties"], hostNetwork=TEXT, side=CONTAINER))
    itself, side = source.containers
    assert (itself.path, itself.name, side.path) == ((), "container", ("side",))
    assert {"image", "securityContext", "env", "volumeMounts"} <= set(itself.only)
    assert list(itself.only) == sorted(itself.only)
    assert source.fields == (("hostNetwork", ("hostNetwork",)),)


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        # what belongs to a pod is not entered, what stands beside it is
        (_type(metadata=_type(x=TEMPLATE), spec=_type(**POD_SPEC["properties"], own=TEMPLATE)), []),
        (_type(**TEMPLATE["properties"], more=TEMPLATE), [("more",)]),
        (_type(**POD_SPEC["properties"], own=TEMPLATE), []),
        # nor is a container, or a field of the pod's
        (_type(main=_type(**CONTAINER["properties"], own=TEMPLATE), more=TEMPLATE), [("more",)]),
        (_type(main=CONTAINER, podSecurityContext=_type(fsGroup=TEXT, x=TEMPLATE)), []),
        (_type(main=CONTAINER, tolerations=_type(x=TEMPLATE)), []),
        (_type(main=CONTAINER, other=_type(x=TEMPLATE)), [("other", "x")]),
        # a type that is a container has the fields of one, and its own
        (_type(**CONTAINER["properties"], lifecycle=_type(x=TEMPLATE)), []),
        (_type(**CONTAINER["properties"], other=_type(x=TEMPLATE)), [("other", "x")]),
    ],
)
def test_what_is_entered(spec: Schema, paths: list[tuple[str, ...]]) -> None:
    found = [source.path[1:] for source in _learned(spec) if len(source.path) > 1]
    assert found == paths


@pytest.mark.parametrize(
    ("properties", "fields"),
    [
        ({"securityContext": _type(fsGroup=TEXT)}, [("securityContext", ("securityContext",))]),
        ({"PODSECURITYCONTEXT": _type(sysctls=TEXT)}, [("securityContext", ("PODSECURITYCONTEXT",))]),
        ({"xSecurityContext": _type(supplementalGroups=TEXT)}, [("securityContext", ("xSecurityContext",))]),
        ({"securityContext": _type(privileged=TEXT)}, []),
        ({"securityContexts": _type(fsGroup=TEXT)}, []),
        ({"hostPID": TEXT, "HostIPC": TEXT, "image": TEXT}, [("hostPID", ("hostPID",))]),
        ({"containers": TEXT, "initContainers": TEXT, "ephemeralContainers": TEXT}, []),
    ],
)
def test_fields_of_the_pod(properties: Schema, fields: list[Any]) -> None:
    (source,) = _learned(_type(main=CONTAINER, **properties))
    assert list(source.fields) == fields


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("init", "initContainers"),
        ("InitSteps", "initContainers"),
        ("steps", "containers"),
        ("xinit", "containers"),
    ],
)
def test_which_list_containers_go_into(name: str, to: str) -> None:
    (source,) = _learned(_type(**{name: {"type": "array", "items": CONTAINER}}))
    (part,) = source.containers
    assert (part.path, part.to) == ((name,), to)


@pytest.mark.parametrize("field", ["privileged", "allowPrivilegeEscalation", "capabilities"])
def test_a_container_is_known_by_its_image_and_its_context(field: str) -> None:
    context = _type(**{field: TEXT})
    assert len(_learned(_type(a=_type(image=TEXT, securityContext=context)))) == 1
    assert _learned(_type(a=_type(name=TEXT, securityContext=context))) == ()
    assert _learned(_type(a=_type(image=TEXT, securityContext=_type(runAsUser=TEXT)))) == ()
    assert _learned(_type(a=_type(image=TEXT))) == ()


def test_only_the_spec_and_its_neighbours_are_searched() -> None:
    rest = {"status": TEMPLATE, "metadata": TEMPLATE, "kind": TEMPLATE, "apiVersion": TEMPLATE}
    assert _learned(_type(), **rest) == ()
    assert [source.path for source in _learned(_type(), other=TEMPLATE)] == [("other",)]


SCHEMA = {"openAPIV3Schema": _type(template=TEMPLATE)}
NAMES = {"group": "a.b", "names": {"kind": "K"}}


@pytest.mark.parametrize(
    ("spec", "known"),
    [
        ({**NAMES, "versions": [{"name": "v1", "schema": SCHEMA}]}, [("a.b/v1", "K")]),
        (
            {**NAMES, "versions": [{"name": "v1"}, {"name": "v2"}], "validation": SCHEMA},
            [("a.b/v1", "K"), ("a.b/v2", "K")],
        ),
        ({**NAMES, "version": "v1", "validation": SCHEMA}, [("a.b/v1", "K")]),
        ({**NAMES, "versions": [{"name": "v1", "schema": {}}], "validation": SCHEMA}, [("a.b/v1", "K")]),
        ({**NAMES, "versions": [{"name": "v1", "schema": {"openAPIV3Schema": []}}]}, []),
        ({**NAMES, "versions": [5]}, []),
        ({"group": "a.b", "versions": [{"name": "v1", "schema": SCHEMA}]}, []),
        ({"group": "a.b", "names": {"kind": 5}, "versions": [{"name": "v1", "schema": SCHEMA}]}, []),
        ([], []),
    ],
)
def test_which_versions_are_known(spec: Any, known: list[tuple[str, str]]) -> None:
    schemas = CustomSchemas()
    schemas.add({"spec": spec})
    schemas.add(None)
    assert list(schemas) == known
    assert len(schemas) == len(known)
    for api_version, kind in known:
        found = schemas[api_version, kind]
        assert (found.group, found.kinds) == ("a.b", ("K",))
    with pytest.raises(KeyError):
        schemas["a.b/v9", "K"]


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}, True),
        ({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition"}, True),
        ({"apiVersion": "a.b/v1", "kind": "CustomResourceDefinition"}, False),
        ({"apiVersion": "apiextensions.k8s.io/v1", "kind": "Pod"}, False),
        ({"kind": "CustomResourceDefinition"}, False),
        ([], False),
    ],
)
def test_what_is_a_definition(value: Any, is_one: bool) -> None:
    assert is_definition(value) is is_one
