"""PodSecurityExemptions as the webhook takes them: an object comes in, what it exempts and for whom goes out.

An exemption that cannot be read whole, with every field known, exempts nothing. Whether one has expired is
not asked here.
"""

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any

from ...checks.model.catalogue import pod_security_checks
from ...kube.decode import decode
from ...kube.field_error import FieldError
from ...kube.go_format import quote
from ...kube.instants import parse_rfc3339
from ...kube.own_kinds import EXEMPTION, OWN_VERSION
from ...kube.status import Acceptance, bad_request, created, invalid
from ...kube.validation.pod_security_exemption import validate_exemption
from ...kube.versions import NEWEST
from ...policies.exempt_fields import EXEMPT_FIELDS
from ...policies.exemptions import PodSecurityExemption
from ..exemption_index import PlacedExemption

__all__ = ["accept_exemption", "check_names", "exemption_errors", "read_exemption"]

_TYPE = "podproof/v1alpha1.PodSecurityExemption"


@cache
def check_names() -> dict[str, str]:
    """Map each name of a control of Pod Security, Podproof's and upstream's, to upstream's."""
    return {
        name: check.upstream_id for check in pod_security_checks() for name in (check.id, check.upstream_id)
    }


def exemption_errors(decoded: Mapping[str, Any]) -> list[FieldError]:
    """Judge a decoded exemption."""
    return validate_exemption(decoded, checks=check_names(), fields=EXEMPT_FIELDS)


def accept_exemption(object_: Mapping[str, Any]) -> Acceptance:
    """Decode and validate an exemption; what the definition does not know is refused."""
    if object_.get("apiVersion") != OWN_VERSION:
        version = quote(str(object_.get("apiVersion") or ""))
        return bad_request(f'no matches for kind "PodSecurityExemption" in version {version}')
    decoded = decode(copy.deepcopy(dict(object_)), _TYPE, version=NEWEST)
    faults = [decoded.fatal.message] if decoded.fatal is not None else [one.message for one in decoded.strict]
    if faults:
        return bad_request(f"PodSecurityExemption cannot be read: {', '.join(faults)}")
    exemption = decoded.object
    errors = exemption_errors(exemption)
    if errors:
        return invalid(EXEMPTION, (exemption.get("metadata") or {}).get("name") or "", errors)
    return created({**exemption, "kind": "PodSecurityExemption", "apiVersion": OWN_VERSION}, [])


def read_exemption(accepted: Mapping[str, Any]) -> PlacedExemption:
    """Make the typed value of an exemption that was accepted."""
    spec = accepted["spec"]
    containers = spec.get("containers")
    return PlacedExemption(
        PodSecurityExemption(
            name=accepted["metadata"].get("name") or "",
            owner=spec["owner"],
            reason=spec["reason"],
            expires=spec["expires"],
            expires_at=parse_rfc3339(spec["expires"]) or 0,
            checks=frozenset(check_names()[name] for name in spec.get("checks") or ()),
            fields=frozenset(spec.get("fields") or ()),
            containers=frozenset(containers) if containers else None,
        ),
        namespaces=tuple(spec.get("namespaces") or ()),
        namespace_selector=spec.get("namespaceSelector"),
        object_selector=spec.get("objectSelector"),
    )
