"""A Job as its controller plays it: a spec and the pods so far come in, what to start and how it ends go out.

Nothing is started here, and no clock is read.
Source: kubernetes 1.37.2 pkg/controller/job: job_controller.go (manageJob, syncJob), pod_failure_policy.go,
success_policy.go, backoff_utils.go.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from ...admission.controllers import completion_index
from ...kubelet.scheduling import MAX_PODS

__all__ = ["Job", "JobEnd", "JobStep", "job_of", "next_step"]

_FIRST_DELAY, _MAX_DELAY = 10, 600
"""Seconds between a pod's failure and the pod that replaces it; doubled with each failure in a row."""


class _OnExitCodes(msgspec.Struct, frozen=True, rename="camel"):
    operator: str
    values: tuple[int, ...]
    container_name: str | None = None


class _OnPodCondition(msgspec.Struct, frozen=True):
    type: str
    status: str = "True"


class _FailureRule(msgspec.Struct, frozen=True, rename="camel"):
    action: Literal["FailJob", "FailIndex", "Ignore", "Count"]
    on_exit_codes: _OnExitCodes | None = None
    on_pod_conditions: tuple[_OnPodCondition, ...] | None = None


class _FailurePolicy(msgspec.Struct, frozen=True):
    rules: tuple[_FailureRule, ...] = ()


class _SuccessRule(msgspec.Struct, frozen=True, rename="camel"):
    succeeded_indexes: str | None = None
    succeeded_count: int | None = None


class _SuccessPolicy(msgspec.Struct, frozen=True):
    rules: tuple[_SuccessRule, ...] = ()


class Job(msgspec.Struct, frozen=True, rename="camel"):
    """What a Job's spec says of its pods. None: not set, so a Job without `completions` is a work queue."""

    parallelism: int = 1
    completions: int | None = None
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    active_deadline_seconds: int | None = None
    completion_mode: str = "NonIndexed"
    suspend: bool = False
    pod_failure_policy: _FailurePolicy = _FailurePolicy()
    success_policy: _SuccessPolicy = _SuccessPolicy()

    @property
    def indexed(self) -> bool:
        """Tell whether each of its pods has a completion index."""
        return self.completion_mode == "Indexed"


class JobEnd(msgspec.Struct, frozen=True):
    """How a Job ended, in the words of its last condition."""

    succeeded: bool
    reason: str
    message: str


class JobStep(msgspec.Struct, frozen=True):
    """What comes next: pods to start (their completion indexes, None for a Job without), or the end.

    `delay`: the seconds after the latest failure before which nothing is started.
    """

    start: tuple[int | None, ...] = ()
    delay: int = 0
    end: JobEnd | None = None
    succeeded: int = 0


def job_of(spec: Mapping[str, Any]) -> Job:
    """Read the spec of a Job that is decoded, defaulted and valid."""
    return msgspec.convert({key: value for key, value in spec.items() if value is not None}, Job)


class _Failed(msgspec.Struct, frozen=True):
    """A failed pod: whether it counts, and what of the Job it ends."""

    index: int | None
    counts: bool = True
    ends_index: bool = False
    ends_job: str = ""


def next_step(
    job: Job, pods: Sequence[Mapping[str, Any]], active_for: float, room: int = MAX_PODS
) -> JobStep:
    """Decide by all pods of a Job so far, in the order they began, `active_for` seconds after it did.

    `room`: so many pods may be started at most.
    """
    phases = [(pod.get("status") or {}).get("phase") for pod in pods]
    indexes = [completion_index(pod) for pod in pods]
    done = {
        (index if job.indexed else number)
        for number, (phase, index) in enumerate(zip(phases, indexes, strict=True))
        if phase == "Succeeded"
    }
    failed = [_judge(job, pod) for pod, phase in zip(pods, phases, strict=True) if phase == "Failed"]
    active = [
        index for phase, index in zip(phases, indexes, strict=True) if phase not in ("Succeeded", "Failed")
    ]
    per_index = job.backoff_limit_per_index is not None
    lost = set(_failed_indexes(job, failed)) if per_index else set()
    end = _failure(job, pods, failed, lost, active_for) or _success(job, done, lost, active)
    if end is not None:
        return JobStep(end=end, succeeded=len(done))
    wanted = job.parallelism
    if job.completions is not None:
        wanted = min(wanted, job.completions - len(done) - len(lost))
    elif done:
        wanted = len(active)
    missing = max(0, min(wanted - len(active), room))
    in_a_row = sum(1 for _ in itertools.takewhile(lambda phase: phase != "Succeeded", reversed(phases)))
    failures = sum(phase == "Failed" for phase in phases[len(phases) - in_a_row :])
    delay = min(_MAX_DELAY, _FIRST_DELAY * 2 ** (failures - 1)) if failures else 0
    if not job.indexed:
        return JobStep((None,) * missing, delay, succeeded=len(done))
    taken = {*done, *lost, *active}
    pending = (index for index in range(job.completions or 0) if index not in taken)
    return JobStep(tuple(itertools.islice(pending, missing)), delay, succeeded=len(done))


def _failure(
    job: Job,
    pods: Sequence[Mapping[str, Any]],
    failed: Sequence[_Failed],
    lost: set[int | None],
    active_for: float,
) -> JobEnd | None:
    by_policy = next((one.ends_job for one in failed if one.ends_job), "")
    if by_policy:
        return JobEnd(False, "PodFailurePolicy", by_policy)
    counted = sum(one.counts for one in failed)
    if counted > job.backoff_limit or _restarted_too_often(job, pods):
        return JobEnd(False, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    if job.active_deadline_seconds is not None and active_for >= job.active_deadline_seconds:
        return JobEnd(False, "DeadlineExceeded", "Job was active longer than specified deadline")
    if job.max_failed_indexes is not None and len(lost) > job.max_failed_indexes:
        words = "Job has exceeded the specified maximal number of failed indexes"
        return JobEnd(False, "MaxFailedIndexesExceeded", words)
    return None


def _success(
    job: Job, done: set[int | None], lost: set[int | None], active: Sequence[object]
) -> JobEnd | None:
    for number, rule in enumerate(job.success_policy.rules):
        if _is_met(rule, done, job.completions or 0):
            return JobEnd(True, "SuccessPolicy", f"Matched rules at index {number}")
    if job.completions is None:
        complete = bool(done) and not active
    elif len(done) + len(lost) < job.completions:
        complete = False
    elif lost:
        return JobEnd(False, "FailedIndexes", "Job has failed indexes")
    else:
        complete = True
    if not complete:
        return None
    return JobEnd(True, "CompletionsReached", "Reached expected number of succeeded pods")


def _restarted_too_often(job: Job, pods: Sequence[Mapping[str, Any]]) -> bool:
    """Count the restarts of containers in place: with restartPolicy OnFailure these are the retries."""
    restarts = sum(
        int(status.get("restartCount") or 0)
        for pod in pods
        if (pod.get("spec") or {}).get("restartPolicy") == "OnFailure"
        and (pod.get("status") or {}).get("phase") in ("Pending", "Running")
        for status in _container_statuses(pod)
    )
    return restarts >= max(1, job.backoff_limit) if restarts else False


def _failed_indexes(job: Job, failed: Sequence[_Failed]) -> Iterator[int | None]:
    """Give the indexes that are not tried again."""
    for index in {one.index for one in failed}:
        mine = [one for one in failed if one.index == index]
        counted = sum(one.counts for one in mine)
        if any(one.ends_index for one in mine) or counted > (job.backoff_limit_per_index or 0):
            yield index


def _judge(job: Job, pod: Mapping[str, Any]) -> _Failed:
    """Apply the first rule of the failure policy that a failed pod matches."""
    index, metadata = completion_index(pod), pod.get("metadata") or {}
    who = f"{metadata.get('namespace')}/{metadata.get('name')}"
    for number, rule in enumerate(job.pod_failure_policy.rules):
        words = ""
        if rule.on_exit_codes is not None:
            status = _matching_container(pod, rule.on_exit_codes)
            if status is not None:
                code = status["state"]["terminated"]["exitCode"]
                words = f"Container {status['name']} for pod {who} failed with exit code {code}"
        elif rule.on_pod_conditions:
            type = _matching_condition(pod, rule.on_pod_conditions)
            words = f"Pod {who} has condition {type}" if type else ""
        if words:
            text = f"{words} matching {rule.action} rule at index {number}"
            return _Failed(
                index,
                counts=rule.action != "Ignore",
                ends_index=rule.action == "FailIndex",
                ends_job=text if rule.action == "FailJob" else "",
            )
    return _Failed(index)


def _matching_container(pod: Mapping[str, Any], wanted: _OnExitCodes) -> Mapping[str, Any] | None:
    for status in _container_statuses(pod):
        code = ((status.get("state") or {}).get("terminated") or {}).get("exitCode")
        if not code or wanted.container_name not in (None, status.get("name")):
            continue
        if (code in wanted.values) == (wanted.operator == "In"):
            return status
    return None


def _matching_condition(pod: Mapping[str, Any], wanted: Sequence[_OnPodCondition]) -> str:
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if any((one.type, one.status) == (condition["type"], condition["status"]) for one in wanted):
            return str(condition["type"])
    return ""


def _container_statuses(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the statuses of a pod's containers, the init containers last, as the failure policy does."""
    status = pod.get("status") or {}
    return [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]


def _is_met(rule: _SuccessRule, done: set[int | None], completions: int) -> bool:
    if not done:
        return False
    if rule.succeeded_indexes is None:
        return rule.succeeded_count is not None and len(done) >= rule.succeeded_count
    wanted = set(_indexes(rule.succeeded_indexes, completions))
    if not wanted:
        return False
    reached = len(wanted & done)
    return reached == len(wanted) or (rule.succeeded_count is not None and reached >= rule.succeeded_count)


def _indexes(text: str, completions: int) -> Iterator[int]:
    """Read `0,2-4` up to the number of completions."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), min(int(last or first), completions - 1) + 1)
