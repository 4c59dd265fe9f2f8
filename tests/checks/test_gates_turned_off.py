"""What the page's documents cannot set: a gate that somebody turned off although it is on by default."""

from types import SimpleNamespace

import pytest

from podproof.checks.gated_field import _remedy

ON = "it is on by default: leave it on in the whole cluster, or remove the field"
LATER = "v1.33 turns it on by default: upgrade, or turn it on in the whole cluster"


@pytest.mark.parametrize(("minor", "remedy"), [(30, LATER), (32, LATER), (33, ON), (37, ON)])
def test_the_remedy(minor: int, remedy: str) -> None:
    assert _remedy(SimpleNamespace(gate="UserNamespacesSupport"), minor) == remedy  # type: ignore[arg-type]  # only its gate is read
