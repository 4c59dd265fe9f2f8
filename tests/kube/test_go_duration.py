"""Durations as Go writes and reads them. Source: Go 1.26 time/format.go, ParseDuration."""

import pytest

from podproof.kube.go_duration import find_duration_problem, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1ns", 1e-9),
        ("1us", 1e-6),
        ("1µs", 1e-6),
        ("1ms", 1e-3),
        ("1s", 1.0),
        ("1m", 60.0),
        ("1h", 3600.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        (".5s", 0.5),
        ("1.s", 1.0),
        ("0", 0.0),
        ("0s", 0.0),
        ("1s1s", 2.0),
        ("", None),
        ("5", None),
        ("1d", None),
        ("s", None),
        ("1h ", None),
        ("1h5", None),
        (".s", None),
    ],
)
def test_read_into_seconds(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == (seconds if seconds is None else pytest.approx(seconds))
    assert (find_duration_problem(text) == "") is (seconds is not None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-1s", ""),
        ("+1s", ""),
        ("-0", ""),
        ("1μs", ""),
        ("--1s", 'time: invalid duration "--1s"'),
        ("-", 'time: invalid duration "-"'),
        ("5", 'time: missing unit in duration "5"'),
        ("1h5", 'time: missing unit in duration "1h5"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("1hs", 'time: unknown unit "hs" in duration "1hs"'),
        ("9223372036854775807ns", ""),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
        ("-9223372036854775808ns", ""),
        ("-9223372036854775809ns", 'time: invalid duration "-9223372036854775809ns"'),
        ("2562047h47m16s", ""),
        ("2562047h47m17s", 'time: invalid duration "2562047h47m17s"'),
    ],
)
def test_why_one_cannot_be_read(text: str, problem: str) -> None:
    assert find_duration_problem(text) == problem
