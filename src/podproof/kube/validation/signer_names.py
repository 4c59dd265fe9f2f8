"""Names of certificate signers, such as `example.com/signer`.

A name comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation/names.go, ValidateSignerName.
"""

from ...manifest.route import Route
from ..field_error import Errors, invalid, required, too_long
from ..go_format import quote
from .formats import byte_length, dns_label, dns_subdomain

_MAX_DOMAIN = 253  # bytes
_MAX_PATH = 253 + 63 + 1  # bytes: a subdomain, a label and a dot


def validate_signer_name(errors: Errors, name: str, route: Route) -> None:
    """Judge a signer's name: a domain of at least two labels, a slash, and a path without slashes."""
    if not name:
        required(errors, route)
        return
    parts = name.split("/")
    if len(parts) != 2:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        invalid(errors, route, name, detail)
        return
    domain, path = parts
    if byte_length(domain) > _MAX_DOMAIN:
        too_long(errors, route, _MAX_DOMAIN)
    for segment, judge in ((domain, dns_label), (path, dns_subdomain)):
        for label in segment.split("."):
            faults = judge(label)
            for fault in faults:
                invalid(errors, route, segment, f"validating label {quote(label)}: {fault}")
            if faults:
                break
        if segment is domain and "." not in domain:
            detail = "should be a domain with at least two segments separated by dots"
            invalid(errors, route, domain, detail)
    if byte_length(path) > _MAX_PATH:
        too_long(errors, route, _MAX_PATH)
