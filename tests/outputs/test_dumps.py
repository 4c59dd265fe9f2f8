"""Dumps of structs in messages for people: the rule comes first, the value last and short."""

import pytest
from cost import LINEAR, growth

from podproof.outputs.dumps import lead_with_rule, shorten_dumps

CONTEXT = '{"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"ProcMount":"X"}'
SHORT = '{"Capabilities":null,"Privileged":true,"…}'


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            f"spec.containers[0].securityContext: Invalid value: {CONTEXT}: cannot set one; remove it",
            f"spec.containers[0].securityContext: cannot set one; remove it (Invalid value: {SHORT})",
        ),
        ("a: Invalid value: 5: must be greater than 5", "a: Invalid value: 5: must be greater than 5"),
        ('a: Invalid value: {"b":1}: no', 'a: Invalid value: {"b":1}: no'),
        (f"a: Duplicate value: {CONTEXT}", f"a: Duplicate value: {SHORT}"),
        (
            f"[a: Invalid value: {CONTEXT}: x, b: Invalid value: {CONTEXT}: y]",
            f"[a: Invalid value: {SHORT}: x, b: Invalid value: {SHORT}: y]",
        ),
        (
            'a: Invalid value: {"b":"}: no \\" Invalid value: {","c":"0123456789012345678"}: rule',
            'a: rule (Invalid value: {"b":"}: no \\" Invalid value: {","c":"01…})',
        ),
        (
            'a: Invalid value: []core.Toleration{core.Toleration{Key:"0123456789", Operator:"x"}}: rule',
            'a: rule (Invalid value: []core.Toleration{core.Toleration{Key:"0…})',
        ),
        (
            "a: Invalid value: core.PodSpec{Volumes:[]core.Volume(nil), HostNetwork:false}: rule",
            "a: rule (Invalid value: core.PodSpec{Volumes:[]core.Volume(nil),…})",
        ),
        (f"a: Invalid value: {CONTEXT[:-1]}: never closed", f"a: Invalid value: {SHORT[:-1]}d"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_the_rule_leads(message: str, shown: str) -> None:
    assert lead_with_rule(message) == shown


def test_a_list_of_errors_keeps_its_order() -> None:
    message = f'Pod "p" is invalid: a: Invalid value: {CONTEXT}: rule'
    assert shorten_dumps(message) == f'Pod "p" is invalid: a: Invalid value: {SHORT}: rule'


def test_many_dumps_cost_what_they_are() -> None:
    def text(size: int) -> str:
        return "a: Invalid value: {" * size

    assert growth(lambda size: shorten_dumps(text(size)), 5_000) < LINEAR
