"""What `prove` found, as every one of its formats gets it: typed values, and the plain JSON of them.

Nothing is decided here but the sums. The JSON's schema is `podproof/prove/v1`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..effective.compare import Comparison
from .explained import plain

__all__ = ["SCHEMA", "AttackLine", "ClaimLine", "Proof", "ProvedContainer", "Shown", "to_json"]

SCHEMA = "podproof/prove/v1"


class AttackLine(msgspec.Struct, frozen=True):
    """One attack as it came out. `as_predicted` None: it was not tried, or nothing was predicted."""

    id: str
    title: str
    claim: str
    field: str
    target: str
    predicted: str
    why: str
    observed: str | None
    evidence: tuple[str, ...]
    as_predicted: bool | None


class ProvedContainer(msgspec.Struct, frozen=True):
    """One container: whether it started as predicted, its process field by field, and its attacks.

    `start` is a comparison too: of the status' reason and message. `state` tells in words what it was doing.
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
        return (
            not self.problems
            and all(container.as_predicted for container in self.containers)
            and all(claim.result != "not shown" for claim in self.claims)
        )


def to_json(proof: Proof) -> dict[str, Any]:
    """Build the whole JSON document."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "environment": dict(proof.environment),
        "summary": _summary(proof),
        "containers": [_container(container) for container in proof.containers],
    }
    if proof.claims:
        document["claims"] = [msgspec.to_builtins(claim) for claim in proof.claims]
    if proof.problems:
        document["problems"] = list(proof.problems)
    return document


def _summary(proof: Proof) -> dict[str, Any]:
    comparisons = [one for held in proof.containers for one in (held.start, *held.comparisons)]
    attacks = [attack for held in proof.containers for attack in held.attacks]
    tried = [attack for attack in attacks if attack.observed is not None]
    summary: dict[str, Any] = {
        "as_predicted": proof.as_predicted,
        "containers": len(proof.containers),
        "fields": {
            "equal": sum(one.equal is True for one in comparisons),
            "different": sum(one.equal is False for one in comparisons),
            "open": sum(one.equal is None for one in comparisons),
        },
        "attacks": {
            "as_predicted": sum(attack.as_predicted is True for attack in tried),
            "not_as_predicted": sum(attack.as_predicted is False for attack in tried),
            "not_predicted": sum(attack.as_predicted is None for attack in tried),
            "not_tried": len(attacks) - len(tried),
        },
        "seconds": round(proof.seconds, 3),
    }
    if proof.claims:
        results = [claim.result for claim in proof.claims]
        summary["claims"] = {
            word.replace(" ", "_"): results.count(word)
            for word in ("proven", "corrected", "refuted", "not shown")
        }
    return summary


def _container(held: ProvedContainer) -> dict[str, Any]:
    return {
        "object": held.object,
        "source": held.source,
        "container": held.container,
        "kind": held.kind,
        "image": held.image,
        "state": held.state,
        "as_predicted": held.as_predicted,
        "fields": {one.field: _comparison(one) for one in (held.start, *held.comparisons)},
        "attacks": [_attack(attack) for attack in held.attacks],
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    origin = one.origin
    return {
        "predicted": plain(one.predicted),
        "observed": plain(one.observed),
        "equal": one.equal,
        "why": one.why,
        "origin": {"kind": origin.kind, "text": str(origin), "file": origin.file, "line": origin.line},
    }


def _attack(attack: AttackLine) -> dict[str, Any]:
    return {
        "id": attack.id,
        "target": attack.target,
        "claim": attack.claim,
        "field": attack.field,
        "predicted": attack.predicted,
        "why": attack.why,
        "observed": attack.observed,
        "evidence": list(attack.evidence),
        "as_predicted": attack.as_predicted,
    }
