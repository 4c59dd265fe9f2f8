"""A proof as JSON of schema `podproof/prove/v1`: typed values come in, plain data goes out."""

from typing import Any

from ..effective.compare import Comparison
from ..results.plain import to_plain
from ..results.proved import SCHEMA, Proof, ProvedContainer

__all__ = ["to_json"]


def to_json(proof: Proof) -> dict[str, Any]:
    """Build the whole JSON document."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "environment": dict(proof.environment),
        "summary": to_plain(proof.summary),
        "containers": [_container(container) for container in proof.containers],
    }
    if proof.claims:
        document["claims"] = to_plain(proof.claims)
    if proof.problems:
        document["problems"] = list(proof.problems)
    return document


def _container(container: ProvedContainer) -> dict[str, Any]:
    return {
        "object": container.object,
        "source": container.source,
        "container": container.container,
        "kind": container.kind,
        "image": container.image,
        "state": container.state,
        "as_predicted": container.as_predicted,
        "fields": {one.field: _comparison(one) for one in (container.start, *container.comparisons)},
        "attacks": to_plain(container.attacks),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    origin = comparison.origin
    return {
        "predicted": to_plain(comparison.predicted),
        "observed": to_plain(comparison.observed),
        "equal": comparison.equal,
        "why": comparison.why,
        "origin": {"kind": origin.kind, "text": str(origin), "file": origin.file, "line": origin.line},
    }
