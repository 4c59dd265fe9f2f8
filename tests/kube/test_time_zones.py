"""Names of time zones, as Go loads them. Source: Go 1.26 time/zoneinfo.go and its zoneinfo.zip."""

import pytest

from podproof.kube.time_zone import find_time_zone_problem


@pytest.mark.parametrize(
    "name",
    [
        "", "UTC", "Local", "GMT", "EST", "CET", "Cuba", "Europe/Berlin", "America/New_York", "Etc/GMT+5",
        "America/Argentina/Buenos_Aires",
    ],
)  # fmt: skip
def test_zones_that_there_are(name: str) -> None:
    assert find_time_zone_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    ["Berlin", "Europe/Bonn", "Berlin/Europe", "utc", "europe/berlin", "UTC/UTC", "~",
     "Europe/GMT", "America/Buenos", " UTC"],
)  # fmt: skip
def test_zones_that_there_are_not(name: str) -> None:
    assert find_time_zone_problem(name) == f"unknown time zone {name}"


@pytest.mark.parametrize("name", ["..", "Europe/../UTC", "/UTC", "\\UTC", "/", "UTC.."])
def test_names_that_go_does_not_look_up(name: str) -> None:
    assert find_time_zone_problem(name) == "time: invalid location name"
