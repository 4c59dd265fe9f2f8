"""Fields to paste: YAML that says what was meant, whatever names and values it has."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podproof.edits.edit import Edit, Fix
from podproof.findings import Finding, Severity
from podproof.outputs.pages.remedy import Paste, remedy_of
from podproof.outputs.paste import fields_of, write_fields
from podproof.outputs.plain import UNSAFE

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=12) | st.sampled_from(
    ["RuntimeDefault", "True", "null", "1e3", "a: b", "#c", "\x1b[2J"]
)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**31), 2**31),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["runAsUser", "a.b/c", "a b", "-", "x\u202ey"]), VALUES, min_size=1))
def test_what_is_pasted_means_what_was_meant_and_is_safe_to_look_at(fields: dict[str, object]) -> None:
    for room in (20, 72):
        text = "\n".join(write_fields(fields, room))
        assert not UNSAFE.search(text.replace("\n", ""))
        assert yaml.safe_load(text) == fields


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(("runAsUser",), "set", 1), Edit(("runAsUser", "below"), "set", 2)],
        [Edit((0, "name"), "set", "web")],
    ],
)
def test_what_does_not_go_together_is_not_pasted(edits: list[Edit]) -> None:
    assert fields_of(edits) == {}


def test_a_page_writes_fields_as_text_does() -> None:
    route = ("spec", "containers", 0, "securityContext")
    findings = [
        Finding("a", Severity.ERROR, "", fix=Fix((Edit((*route, "runAsNonRoot"), "set", True),), safe=True)),
        Finding(
            "b",
            Severity.ERROR,
            "",
            fix=Fix((Edit((*route, "seccompProfile", "type"), "set", "RuntimeDefault"),)),
        ),
        Finding("c", Severity.ERROR, "", fix=Fix((Edit((*route, "privileged"), "remove"),))),
    ]
    remedy = remedy_of(findings)
    (paste,) = remedy.pastes
    assert paste == Paste(
        "spec.containers[0]",
        "securityContext:\n  runAsNonRoot: true\n  seccompProfile: {type: RuntimeDefault}",
    )
    assert remedy.removed == ("securityContext.privileged",)
    assert remedy.careful
