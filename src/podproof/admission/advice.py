"""What a webhook that only advises says instead of a denial.

The Decision that an enforcing webhook would give comes in; one that allows, with the denial as its first
warning, goes out. Nothing is decided here.
"""

import msgspec

from .decision import Decision

__all__ = ["as_advice"]


def as_advice(decision: Decision) -> Decision:
    """Turn a denial into a warning about it; what is allowed stays as it is.

    The other warnings follow it, since an API server cuts the last ones first. Audit annotations stay.
    """
    if decision.allowed:
        return decision
    warning = f"would be denied by Podproof: {decision.message}"
    return msgspec.structs.replace(
        decision,
        allowed=True,
        code=None,
        message=None,
        reason=None,
        details=None,
        warnings=(warning, *decision.warnings),
    )
