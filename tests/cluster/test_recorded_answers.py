"""The pinned API server still answers what is recorded of it, and a difference would be seen."""

from pathlib import Path

import pytest

from tools.record_answers import FILES, Recorder, find_differences, read_records, recording_server

from .api_server import ApiServer


@pytest.mark.parametrize("every", [40, pytest.param(1, marks=pytest.mark.slow)])
def test_the_server_answers_what_is_recorded(tmp_path: Path, every: int) -> None:
    differences = []
    with recording_server(tmp_path) as server:
        recorder = Recorder(server)
        for file in FILES:
            for record in read_records(file)[::every]:
                differences += list(find_differences(record, recorder.ask(record)))
    assert differences == []


def test_a_difference_is_seen_and_what_is_of_the_moment_is_not() -> None:
    was = {
        "code": 201,
        "warnings": ["a"],
        "object": {"metadata": {"generateName": "j-", "name": "j-abcde", "uid": "1"}, "spec": {"a": 1}},
    }
    now = {
        "code": 201,
        "warnings": ["b"],
        "object": {
            "metadata": {"generateName": "j-", "name": "j-xyzab", "uid": "2"},
            "spec": {"a": 1, "b": 2},
        },
    }
    assert list(find_differences(was, now)) == ["object.spec.b: only now: 2", "warnings[0]: 'a', now 'b'"]


def test_what_an_api_server_alone_cannot_say_is_refused(tmp_path: Path) -> None:
    recorder = Recorder(ApiServer(tmp_path, [], 0))  # which is not started, and not asked
    with pytest.raises(ValueError, match=r"a server of Kubernetes 1\.24"):
        recorder.ask({"policies": [], "steps": []})
