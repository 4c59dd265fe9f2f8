"""The ordinals, claims and volumes of a StatefulSet's pods, where each is written, and other shapes of it."""

from typing import Any

import pytest

from podproof.admission.controllers import controller_claims, volume_routes
from podproof.admission.stateful_sets import claims_of, first_ordinal, volumes_of

_CLAIMS = ("spec", "volumeClaimTemplates")
_VOLUMES = ("spec", "template", "spec", "volumes")


def claim(name: Any, **rest: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, **rest}


def stateful_set(*claims: Any, **spec: Any) -> dict[str, Any]:
    return {"kind": "StatefulSet", "spec": {"volumeClaimTemplates": list(claims), **spec}}


@pytest.mark.parametrize(
    ("ordinals", "minor", "first"),
    [
        ({"start": 5}, 26, 0),
        ({"start": 5}, 27, 5),
        ({"start": 5}, 37, 5),
        ({"start": 0}, 37, 0),
        *((ordinals, 37, 0) for ordinals in ({}, None, 7, [], {"start": None}, {"start": "5"})),
    ],
)
def test_the_first_ordinal(ordinals: Any, minor: int, first: int) -> None:
    assert first_ordinal({"ordinals": ordinals}, minor) == first
    assert first_ordinal({}, minor) == 0


def test_a_claims_volume_replaces_the_templates_of_its_name() -> None:
    own = [{"name": "kept", "emptyDir": {}}, {"name": "data", "emptyDir": {}}, {"name": "last"}]
    assert volumes_of(stateful_set(claim("data"), claim("logs")), "web-0", own) == [
        ({"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}}, (*_CLAIMS, 0)),
        ({"name": "logs", "persistentVolumeClaim": {"claimName": "logs-web-0"}}, (*_CLAIMS, 1)),
        ({"name": "kept", "emptyDir": {}}, (*_VOLUMES, 0)),
        ({"name": "last"}, (*_VOLUMES, 2)),
    ]


def test_of_two_claims_with_one_name_the_later_counts() -> None:
    workload = stateful_set(claim("data", spec={"a": 1}), claim("logs"), claim("data", spec={"b": 2}))
    assert [route for _, route in volumes_of(workload, "w-0", None)] == [(*_CLAIMS, 2), (*_CLAIMS, 1)]
    assert [(one["metadata"]["name"], one["spec"]) for one in claims_of(workload, "w-0", "n")] == [
        ("data-w-0", {"b": 2}),
        ("logs-w-0", {}),
    ]


@pytest.mark.parametrize("volumes", [None, 7, "x", {"name": "data"}, []])
def test_a_template_may_have_no_list_of_volumes(volumes: Any) -> None:
    assert volumes_of(stateful_set(), "web-0", volumes) == []
    assert len(volumes_of(stateful_set(claim("data")), "web-0", volumes)) == 1


@pytest.mark.parametrize("volume", [7, None, {}, {"name": 7}, {"name": ["data"]}])
def test_a_volume_that_cannot_be_read_stays_where_it_is(volume: Any) -> None:
    kept = volumes_of(stateful_set(claim("data")), "web-0", [{"name": "data"}, volume])
    assert kept[1:] == [(volume, (*_VOLUMES, 1))]


@pytest.mark.parametrize("unread", [7, None, {}, {"metadata": 7}, {"metadata": {}}, claim(7), claim(None)])
def test_a_claim_without_a_name_is_passed_over(unread: Any) -> None:
    workload = stateful_set(unread, claim("data"))
    assert [route for _, route in volumes_of(workload, "w-0", [])] == [(*_CLAIMS, 1)]
    assert [one["metadata"]["name"] for one in claims_of(workload, "w-0", "n")] == ["data-w-0"]


@pytest.mark.parametrize("claims", [None, 7, {"metadata": {"name": "data"}}, []])
def test_a_set_may_have_no_list_of_claims(claims: Any) -> None:
    workload = {"spec": {"volumeClaimTemplates": claims}}
    assert (volumes_of(workload, "w-0", []), claims_of(workload, "w-0", "n")) == ([], [])
    assert (volumes_of({"spec": claims}, "w-0", []), claims_of({}, "w-0", "n")) == ([], [])


@pytest.mark.parametrize(
    ("selector", "labels", "made"),
    [
        ({"matchLabels": {"app": "web"}}, {"tier": "db"}, {"tier": "db", "app": "web"}),
        ({"matchLabels": {"app": "web"}}, {"app": "other"}, {"app": "web"}),
        ({"matchLabels": {"app": "web"}}, None, {"app": "web"}),
        ({"matchLabels": {"app": "web"}}, 7, {"app": "web"}),
        ({"matchLabels": 7}, {"tier": "db"}, {"tier": "db"}),
        ({"matchExpressions": []}, {"tier": "db"}, {"tier": "db"}),
        (7, {"tier": "db"}, {"tier": "db"}),
        (None, None, {}),
    ],
)
def test_a_claim_has_the_selectors_labels(selector: Any, labels: Any, made: dict[str, str]) -> None:
    template = {"metadata": {"name": "data", "labels": labels}}
    (one,) = claims_of(stateful_set(template, selector=selector), "web-0", "n")
    assert one["metadata"]["labels"] == made


def test_a_claim_keeps_the_rest_of_its_template() -> None:
    metadata = {"name": "data", "namespace": "other", "annotations": {"a": "b"}, "finalizers": ["x/y"]}
    spec = {"accessModes": ["ReadWriteOnce"]}
    template = {"apiVersion": "v9", "kind": "Other", "metadata": metadata, "spec": spec, "status": {}}
    (one,) = claims_of(stateful_set(template), "web-0", "shop")
    assert one == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {**metadata, "name": "data-web-0", "namespace": "shop", "labels": {}},
        "spec": spec,
    }
    one["spec"]["accessModes"].append("ReadOnlyMany")
    assert spec == {"accessModes": ["ReadWriteOnce"]}
    assert metadata["name"] == "data"


@pytest.mark.parametrize("spec", [None, {}])
def test_a_claim_without_a_specification_has_an_empty_one(spec: Any) -> None:
    (one,) = claims_of(stateful_set(claim("data", spec=spec)), "web-0", "n")
    assert one["spec"] == {}


def test_where_a_pods_volumes_are_written() -> None:
    template = {"spec": {"volumes": [{"name": "data"}, {"name": "own"}]}}
    workload = stateful_set(claim("data"))
    assert volume_routes(workload, template) == ((*_CLAIMS, 0), (*_VOLUMES, 1))
    assert volume_routes({**workload, "kind": "Deployment"}, template) == ()
    assert volume_routes(stateful_set(), template) == ()
    assert volume_routes({"kind": "StatefulSet", "spec": 7}, template) == ()
    assert volume_routes(workload, {"spec": 7}) == ((*_CLAIMS, 0),)


@pytest.mark.parametrize(("start", "replica", "ordinal"), [(0, 0, 0), (0, 2, 2), (3, 0, 3), (3, 2, 5)])
def test_the_claims_of_a_replica_bear_its_ordinal(start: int, replica: int, ordinal: int) -> None:
    templates = [{"metadata": {"name": "data"}, "spec": {}}, {"metadata": {"name": "logs"}, "spec": {}}]
    spec = {"ordinals": {"start": start}, "volumeClaimTemplates": templates}
    workload = {"kind": "StatefulSet", "metadata": {"name": "web"}, "spec": spec}
    found = controller_claims(workload, "n", 37, replica=replica)
    assert [one["metadata"]["name"] for one in found] == [f"data-web-{ordinal}", f"logs-web-{ordinal}"]
