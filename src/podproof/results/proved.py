"""What `prove` found: containers with their comparisons and attacks, statements, and the sums of all."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ..effective.compare import Comparison
from .pictured import PicturedPod

__all__ = [
    "NOT_REACHED",
    "SCHEMA",
    "AttackCounts",
    "AttackLine",
    "ClaimCounts",
    "ClaimLine",
    "FieldCounts",
    "Proof",
    "ProofSummary",
    "ProvedContainer",
    "Shown",
    "Verdict",
]

SCHEMA = "podproof/prove/v1"

Verdict = Literal["as predicted", "not as predicted", "incomplete"]

NOT_REACHED = "not reached"
"""What is observed of an attack whose deciding call was never made."""


class AttackLine(msgspec.Struct, frozen=True):
    """One attack as it came out.

    `as_predicted` None: it was not tried or not reached, or nothing was predicted.
    """

    id: str
    claim: str
    field: str
    target: str
    predicted: str
    why: str
    observed: str | None
    evidence: tuple[str, ...]
    as_predicted: bool | None

    @property
    def reached(self) -> bool:
        """Says that it was carried out up to the call that decides."""
        return self.observed not in (None, NOT_REACHED)


class ProvedContainer(msgspec.Struct, frozen=True):
    """One container: whether it started as predicted, its process field by field, and its attacks.

    `start` is a comparison too: of the status' reason and message. `state` tells in words what it was doing.
    `pictured` is the container's pod, as pages draw it.
    """

    object: str
    source: str
    container: str
    kind: str
    image: str
    state: str
    start: Comparison
    comparisons: tuple[Comparison, ...] = ()
    attacks: tuple[AttackLine, ...] = ()
    pictured: PicturedPod | None = None

    @property
    def as_predicted(self) -> bool:
        """Says that nothing contradicts the prediction."""
        compared = (self.start, *self.comparisons)
        return all(one.equal is not False for one in compared) and all(
            attack.as_predicted is not False for attack in self.attacks
        )


class Shown(msgspec.Struct, frozen=True):
    """One thing that shows a claim: by which verb, what it is, what was found, and whether it is so."""

    by: str
    what: str
    found: str
    holds: bool


class ClaimLine(msgspec.Struct, frozen=True):
    """One statement; `result` is `proven`, `corrected`, `refuted`, or `not shown` where something failed."""

    id: str
    says: str
    truth: str
    manifest: str
    container: str | None
    result: str
    shown: tuple[Shown, ...]


class FieldCounts(msgspec.Struct, frozen=True):
    """Compared fields; `open` are those of which one side is not known."""

    equal: int
    different: int
    open: int


class AttackCounts(msgspec.Struct, frozen=True):
    """Attacks; those in `not_tried` and `not_reached` are in none of the others."""

    as_predicted: int
    not_as_predicted: int
    not_predicted: int
    not_tried: int
    not_reached: int


class ClaimCounts(msgspec.Struct, frozen=True):
    """Statements by their result."""

    proven: int
    corrected: int
    refuted: int
    not_shown: int


class ProofSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """The sums of a proof. `seconds` is wall time; `claims` is None where no statement was to be shown."""

    as_predicted: bool
    verdict: Verdict
    containers: int
    fields: FieldCounts
    attacks: AttackCounts
    seconds: float
    claims: ClaimCounts | None = None


class Proof(msgspec.Struct, frozen=True):
    """All of it. `environment` is what the evidence depends on; `problems` are pods that could not be run."""

    environment: Mapping[str, Any]
    containers: tuple[ProvedContainer, ...]
    claims: tuple[ClaimLine, ...] = ()
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def as_predicted(self) -> bool:
        """Says that everything came out as predicted, and every statement's result was shown."""
        return not self.problems and not self.contradicted

    @property
    def contradicted(self) -> bool:
        """Says that something came out otherwise than predicted, or a statement's result was not shown."""
        return any(not container.as_predicted for container in self.containers) or any(
            claim.result == "not shown" for claim in self.claims
        )

    @property
    def verdict(self) -> Verdict:
        """Say in one word what came out; incomplete: nothing is contradicted, but not all could be proven."""
        if self.contradicted:
            return "not as predicted"
        return "incomplete" if self.problems else "as predicted"

    @property
    def summary(self) -> ProofSummary:
        """Count what was compared, attacked and shown."""
        comparisons = [one for entry in self.containers for one in (entry.start, *entry.comparisons)]
        attacks = [attack for entry in self.containers for attack in entry.attacks]
        tried = [attack.as_predicted for attack in attacks if attack.reached]
        untried = sum(attack.observed is None for attack in attacks)
        equal = [one.equal for one in comparisons]
        return ProofSummary(
            as_predicted=self.as_predicted,
            verdict=self.verdict,
            containers=len(self.containers),
            fields=FieldCounts(equal.count(True), equal.count(False), equal.count(None)),
            attacks=AttackCounts(
                tried.count(True),
                tried.count(False),
                tried.count(None),
                untried,
                len(attacks) - len(tried) - untried,
            ),
            seconds=round(self.seconds, 3),
            claims=_claim_counts(self.claims) if self.claims else None,
        )


def _claim_counts(claims: tuple[ClaimLine, ...]) -> ClaimCounts:
    results = [claim.result for claim in claims]
    return ClaimCounts(
        proven=results.count("proven"),
        corrected=results.count("corrected"),
        refuted=results.count("refuted"),
        not_shown=results.count("not shown"),
    )
