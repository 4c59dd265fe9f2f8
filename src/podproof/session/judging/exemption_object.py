"""Judges a PodSecurityExemption as an object: the value comes in, findings counted from it go out.

Whether it has expired is not asked, since a manifest is read at any time. Reads nothing.
"""

import copy
from collections.abc import Iterator
from typing import Any

from ...admission.resources.exemptions import exemption_errors
from ...findings import Finding, Severity
from ...kube.decode import decode
from ...kube.own_kinds import OWN_VERSION
from ...kube.versions import NEWEST
from .policy_object import refused

__all__ = ["judge_exemption_object"]


def judge_exemption_object(value: Any) -> Iterator[Finding]:
    """Give what is wrong with an exemption; nothing where the value is something else.

    An exemption with any of these exempts nothing.
    """
    if not isinstance(value, dict) or value.get("apiVersion") != OWN_VERSION:
        return
    decoded = decode(copy.deepcopy(value), "podproof/v1alpha1.PodSecurityExemption", version=NEWEST)
    if decoded.fatal is not None:
        yield Finding("wrong-type", Severity.ERROR, decoded.fatal.message, decoded.fatal.route)
        return
    for problem in decoded.strict:
        if problem.kind == "unknown":
            yield Finding("unknown-field", Severity.ERROR, problem.message, problem.route)
    yield from refused(exemption_errors(decoded.object))
