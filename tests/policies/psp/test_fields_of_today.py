"""Every field that pods have got since there are no policies any more has been thought of.

Which ones are new is asked of the field tables; docs/policies.md says of each what becomes of it. A field
that a later Kubernetes adds makes this fail until somebody has decided.
"""

from pathlib import Path

from podproof.kube.types import Type, resolve
from podproof.kube.versions import LAST_WITH_POD_SECURITY_POLICY, NEWEST

PAGE = Path(__file__).parents[3] / "docs" / "policies.md"


def _new_fields(type_: Type, seen: set[str]) -> set[str]:
    while type_.item is not None:
        type_ = type_.item
    if type_.kind != "struct" or type_.full in seen:
        return set()
    seen.add(type_.full)
    before = resolve(type_.full, LAST_WITH_POD_SECURITY_POLICY).fields
    found: set[str] = set()
    for name, field in resolve(type_.full, NEWEST).fields.items():
        if name in before:
            found |= _new_fields(field.type, seen)
        else:
            found.add(name)
    return found


def test_the_page_says_of_each_new_field_what_becomes_of_it() -> None:
    new = _new_fields(resolve("core/v1.PodSpec", NEWEST), set())
    assert {"hostUsers", "appArmorProfile", "image", "resizePolicy"} <= new
    _, _, section = PAGE.read_text().partition("### Fields that are newer than the policies\n")
    section = section.partition("\n## ")[0].partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    named = {part for row in rows for part in row.split("|")[1].split("`")[1::2]}
    assert new - named == set()
