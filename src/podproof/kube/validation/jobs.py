"""Jobs and cron jobs.

A decoded and defaulted object comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/batch/validation.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..cron_schedule import find_schedule_problem
from ..field_error import Errors, invalid, not_supported, required, too_long
from ..go_format import json_value
from ..time_zone import find_time_zone_problem
from .formats import byte_length, dns_label, dns_subdomain, matcher
from .job_policies import validate_pod_failure_policy, validate_success_policy
from .metadata import (
    selector_is_usable,
    selector_matches,
    show_selector,
    validate_metadata,
    validate_selector,
)
from .pod import validate_template
from .workloads import SPEC, refuse_mismatch, template_labels, validate_not_negative

_ZONE_PART = "[A-Za-z._0-9+-]{1,14}"  # what may stand between the slashes of a time zone's name
_MAX_PARALLEL = 100000  # of an indexed job
_MAX_FAILED = 100_000  # indexes of an indexed job
_MANY_COMPLETIONS = 100_000
_MAX_OF_MANY = 10_000  # pods at a time, and failed indexes, of an indexed job with so many completions
_MAX_CRON_NAME = 52  # the controller appends 11 characters to make a job's name of at most 63


def validate_job(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a Job whose generated labels and selector have been filled in."""
    metadata, spec = value.get("metadata") or {}, value.get("spec") or {}
    validate_metadata(errors, metadata)
    _validate_generated_labels(errors, metadata, spec)
    _validate_job_spec(errors, spec, SPEC)
    selector = spec.get("selector")
    if selector is None:
        required(errors, (*SPEC, "selector"))
    before = len(errors)
    validate_selector(errors, selector, (*SPEC, "selector"))
    if len(errors) == before and not selector_matches(selector, template_labels(spec)):
        refuse_mismatch(errors, spec)
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == "Indexed" and completions > 0:
        name = metadata.get("name") or ""
        host = f"{name}-{completions - 1}"
        if dns_label(host):
            detail = f"will not able to create pod with invalid DNS label: {host}"
            invalid(errors, ("metadata", "name"), name, detail)


def _validate_generated_labels(errors: Errors, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return
    labels, uid, name = template_labels(spec) or {}, metadata.get("uid") or "", metadata.get("name") or ""
    expected = {
        "controller-uid": uid,
        "job-name": name,
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
    }
    route: Route = ("spec", "template", "metadata", "labels")
    for key, wanted in expected.items():
        if key not in labels:
            required(
                errors, (*route, key), f"must be '{wanted}'", field=f"spec.template.metadata.labels[{key}]"
            )
        elif (labels[key] or "") != wanted:
            field = f"spec.template.metadata.labels[{key}]"
            invalid(errors, (*route, key), json_value(labels), f"must be '{wanted}'", field=field)
    if selector_is_usable(selector) and not selector_matches(selector, expected):
        invalid(errors, (*SPEC, "selector"), show_selector(selector), "`selector` not auto-generated")


def _validate_job_spec(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    numbers = (
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    )
    validate_not_negative(errors, spec, route, *numbers, "backoffLimitPerIndex", "maxFailedIndexes")
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        required(errors, (*route, "backoffLimitPerIndex"), "when maxFailedIndexes is specified")
    managed = spec.get("managedBy")
    if managed is not None:
        _validate_managed_by(errors, managed, (*route, "managedBy"))
    _validate_mode(errors, spec, route)
    if spec.get("podFailurePolicy") is not None:
        validate_pod_failure_policy(errors, spec, (*route, "podFailurePolicy"))
    if spec.get("successPolicy") is not None:
        validate_success_policy(errors, spec, (*route, "successPolicy"))
    replacement = spec.get("podReplacementPolicy")
    if replacement is not None:
        supported = (
            ("Failed",) if spec.get("podFailurePolicy") is not None else ("Failed", "TerminatingOrFailed")
        )
        if replacement not in supported:
            not_supported(errors, (*route, "podReplacementPolicy"), replacement, supported)
    template = (*route, "template")
    validate_template(errors, spec.get("template") or {}, template)
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy") or ""
    at = (*template, "spec", "restartPolicy")
    if policy in ("", "Always"):
        required(errors, at, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        not_supported(errors, at, policy, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        invalid(errors, at, json_value(policy), detail)


def _validate_managed_by(errors: Errors, value: str, route: Route) -> None:
    if not value:
        required(errors, route)
    else:
        host, slash, path = value.partition("/")
        if not slash or not host or not path:
            invalid(errors, route, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
        else:
            for fault in dns_subdomain(host):
                invalid(errors, route, host, fault)
    if byte_length(value) > 63:
        too_long(errors, route, 63)


def _validate_mode(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    mode = spec.get("completionMode")
    if mode is not None and mode not in ("NonIndexed", "Indexed"):
        not_supported(errors, (*route, "completionMode"), mode, ("NonIndexed", "Indexed"))
    if mode == "Indexed":
        _validate_indexed(errors, spec, route)
    if mode in (None, "NonIndexed"):
        for key in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(key) is not None:
                invalid(errors, (*route, key), spec[key], "requires indexed completion mode")


def _validate_indexed(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    completions, parallelism, failed = (
        spec.get(key) for key in ("completions", "parallelism", "maxFailedIndexes")
    )
    if completions is None:
        required(errors, (*route, "completions"), "when completion mode is Indexed")
    if (parallelism or 0) > _MAX_PARALLEL:
        detail = f"must be less than or equal to {_MAX_PARALLEL} when completion mode is Indexed"
        invalid(errors, (*route, "parallelism"), parallelism, detail)
    at = (*route, "maxFailedIndexes")
    if completions is not None and failed is not None and failed > completions:
        invalid(errors, at, failed, "must be less than or equal to completions")
    if failed is not None and failed > _MAX_FAILED:
        invalid(errors, at, failed, f"must be less than or equal to {_MAX_FAILED}")
    if (completions or 0) <= _MANY_COMPLETIONS or spec.get("backoffLimitPerIndex") is None:
        return
    if failed is None:
        required(errors, at, f"must be specified when completions is above {_MANY_COMPLETIONS}")
    above = f"when completions are above {_MANY_COMPLETIONS} and used with backoff limit per index"
    for key, number in (("parallelism", parallelism), ("maxFailedIndexes", failed)):
        if number is not None and number > _MAX_OF_MANY:
            invalid(errors, (*route, key), number, f"must be less than or equal to {_MAX_OF_MANY} {above}")


def validate_cron_job(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a CronJob."""
    metadata, spec = value.get("metadata") or {}, value.get("spec") or {}
    declared = Errors(errors.gates)
    validate_metadata(errors, metadata)
    schedule = spec.get("schedule") or ""
    if not schedule:
        required(declared, (*SPEC, "schedule"))
    else:
        _validate_schedule(errors, schedule)
    validate_not_negative(errors, spec, SPEC, "startingDeadlineSeconds")
    if spec.get("timeZone") is not None:
        _validate_time_zone(errors, spec["timeZone"], (*SPEC, "timeZone"))
    policy = spec.get("concurrencyPolicy") or ""
    if not policy:
        required(errors, (*SPEC, "concurrencyPolicy"))
    elif policy not in ("Allow", "Forbid", "Replace"):
        not_supported(errors, (*SPEC, "concurrencyPolicy"), policy, ("Allow", "Forbid", "Replace"))
    job, at = (spec.get("jobTemplate") or {}).get("spec") or {}, (*SPEC, "jobTemplate", "spec")
    _validate_job_spec(errors, job, at)
    if job.get("selector") is not None:
        detail = "`selector` will be auto-generated"
        invalid(errors, (*at, "selector"), show_selector(job["selector"]), detail)
    if job.get("manualSelector"):
        not_supported(errors, (*at, "manualSelector"), True, ("nil", "false"))
    validate_not_negative(errors, spec, SPEC, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    name = metadata.get("name") or ""
    if byte_length(name) > _MAX_CRON_NAME:
        invalid(errors, ("metadata", "name"), name, f"must be no more than {_MAX_CRON_NAME} characters")
    errors.extend(declared)


def _validate_schedule(errors: Errors, schedule: str) -> None:
    at = (*SPEC, "schedule")
    problem = find_schedule_problem(schedule)
    if problem:
        invalid(errors, at, schedule, problem)
    if "TZ" in schedule:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        invalid(errors, at, schedule, detail)


def _validate_time_zone(errors: Errors, zone: str, route: Route) -> None:
    shown = json_value(zone)
    if not zone:
        invalid(errors, route, shown, "timeZone must be nil or non-empty string")
        return
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not matcher(_ZONE_PART).fullmatch(part):
            invalid(errors, route, shown, f"unknown time zone {zone}")
            return
    if zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        invalid(errors, route, shown, detail)
    problem = find_time_zone_problem(zone)
    if problem:
        invalid(errors, route, shown, problem)
