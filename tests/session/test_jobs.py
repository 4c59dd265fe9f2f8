"""A Job's controller: what it starts next and how it ends, by the code of Kubernetes 1.37.2."""

from typing import Any

import pytest

from podproof.session.run.job import JobEnd, job_of, next_step
from podproof.session.run.not_played import suspended, unplayed_fields, unplayed_object

DONE = JobEnd(True, "CompletionsReached", "Reached expected number of succeeded pods")
TOO_OFTEN = JobEnd(False, "BackoffLimitExceeded", "Job has reached the specified backoff limit")


def pod(phase: str, index: int | None = None, code: int = 1, **more: Any) -> dict[str, Any]:
    annotations = {} if index is None else {"batch.kubernetes.io/job-completion-index": str(index)}
    status: dict[str, Any] = {"phase": phase}
    if phase == "Failed":
        status["containerStatuses"] = [{"name": "c", "state": {"terminated": {"exitCode": code}}}]
    return {
        "metadata": {"name": "p", "namespace": "shop", "annotations": annotations},
        "spec": {"restartPolicy": "Never"},
        "status": status | more,
    }


def phases(text: str) -> list[dict[str, Any]]:
    words = {"S": "Succeeded", "F": "Failed", "R": "Running", "P": "Pending"}
    return [pod(words[letter]) for letter in text]


@pytest.mark.parametrize(
    ("spec", "so_far", "started", "delay", "end"),
    [
        ({"completions": 1}, "", 1, 0, None),
        ({"completions": 3, "parallelism": 2}, "", 2, 0, None),
        ({"completions": 3, "parallelism": 2}, "RR", 0, 0, None),
        ({"completions": 3, "parallelism": 2}, "SR", 1, 0, None),
        ({"completions": 3, "parallelism": 2}, "SSR", 0, 0, None),
        ({"completions": 3, "parallelism": 5}, "", 3, 0, None),
        ({"completions": 3, "parallelism": 2}, "SSS", 0, 0, DONE),
        ({"completions": 1}, "F", 1, 10, None),
        ({"completions": 1}, "FF", 1, 20, None),
        ({"completions": 2}, "FFSF", 1, 10, None),
        ({"completions": 2}, "FFS", 1, 0, None),
        ({"completions": 1}, "FFFFFF", 1, 320, None),
        ({"completions": 1, "backoffLimit": 9}, "FFFFFFF", 1, 600, None),
        ({"completions": 1, "backoffLimit": 0}, "F", 0, 0, TOO_OFTEN),
        ({"completions": 1, "backoffLimit": 2}, "FF", 1, 20, None),
        ({"completions": 1, "backoffLimit": 2}, "FFF", 0, 0, TOO_OFTEN),
        ({"completions": 2, "parallelism": 2, "backoffLimit": 0}, "SF", 0, 0, TOO_OFTEN),
        ({"completions": 0}, "", 0, 0, DONE),
        ({"completions": 2, "parallelism": 0}, "", 0, 0, None),
        # without completions, as a queue of work: one success, and nothing more is started
        ({"parallelism": 2}, "", 2, 0, None),
        ({"parallelism": 2}, "RF", 1, 10, None),
        ({"parallelism": 2}, "SR", 0, 0, None),
        ({"parallelism": 2}, "SF", 0, 0, DONE),
        ({"parallelism": 2}, "SS", 0, 0, DONE),
    ],
)
def test_numbers(spec: dict[str, Any], so_far: str, started: int, delay: int, end: JobEnd | None) -> None:
    step = next_step(job_of(spec), phases(so_far), 0)
    assert (step.start, step.delay, step.end) == ((None,) * started, delay, end)


@pytest.mark.parametrize(("active_for", "ends"), [(2.9, False), (3, True), (10, True)])
def test_the_deadline(active_for: float, ends: bool) -> None:
    job = job_of({"completions": 1, "activeDeadlineSeconds": 3})
    end = next_step(job, phases("R"), active_for).end
    words = JobEnd(False, "DeadlineExceeded", "Job was active longer than specified deadline")
    assert end == (words if ends else None)


@pytest.mark.parametrize(
    ("limit", "restarts", "ends"), [(0, 0, False), (0, 1, True), (2, 1, False), (2, 2, True)]
)
def test_restarts_in_place_are_retries(limit: int, restarts: int, ends: bool) -> None:
    job = job_of({"completions": 1, "backoffLimit": limit})
    running = pod("Running", containerStatuses=[{"name": "c", "restartCount": restarts}])
    assert next_step(job, [running], 0).end is None  # with restartPolicy Never there are none
    running["spec"]["restartPolicy"] = "OnFailure"
    assert next_step(job, [running], 0).end == (TOO_OFTEN if ends else None)
    initial = pod("Pending", initContainerStatuses=[{"name": "i", "restartCount": restarts}])
    initial["spec"]["restartPolicy"] = "OnFailure"
    assert next_step(job, [initial], 0).end == (TOO_OFTEN if ends else None)


INDEXED = {"completions": 4, "parallelism": 2, "completionMode": "Indexed"}


@pytest.mark.parametrize(
    ("so_far", "started"),
    [
        ([], (0, 1)),
        ([("Running", 0), ("Running", 1)], ()),
        ([("Succeeded", 0), ("Running", 1)], (2,)),
        ([("Failed", 0), ("Running", 1)], (0,)),
        ([("Failed", 0), ("Succeeded", 0), ("Failed", 1)], (1, 2)),
        ([("Succeeded", 0), ("Succeeded", 1), ("Succeeded", 2), ("Running", 3)], ()),
        ([("Succeeded", 3)], (0, 1)),
    ],
)
def test_the_lowest_indexes_first(so_far: list[tuple[str, int]], started: tuple[int, ...]) -> None:
    assert next_step(job_of(INDEXED), [pod(*one) for one in so_far], 0).start == started


def test_an_index_counts_once() -> None:
    done = [pod("Succeeded", index) for index in (0, 0, 1, 2)]
    step = next_step(job_of(INDEXED), done, 0)
    assert (step.start, step.succeeded, step.end) == ((3,), 3, None)
    assert next_step(job_of(INDEXED), [*done, pod("Succeeded", 3)], 0).end == DONE


def test_indexes_with_limits_of_their_own() -> None:
    job = job_of({**INDEXED, "backoffLimit": 2147483647, "backoffLimitPerIndex": 1, "maxFailedIndexes": 1})
    one = [pod("Failed", 0)]
    assert next_step(job, one, 0).start == (0, 1)
    lost = [pod("Failed", 0), pod("Failed", 0)]
    assert next_step(job, lost, 0).start == (1, 2)
    rest = [*lost, *(pod("Succeeded", index) for index in (1, 2, 3))]
    assert next_step(job, rest, 0).end == JobEnd(False, "FailedIndexes", "Job has failed indexes")
    more = [*lost, pod("Failed", 1), pod("Failed", 1)]
    words = "Job has exceeded the specified maximal number of failed indexes"
    assert next_step(job, more, 0).end == JobEnd(False, "MaxFailedIndexesExceeded", words)


def rule(action: str, operator: str, *values: int, **more: str) -> dict[str, Any]:
    return {"action": action, "onExitCodes": {"operator": operator, "values": list(values), **more}}


@pytest.mark.parametrize(
    ("rules", "code", "reason"),
    [
        ([rule("FailJob", "In", 42)], 42, "PodFailurePolicy"),
        ([rule("FailJob", "In", 42)], 1, "BackoffLimitExceeded"),
        ([rule("FailJob", "NotIn", 42)], 1, "PodFailurePolicy"),
        ([rule("FailJob", "NotIn", 42)], 42, "BackoffLimitExceeded"),
        ([rule("Ignore", "In", 42)], 42, ""),
        ([rule("Count", "In", 42), rule("FailJob", "In", 42)], 42, "BackoffLimitExceeded"),
        ([rule("Ignore", "In", 1), rule("FailJob", "In", 42)], 42, "PodFailurePolicy"),
        ([rule("FailJob", "In", 42, containerName="c")], 42, "PodFailurePolicy"),
        ([rule("FailJob", "In", 42, containerName="other")], 42, "BackoffLimitExceeded"),
        ([{"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget"}]}], 1, "PodFailurePolicy"),
        (
            [{"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget", "status": "False"}]}],
            1,
            "BackoffLimitExceeded",
        ),
    ],
)
def test_the_failure_policy(rules: list[dict[str, Any]], code: int, reason: str) -> None:
    job = job_of({"completions": 1, "backoffLimit": 0, "podFailurePolicy": {"rules": rules}})
    failed = pod("Failed", code=code, conditions=[{"type": "DisruptionTarget", "status": "True"}])
    end = next_step(job, [failed], 0).end
    assert (end.reason if end is not None else "") == reason


def test_the_words_of_the_failure_policy() -> None:
    rules = [rule("Ignore", "In", 7), rule("FailJob", "In", 42)]
    job = job_of({"completions": 1, "podFailurePolicy": {"rules": rules}})
    end = next_step(job, [pod("Failed", code=42)], 0).end
    assert end is not None
    assert end.message == (
        "Container c for pod shop/p failed with exit code 42 matching FailJob rule at index 1"
    )
    rules = [{"action": "FailJob", "onPodConditions": [{"type": "ConfigIssue"}]}]
    job = job_of({"completions": 1, "podFailurePolicy": {"rules": rules}})
    end = next_step(job, [pod("Failed", conditions=[{"type": "ConfigIssue", "status": "True"}])], 0).end
    assert end is not None
    assert end.message == "Pod shop/p has condition ConfigIssue matching FailJob rule at index 0"


def test_a_rule_can_end_an_index() -> None:
    rules = {"rules": [rule("FailIndex", "In", 42)]}
    job = job_of({**INDEXED, "backoffLimitPerIndex": 5, "podFailurePolicy": rules})
    assert next_step(job, [pod("Failed", 0, code=42)], 0).start == (1, 2)
    assert next_step(job, [pod("Failed", 0, code=1)], 0).start == (0, 1)


@pytest.mark.parametrize(
    ("rules", "done", "message"),
    [
        ([{"succeededIndexes": "0,2-3"}], (0, 2, 3), "Matched rules at index 0"),
        ([{"succeededIndexes": "0,2-3"}], (0, 1, 2), ""),
        ([{"succeededIndexes": "0-2", "succeededCount": 2}], (1, 2), "Matched rules at index 0"),
        ([{"succeededIndexes": "0-1", "succeededCount": 2}], (1, 2), ""),
        ([{"succeededCount": 2}], (1, 3), "Matched rules at index 0"),
        ([{"succeededCount": 3}], (1, 3), ""),
        ([{"succeededIndexes": "3"}, {"succeededIndexes": "1"}], (1,), "Matched rules at index 1"),
        ([{"succeededIndexes": "9"}], (0,), ""),
        ([{"succeededCount": 1}], (), ""),
    ],
)
def test_the_success_policy(rules: list[dict[str, Any]], done: tuple[int, ...], message: str) -> None:
    job = job_of({**INDEXED, "successPolicy": {"rules": rules}})
    end = next_step(job, [pod("Succeeded", index) for index in done], 0).end
    assert end == (JobEnd(True, "SuccessPolicy", message) if message else None)


@pytest.mark.parametrize(
    ("value", "notes"),
    [
        (
            {"kind": "Job", "metadata": {"name": "j"}, "spec": {"suspend": True}},
            ["Job/j: spec.suspend is true: no pod is made"],
        ),
        (
            {"kind": "Job", "metadata": {"name": "j"}, "spec": {"managedBy": "x.io/y"}},
            ["Job/j: managedBy is x.io/y: no pod is made"],
        ),
        ({"kind": "Job", "spec": {"managedBy": "kubernetes.io/job-controller", "suspend": False}}, []),
        (
            {"kind": "Job", "metadata": {"name": "j"}, "spec": {"ttlSecondsAfterFinished": 0}},
            ["Job/j: spec.ttlSecondsAfterFinished is not played: pods are removed after the run"],
        ),
        (
            {
                "kind": "CronJob",
                "metadata": {"name": "c"},
                "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"suspend": True}}},
            },
            [
                "CronJob/c: spec.jobTemplate.spec.suspend is true: no pod is made",
                "CronJob/c: spec.schedule is not played: its job runs once, now",
            ],
        ),
        (
            {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 3, "strategy": {}}},
            [
                "Deployment/d: spec.replicas is 3: one pod runs; --replicas changes it",
                "Deployment/d: spec.strategy is not played: nothing is rolled out",
            ],
        ),
        ({"kind": "Deployment", "spec": {"replicas": 1, "selector": {}}}, []),
        ({"kind": "Pod", "spec": {"suspend": True, "replicas": 7}}, []),
        ({"kind": "Job", "spec": None}, []),
    ],
)
def test_what_is_not_played_is_named(value: dict[str, Any], notes: list[str]) -> None:
    assert list(unplayed_fields(value)) == notes
    assert suspended(value) == any("no pod is made" in note for note in notes)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Ingress", "Ingress/web is not played: nothing is let in"),
        ("ConfigMap", ""),
        ("Namespace", ""),
    ],
)
def test_objects_without_effect_are_named(kind: str, said: str) -> None:
    assert unplayed_object({"kind": kind, "metadata": {"name": "web"}}) == said


@pytest.mark.parametrize("mode", ["NonIndexed", "Indexed"])
def test_a_manifest_does_not_say_how_many_pods_a_machine_bears(mode: str) -> None:
    most = 100_000 if mode == "Indexed" else 2**31 - 1
    job = job_of({"completions": most, "parallelism": most, "completionMode": mode})
    assert len(next_step(job, [], 0).start) == 110
    so_far = [pod("Running", index if mode == "Indexed" else None) for index in range(7)]
    assert len(next_step(job, so_far, 0, 3).start) == 3
    assert next_step(job, so_far, 0, 0).start == ()


@pytest.mark.parametrize(("parallelism", "named"), [(110, 0), (111, 1), (2**31 - 1, 1), (True, 0), ("9", 0)])
def test_how_many_pods_run_at_a_time_is_named(parallelism: Any, named: int) -> None:
    job = {"kind": "Job", "metadata": {"name": "j"}, "spec": {"parallelism": parallelism}}
    told = f"Job/j: spec.parallelism is {parallelism}: 110 pods run at a time"
    assert list(unplayed_fields(job)) == [told] * named
    cron = {"kind": "CronJob", "metadata": {"name": "j"}, "spec": {"jobTemplate": {"spec": job["spec"]}}}
    told = f"CronJob/j: spec.jobTemplate.spec.parallelism is {parallelism}: 110 pods run at a time"
    assert list(unplayed_fields(cron)) == [told] * named
