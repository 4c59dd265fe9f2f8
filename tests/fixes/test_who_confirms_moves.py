"""Fields that are moved to where they have an effect: of some, a person has to confirm that it is wanted."""

import pytest
from test_decisions import mended


@pytest.mark.parametrize(
    ("field", "place", "kind"),
    [
        ("serviceAccountName: x", "spec", "guess"),
        ("serviceAccount: x", "spec", "guess"),
        ("supplementalGroups: [1]", "spec.securityContext", "guess"),
        ("fsGroup: 1", "spec.securityContext", "guess"),
        ("sysctls: [{name: kernel.shm_rmid_forced, value: '1'}]", "spec.securityContext", "guess"),
        ("seLinuxOptions: {level: s0}", "securityContext", "guess"),
        ("priorityClassName: x", "spec", "tighter"),
        ("runAsNonRoot: true", "securityContext", "tighter"),
    ],
)
def test_a_field_of_a_container_that_belongs_elsewhere(field: str, place: str, kind: str) -> None:
    name = field.partition(":")[0]
    first = mended(f"containers: [{{name: a, image: i, {field}}}]", "privileged").changes[0]
    assert (first.kind, first.what) == (kind, f"move {name} to {place}.{name}")
