"""What the kinds of checks are called where checks are listed."""

from podproof.checks.model.acceptance import AcceptanceCheck
from podproof.checks.model.across import AcrossCheck
from podproof.checks.model.advice import AdviceCheck
from podproof.checks.model.effect import EffectCheck
from podproof.checks.model.pod_security import PodSecurityCheck


def test_the_words() -> None:
    assert PodSecurityCheck.kind == "Pod Security Standards"
    assert EffectCheck.kind == "effect"
    assert AdviceCheck.kind == AcrossCheck.kind == "advice"
    assert AcceptanceCheck.kind == "acceptance"
