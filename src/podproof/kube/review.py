"""Reviews a pod or a workload that is already read as the API server would when it is created.

A value comes in, a Review goes out, which keeps routes where `accept` has the server's words. Decoding,
defaulting and validation are other modules; admission plugins are not played.
Source: kubernetes 1.37.2, apiserver pkg/endpoints/handlers/create.go; recorded answers.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..steps import Steps, finish
from .conversion import find_conversion_problem
from .decode import Problem, decode_type, type_of
from .defaults import apply_defaults, apply_defaults_of_storing
from .feature_gates import FeatureGates, lenient
from .field_error import FieldError
from .gated_fields import DroppedField, drop_gated
from .generated_name import generate_name
from .new_pod import complete_new_pod
from .served_kinds import VERSIONS
from .stored import is_stored, leave_out_creation_rules
from .tolerated import leave_out_tolerated
from .validation import validate
from .validation import warnings as warnings_of
from .version_skew import warnings_at

__all__ = ["Review", "review", "review_steps"]


class Review(msgspec.Struct, frozen=True):
    """What the engine says about a value; routes count from its root.

    `problems` come from decoding, `errors` from validation, which runs only when the value could be decoded.
    `object` is decoded and defaulted, None when a value's type or its kind is wrong. `dropped` are the fields
    that are not in it since their feature gate is off.
    """

    problems: tuple[Problem, ...] = ()
    errors: tuple[FieldError, ...] = ()
    object: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    dropped: tuple[DroppedField, ...] = ()


def review(
    value: Mapping[str, Any],
    *,
    version: int,
    kind: str | None = None,
    gates: FeatureGates | None = None,
    judged: bool = True,
) -> Review:
    """Review a value as `review_steps` does, all steps at once."""
    return finish(review_steps(value, version=version, kind=kind, gates=gates, judged=judged))


def review_steps(
    value: Mapping[str, Any],
    *,
    version: int,
    kind: str | None = None,
    gates: FeatureGates | None = None,
    judged: bool = True,
) -> Steps[Review]:
    """Decode, default and validate a value as Kubernetes 1.`version` would, unknown fields notwithstanding.

    `gates` None: the version's own. `kind` (else the value's own) must be a pod or a workload; of another
    kind nothing is said. An object as a server stores it is not reviewed as a new one. Without `judged` it is
    decoded and defaulted only.
    """
    known = kind or value.get("kind")
    if not isinstance(known, str) or known not in VERSIONS:
        return Review()
    api_version = value.get("apiVersion")
    decoded = decode_type(
        value, type_of(known, version, api_version if isinstance(api_version, str) else None)
    )
    yield
    if decoded.fatal is not None:
        return Review(problems=decoded.problems)
    unconverted = find_conversion_problem(known, decoded.object)
    if unconverted is not None:
        return Review(problems=(*decoded.problems, unconverted))
    object_ = decoded.object
    generate_name(object_)
    warnings = apply_defaults(known, object_, version)
    yield
    gates = gates or FeatureGates(version)
    stored = is_stored(object_)
    dropped = () if stored else drop_gated(known, object_, gates)
    if known == "Pod" and not stored:
        complete_new_pod(object_, gates)
    if not judged:
        return Review(decoded.problems, (), object_, dropped=dropped)
    of_rules = lenient(gates) if stored else gates
    errors = validate(known, object_, version=version, gates=of_rules, account_is_set=True)
    yield
    if stored:
        errors = leave_out_tolerated(leave_out_creation_rules(errors), errors)
    if not errors:
        warnings += warnings_of(known, object_)
        apply_defaults_of_storing(known, object_)
    warnings = warnings_at(dict.fromkeys(warnings), version)
    return Review(decoded.problems, tuple(errors), object_, tuple(warnings), dropped)
