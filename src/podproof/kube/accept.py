"""Answers a request that creates a pod or a workload as the API server does, in its words.

A body comes in, an Acceptance goes out. Reading the body, decoding, defaulting and validation are other
modules; admission plugins are not played. `review` says the same of a value that is already read.
Source: kubernetes 1.37.2, apiserver pkg/endpoints/handlers/{create,rest}.go; recorded answers.
"""

from collections.abc import Mapping
from typing import Any

from .defaults import apply_defaults, apply_defaults_of_storing
from .feature_gates import FeatureGates, read_feature_gates
from .gated_fields import drop_gated
from .generated_name import generate_name
from .new_pod import complete_new_pod
from .sent_object import SentObject, read_plain, read_sent
from .status import Acceptance, bad_request, created, invalid
from .validation import validate
from .validation import warnings as warnings_of
from .version_skew import warnings_at
from .versions import parse_version

__all__ = ["accept", "refuse_unreadable"]


def accept(
    body: bytes | str | Mapping[str, Any],
    *,
    kind: str | None = None,
    namespace: str = "default",
    content_type: str = "application/json",
    kubernetes_version: str = "latest",
    field_validation: str = "Strict",
    feature_gates: Mapping[str, bool] | None = None,
) -> Acceptance:
    """Answer a POST of the body as the API server would, without admission plugins.

    `kind` is the one that the request's path names; None: the body's own, or Pod. `field_validation` is the
    query's parameter, "" for none. `feature_gates` are the gates that the server was told to set.
    Raises UsageError: `kind` is not a pod or workload, `kubernetes_version` is not a version, or it does not
    let a gate be set so. ManifestError: a mapping holds what JSON cannot.

    >>> import podproof
    >>> answer = podproof.accept({"kind": "Pod", "metadata": {"name": "web"}, "spec": {"container": []}})
    >>> answer.accepted, answer.code, answer.reason
    (False, 400, 'BadRequest')
    >>> answer.message
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.container"'
    """
    minor = parse_version(kubernetes_version)
    gates = read_feature_gates(feature_gates or {}, minor, where="feature_gates")
    read = read_sent(body, kind, content_type, minor, field_validation)
    if isinstance(read, Acceptance):
        return read
    refused = _name(read, namespace)
    return _judge(read, gates) if refused is None else refused


def refuse_unreadable(body: Mapping[str, Any], namespace: str, minor: int) -> Acceptance | None:
    """Refuse as `accept` does what the API server of 1.`minor` cannot read; None: it can.

    What it then makes of the object is not asked, which is most of the work. Raises ManifestError.
    """
    read = read_plain(body, minor) or read_sent(body, None, "application/json", minor, "Strict")
    return read if isinstance(read, Acceptance) else _name(read, namespace)


def _name(read: SentObject, namespace: str) -> Acceptance | None:
    """Default an object and give it its name and namespace; refuse one that is for another namespace."""
    object_ = read.decoded.object
    kind = read.gvk.kind
    object_["kind"], object_["apiVersion"] = kind, read.gvk.group_version
    metadata = object_.setdefault("metadata", {})
    metadata.pop("uid", None)  # a new object gets its own, whatever the body says
    generate_name(object_)
    read.warnings += apply_defaults(kind, object_, read.type.minor)
    for name in _SYSTEM_FIELDS:
        metadata.pop(name, None)
    if metadata.get("namespace", namespace) not in ("", namespace):
        message = "the namespace of the provided object does not match the namespace sent on the request"
        return bad_request(message, read.warnings)
    metadata["namespace"] = namespace
    return None


def _judge(read: SentObject, gates: FeatureGates) -> Acceptance:
    """Validate and write what was read and named."""
    object_, type_, gvk, warnings = read.decoded.object, read.type, read.gvk, read.warnings
    kind, metadata = gvk.kind, object_["metadata"]
    drop_gated(kind, object_, gates)
    if kind == "Pod":
        complete_new_pod(object_, gates)
    errors = validate(kind, object_, version=type_.minor, gates=gates)
    if errors:
        group = gvk.group_version.rpartition("/")[0]
        return invalid(f"{kind}.{group}" if group else kind, metadata.get("name") or "", errors, warnings)
    warnings += warnings_at(warnings_of(kind, object_), type_.minor)
    apply_defaults_of_storing(kind, object_)
    object_.pop("status", None)  # what a status says is not the creator's business
    from .encode import encode

    written = encode(object_, type_)
    written.pop("status", None)
    return created({"kind": kind, "apiVersion": gvk.group_version} | written, warnings)


_SYSTEM_FIELDS = (
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
)
"""What the server wipes on creation. Source: apiserver pkg/registry/rest/meta.go; its own uid comes later."""
