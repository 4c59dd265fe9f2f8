"""What the catalogue of custom resources makes of objects in which everything that it knows is set.

`catalogue.yaml` has the objects. The value of a field there is the route at which it stands, so that a pod's
fields say by themselves where they come from; `Template.source_route` has to say the same.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from podproof.kube.custom_pods import custom_kind
from podproof.kube.unjudged import pattern_in, unjudged_in
from podproof.kube.workload import find_workload
from podproof.manifest.route import Route, format_route

ENTRIES = list(yaml.safe_load_all((Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8")))


def leaves(value: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not items:
        yield route, value
    for key, item in items:
        yield from leaves(item, (*route, key))


def described(object_: dict[str, Any]) -> dict[str, Any]:
    """Write what is made of an object as `catalogue.yaml` has it."""
    workload = find_workload(copy.deepcopy(object_))
    out: dict[str, Any] = {}
    if pattern := pattern_in(object_, workload):
        out["pattern"] = pattern
    if workload is not None:
        out["pods"] = []
        for template in workload.templates:  # type: ignore[union-attr]
            pod = {"route": format_route(template.route)}
            if template.filled_in:
                pod["filled_in"] = ", ".join(template.filled_in)
            if template.placeholder:
                pod["placeholder"] = template.placeholder
            parts = {key: template.pod[key] for key in ("metadata", "spec") if key in template.pod}
            for route, value in leaves(parts):
                source = format_route(template.source_route(route))
                told = isinstance(value, str) and value in source
                pod[format_route(route)] = value if told else f"{value} at {source}"
            out["pods"].append(pod)
    not_judged = unjudged_in(object_, workload)
    if not_judged is not None:
        out["not_judged"] = [*(format_route(route) for route in not_judged.routes), *not_judged.reasons]
    return out


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['project']}-{entry['kinds'][0]}")
def test_an_object_in_which_everything_is_set(entry: dict[str, Any]) -> None:
    expected = {key: entry[key] for key in ("pattern", "pods", "not_judged") if key in entry}
    for kind in entry["kinds"]:
        api_version = f"{entry['group']}/v1"
        object_ = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "w"}, **entry["object"]}
        assert described(object_) == expected, kind
        assert custom_kind(api_version, kind) is not None, "it was found by its shape"
