"""API validation: what the API server refuses with 422, and what it only warns about.

Decoded and defaulted plain objects come in; field errors in the server's order and words go out. It never
judges security and never looks at other objects.
Source: kubernetes 1.37.2, pkg/apis/{core,apps,batch}/validation with the default feature gates.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from ..feature_gates import FeatureGates
from ..field_error import Errors, FieldError
from ..version_skew import leave_out_later_rules

__all__ = ["FieldError", "distinct", "validate", "warnings"]


def validate(
    kind: str,
    obj: dict[str, Any],
    *,
    version: int,
    gates: FeatureGates | None = None,
    account_is_set: bool = False,
) -> list[FieldError]:
    """Say what the API server of 1.`version` refuses, in its order; an unknown kind has no errors.

    The rules are the newest, without those that are known to be younger; where a feature gate changes one,
    it is as `gates` say (None: the version's own). With `account_is_set` a pod that
    names no service account is judged as the ServiceAccount admission of every usual cluster leaves it: with
    the account `default`.
    """
    errors = Errors(gates or FeatureGates(version))
    if kind == "Pod":
        _pod_rules()(errors, obj, account_is_set=account_is_set)
    elif kind in ("Job", "CronJob"):
        _job_rules(kind)(errors, obj)
    elif kind in _WORKLOADS:
        _workload_rules(kind)(errors, obj)
    return leave_out_later_rules(distinct(errors), version) if errors else []


def distinct(errors: list[FieldError]) -> Iterable[FieldError]:
    """Drop repeats, as the server does from its message and its causes alike.

    Repeats have one text. Texts are only made where equal fields do not decide: errors of one type and
    detail that name their field themselves, and values that cannot be compared as they are printed.
    """
    if len(errors) < 2:
        return errors
    naming = {(error.type, error.detail) for error in errors if error.field is not None}
    told: dict[Any, FieldError] = {}
    for error in errors:
        value = error.value
        plain = value is None or value.__class__ is str or value.__class__ is int
        if plain and (error.type, error.detail) not in naming:
            told[error.type, error.route, value, error.detail] = error
        else:
            told[error.text] = error
    return told.values()


_WORKLOADS = {
    "PodTemplate": "validate_pod_template",
    "ReplicationController": "validate_replication_controller",
    "ReplicaSet": "validate_replica_set",
    "Deployment": "validate_deployment",
    "DaemonSet": "validate_daemon_set",
    "StatefulSet": "validate_stateful_set",
}


def warnings(kind: str, obj: dict[str, Any]) -> list[str]:
    """Give the bare texts of the warnings that follow an accepted object, in the API server's order.

    Warnings of defaulting (`apply_defaults`) come before these, and also with a refusal.
    """
    return _warning_rules()(kind, obj)


# imported when first needed, and then at hand: an import statement costs a microsecond each time it is met


@cache
def _pod_rules() -> Callable[..., None]:
    from .pod import validate_pod

    return validate_pod


@cache
def _job_rules(kind: str) -> Callable[..., None]:
    from .jobs import validate_cron_job, validate_job

    return validate_job if kind == "Job" else validate_cron_job


@cache
def _workload_rules(kind: str) -> Callable[..., None]:
    from . import workloads

    rules: Callable[..., None] = getattr(workloads, _WORKLOADS[kind])
    return rules


@cache
def _warning_rules() -> Callable[[str, dict[str, Any]], list[str]]:
    from .acceptance_warnings import collect_warnings

    return collect_warnings
