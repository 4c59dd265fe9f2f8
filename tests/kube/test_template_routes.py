"""Where in a document the fields of a pod are, which may be made of several of its parts."""

import pytest

from podproof.kube.template import Template
from podproof.manifest.route import Route

APART = Template(
    {},
    ("t",),
    ((("spec", "containers", 0), ("main",)), (("spec",), ("t", "spec")), ((), ("t",))),
)
PIECE = Template({}, ("t",), ((("spec", "containers", 0), ("c",)),))
WHOLE = Template({}, ("t",), (((), ("t",)),))


@pytest.mark.parametrize(
    ("template", "route", "source", "has_source"),
    [
        (APART, ("spec", "containers", 0, "image"), ("main", "image"), True),
        (APART, ("spec", "containers", 0), ("main",), True),
        (APART, ("spec", "containers", 1), ("t", "spec", "containers", 1), True),
        (APART, ("spec",), ("t", "spec"), False),
        (APART, ("spec", "hostPID"), ("t", "spec", "hostPID"), True),
        (APART, ("metadata", "name"), ("t", "metadata", "name"), False),
        (APART, (), ("t",), False),
        (PIECE, ("spec", "containers", 0, "image"), ("c", "image"), True),
        (PIECE, ("spec", "containers", 0), ("c",), False),
        (PIECE, ("spec", "hostPID"), ("t",), False),
        (WHOLE, ("spec", "hostPID"), ("t", "spec", "hostPID"), True),
        (WHOLE, (), ("t",), False),
    ],
)
def test_a_route(template: Template, route: Route, source: Route, has_source: bool) -> None:
    assert template.source_route(route) == source
    assert template.has_source(route) is has_source
