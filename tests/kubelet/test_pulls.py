"""Pulling in the kubelet's words: recorded ones, and those of its source, over the time of several tries."""

import pytest

from podproof.kubelet.pulls import (
    PullEvent,
    PullHistory,
    PullPolicy,
    Waiting,
    decide_pull,
    pull_failed,
    pull_succeeded,
)

NEW = PullHistory()
# Recorded on a kubelet 1.37.2 with containerd 1.6.20: img-missing.
REFUSED = (
    'failed to pull and unpack image "127.0.0.1:9/nosuch:1": failed to resolve reference'
    ' "127.0.0.1:9/nosuch:1": failed to do request: Head "http://127.0.0.1:9/v2/nosuch/manifests/1": dial tcp'
    " 127.0.0.1:9: connect: connection refused"
)
NOSUCH = "127.0.0.1:9/nosuch:1"


@pytest.mark.parametrize(
    ("policy", "present", "action"),
    [
        ("Always", True, "pull"),
        ("Always", False, "pull"),
        ("IfNotPresent", True, "use"),
        ("IfNotPresent", False, "pull"),
        ("Never", True, "use"),
        ("Never", False, "wait"),
    ],
)
def test_policy_and_presence_decide(policy: PullPolicy, present: bool, action: str) -> None:
    decision = decide_pull("web", policy, present=present, history=NEW, now=0)
    assert decision.action == action
    assert decision.image == "web:latest"
    assert (decision.waiting is not None) == (action == "wait")


def test_an_image_that_is_there_is_said_to_be() -> None:
    (event,) = decide_pull("web:1", "IfNotPresent", present=True, history=NEW, now=0).events
    assert event == PullEvent(
        "Normal",
        "Pulled",
        'Container image "web:1" already present on machine and can be accessed by the pod',
    )


def test_never_pulled_as_recorded() -> None:
    decision = decide_pull("local.lab/nosuch:1", "Never", present=False, history=NEW, now=0)
    message = 'Container image "local.lab/nosuch:1" is not present with pull policy of Never'
    assert decision.waiting == Waiting("ErrImageNeverPull", message)
    assert decision.events == (
        PullEvent("Warning", "ErrImageNeverPull", message),
        PullEvent("Warning", "Failed", "Error: ErrImageNeverPull"),
    )


def test_a_name_that_is_none_as_recorded() -> None:
    decision = decide_pull("UPPER/Case", "Always", present=True, history=NEW, now=0)
    message = (
        'Failed to apply default image tag "UPPER/Case": couldn\'t parse image name "UPPER/Case": invalid'
        " reference format: repository name (Case) must be lowercase"
    )
    assert decision.action == "wait"
    assert decision.waiting == Waiting("InvalidImageName", message)
    assert decision.events == (
        PullEvent("Warning", "InspectFailed", message),
        PullEvent("Warning", "Failed", "Error: InvalidImageName"),
    )


def test_a_failed_pull_and_its_back_off_as_recorded() -> None:
    first = decide_pull(NOSUCH, "IfNotPresent", present=False, history=NEW, now=100)
    assert first.events == (PullEvent("Normal", "Pulling", f'Pulling image "{NOSUCH}"'),)
    history, waiting, events = pull_failed(NOSUCH, [REFUSED], NEW, 100)
    assert waiting == Waiting("ErrImagePull", REFUSED)
    assert events == (
        PullEvent("Warning", "Failed", f'Failed to pull image "{NOSUCH}": {REFUSED}'),
        PullEvent("Warning", "Failed", "Error: ErrImagePull"),
    )
    second = decide_pull(NOSUCH, "IfNotPresent", present=False, history=history, now=109.9)
    assert second.waiting == Waiting(
        "ImagePullBackOff", f'Back-off pulling image "{NOSUCH}": ErrImagePull: {REFUSED}'
    )
    assert second.events == (
        PullEvent("Normal", "BackOff", f'Back-off pulling image "{NOSUCH}"'),
        PullEvent("Warning", "Failed", "Error: ImagePullBackOff"),
    )
    assert decide_pull(NOSUCH, "IfNotPresent", present=False, history=history, now=110).action == "pull"


def test_delays_double_up_to_five_minutes_and_are_forgotten_after_ten() -> None:
    history, now, delays = NEW, 0.0, []
    for _ in range(7):
        history, _, _ = pull_failed(NOSUCH, [REFUSED], history, now)
        delays.append(history.delay)
        now += history.delay
    assert delays == [10, 20, 40, 80, 160, 300, 300]
    late = history.since + 601
    assert decide_pull(NOSUCH, "Always", present=False, history=history, now=late).action == "pull"
    assert pull_failed(NOSUCH, [REFUSED], history, late)[0].delay == 10


def test_an_image_that_came_meanwhile_ends_the_waiting() -> None:
    history, _, _ = pull_failed(NOSUCH, [REFUSED], NEW, 0)
    assert decide_pull(NOSUCH, "IfNotPresent", present=True, history=history, now=1).action == "use"
    assert decide_pull(NOSUCH, "Always", present=True, history=history, now=1).action == "wait"


def test_each_login_that_failed_is_told_once() -> None:
    _, waiting, events = pull_failed("web:1", ["denied", "no route", "denied"], NEW, 0)
    assert waiting.message == "[denied, no route]"
    assert events[0].message == 'Failed to pull image "web:1": [denied, no route]'
    assert pull_failed("web:1", ["denied", "denied"], NEW, 0)[1].message == "denied"


@pytest.mark.parametrize(
    ("reason", "because"),
    [
        ("RegistryUnavailable", "the registry is unavailable"),
        ("SignatureValidationFailed", "the signature validation failed"),
    ],
)
def test_what_a_runtime_may_say_by_name(reason: str, because: str) -> None:
    history, waiting, events = pull_failed("web:1", [f"{reason}: 503"], NEW, 7)
    message = f"image pull failed for web:1 because {because}: 503"
    assert waiting == Waiting(reason, message)
    assert [event.message for event in events] == [
        f'Failed to pull image "web:1": {reason}: 503',
        f"Error: {reason}",
    ]
    assert history == PullHistory(10, 7, f"{reason}: {message}")
    assert pull_failed("web:1", [f"{reason}: 503", "denied"], NEW, 0)[1].reason == "ErrImagePull"
    assert pull_failed("web:1", [f"no {reason}"], NEW, 0)[1] == Waiting("ErrImagePull", f"no {reason}")


@pytest.mark.parametrize(("later", "delay"), [(10, 20), (599, 20), (600, 20), (600.5, 10), (601, 10)])
def test_a_failure_counts_for_ten_minutes(later: float, delay: float) -> None:
    history, _, _ = pull_failed(NOSUCH, [REFUSED], NEW, 100)
    assert (history.delay, history.since) == (10, 100)
    again, _, _ = pull_failed(NOSUCH, [REFUSED], history, 100 + later)
    assert (again.delay, again.since) == (delay, 100 + later)


def test_a_back_off_without_words_shows_its_own_only() -> None:
    waiting = decide_pull("web:1", "Always", present=True, history=PullHistory(10, 0), now=1).waiting
    assert waiting == Waiting("ImagePullBackOff", 'Back-off pulling image "web:1"')


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (0.0004, "0s"), (0.001, "1ms"), (0.0421, "42ms"), (0.999, "999ms"), (1, "1s"),
        (1.5, "1.5s"), (2, "2s"), (10, "10s"), (59.999, "59.999s"), (60, "1m0s"), (61.25, "1m1.25s"),
        (3599.5, "59m59.5s"), (3600, "1h0m0s"), (3660, "1h1m0s"), (36000, "10h0m0s"),
    ],
)  # fmt: skip
def test_durations_are_gos(seconds: float, text: str) -> None:
    event = pull_succeeded("web:1", seconds=seconds, waited=seconds, size=1234)
    assert (event.type, event.reason) == ("Normal", "Pulled")
    assert event.message == (
        f'Successfully pulled image "web:1" in {text} ({text} including waiting). Image size: 1234 bytes.'
    )


def test_the_time_in_the_queue_is_told_apart() -> None:
    event = pull_succeeded("web:1", seconds=1, waited=2, size=3)
    assert "in 1s (2s including waiting). Image size: 3 bytes." in event.message
