"""Events are counted as clients count them. Source: k8s.io/client-go tools/record/events_cache.go."""

from podproof.kubelet.events import EventLog, PodEvent


def test_the_same_words_raise_a_count() -> None:
    log = EventLog()
    first = log.add("Normal", "Pulled", "m", 10.0, field_path="spec.containers{a}")
    assert first == PodEvent("Normal", "Pulled", "m", "spec.containers{a}", "kubelet", 10.0, 10.0, 1)
    again = log.add("Normal", "Pulled", "m", 20.0, field_path="spec.containers{a}")
    assert again == PodEvent("Normal", "Pulled", "m", "spec.containers{a}", "kubelet", 10.0, 20.0, 2)
    assert log.listed == (again,)


def test_others_are_events_of_their_own() -> None:
    log = EventLog()
    log.add("Normal", "Pulled", "m", 1.0)
    log.add("Warning", "Pulled", "m", 2.0)
    log.add("Normal", "Pulling", "m", 3.0)
    log.add("Normal", "Pulled", "other", 4.0)
    log.add("Normal", "Pulled", "m", 5.0, field_path="spec.containers{a}")
    log.add("Normal", "Pulled", "m", 6.0, source="scheduler")
    assert [(event.first, event.count) for event in log.listed] == [(float(n), 1) for n in range(1, 7)]
    assert log.listed[-1].source == "scheduler"


def test_from_the_tenth_words_on_they_are_one() -> None:
    log = EventLog()
    for number in range(9):
        assert log.add("Warning", "Failed", f"m{number}", float(number)).message == f"m{number}"
    tenth = log.add("Warning", "Failed", "m9", 9.0, field_path="spec.containers{a}")
    assert tenth == PodEvent(
        "Warning",
        "Failed",
        "(combined from similar events): m9",
        "spec.containers{a}",
        "kubelet",
        9.0,
        9.0,
        1,
    )
    eleventh = log.add("Warning", "Failed", "m10", 10.0)
    assert (eleventh.message, eleventh.count, eleventh.first, eleventh.last) == (
        "(combined from similar events): m10",
        2,
        9.0,
        10.0,
    )
    assert len(log.listed) == 10
    # another reason is counted by itself
    assert log.add("Warning", "BackOff", "m", 11.0).message == "m"


def test_ten_quiet_minutes_begin_anew() -> None:
    for pause, combined in ((600.0, True), (600.5, False)):
        log = EventLog()
        for number in range(9):
            log.add("Warning", "Failed", f"m{number}", 0.0)
        assert log.add("Warning", "Failed", "new", pause).message.startswith("(combined") is combined
